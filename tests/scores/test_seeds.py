"""Intervals over seeds and rows: against scipy, by hand, and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from seqkit.errors import DataError, UsageError
from seqkit.scores.seeds import (
    between,
    hedges_g,
    over_seeds,
    superiority,
    together,
)

FIRST = [0.884, 0.879, 0.889, 0.881, 0.886]
SECOND = [0.880, 0.881, 0.884, 0.879, 0.882]


def still(values):
    """Scores that are the same on every resample of rows."""
    return np.repeat(np.array(values, float)[:, np.newaxis], 9, axis=1)


def test_without_luck_of_rows_it_is_the_paired_t_test():
    gap = np.subtract(FIRST, SECOND)
    test = stats.ttest_1samp(gap, 0).confidence_interval(0.95)
    expected = gap.mean(), test.low, test.high
    assert over_seeds(still(gap)) == pytest.approx(expected)
    assert between(still(FIRST), still(SECOND)) == pytest.approx(expected)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_unpaired_seeds_without_luck_of_rows_are_welchs_t_test(level):
    found = between(still(FIRST), still(SECOND[:3]), level, paired=False)
    test = stats.ttest_ind(FIRST, SECOND[:3], equal_var=False)
    assert found[1:] == pytest.approx(tuple(test.confidence_interval(level)))
    assert found[0] == pytest.approx(np.mean(FIRST) - np.mean(SECOND[:3]))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_side_of_one_seed_is_students_t_test_with_pooled_variance(swapped):
    sides = [FIRST, SECOND[:1]][:: -1 if swapped else 1]
    found = between(*map(still, sides), paired=False)
    test = stats.ttest_ind(*sides, equal_var=True)
    assert found[1:] == pytest.approx(tuple(test.confidence_interval(0.95)))


def test_two_runs_are_compared_over_rows_alone():
    draw = np.random.default_rng(0)
    one, other = draw.normal(0.8, 0.01, (2, 1, 400))
    gap = (one - other)[0]
    _, low, high = between(one, other, units=7)
    half = stats.t.ppf(0.975, 6) * gap[1:].std(ddof=1)
    assert (low, high) == pytest.approx((gap[0] - half, gap[0] + half))
    assert between(one, other, paired=False, units=7) == pytest.approx(
        between(one, other, units=7)
    )
    many = between(one, other)
    assert many[2] - many[0] == pytest.approx(1.959964 * gap[1:].std(ddof=1))


def test_seeds_and_rows_add_up_with_satterthwaites_degrees_of_freedom():
    draw = np.random.default_rng(1)
    scores = draw.normal(0.8, 0.01, (5, 1)) + draw.normal(0, 0.02, (1, 300))
    of_seeds = scores[:, 0].var(ddof=1) / 5
    of_rows = scores.mean(axis=0)[1:].var(ddof=1)
    total = of_seeds + of_rows
    freedom = total**2 / (of_seeds**2 / 4 + of_rows**2 / 11)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(total)
    mean, low, high = over_seeds(scores, units=12)
    assert mean == pytest.approx(scores[:, 0].mean())
    assert (low, high) == pytest.approx((mean - half, mean + half))


def test_what_never_varies_has_an_interval_of_no_width():
    assert over_seeds(still([0.5, 0.5, 0.5])) == (0.5, 0.5, 0.5)
    assert between(still(FIRST), still(FIRST)) == (0, 0, 0)


def test_equal_differences_leave_the_luck_of_rows():
    rows = np.array([[0.0, -0.01, 0.01, 0.0, 0.02]])
    scores = 0.1 + np.repeat(rows, 4, axis=0)
    half = stats.t.ppf(0.975, 9) * rows[0, 1:].std(ddof=1)
    expected = (0.1, 0.1 - half, 0.1 + half)
    assert over_seeds(scores, units=10) == pytest.approx(expected)


def test_of_a_single_cluster_the_seeds_alone_are_told():
    scores = still(FIRST)
    assert over_seeds(scores, units=1) == over_seeds(scores)


def test_resamples_without_a_row_are_left_out():
    draw = np.random.default_rng(2)
    scores = draw.normal(0.8, 0.01, (3, 200))
    holed = scores.copy()
    holed[1, 7] = holed[:, 60] = np.nan
    expected = over_seeds(np.delete(scores, [7, 60], axis=1))
    assert over_seeds(holed) == pytest.approx(expected)
    holed[0, 2:] = np.nan
    with pytest.raises(DataError, match="No resample holds a row"):
        over_seeds(holed)


def test_a_score_that_does_not_exist_is_refused():
    scores = still(FIRST)
    scores[2, 0] = np.nan
    with pytest.raises(DataError, match="does not exist"):
        over_seeds(scores)


def test_wrong_shapes_and_levels_are_refused():
    with pytest.raises(UsageError, match=r"\(seeds, 1 \+ resamples\)"):
        over_seeds(FIRST)
    with pytest.raises(UsageError, match="must have the same shape"):
        between(still(FIRST), still(SECOND[:3]))
    with pytest.raises(UsageError, match="between 0 and 1, got 1"):
        over_seeds(still(FIRST), level=1)


def test_all_of_three_intervals_hold_together():
    assert together(0.95, 1) == pytest.approx(0.95)
    assert together(0.95, 3) == pytest.approx(1 - 0.05 / 3)
    assert together(0.95, 0) == pytest.approx(0.95)


def test_hedges_g_is_by_hand():
    # Means 3 and 2, variances 1 and 1; J = 1 - 3 / (4 * 4 - 1).
    assert hedges_g([2, 3, 4], [1, 2, 3]) == pytest.approx(0.8)
    assert hedges_g([1, 2, 3], [2, 3, 4]) == pytest.approx(-0.8)


def test_effects_need_a_spread_over_seeds():
    assert hedges_g([0.3, 0.3], [0.1 + 0.2, 0.3]) is None
    assert hedges_g([1.0, 2.0], [1.0]) is None
    assert superiority([1.0, 2.0], [1.0]) is None


def test_superiority_is_the_share_of_pairs_that_mann_and_whitney_count():
    one, other = [3, 5, 5, 8], [4, 5, 1]
    u = stats.mannwhitneyu(one, other).statistic
    assert superiority(one, other) == pytest.approx(u / 12)
    assert superiority([2, 3], [0, 1]) == 1
    assert superiority(one, one) == 0.5


# by simulation

SEEDS, ROWS, RESAMPLES = 5, 50, 100
MIXES = {
    "seeds": (1, 0, 0),
    "rows": (0, 1, 0),
    "both together": (0, 0, 1),
    "seeds and rows": (1 / 2, 1 / 2, 0),
    "all three": (1 / 3, 1 / 3, 1 / 3),
}


def alarms(mix, repetitions=1200):
    """Shares of false differences: of the interval, of seeds alone, of rows alone."""
    draw = np.random.default_rng(3)
    weights = draw.poisson(1, (ROWS, RESAMPLES)).astype(float)
    weights = np.column_stack([np.full(ROWS, 1.0), weights])
    weights /= weights.sum(axis=0)
    of_seed, of_row, of_both = (part**0.5 for part in mix)
    shape = (repetitions, SEEDS, ROWS)
    gaps = draw.normal(size=shape) * of_both * (SEEDS * ROWS) ** 0.5
    gaps += draw.normal(size=(repetitions, SEEDS, 1)) * of_seed * SEEDS**0.5
    gaps += draw.normal(size=(repetitions, 1, ROWS)) * of_row * ROWS**0.5
    replicates = gaps @ weights
    found = np.array([over_seeds(each, units=ROWS) for each in replicates])
    ours = (found[:, 1] > 0) | (found[:, 2] < 0)
    means = replicates[:, :, 0]
    half = stats.t.ppf(0.975, SEEDS - 1) * means.std(axis=1, ddof=1) / SEEDS**0.5
    seeds = abs(means.mean(axis=1)) > half
    rows = replicates.mean(axis=1)[:, 1:]
    low, high = np.quantile(rows, [0.025, 0.975], axis=1)
    return ours.mean(), seeds.mean(), ((low > 0) | (high < 0)).mean()


@pytest.mark.parametrize("mix", MIXES)
def test_hardly_more_than_a_twentieth_of_equal_pairs_look_different(mix):
    ours, _, _ = alarms(MIXES[mix])
    # 1200 repetitions know a share of 5% to within 1.3 points.
    assert ours < 0.065
    if mix in ("seeds", "rows", "seeds and rows"):
        # Where no part is counted twice, it is no more careful than it says.
        assert ours > 0.03


def test_seeds_alone_or_rows_alone_see_differences_that_are_not_there():
    _, seeds, rows = alarms(MIXES["seeds and rows"])
    assert seeds > 0.08
    assert rows > 0.12

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from seqkit.errors import DataError, UsageError
from seqkit.scores.intervals import (
    BLOCK_ROWS,
    PoissonBootstrap,
    basic_interval,
    percentile_interval,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion",
        # table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_published_intervals(successes, n, low, high):
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_wilson_agrees_with_scipy(level):
    successes, n = np.array([0, 1, 7, 12, 49, 50]), 50
    low, high = wilson(successes, n, level)
    for i, k in enumerate(successes):
        theirs = stats.binomtest(int(k), n).proportion_ci(level, method="wilson")
        assert (low[i], high[i]) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_wilson_covers_the_true_share_as_often_as_it_says():
    n = 40
    low, high = wilson(np.arange(n + 1), n)
    shares = np.linspace(0.02, 0.98, 97)[:, np.newaxis]
    chance = stats.binom.pmf(np.arange(n + 1), n, shares)
    covered = (chance * ((low <= shares) & (shares <= high))).sum(axis=1)
    assert 0.94 < covered.mean() < 0.96


def test_wilson_broadcasts():
    low, high = wilson(np.ones((3, 1)), np.array([1, 2]))
    assert low.shape == high.shape == (3, 2)


def test_wilson_of_nothing_goes_from_0_to_1():
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_never_leaves_0_to_1():
    n = np.arange(1, 3000)
    assert np.all(wilson(0, n)[0] == 0)
    assert np.all(wilson(n, n)[1] == 1)
    assert np.all(wilson(0, n)[1] < 1)


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2), (np.nan, 2)])
def test_wilson_refuses_more_successes_than_rows(successes, n):
    with pytest.raises(UsageError, match="successes must be from 0 to n"):
        wilson([0, successes], n)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_must_be_a_share(level):
    with pytest.raises(UsageError, match=f"between 0 and 1, got {level}"):
        wilson(1, 2, level)


def test_weights_are_poisson():
    counts = PoissonBootstrap(resamples=1000, seed=3).weights(1000)
    observed = np.bincount(counts.astype(int).ravel(), minlength=7)
    observed = np.append(observed[:6], observed[6:].sum())
    expected = stats.poisson.pmf(range(6), 1)
    expected = np.append(expected, 1 - expected.sum()) * counts.size
    assert stats.chisquare(observed, expected).pvalue > 0.001


@pytest.mark.parametrize("axis", [0, 1])
def test_weights_are_independent_of_each_other(axis):
    weights = PoissonBootstrap(resamples=500, seed=1).weights(2 * BLOCK_ROWS)
    neighbours = np.moveaxis(weights, axis, 0)
    pairs = np.corrcoef(neighbours[:-1].ravel(), neighbours[1:].ravel())[0, 1]
    assert abs(pairs) < 4 / np.sqrt(weights.size)


def test_weights_do_not_depend_on_the_chunks():
    whole = PoissonBootstrap(resamples=7, seed=5).weights(3 * BLOCK_ROWS)
    stream = PoissonBootstrap(resamples=7, seed=5)
    sizes = [1, 0, 63, BLOCK_ROWS, 2 * BLOCK_ROWS - 64]
    parts = [stream.weights(size) for size in sizes]
    assert [part.shape for part in parts] == [(7, size) for size in sizes]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert not np.array_equal(whole[:, :BLOCK_ROWS], whole[:, BLOCK_ROWS:-BLOCK_ROWS])


def test_another_seed_gives_other_weights():
    one, other = (PoissonBootstrap(20, seed).weights(50) for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_standard_error_of_a_mean_is_the_textbook_one():
    values = np.random.default_rng(0).gamma(2.0, size=2500)
    weights = PoissonBootstrap(resamples=2000, seed=0).weights(len(values))
    means = weights @ values / weights.sum(axis=1)
    # The standard deviation of 2000 replicates is itself known to 1.6%.
    assert means.std() == pytest.approx(stats.sem(values), rel=0.06)
    assert means.mean() == pytest.approx(values.mean(), abs=0.1 * stats.sem(values))


def test_weights_of_ten_times_the_rows_take_the_same_memory():
    def peak(chunks):
        bootstrap = PoissonBootstrap(resamples=100)
        tracemalloc.start()
        for _ in range(chunks):
            bootstrap.weights(500)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(100) == pytest.approx(peak(10), rel=0.05)


@pytest.mark.parametrize(("resamples", "seed"), [(1, 0), (100, -1)])
def test_bootstrap_refuses_senseless_arguments(resamples, seed):
    with pytest.raises(UsageError, match="must be at least"):
        PoissonBootstrap(resamples, seed)


def test_percentile_interval_is_the_middle_of_the_replicates():
    replicates = np.random.default_rng(0).permutation(np.arange(201.0))
    assert percentile_interval(replicates) == pytest.approx((5, 195))
    assert percentile_interval(replicates, level=0.5) == pytest.approx((50, 150))


def test_percentile_interval_leaves_out_empty_resamples():
    replicates = np.array([np.nan, *np.arange(201.0), np.nan])
    assert percentile_interval(replicates) == pytest.approx((5, 195))


def test_percentile_interval_of_empty_resamples_is_an_error():
    with pytest.raises(DataError, match="Score more rows"):
        percentile_interval(np.array([np.nan, np.nan]))


def test_basic_interval_mirrors_the_percentiles_at_the_value():
    # From 80, the percentile 195 lies 115 above and goes 115 below; 5 likewise.
    replicates = np.arange(201.0)
    assert basic_interval(100.0, replicates) == pytest.approx((5, 195))
    assert basic_interval(80.0, replicates) == pytest.approx((-35, 155))


def test_basic_interval_always_holds_the_value():
    assert basic_interval(0.0, np.arange(201.0)) == pytest.approx((-195, 0))
    assert basic_interval(300.0, np.arange(201.0)) == pytest.approx((300, 595))

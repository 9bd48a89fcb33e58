import gzip
import time
import warnings

import numpy as np
import pytest

from seqkit.data.forecast.series import History, Series
from seqkit.tasks.base import Examples, load_baselines, save_baselines
from seqkit.tasks.forecast.baselines import (
    Drift,
    Ets,
    LastValue,
    SeasonalNaive,
    Theta,
    fit_baselines,
    naive_scale,
    older_baselines,
)
from seqkit.tasks.forecast.theta import theta_forecast

LEVELS = (0.1, 0.5, 0.9)
MONTHS = np.arange(96)
AIRY = (100 + 2.0 * MONTHS) * (1 + 0.3 * np.sin(MONTHS * np.pi / 6)) + (
    np.random.default_rng(1).normal(0, 4, 96)
)


def series(values, id="a"):
    values = np.asarray(values, np.float64)
    nothing = np.zeros((len(values), 0))
    return Series(id, values, None, nothing, nothing)


def history(values, origin=None, train_end=None, id="a"):
    one = series(values, id)
    origin = len(one) if origin is None else origin
    return History(one, origin, origin if train_end is None else train_end)


def walks(windows, horizon, seed=0, scale=1.0, id="walk"):
    """Histories along one random walk, and what came after each."""
    values = scale * np.random.default_rng(seed).normal(size=windows + 60).cumsum()
    walk = series(values, id)
    inputs = [History(walk, origin, 50) for origin in range(50, 50 + windows)]
    truth = [values[one.origin : one.origin + horizon] for one in inputs]
    return inputs, np.stack(truth)


def same(one, other):
    """Whether two baselines are calibrated alike."""
    found, expected = one.calibration, other.calibration
    return (found.moves == expected.moves).all() and found[2:] == expected[2:]


def test_the_last_value_is_repeated():
    found = LastValue(3).outputs([history([1, 5]), history([7])])
    assert found[:, :, 0].tolist() == [[5, 5, 5], [7, 7, 7]]


def test_drift_goes_on_along_the_line_through_first_and_last():
    rows = [history([1, 9, 5]), history([3, 1]), history([7])]
    found = Drift(2).outputs(rows)[:, :, 0]
    assert found[:2].tolist() == [[7, 9], [-1, -3]]
    assert np.isnan(found[2]).all()


def test_seasonal_naive_repeats_the_last_cycle():
    rows = [history([9, 9, 1, 2, 3]), history([4, 5, 6]), history([1, 2])]
    found = SeasonalNaive(5, season=3).outputs(rows)[:, :, 0]
    assert found[:2].tolist() == [[1, 2, 3, 1, 2], [4, 5, 6, 4, 5]]
    assert np.isnan(found[2]).all()


def test_seasonal_naive_answers_less_than_a_cycle():
    found = SeasonalNaive(2, season=4).outputs([history([0, 1, 2, 3, 4])])
    assert found[:, :, 0].tolist() == [[1, 2]]


@pytest.mark.parametrize("kind", [LastValue, Drift, SeasonalNaive, Theta, Ets])
def test_nothing_after_the_origin_changes_an_answer(kind):
    later = AIRY.copy()
    later[60:] = -1e6
    one = kind(6, 12).outputs([history(AIRY, 60)])
    other = kind(6, 12).outputs([history(later, 60)])
    assert np.isfinite(one).all() and (one == other).all()


@pytest.mark.parametrize("kind", [LastValue, Drift, SeasonalNaive, Theta, Ets])
def test_no_windows_give_no_answers(kind):
    assert kind(6, 12, LEVELS).outputs([]).shape == (0, 6, 4)


@pytest.mark.parametrize("season", [1, 12])
@pytest.mark.parametrize(
    "values",
    [AIRY, AIRY - 150, np.random.default_rng(0).normal(5, 1, 50).cumsum()],
    ids=["positive", "of both signs", "no season"],
)
def test_theta_equals_statsmodels(values, season):
    from statsmodels.tsa.forecasting.theta import ThetaModel

    # Small numbers, so that its optimiser stops late.
    values = values / np.ptp(values)
    reference = ThetaModel(values, period=season, deseasonalize=season > 1)
    expected = reference.fit().forecast(24).to_numpy()
    found = theta_forecast(values, 24, season)
    # Its bounds keep alpha a ten-thousandth away from 0 and 1.
    assert found == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("season", [1, 12])
def test_theta_scales_and_moves_with_the_series(season):
    values = AIRY - 150
    found = theta_forecast(1e9 * values + 1e7, 12, season)
    expected = 1e9 * theta_forecast(values, 12, season) + 1e7
    assert found == pytest.approx(expected, rel=1e-5)


def test_theta_of_a_season_and_a_line_goes_on_with_both():
    steps = np.arange(60)
    pattern = np.array([5.0, -3, 0, -2])
    found = theta_forecast((100 + steps + pattern[steps % 4])[:56] - 200, 4, 4)
    season = found - found.mean()
    # Half of the line's slope is Theta's drift.
    assert season - pattern == pytest.approx([-0.75, -0.25, 0.25, 0.75], abs=0.01)


@pytest.mark.parametrize("length", range(9))
@pytest.mark.parametrize("season", [1, 2, 4, 12])
def test_theta_of_short_histories_answers_or_says_nothing(length, season):
    values = np.random.default_rng(length).normal(5, 1, length)
    found = theta_forecast(values, 4, season)
    assert found.shape == (4,)
    assert np.isfinite(found).all() if length >= 4 else np.isnan(found).all()


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        (np.full(30, 7.0), [7, 7]),
        (np.tile([2.0, 4.0], 20), [2, 4]),
        (np.zeros(30), [0, 0]),
    ],
)
def test_theta_goes_on_with_what_never_changes(values, answer):
    assert theta_forecast(values, 2, 2) == pytest.approx(answer)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_theta_of_what_is_no_number_is_nan(odd):
    values = AIRY.copy()
    values[50] = odd
    assert np.isnan(theta_forecast(values, 3, 12)).all()


@pytest.mark.parametrize(
    "values",
    [
        np.r_[np.zeros(40), 1.0],
        np.r_[1e-300, np.full(40, 1e300)],
        np.r_[np.zeros(20), np.random.default_rng(0).poisson(0.1, 40)],
        np.exp(np.arange(60.0)),
        np.tile([1e-9, 1e9, 3.0], 20),
    ],
)
def test_theta_of_awkward_series_gives_numbers_without_warnings(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for season in (1, 3, 7):
            assert np.isfinite(theta_forecast(values, 5, season)).all()


def test_theta_reads_the_last_thousand_steps_or_three_seasons():
    values = np.random.default_rng(0).normal(size=3000).cumsum()
    assert (theta_forecast(values, 3) == theta_forecast(values[-1000:], 3)).all()
    assert (theta_forecast(values, 3) != theta_forecast(values[-900:], 3)).all()
    long = theta_forecast(values, 3, 500)
    assert (long == theta_forecast(values[-1500:], 3, 500)).all()


def test_theta_answers_a_sample_of_many_windows(monkeypatch):
    monkeypatch.setattr(Theta, "answered", 40)
    rows = [
        history(AIRY, origin, id=f"s{i}") for i in range(20) for origin in range(40, 60)
    ]
    theta = Theta(2, windows=len(rows))
    found = theta.outputs(rows)
    answered = np.isfinite(found).all(axis=(1, 2))
    assert (answered | np.isnan(found).all(axis=(1, 2))).all()
    # 40 are expected, with a standard deviation of 6.
    assert 22 < answered.sum() < 58
    assert {i // 200 for i in np.flatnonzero(answered)} == {0, 1}
    assert theta.title == "Theta (on about 40 of 400 windows)"
    backwards = theta.outputs(rows[::-1])[::-1]
    assert np.array_equal(found, backwards, equal_nan=True)


def test_theta_answers_few_windows_all():
    theta = Theta(2, windows=3)
    assert np.isfinite(theta.outputs([history(AIRY, n) for n in (40, 50, 60)])).all()
    assert theta.title == "Theta"


def test_a_sample_does_not_keep_theta_from_calibrating(monkeypatch):
    monkeypatch.setattr(Theta, "answered", 12)
    theta = Theta(2, quantiles=LEVELS, windows=10**9)
    inputs, truth = walks(30, 2)
    theta.calibrate(inputs, truth)
    every = np.linspace(0, 29, 12).round().astype(int)
    whole = Theta(2, quantiles=LEVELS)
    whole.calibrate([inputs[i] for i in every], truth[every])
    assert np.isfinite(theta.calibration.moves).all()
    assert same(theta, whole)


def test_the_naive_scale_is_the_mean_seasonal_change():
    assert naive_scale(np.array([1.0, 5, 2, 9]), 2) == 2.5  # |2-1|, |9-5|
    assert naive_scale(np.array([1.0, 5, 2]), 1) == 3.5
    assert naive_scale(np.array([1.0, 5, 2]), 3) == 3.5  # no whole season
    assert np.isnan(naive_scale(np.array([1.0]), 1))


def test_before_calibration_there_are_no_quantiles():
    found = LastValue(3, 1, LEVELS).outputs([history([1, 5])])
    assert found[0, :, 0].tolist() == [5, 5, 5]
    assert np.isnan(found[0, :, 1:]).all()


def test_quantiles_are_ranks_of_the_residuals_in_units_of_the_scale():
    # Training changes by 2 a step; then one step ahead by -18, -16 ... 18 of its last,
    # of 19 series at one time and once more of the same a step later.
    train = np.tile([0.0, 2.0], 5)
    changes = 2.0 * np.random.default_rng(0).permutation(np.arange(-9, 10))
    inputs = [history(np.r_[train, 0.0], 11, 10, f"s{i}") for i in range(19)]
    baseline = LastValue(1, 1, LEVELS)
    baseline.calibrate(inputs, changes[:, None])
    # Of 19 residuals -9 ... 9 in units of 2, (19 + 1) q is the 2nd, 10th, 18th.
    unit = baseline.calibration.unit(np.array([2.0]))[0]
    assert (baseline.calibration.moves * unit).tolist() == [[-16, 0, 16]]
    new = history([0, 2, 0, 2], 4, 4, "new")
    assert baseline.outputs([new]).tolist() == [[[2, -14, 2, 18]]]


def test_one_block_of_time_moves_no_median_and_several_that_agree_do():
    train = np.tile([2.0, 0.0], 5)

    def moved(blocks):
        draw = np.random.default_rng(0)
        inputs = [
            history(np.r_[train, np.zeros(blocks)], 10 + block, 10, f"s{i}")
            for block in range(blocks)
            for i in range(30)
        ]
        baseline = LastValue(1, 1, LEVELS)
        baseline.calibrate(inputs, 6 + draw.normal(size=(len(inputs), 1)))
        low, middle, high = baseline.outputs([history(train)])[0, 0, 1:]
        return low, middle, high

    low, middle, high = moved(1)
    # All 30 series rose by 6 at once; the next time they may fall by it.
    assert middle == 0 and low < -5 and high > 5
    low, middle, high = moved(8)
    assert middle == pytest.approx(6, abs=0.5) and 4 < low < high < 8


def test_calibrated_intervals_hold_on_new_windows_of_any_unit():
    baseline = LastValue(4, 1, LEVELS)
    parts = [walks(40, 4, seed, 10.0 ** (seed % 5), str(seed)) for seed in range(50)]
    inputs = [one for part, _ in parts for one in part]
    baseline.calibrate(inputs, np.concatenate([truth for _, truth in parts]))
    held = []
    for seed in range(50, 150):
        rows, truth = walks(40, 4, seed, 1000.0, f"new {seed}")
        found = baseline.outputs(rows)
        held.append((found[:, :, 1] <= truth) & (truth <= found[:, :, 3]))
    share = np.mean(held, axis=(0, 1))
    assert share == pytest.approx(0.8, abs=0.04)
    widths = baseline.calibration.moves[:, 2] - baseline.calibration.moves[:, 0]
    # A walk's spread grows with the root of the steps.
    assert widths / widths[0] == pytest.approx(np.sqrt([1, 2, 3, 4]), rel=0.15)


def test_few_windows_that_overlap_make_wide_intervals():
    few, many = LastValue(5, 1, (0.1, 0.9)), LastValue(5, 1, (0.1, 0.9))
    few.calibrate(*walks(4, 5, scale=1.0))
    many.calibrate(*walks(400, 5, scale=1.0))
    width = [np.diff(one.calibration.moves)[:, 0] for one in (few, many)]
    assert (width[0] > width[1]).all()


def test_windows_without_answer_or_scale_do_not_count():
    inputs, truth = walks(30, 2)
    constant, young = history(np.full(20, 3.0), id="c"), history([5.0], id="y")
    one, other = Drift(2, 1, LEVELS), Drift(2, 1, LEVELS)
    one.calibrate(inputs, truth)
    other.calibrate([constant, *inputs, young], np.r_[[[4, 5]], truth, [[6, 7]]])
    assert same(one, other)
    one.calibrate([young], np.array([[6.0, 7.0]]))  # nothing to learn from
    assert same(one, other)


def test_a_history_of_a_single_value_has_no_interval():
    baseline = LastValue(2, 1, LEVELS)
    baseline.calibrate(*walks(30, 2))
    found = baseline.outputs([history([5.0])])
    assert (found[..., 0] == 5).all() and np.isnan(found[..., 1:]).all()


def test_there_is_a_seasonal_naive_where_there_is_a_season():
    first, refitted = ["last value", "drift"], ["Theta", "ETS"]
    titles = [b.title for b in fit_baselines(4, (24, 168), (), [], 9)]
    assert titles == [*first, "seasonal naive (season 24)", *refitted]
    titles = [b.title for b in fit_baselines(4, (), (), [], 9)]
    assert titles == [*first, *refitted]


def test_fitted_baselines_are_calibrated_on_all_chunks():
    inputs, truth = walks(30, 2)
    chunks = [Examples(inputs[:20], truth[:20]), Examples(inputs[20:], truth[20:])]
    first, *_ = fit_baselines(2, (), LEVELS, chunks, 9)
    whole = LastValue(2, 1, LEVELS)
    whole.calibrate(inputs, truth)
    assert same(first, whole)


@pytest.mark.parametrize("quantiles", [(), LEVELS])
@pytest.mark.parametrize("seasons", [(), (12,)])
def test_saved_baselines_answer_the_same(tmp_path, quantiles, seasons):
    inputs, truth = walks(30, 6)
    chunks = [Examples(inputs, truth)]
    fitted = fit_baselines(6, seasons, quantiles, chunks, 10_000)
    save_baselines(fitted, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["baselines.npz"]
    loaded = load_baselines(tmp_path, older_baselines)
    rows = [history(AIRY, origin) for origin in range(30, 60)]
    for one, other in zip(fitted, loaded, strict=True):
        assert one.title == other.title
        assert np.array_equal(one.outputs(rows), other.outputs(rows), equal_nan=True)


def test_twenty_thousand_windows_take_seconds():
    walk = series(np.random.default_rng(0).normal(size=21_000).cumsum())
    rows = [History(walk, origin, 900) for origin in range(1000, 21_000)]
    start = time.process_time()
    for kind in (LastValue, Drift, SeasonalNaive):
        assert kind(48, 24, LEVELS).outputs(rows).shape == (20_000, 48, 4)
    assert time.process_time() - start < 5


@pytest.mark.data
def test_theta_reaches_its_published_error_on_m4_hourly(data_folder):
    def rows(part):
        path = data_folder / "m4" / f"Hourly-{part}.csv.gz"
        with gzip.open(path, "rt") as lines:
            next(lines)
            cells = [line.replace('"', "").strip().split(",")[1:] for line in lines]
        return [np.array([c for c in row if c], np.float64) for row in cells]

    known = [history(values, id=str(i)) for i, values in enumerate(rows("train"))]
    truth = np.stack(rows("test"))
    for baseline, published in (
        (Theta(48, 24), 18.138),
        (SeasonalNaive(48, 24), 13.912),
    ):
        found = baseline.outputs(known)[:, :, 0]
        error = 200 * np.abs(truth - found) / (np.abs(truth) + np.abs(found))
        assert error.mean() == pytest.approx(published, abs=0.002)

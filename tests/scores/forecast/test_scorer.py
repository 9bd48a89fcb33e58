import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn_metrics

from seqkit.errors import DataError, UnknownNameError, UsageError
from seqkit.scores.clusters import cluster
from seqkit.scores.forecast.errors import METRICS, forecast_metrics
from seqkit.scores.forecast.scorer import ForecastScorer
from seqkit.scores.intervals import PoissonBootstrap

difference, paired = ForecastScorer.difference, ForecastScorer.paired

QUANTILES = (0.1, 0.5, 0.9)


def windows(series=2, origins=60, horizon=4, seed=0, noise=1.0):
    """Arguments of ``update``: windows one step apart, with honest quantiles."""
    random = np.random.default_rng(seed)
    ids = [f"s{i}" for i in range(series) for _ in range(origins)]
    rows = len(ids)
    truth = random.normal(10, 2, (rows, horizon))
    point = truth + noise * random.normal(size=(rows, horizon))
    outputs = np.stack([point - 1.28, point, point + 1.28], axis=-1)
    outputs = np.concatenate([point[..., np.newaxis], outputs], axis=-1)
    return {
        "ids": ids,
        "origins": np.tile(np.arange(100, 100 + origins), series),
        "truth": truth,
        "outputs": outputs,
        "scale": np.repeat(np.arange(1.0, series + 1), origins),
        "spread": np.repeat(np.arange(2.0, series + 2), origins),
    }


def part(given, rows):
    """Some of the windows."""
    taken = {name: np.asarray(each)[rows] for name, each in given.items()}
    return taken | {"ids": taken["ids"].tolist()}


def scorer(given, chunk=None, quantiles=QUANTILES, **options):
    made = ForecastScorer(given["truth"].shape[1], quantiles, **options)
    rows = len(given["ids"])
    for start in range(0, rows, chunk or rows):
        made.update(**part(given, slice(start, start + (chunk or rows))))
    return made


TWO = {
    "ids": ["a", "b"],
    "origins": np.array([12, 30]),
    "truth": np.array([[10.0, 20.0], [0.0, -4.0]]),
    "outputs": np.array([[[12.0], [15.0]], [[1.0], [-4.0]]]),
    "scale": np.array([2.0, 0.5]),
    "spread": np.array([1.0, 2.0]),
}


def test_metrics_of_two_windows_by_hand():
    scores = scorer(TWO, quantiles=()).result()
    value = {name: estimate[0] for name, estimate in scores.metrics.items()}
    assert value == pytest.approx(
        {
            "mae": (2 + 5 + 1 + 0) / 4,
            "rmse": np.sqrt((4 + 25 + 1 + 0) / 4),
            # The truth of 0 is left out.
            "mape": (20 + 25 + 0) / 3,
            "smape": (200 * 2 / 22 + 200 * 5 / 35 + 200 + 0) / 4,
            "mase": (1 + 2.5 + 2 + 0) / 4,
            "standardised_mse": (4 + 25 + 0.25 + 0) / 4,
            "standardised_mae": (2 + 5 + 0.5 + 0) / 4,
        }
    )
    assert scores.left_out == {"mape": 1}
    assert scores.rows == 2


def test_quantiles_of_two_windows_by_hand():
    given = TWO | {"outputs": np.zeros((2, 2, 4))}
    # Truth 10, 20, 0, -4; the interval is [8, 12] and [-4, -2] in all steps.
    given["outputs"][..., 1:] = np.array([[[8, 9, 12]], [[-4, -3, -2]]])
    scores = scorer(given).result()
    value = {name: estimate[0] for name, estimate in scores.metrics.items()}
    assert value["coverage_80"] == 2 / 4  # 10 in [8, 12] and -4 in [-4, -2]
    assert value["width_80"] == (4 + 4 + 2 + 2) / 4
    losses = [0.2 + 0.5 + 0.2, 1.2 + 5.5 + 7.2, 0.4 + 1.5 + 1.8, 0.0 + 0.5 + 0.2]
    assert value["pinball"] == pytest.approx(np.mean(losses) / 3)
    scaled = np.array(losses) / 3 / [2, 2, 0.5, 0.5]
    assert value["scaled_pinball"] == pytest.approx(scaled.mean())
    table = scores.tables["coverage"]
    assert table["nominal"].tolist() == list(QUANTILES)
    assert table["share"].tolist() == [0.25, 0.25, 0.5]
    assert table["n"].tolist() == [4, 4, 4]


def test_values_agree_with_scikit_learn():
    given = windows()
    value = {k: v[0] for k, v in scorer(given).result().metrics.items()}
    truth, outputs = given["truth"].ravel(), given["outputs"].reshape(-1, 4)
    point = outputs[:, 0]
    formulas = sklearn_metrics
    assert value["mae"] == pytest.approx(formulas.mean_absolute_error(truth, point))
    assert value["rmse"] == pytest.approx(
        formulas.root_mean_squared_error(truth, point)
    )
    assert value["mape"] == pytest.approx(
        100 * formulas.mean_absolute_percentage_error(truth, point)
    )
    losses = [
        formulas.mean_pinball_loss(truth, outputs[:, 1 + i], alpha=q)
        for i, q in enumerate(QUANTILES)
    ]
    assert value["pinball"] == pytest.approx(np.mean(losses))


def test_smape_is_0_where_truth_and_forecast_are_and_at_most_200():
    given = TWO | {"truth": np.array([[0.0, 1.0], [0.0, 0.0]])}
    given["outputs"] = np.array([[[0.0], [-1.0]], [[0.0], [0.0]]])
    metrics = scorer(given, quantiles=()).result().metrics
    assert metrics["smape"][0] == 200 / 4


def test_metrics_that_do_not_exist_are_left_out():
    given = TWO | {"truth": np.zeros((2, 2)), "scale": np.array([np.nan, 0.0])}
    given["spread"] = np.array([np.nan, 2.0])
    scores = scorer(given, quantiles=()).result()
    assert list(scores.metrics) == [
        "mae", "rmse", "smape", "standardised_mse", "standardised_mae",
    ]  # fmt: skip
    assert scores.left_out == {"standardised_mse": 2, "standardised_mae": 2}
    assert scores.metrics["standardised_mae"][0] == (0.5 + 2) / 2
    assert "mase" not in scores.tables["horizon"]
    assert "mase_low" not in scores.tables["horizon"]


def test_windows_that_were_not_answered_are_left_out():
    given = windows()
    holes = given | {"outputs": given["outputs"].copy()}
    holes["outputs"][::3] = np.nan
    kept = np.arange(120) % 3 > 0
    one, other = scorer(holes), scorer(part(given, kept))
    assert one.rows == 80
    assert one.result().metrics == other.result().metrics
    for name, table in one.result().tables.items():
        pd.testing.assert_frame_equal(table, other.result().tables[name])


def test_forecasts_without_quantiles_have_point_metrics_alone():
    given = windows()
    given["outputs"][..., 1:] = np.nan
    scores = scorer(given).result()
    assert not any("pinball" in name or "_80" in name for name in scores.metrics)
    assert scores.tables["coverage"].empty
    point = scorer(given | {"outputs": given["outputs"][..., :1]}, quantiles=())
    assert scores.metrics == point.result().metrics
    given["outputs"][:5, :, 1:] = 7.0
    scores = scorer(given).result()
    assert scores.left_out["pinball"] == 115 * 4
    assert scores.metrics["width_80"][0] == 0


def test_any_chunks_give_the_same_scores_to_the_last_bit():
    given = windows(origins=300)
    whole, parts = scorer(given).result(), scorer(given, chunk=7).result()
    assert whole.metrics == parts.metrics
    for name, table in whole.tables.items():
        pd.testing.assert_frame_equal(table, parts.tables[name], check_exact=True)


def test_a_result_on_the_way_changes_nothing():
    given = windows()
    looked = scorer(part(given, slice(0, 50)))
    looked.result()
    looked.update(**part(given, slice(50, None)))
    assert looked.result().metrics == scorer(given).result().metrics


def weighted(given, weights, metric):
    """A metric with a weight for each window, in one line each."""
    truth, outputs = given["truth"], given["outputs"]
    error = np.abs(truth - outputs[..., 0])
    inside = (truth >= outputs[..., 1]) & (truth <= outputs[..., 3])
    value = {
        "mae": error,
        "rmse": error**2,
        "mase": error / given["scale"][:, np.newaxis],
        "coverage_80": inside,
    }[metric]
    mean = np.average(value.mean(axis=1), weights=weights)
    return np.sqrt(mean) if metric == "rmse" else mean


@pytest.mark.parametrize("metric", ["mae", "rmse", "mase", "coverage_80"])
@pytest.mark.parametrize("series", [2, 25])
def test_intervals_are_percentiles_of_metrics_of_weighted_clusters(metric, series):
    given, other = windows(series), windows(series, noise=1.3)
    number = np.repeat(np.arange(series), 60)
    labels = cluster(number, given["origins"], horizon=4)
    drawn = PoissonBootstrap(40, seed=2).weights(labels.max() + 1)[:, labels]
    replicates = [weighted(given, w, metric) for w in drawn]
    a, b = (scorer(each, resamples=40, seed=2) for each in (given, other))
    value = weighted(given, np.ones(len(labels)), metric)
    expected = [value, *np.quantile(replicates, [0.025, 0.975])]
    assert a.result().metrics[metric] == pytest.approx(expected)
    gaps = [weighted(given, w, metric) - weighted(other, w, metric) for w in drawn]
    value -= weighted(other, np.ones(len(labels)), metric)
    expected = [value, *np.quantile(gaps, [0.025, 0.975])]
    assert difference(a, b, metric) == pytest.approx(expected)


def test_a_single_window_is_resampled_by_blocks_of_targets():
    given = part(windows(origins=1, series=1, horizon=40), slice(0, 1))
    errors = np.abs(given["truth"] - given["outputs"][..., 0])[0].reshape(10, 4)
    weights = PoissonBootstrap(60, seed=0).weights(10)
    replicates = weights @ errors.mean(axis=1) / weights.sum(axis=1)
    expected = [errors.mean(), *np.quantile(replicates, [0.025, 0.975])]
    made = scorer(given, resamples=60)
    scores = made.result()
    assert scores.metrics["mae"] == pytest.approx(expected)
    assert scores.tables["horizon"]["mae_low"].isna().all()
    shifted = given | {"outputs": given["outputs"] + 1}
    _, low, high = difference(made, scorer(shifted, resamples=60), "mae")
    assert low < high


def test_difference_is_over_the_windows_that_both_answered():
    ours, theirs = windows(series=3), windows(series=3, noise=1.3)
    asked = np.arange(0, 180, 7)
    theirs["outputs"][np.setdiff1d(np.arange(180), asked)] = np.nan
    # In another order, and with a window that ours lacks.
    order = np.random.default_rng(0).permutation(180)
    ours_made = scorer(part(ours, slice(1, None)))
    found = difference(ours_made, scorer(part(theirs, order)), "mae")
    rows = asked[1:]
    expected = difference(scorer(part(ours, rows)), scorer(part(theirs, rows)), "mae")
    assert found == expected
    gap = [np.abs(w["truth"] - w["outputs"][..., 0])[rows] for w in (ours, theirs)]
    assert found[0] == pytest.approx(gap[0].mean() - gap[1].mean())


def test_difference_of_pinball_is_over_windows_with_quantiles():
    ours, theirs = windows(), windows(noise=1.3)
    theirs["outputs"][20:, :, 1:] = np.nan
    rows = slice(0, 20)
    expected = difference(
        scorer(part(ours, rows)), scorer(part(theirs, rows)), "width_80"
    )
    assert difference(scorer(ours), scorer(theirs), "width_80") == expected
    theirs["outputs"][..., 1:] = np.nan
    with pytest.raises(DataError, match="no window for which all forecasts have pin"):
        difference(scorer(ours), scorer(theirs), "pinball")


def test_difference_needs_comparable_scorers():
    given = windows()
    a = scorer(given)
    with pytest.raises(UnknownNameError, match="Did you mean 'smape'"):
        difference(a, a, "smap")
    with pytest.raises(UsageError, match="same seed, got 0 and 1"):
        difference(a, scorer(given, seed=1), "mae")
    with pytest.raises(UsageError, match="other true values"):
        difference(a, scorer(windows(seed=1)), "mae")
    with pytest.raises(DataError, match="no window for which all"):
        difference(a, scorer(given | {"ids": [f"t{i}" for i in range(120)]}), "mae")
    assert difference(a, a, "rmse") == (0, 0, 0)


def test_several_forecasts_are_paired_over_the_windows_that_all_answered():
    made = [windows(series=3, noise=noise) for noise in (1.0, 1.3, 0.7)]
    made[1]["outputs"][:40] = np.nan
    made[2]["outputs"][150:] = np.nan
    shared = slice(40, 150)
    values, units = paired([scorer(each, resamples=50) for each in made], "rmse")
    alone = [scorer(part(each, shared), resamples=50) for each in made]
    expected = [each.result().metrics["rmse"] for each in alone]
    assert values[:, 0] == pytest.approx([value for value, _, _ in expected])
    ends = np.quantile(values[:, 1:], [0.025, 0.975], axis=1).T
    assert ends == pytest.approx(np.array([each[1:] for each in expected]))
    number = np.repeat(np.arange(3), 60)[shared]
    assert units == cluster(number, made[0]["origins"][shared], horizon=4).max() + 1


def test_errors_in_multiples_of_other_scales_are_not_compared():
    given = windows()
    other = scorer(given | {"scale": given["scale"] * 2})
    with pytest.raises(UsageError, match="the season or the training time differs"):
        difference(scorer(given), other, "mase")
    assert difference(scorer(given), other, "mae") == (0, 0, 0)


def autoregressive(seed, series=3, origins=240, horizon=4, phi=0.8):
    """Best forecasts of series that share most of their shocks."""
    random = np.random.default_rng(seed)
    steps = origins + horizon + 30
    shocks = 0.9 * random.normal(size=steps)
    shocks = shocks + 0.44 * random.normal(size=(series, steps))
    values = np.zeros((series, steps))
    for t in range(1, steps):
        values[:, t] = phi * values[:, t - 1] + shocks[:, t]
    known, ahead = 30 + np.arange(origins), np.arange(1, horizon + 1)
    truth = values[:, known[:, np.newaxis] + ahead - 1].reshape(-1, horizon)
    point = values[:, known - 1].reshape(-1, 1) * phi**ahead
    rows = np.ones(len(truth))
    return {
        "ids": [f"s{i}" for i in range(series) for _ in known],
        "origins": np.tile(known, series),
        "truth": truth,
        "outputs": point[..., np.newaxis],
        "scale": rows,
        "spread": rows,
    }


def test_intervals_hold_the_truth_where_errors_hang_together():
    # An error h steps ahead is normal, of the variance below.
    variance = 0.81 + 0.44**2
    variances = variance * np.cumsum(0.64 ** np.arange(4))
    expected = np.sqrt(2 / np.pi) * np.sqrt(variances).mean()
    held = {"clusters": 0, "pairs": 0}
    for seed in range(120):
        given = autoregressive(seed)
        value, low, high = (
            scorer(given, quantiles=(), resamples=400).result().metrics["mae"]
        )
        held["clusters"] += low <= expected <= high
        errors = np.abs(given["truth"] - given["outputs"][..., 0])
        half = 1.96 * errors.std() / np.sqrt(errors.size)
        held["pairs"] += abs(value - expected) <= half
    # In 1000 samples it was 92%; the standard error of 120 is 0.025. Taken as
    # independent, pairs promise far too much.
    assert 0.86 <= held["clusters"] / 120 <= 0.98
    assert held["pairs"] / 120 < 0.6


def test_each_step_has_its_own_errors():
    given = windows()
    scores = scorer(given).result()
    table = scores.tables["horizon"]
    errors = np.abs(given["truth"] - given["outputs"][..., 0])
    assert table["step"].tolist() == [1, 2, 3, 4]
    assert table["n"].tolist() == [120] * 4
    assert table["mae"].to_numpy() == pytest.approx(errors.mean(axis=0))
    rmse = np.sqrt((errors**2).mean(axis=0))
    assert table["rmse"].to_numpy() == pytest.approx(rmse)
    assert table["mase"].mean() == pytest.approx(scores.metrics["mase"][0])
    assert table["coverage_80"].mean() == pytest.approx(
        scores.metrics["coverage_80"][0]
    )
    for name in ("mae", "mase"):
        assert (table[f"{name}_low"] < table[name]).all()
        assert (table[f"{name}_high"] > table[name]).all()


def test_the_interval_of_a_single_step_is_the_metrics_own():
    given = windows(horizon=1, origins=90)
    given["scale"][5:9] = np.nan
    scores = scorer(given).result()
    row = scores.tables["horizon"].iloc[0]
    for name in ("mae", "mase"):
        found = row[[name, f"{name}_low", f"{name}_high"]].tolist()
        assert found == pytest.approx(scores.metrics[name], rel=1e-6)


def test_each_series_has_its_own_metrics():
    given = windows()
    table = scorer(given).result().tables["series"]
    assert table["id"].tolist() == ["s0", "s1"]
    assert table["windows"].tolist() == [60, 60]
    assert table["n"].tolist() == [240, 240]
    alone = scorer(part(given, slice(60, None))).result().metrics
    assert table.iloc[1][list(alone)].tolist() == pytest.approx(
        [value for value, _, _ in alone.values()]
    )


def test_coverage_of_a_quantile_has_an_interval_over_clusters():
    given = windows(noise=1.0, origins=600)
    table = scorer(given).result().tables["coverage"]
    # The forecasts' quantiles are theirs by construction.
    assert table["share"].to_numpy() == pytest.approx([0.1, 0.5, 0.9], abs=0.02)
    assert (table["low"] < table["share"]).all()
    assert (table["high"] > table["share"]).all()


def test_residuals_of_white_noise_lie_within_their_bounds():
    table = scorer(windows(origins=500, horizon=1)).result().tables["residual_acf"]
    assert table["lag"].tolist() == list(range(1, 25))
    assert table["high"].to_numpy() == pytest.approx(1.96 / np.sqrt(1000))
    assert (table["autocorrelation"].abs() < table["high"]).mean() > 0.8


def test_autocorrelation_of_residuals_by_hand():
    residuals = np.array([1.0, 2.0, -1.0, -2.0])
    given = part(windows(series=1, origins=4, horizon=1), [2, 0, 3, 1])
    given["truth"] = residuals[[2, 0, 3, 1]][:, np.newaxis]
    given["outputs"][:] = 0.0
    table = scorer(given).result().tables["residual_acf"]
    # Mean 0, sum of squares 10; 1 x 2 - 2 x 1 + 1 x 2 = 2, -1 - 4 = -5.
    assert table["autocorrelation"].to_numpy() == pytest.approx([0.2, -0.5])
    assert table["n"].tolist() == [4, 4]


def test_autocorrelation_covers_two_seasons():
    table = scorer(windows(origins=200, horizon=1), season=30).result().tables
    assert table["residual_acf"]["lag"].max() == 60


def test_there_is_no_autocorrelation_where_origins_lie_apart():
    given = windows()
    given["origins"] = given["origins"] * 4
    table = scorer(given).result().tables["residual_acf"]
    assert table.empty
    assert list(table) == ["lag", "autocorrelation", "low", "high", "n"]


def test_the_first_middle_and_last_window_of_six_series_are_kept():
    given = windows(series=8, origins=101)
    table = scorer(given, chunk=50).result().tables["windows"]
    assert list(table) == [
        "id", "origin", "step", "truth", "forecast", "q10", "q50", "q90",
    ]  # fmt: skip
    assert table["id"].unique().tolist() == [f"s{i}" for i in range(6)]
    origins = table[table["id"] == "s3"]["origin"].unique()
    assert origins.tolist()[::2] == [100, 200]
    assert abs(origins[1] - 150) <= 4
    row = 3 * 101 + origins[1] - 100
    shown = table[(table["id"] == "s3") & (table["origin"] == origins[1])]
    assert shown["truth"].tolist() == given["truth"][row].tolist()
    assert np.array_equal(shown.iloc[:, 4:], given["outputs"][row])


def test_every_metric_is_described():
    assert list(scorer(windows()).result().metrics) == list(METRICS)
    named = forecast_metrics((0.025, 0.05, 0.5, 0.95, 0.975))
    assert [name for name in named if "coverage" in name] == [
        "coverage_95",
        "coverage_90",
    ]
    assert named["coverage_95"].greater_is_better is None
    assert not any("coverage" in name for name in forecast_metrics((0.1, 0.8)))


def test_outputs_are_not_kept():
    given = windows(series=4, origins=250, horizon=96)

    def peak(times):
        made = ForecastScorer(96, QUANTILES, resamples=10)
        tracemalloc.start()
        for time in range(times):
            later = given["origins"] + 250 * time
            made.update(**given | {"origins": later})
        made.result()
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    # 1000 windows of 96 steps and 4 channels are 3 MB, their sums less than 0.7 MB;
    # for a moment there are three copies of these.
    assert peak(9) - peak(3) < 6 * 3 * 0.7e6


BAD = np.full((2, 2, 1), np.nan)
BAD[0, 0] = BAD[1] = 1.0


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"ids": ["c"]}, UsageError, r"must .*\(1,\).* got \(2,\)"),
        ({"origins": np.array([1])}, UsageError, r"origins must .*\(2,\).* got \(1,\)"),
        ({"origins": np.array([1.0, 2])}, UsageError, "whole numbers, got float64"),
        ({"truth": np.zeros((2, 3))}, UsageError, r"truth must .*\(2, 2\).*\(2, 3\)"),
        ({"outputs": np.zeros((2, 2))}, UsageError, r"\(2, 2, 1\).* got \(2, 2\)"),
        ({"scale": np.array([1.0, -1])}, UsageError, "scale must be at least 0"),
        ({"spread": np.array([1.0, np.inf])}, UsageError, "spread must .* finite"),
        (
            {"truth": np.full((2, 2), np.nan)},
            DataError,
            "True values .*'a'.* origin 12",
        ),
        ({"outputs": BAD}, DataError, "Forecasts must .*'a' and the origin 12 holds"),
    ],
)
def test_what_cannot_be_scored_is_refused_and_not_counted(change, error, text):
    made = scorer(TWO, quantiles=())
    before = made.result().metrics
    with pytest.raises(error, match=text):
        made.update(**TWO | change)
    assert made.rows == 2
    assert made.result().metrics == before


def test_some_quantiles_of_a_window_are_refused():
    given = windows()
    given["outputs"][3, 1, 2] = np.nan
    with pytest.raises(DataError, match="Quantiles must .*'s0' and the origin 103"):
        scorer(given)


def test_a_window_counts_once():
    made = scorer(TWO, quantiles=())
    made.update(**TWO)
    with pytest.raises(UsageError, match="'a' and the origin 12 came twice"):
        made.result()


def test_no_windows_have_no_scores():
    made = scorer(TWO | {"outputs": np.full((2, 2, 1), np.nan)}, quantiles=())
    assert made.rows == 0
    with pytest.raises(DataError, match="No windows were scored"):
        made.result()


@pytest.mark.parametrize("quantiles", [(0.5, 0.1), (0.0, 0.5), (0.5, 1.0), (0.5, 0.5)])
def test_quantiles_must_rise_between_0_and_1(quantiles):
    with pytest.raises(UsageError, match="quantiles must rise"):
        ForecastScorer(4, quantiles)


def test_horizon_must_be_positive():
    with pytest.raises(UsageError, match="at least 1, got 0"):
        ForecastScorer(0)

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn_metrics

from seqkit.errors import DataError, UnknownNameError, UsageError
from seqkit.scores.intervals import PoissonBootstrap
from seqkit.scores.numbers import METRICS, RegressionScorer

difference, paired = RegressionScorer.difference, RegressionScorer.paired


def predictions(rows, seed=0, noise=0.5, level=10.0):
    random = np.random.default_rng(seed)
    truth = random.normal(level, 2.0, rows)
    return truth, truth + noise * random.normal(size=rows)


def scorer(truth, outputs, chunk=None, **options):
    made = RegressionScorer(**options)
    for start in range(0, len(truth), chunk or len(truth)):
        rows = slice(start, start + (chunk or len(truth)))
        made.update(truth[rows], outputs[rows])
    return made


FORMULAS = {
    "mae": sklearn_metrics.mean_absolute_error,
    "rmse": sklearn_metrics.root_mean_squared_error,
    "mse": sklearn_metrics.mean_squared_error,
    "r2": sklearn_metrics.r2_score,
}


@pytest.mark.parametrize("level", [0.0, 1e6])
@pytest.mark.parametrize("metric", METRICS)
def test_values_and_intervals_agree_with_scikit_learn(metric, level):
    truth, outputs = predictions(1500, level=level)
    ours = scorer(truth, outputs, resamples=50, seed=3).result().metrics[metric]
    weights = PoissonBootstrap(50, seed=3).weights(1500)
    formula = FORMULAS[metric]
    replicates = [formula(truth, outputs, sample_weight=w) for w in weights]
    expected = [formula(truth, outputs), *np.quantile(replicates, [0.025, 0.975])]
    assert ours == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_difference_is_of_scikit_learns_scores_under_the_same_weights(metric):
    truth, p = predictions(1500)
    _, q = predictions(1500, noise=0.6)
    weights = PoissonBootstrap(50, seed=3).weights(1500)
    formula = FORMULAS[metric]
    gaps = [
        formula(truth, p, sample_weight=w) - formula(truth, q, sample_weight=w)
        for w in weights
    ]
    expected = formula(truth, p) - formula(truth, q)
    ours = difference(
        scorer(truth, p, chunk=700, resamples=50, seed=3),
        scorer(truth, q, resamples=50, seed=3),
        metric,
    )
    assert ours == pytest.approx([expected, *np.quantile(gaps, [0.025, 0.975])])
    better = ours[0] > 0
    assert better == METRICS[metric].greater_is_better


def test_any_chunks_give_the_same_scores_to_the_last_bit():
    truth, p = predictions(2500)
    whole, parts = scorer(truth, p), scorer(truth, p[:, np.newaxis], chunk=17)
    assert whole.result().metrics == parts.result().metrics
    for name, table in whole.result().tables.items():
        pd.testing.assert_frame_equal(table, parts.result().tables[name])


def test_residuals_are_an_even_sample_in_the_order_of_the_rows():
    truth = np.arange(5000.0)
    table = scorer(truth, truth + 1).result().tables["residuals"]
    assert len(table) == 1000
    assert (table["predicted"] - table["truth"] == 1).all()
    assert (table["truth"].diff().dropna() > 0).all()
    # Of 1000 numbers drawn evenly the mean has a standard error of 46.
    assert table["truth"].mean() == pytest.approx(2500, abs=180)
    few = scorer(truth[:7], truth[:7]).result().tables["residuals"]
    assert few["truth"].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = 0
    for seed in range(300):
        truth, p = predictions(200, seed=seed + 1)
        made = scorer(truth, p, resamples=200).result()
        value, low, high = made.metrics["rmse"]
        assert low <= value <= high
        held += low <= 0.5 <= high
    assert 0.90 <= held / 300 <= 0.98


def test_there_is_no_r2_where_the_truth_does_not_vary():
    same = np.full(30, 0.1)
    a = scorer(same, same + 1)
    assert list(a.result().metrics) == ["mae", "rmse", "mse"]
    with pytest.raises(DataError, match="no r2: all true numbers are alike"):
        difference(a, a, "r2")


def test_ten_times_the_rows_take_the_same_memory():
    truth, p = predictions(1000)

    def peak(times):
        made = RegressionScorer(resamples=50)
        tracemalloc.start()
        for _ in range(times):
            made.update(truth, p)
        made.result()
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(2)
    assert peak(50) == pytest.approx(peak(5), rel=0.05)


@pytest.mark.parametrize(
    ("truth", "outputs", "error", "text"),
    [
        ([[1.0]], [1.0], UsageError, r"truth .* \(rows,\), got \(1, 1\)"),
        ([1.0, 2.0], [1.0], UsageError, r"\(2,\) or \(2, 1\), got \(1,\)"),
        ([1.0], [[1.0, 2.0]], UsageError, r"\(1,\) or \(1, 1\), got \(1, 2\)"),
        ([1.0, np.nan], [1.0, 1.0], DataError, "True .* finite, got nan in row 3"),
        ([1.0], [np.inf], DataError, "Predicted .* finite, got inf in row 2"),
    ],
)
def test_what_cannot_be_scored_is_refused_and_not_counted(truth, outputs, error, text):
    made = scorer(np.array([0.0, 1.0]), np.array([0.5, 1.5]))
    before = made.result().metrics
    with pytest.raises(error, match=text):
        made.update(truth, outputs)
    assert made.rows == 2
    assert made.result().metrics == before


def test_no_rows_have_no_scores():
    made = RegressionScorer()
    made.update(np.empty(0), np.empty((0, 1)))
    with pytest.raises(DataError, match="No rows were scored"):
        made.result()


@pytest.mark.parametrize("metric", METRICS)
def test_several_are_paired_under_the_same_weights(metric):
    truth, _ = predictions(1300)
    outputs = [predictions(1300, noise=noise)[1] for noise in (0.5, 0.6, 0.9)]
    weights = [np.ones(1300), *PoissonBootstrap(20, seed=3).weights(1300)]
    expected = [
        [FORMULAS[metric](truth, each, sample_weight=w) for w in weights]
        for each in outputs
    ]
    scorers = [scorer(truth, each, resamples=20, seed=3) for each in outputs]
    values, units = paired(scorers, metric)
    assert values == pytest.approx(np.array(expected))
    assert units == 1300


def test_an_interval_leaves_out_what_a_metric_cannot_be():
    assert METRICS["mae"].possible((0.1, -0.2, 0.4)) == (0.1, 0.0, 0.4)
    assert METRICS["r2"].possible((0.9, -0.2, 1.4)) == (0.9, -0.2, 1.0)
    assert METRICS["mae"].possible_gap((0.1, -9.0, 9.2)) == (0.1, -9.0, 9.2)


def test_difference_needs_the_same_rows():
    truth, p = predictions(100)
    a = scorer(truth, p)
    with pytest.raises(UsageError, match="come in another order"):
        difference(a, scorer(truth[::-1], p[::-1]), "mae")
    with pytest.raises(UsageError, match="same number of rows, got 100 and 99"):
        difference(a, scorer(truth[:99], p[:99]), "mae")
    with pytest.raises(UsageError, match="same seed, got 0 and 1"):
        difference(a, scorer(truth, p, seed=1), "mae")
    with pytest.raises(UnknownNameError, match="Did you mean 'rmse'"):
        difference(a, a, "rmes")

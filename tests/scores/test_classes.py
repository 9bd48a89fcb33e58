import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn_metrics

from seqkit.errors import DataError, UnknownNameError, UsageError
from seqkit.scores.classes import METRICS, ClassificationScorer
from seqkit.scores.intervals import PoissonBootstrap, shown, wilson

difference, paired = ClassificationScorer.difference, ClassificationScorer.paired


def predictions(rows, classes, seed=0, skill=2.0):
    """Labels (rows,) and softmax outputs (rows, classes) of a fair classifier."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, rows)
    logits = random.normal(size=(rows, classes))
    logits[np.arange(rows), truth] += skill
    odds = np.exp(logits)
    return truth, odds / odds.sum(axis=1, keepdims=True)


def scorer(truth, probabilities, chunk=None, **options):
    classes = tuple(f"class {i}" for i in range(probabilities.shape[1]))
    made = ClassificationScorer(classes, **options)
    for start in range(0, len(truth), chunk or len(truth)):
        rows = slice(start, start + (chunk or len(truth)))
        made.update(truth[rows], probabilities[rows])
    return made


def scores(truth, probabilities, **options):
    return scorer(truth, probabilities, **options).result()


@pytest.mark.parametrize("classes", [2, 5, 100])
def test_values_agree_with_scikit_learn(classes):
    truth, p = predictions(3000, classes)
    ours = scores(truth, p)
    value = {name: estimate[0] for name, estimate in ours.metrics.items()}
    read = p.argmax(axis=1)
    assert value["accuracy"] == sklearn_metrics.accuracy_score(truth, read)
    f1 = sklearn_metrics.f1_score(truth, read, average="macro")
    assert value["f1"] == pytest.approx(f1, abs=1e-12)
    log_loss = sklearn_metrics.log_loss(truth, p)
    assert value["log_loss"] == pytest.approx(log_loss, abs=1e-12)
    counts = ours.tables["confusion"]["count"].to_numpy().reshape(classes, classes)
    matrix = sklearn_metrics.confusion_matrix(truth, read)
    assert np.array_equal(counts, matrix)
    assert ours.rows == 3000


def test_f1_is_over_the_classes_that_occur():
    truth, p = predictions(500, 3)
    padded = np.column_stack([p, np.zeros(500)])
    assert scores(truth, padded).metrics["f1"] == scores(truth, p).metrics["f1"]


def test_log_loss_of_a_sure_mistake_is_finite():
    value, _, _ = scores(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]])).metrics[
        "log_loss"
    ]
    assert value == pytest.approx(-np.log(1e-7) / 2)


FOUR_ROWS = (
    np.array([0, 1, 0, 1]),
    np.array([[0.9, 0.1], [0.9, 0.1], [0.58, 0.42], [0.3, 0.7]]),
)


def test_calibration_error_of_four_rows_by_hand():
    # Bin (0.867, 0.933]: 2 rows, confidence 0.9, accuracy 0.5: 2 x 0.4.
    # Bins of 0.58 and 0.7: one row each, right: 0.42 and 0.3. All over 4 rows.
    value, _, _ = scores(*FOUR_ROWS).metrics["calibration_error"]
    assert value == pytest.approx((0.8 + 0.42 + 0.3) / 4)


def test_reliability_of_four_rows_by_hand():
    table = scores(*FOUR_ROWS).tables["reliability"]
    assert list(table.columns) == [
        "bin_low", "bin_high", "count", "confidence", "accuracy", "low", "high",
    ]  # fmt: skip
    assert table["count"].tolist() == [1, 1, 2]
    assert table["bin_low"].to_numpy() == pytest.approx([8 / 15, 10 / 15, 13 / 15])
    assert table["bin_high"].to_numpy() == pytest.approx([9 / 15, 11 / 15, 14 / 15])
    assert table["confidence"].to_numpy() == pytest.approx([0.58, 0.7, 0.9])
    assert table["accuracy"].tolist() == [1.0, 1.0, 0.5]
    low, high = wilson([1, 1, 1], [1, 1, 2])
    assert table["low"].tolist() == low.tolist()
    assert table["high"].tolist() == high.tolist()


def test_bins_hold_their_upper_edge():
    given = np.array([0, 1]), np.array([[0.8, 0.2], [0.2, 0.8]])
    table = scores(*given).tables["reliability"]
    assert table["bin_high"].tolist() == [0.8]


def test_a_probability_of_one_falls_in_the_last_bin():
    # Softmax in 32 bits can give a little more than 1.
    p = np.array([[1.0 + 1e-7, 0.0], [0.0, 1.0]])
    assert scores(np.array([0, 1]), p).tables["reliability"]["count"].iloc[-1] == 2


def test_confusion_gives_the_share_of_each_truth():
    table = scores(*FOUR_ROWS).tables["confusion"]
    low, high = wilson([2, 0, 1, 1], 2)
    expected = pd.DataFrame(
        {
            "truth": ["class 0", "class 0", "class 1", "class 1"],
            "predicted": ["class 0", "class 1"] * 2,
            "count": [2, 0, 1, 1],
            "share": [1.0, 0.0, 0.5, 0.5],
            "low": low,
            "high": high,
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_confusion_of_a_class_without_rows_has_no_share():
    given = np.array([0, 0]), np.array([[0.9, 0.1], [0.2, 0.8]])
    table = scores(*given).tables["confusion"]
    assert table["share"].isna().tolist() == [False, False, True, True]
    assert table["high"].tolist()[2:] == [1.0, 1.0]


def test_accuracy_has_wilsons_interval():
    truth, p = predictions(700, 3)
    hits = int((p.argmax(axis=1) == truth).sum())
    assert scores(truth, p).metrics["accuracy"][1:] == wilson(hits, 700)


WEIGHTED = {
    "f1": lambda truth, p, w: sklearn_metrics.f1_score(
        truth, p.argmax(axis=1), average="macro", sample_weight=w
    ),
    "log_loss": lambda truth, p, w: sklearn_metrics.log_loss(truth, p, sample_weight=w),
    "accuracy": lambda truth, p, w: sklearn_metrics.accuracy_score(
        truth, p.argmax(axis=1), sample_weight=w
    ),
}


@pytest.mark.parametrize("metric", ["f1", "log_loss"])
def test_intervals_are_percentiles_of_scikit_learns_weighted_scores(metric):
    truth, p = predictions(1500, 3)
    weights = PoissonBootstrap(resamples=60, seed=4).weights(1500)
    replicates = [WEIGHTED[metric](truth, p, w) for w in weights]
    ours = scores(truth, p, resamples=60, seed=4).metrics[metric]
    assert ours[1:] == pytest.approx(np.quantile(replicates, [0.025, 0.975]), abs=1e-12)


@pytest.mark.parametrize("metric", ["accuracy", "f1", "log_loss"])
def test_difference_is_of_scikit_learns_scores_under_the_same_weights(metric):
    truth, p = predictions(1500, 3, skill=2.0)
    _, q = predictions(1500, 3, skill=1.7)
    weights = PoissonBootstrap(resamples=60, seed=4).weights(1500)
    formula = WEIGHTED[metric]
    gaps = [formula(truth, p, w) - formula(truth, q, w) for w in weights]
    ours = difference(
        scorer(truth, p, chunk=700, resamples=60, seed=4),
        scorer(truth, q, resamples=60, seed=4),
        metric,
    )
    ones = np.ones(1500)
    expected = formula(truth, p, ones) - formula(truth, q, ones)
    assert ours[0] == pytest.approx(expected, abs=1e-12)
    assert ours[1:] == pytest.approx(np.quantile(gaps, [0.025, 0.975]), abs=1e-12)


@pytest.mark.parametrize("metric", ["accuracy", "f1", "log_loss"])
def test_several_are_paired_under_the_same_weights(metric):
    truth, _ = predictions(1300, 3)
    answers = [predictions(1300, 3, skill=skill)[1] for skill in (2.0, 1.7, 0.5)]
    weights = [np.ones(1300), *PoissonBootstrap(20, seed=4).weights(1300)]
    expected = [[WEIGHTED[metric](truth, p, w) for w in weights] for p in answers]
    scorers = [scorer(truth, p, resamples=20, seed=4) for p in answers]
    values, units = paired(scorers, metric)
    assert values == pytest.approx(np.array(expected), abs=1e-12)
    assert units == 1300
    with pytest.raises(UsageError, match="same number of rows, got 1300 and 9"):
        few = scorer(truth[:9], answers[0][:9], resamples=20, seed=4)
        paired([*scorers, few], metric)


def test_any_chunks_give_the_same_scores_to_the_last_bit():
    truth, p = predictions(2500, 4)
    whole, parts = scores(truth, p), scores(truth, p, chunk=17)
    assert parts.metrics == whole.metrics
    assert list(parts.tables) == list(whole.tables) == ["confusion", "reliability"]
    for name, table in whole.tables.items():
        pd.testing.assert_frame_equal(parts.tables[name], table, check_exact=True)


def test_a_result_on_the_way_changes_nothing():
    truth, p = predictions(2500, 2)
    looked = scorer(truth[:1500], p[:1500])
    assert looked.result().metrics == scores(truth[:1500], p[:1500]).metrics
    looked.update(truth[1500:], p[1500:])
    assert looked.result().metrics == scores(truth, p).metrics


def test_the_seed_moves_the_interval_but_not_the_value():
    one, other = (
        scores(*predictions(300, 2), seed=seed).metrics["log_loss"] for seed in (0, 1)
    )
    assert one[0] == other[0]
    assert one[1:] != other[1:]


def miscalibrated(rows, seed):
    """A two-class problem whose odds are known, read with too much confidence."""
    random = np.random.default_rng(seed)
    logit = random.normal(0, 2, rows)
    truth = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    p = 1 / (1 + np.exp(-1.5 * logit))
    return truth, np.column_stack([1 - p, p])


@pytest.fixture(scope="module")
def coverage():
    """The share of 250 samples whose interval holds the value of 500,000 rows."""
    large = scores(*miscalibrated(500_000, seed=10**6), resamples=2).metrics
    held = dict.fromkeys(METRICS, 0)
    for seed in range(250):
        sample = scores(*miscalibrated(1500, seed), resamples=200, seed=seed).metrics
        for name, (_, low, high) in sample.items():
            held[name] += low <= large[name][0] <= high
    return {name: count / 250 for name, count in held.items()}


@pytest.mark.parametrize("metric", METRICS)
def test_intervals_hold_the_truth_about_as_often_as_they_say(coverage, metric):
    # The standard error of 250 samples is 0.014. Noise pushes calibration error up:
    # its interval holds the truth in 0.91 of these, where percentiles would in 0.84.
    least = 0.88 if metric == "calibration_error" else 0.92
    assert least <= coverage[metric] <= 0.98


def test_every_interval_holds_its_value():
    for rows in (1, 2, 30):
        for name, (value, low, high) in scores(*predictions(rows, 2)).metrics.items():
            # One or two rows are of one class.
            if rows > 2 or name != "f1":
                assert low <= value <= high, name


def test_macro_f1_of_rows_of_one_class_is_not_a_number():
    truth, p = predictions(40, 3)
    one = scorer(np.zeros(40, int), p)
    value, low, high = one.result().metrics["f1"]
    assert np.isnan([value, low, high]).all()
    assert shown((value, low, high)) == "n/a"
    assert np.isfinite(one.result().metrics["accuracy"]).all()
    with pytest.raises(DataError, match="no f1: all rows are of one class"):
        paired([one, one], "f1")
    truth[:] = np.arange(40) % 2
    assert np.isfinite(scores(truth, p).metrics["f1"]).all()


def test_calibration_error_is_never_below_0_but_a_difference_may_be():
    # Even odds, and labels that are even: nothing is miscalibrated.
    truth, even = np.arange(400) % 2, np.full((400, 2), 0.5)
    fair = scorer(truth, even)
    assert fair.result().metrics["calibration_error"][:2] == (0, 0)
    proud = scorer(truth, even + [[0.01, -0.01]])
    value, low, _ = difference(fair, proud, "calibration_error")
    assert value == pytest.approx(-0.01)
    assert low < value


def test_a_constant_prediction_lies_within_its_interval():
    flat = np.full((2000, 2), 0.5)
    value, low, high = scores(np.arange(2000) % 2, flat).metrics["log_loss"]
    assert low <= value <= high
    assert value == pytest.approx(np.log(2))
    assert high - low < 1e-12


def test_a_paired_difference_is_narrower_than_an_unpaired_one():
    truth, p = predictions(2000, 2)
    q = 0.95 * p + 0.025
    a, b = scorer(truth, p), scorer(truth, q)
    _, low, high = difference(a, b, "log_loss")
    widths = [np.ptp(s.result().metrics["log_loss"][1:]) for s in (a, b)]
    assert high - low < 0.3 * np.hypot(*widths)


@pytest.mark.parametrize("metric", METRICS)
def test_a_scorer_does_not_differ_from_itself(metric):
    a, b = scorer(*predictions(500, 2)), scorer(*predictions(500, 2), chunk=9)
    assert difference(a, b, metric) == (0, 0, 0)


@pytest.mark.parametrize("metric", METRICS)
def test_the_table_of_metrics_says_which_way_is_better(metric):
    truth, good = predictions(3000, 3, skill=4)
    truth_too, poor = predictions(3000, 3, skill=1)
    assert np.array_equal(truth, truth_too)
    poor = poor**3 / (poor**3).sum(axis=1, keepdims=True)
    _, low, high = difference(scorer(truth, good), scorer(truth, poor), metric)
    assert (low > 0) if METRICS[metric].greater_is_better else (high < 0)


def test_every_metric_of_a_result_is_described():
    assert list(scores(*FOUR_ROWS).metrics) == list(METRICS)


def test_difference_needs_the_same_rows():
    truth, p = predictions(100, 2)
    a = scorer(truth, p)
    with pytest.raises(UsageError, match="other labels or come in another order"):
        difference(a, scorer(truth[::-1], p[::-1]), "f1")
    with pytest.raises(UsageError, match="same number of rows, got 100 and 99"):
        difference(a, scorer(truth[:99], p[:99]), "f1")
    with pytest.raises(UsageError, match="same seed, got 0 and 1"):
        difference(a, scorer(truth, p, seed=1), "f1")
    with pytest.raises(UsageError, match="same resamples, got 1000 and 99"):
        difference(a, scorer(truth, p, resamples=99), "f1")
    with pytest.raises(UnknownNameError, match="Did you mean 'accuracy'"):
        difference(a, a, "acuracy")


def test_ten_times_the_rows_take_the_same_memory():
    truth, p = predictions(1000, 3)

    def peak(times):
        made = ClassificationScorer(("a", "b", "c"), resamples=50)
        tracemalloc.start()
        for _ in range(times):
            made.update(truth, p)
        made.result()
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(2)
    assert peak(50) == pytest.approx(peak(5), rel=0.05)


GOOD = np.array([[0.5, 0.5], [0.1, 0.9]])


@pytest.mark.parametrize(
    ("truth", "probabilities", "error", "text"),
    [
        ([0, 1, 1], GOOD, UsageError, r"\(rows, classes\) = \(3, 2\), got \(2, 2\)"),
        ([0, 1], GOOD[:, :1], UsageError, r"got \(2, 1\).* columns 1 - p and p"),
        ([[0], [1]], GOOD, UsageError, r"shape \(rows,\), got int64 of \(2, 1\)"),
        ([0.0, 1.0], GOOD, UsageError, "whole numbers .* got float64"),
        ([0, 2], GOOD, UsageError, r"from 0 to 1 \(2 classes\), got 2 in row 3"),
        ([-1, 0], GOOD, UsageError, "got -1 in row 2"),
        ([0, 1], [[1, 0], [0, 1]], UsageError, "floating-point, got int64"),
        ([0, 1], [[0.5, 0.5], [np.nan, 1.0]], DataError, "finite, row 3 holds a NaN"),
        ([0, 1], [[0.5, 0.5], [np.inf, 0.0]], DataError, "finite, row 3"),
        ([0, 1], [[0.5, 0.5], [-3.0, 4.0]], DataError, "row 3 .*-3, 4.* softmax"),
        ([0, 1], [[0.5, 0.6], [0.0, 1.0]], DataError, r"row 2 holds \[0.5, 0.6\]"),
    ],
)
def test_what_cannot_be_scored_is_refused_and_not_counted(
    truth, probabilities, error, text
):
    made = scorer(np.array([0, 1]), GOOD)
    before = made.result()
    with pytest.raises(error, match=text):
        made.update(np.array(truth), np.array(probabilities))
    assert made.rows == 2
    assert made.result().metrics == before.metrics


def test_no_rows_have_no_scores():
    made = ClassificationScorer(("a", "b"))
    made.update(np.empty(0, int), np.empty((0, 2)))
    with pytest.raises(DataError, match="No rows were scored"):
        made.result()


@pytest.mark.parametrize("classes", [(), ("a",), ("a", "a")])
def test_classes_must_be_two_different_names(classes):
    with pytest.raises(UsageError, match="at least two different names"):
        ClassificationScorer(classes)

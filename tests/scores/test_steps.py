"""Scores of steps against hand computation, brute force and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)

from seqkit.errors import DataError
from seqkit.scores.step_numbers import StepNumberScorer
from seqkit.scores.steps import StepClassScorer, segment_counts

Codes = NDArray[np.int64]


def runs_of(codes: Codes) -> list[tuple[int, set[int]]]:
    """Runs of one label, as sets of their steps."""
    runs: list[tuple[int, set[int]]] = []
    for step, code in enumerate(codes):
        if not step or codes[step - 1] != code:
            runs.append((int(code), set()))
        runs[-1][1].add(step)
    return runs


def brute_f1(truth: list[Codes], answered: list[Codes]) -> float:
    """As Lea et al. count: the best true run of the class decides, each met once."""
    right = wrong = missed = 0
    for ours, theirs in zip(truth, answered, strict=True):
        true, met = runs_of(ours), set()
        for code, steps in runs_of(theirs):
            shares = [
                len(steps & its) / len(steps | its) if code == its_code else 0.0
                for its_code, its in true
            ]
            best = int(np.argmax(shares))
            if shares[best] >= 0.5 and best not in met:
                met.add(best)
                right += 1
            else:
                wrong += 1
        missed += len(true) - len(met)
    return 2 * right / (2 * right + wrong + missed)


def one_hot(codes: list[Codes], classes: int = 3) -> list[NDArray[np.float64]]:
    return [np.eye(classes)[one] for one in codes]


@pytest.fixture(scope="module")
def answered() -> tuple[list[Codes], list[Codes]]:
    """True labels in runs, and answers that err at the edges and in between."""
    draw = np.random.default_rng(0)
    truth, answers = [], []
    for _ in range(40):
        codes = np.repeat(draw.integers(0, 3, 12), draw.integers(1, 9, 12))
        other = np.roll(codes, draw.integers(-2, 3))
        noise = draw.random(len(codes)) < 0.1
        truth.append(codes)
        answers.append(np.where(noise, draw.integers(0, 3, len(codes)), other))
    return truth, answers


def test_classes_are_scored_as_scikit_learn_and_lea_do(
    answered: tuple[list[Codes], list[Codes]],
) -> None:
    truth, answers = answered
    scorer = StepClassScorer("abc")
    for start in range(0, 40, 7):
        chunk = slice(start, start + 7)
        scorer.update(truth[chunk], one_hot(answers[chunk]))
    found = scorer.result().metrics
    ours, theirs = np.concatenate(truth), np.concatenate(answers)
    assert found["accuracy"][0] == pytest.approx(accuracy_score(ours, theirs))
    assert found["f1"][0] == pytest.approx(f1_score(ours, theirs, average="macro"))
    assert found["segment_f1"][0] == pytest.approx(brute_f1(truth, answers))
    for value, low, high in found.values():
        assert low < value < high


@pytest.mark.parametrize(
    ("truth", "answers", "counts"),
    [
        ("1111", "1111", (1, 1, 1)),
        # Half of the union is enough, less is not.
        ("111100", "110000", (1, 1, 1)),
        ("111100", "100000", (0, 1, 1)),
        # A true segment in two pieces is met once at most.
        ("1111", "1101", (1, 1, 2)),
        ("110011", "111111", (0, 2, 1)),
        ("0000", "1000", (0, 0, 1)),
        ("0110", "0000", (0, 1, 0)),
    ],
)
def test_segments_are_counted_by_hand(
    truth: str, answers: str, counts: tuple[int, int, int]
) -> None:
    flags = [np.array(list(text)) == "1" for text in (truth, answers)]
    assert segment_counts(*flags) == counts


def test_unknown_steps_count_nowhere_and_end_a_segment() -> None:
    scorer = StepClassScorer("ab")
    truth = np.array([0, 0, -1, 0, 1, 1])
    answers = np.array([0, 0, 1, 0, 1, 0])
    scorer.update([truth], one_hot([answers], 2))
    metrics = {name: values[0] for name, values in scorer.result().metrics.items()}
    # a: hits 3, true 3, answered 4; b: hits 1, true 2, answered 1.
    assert metrics["accuracy"] == pytest.approx(4 / 5)
    assert metrics["f1"] == pytest.approx((6 / 7 + 2 / 3) / 2)
    # True a, a, b; answered a, a, b, a: the last alone is wrong.
    assert metrics["segment_f1"] == pytest.approx(6 / 7)
    assert scorer.tables()["confusion"]["count"].tolist() == [3, 0, 1, 1]


def test_several_labels_are_scored_each_by_itself() -> None:
    truth = np.array([[1, 0], [1, 0], [0, np.nan], [0, 1]], np.float32)
    answers = np.array([[0.9, 0.2], [0.4, 0.6], [0.1, 0.9], [0.2, 0.5]])
    scorer = StepClassScorer(("up", "odd"), multi=True)
    scorer.update([truth], [answers])
    metrics = {name: values[0] for name, values in scorer.result().metrics.items()}
    assert metrics["accuracy"] == pytest.approx(5 / 7)
    # up: hits 1, true 2, answered 1; odd: hits 1, true 1, answered 2.
    assert metrics["f1"] == pytest.approx(2 / 3)
    # up: half of [0, 2) is met; odd: [3, 4) is met, [1, 2) is wrong.
    assert metrics["segment_f1"] == pytest.approx(2 * 2 / (2 + 3))
    assert "confusion" not in scorer.tables()


def test_a_class_that_is_nowhere_is_no_mistake() -> None:
    scorer = StepClassScorer("abc")
    scorer.update([np.array([0, 1])], one_hot([np.array([0, 1])]))
    assert scorer.result().metrics["f1"][0] == 1


def test_numbers_are_scored_as_scikit_learn_does() -> None:
    draw = np.random.default_rng(0)
    lengths = draw.integers(3, 30, 25)
    truth = [1e6 + draw.normal(size=(steps, 2)) * [1, 50] for steps in lengths]
    answers = [one + draw.normal(size=one.shape) * [0.5, 9] for one in truth]
    scorer = StepNumberScorer(("near", "far"))
    scorer.update(truth[:9], answers[:9])
    scorer.update(truth[9:], answers[9:])
    found = scorer.result().metrics
    ours, theirs = np.concatenate(truth), np.concatenate(answers)
    judges = {
        "mae": mean_absolute_error,
        "rmse": root_mean_squared_error,
        "r2": r2_score,
    }
    for name, judge in judges.items():
        value, low, high = found[name]
        assert value == pytest.approx(judge(ours, theirs), rel=1e-6)
        assert low < value < high
        each = judge(ours, theirs, multioutput="raw_values")
        assert scorer.tables()["columns"][name].tolist() == pytest.approx(each)


def test_unknown_numbers_count_nowhere() -> None:
    truth = np.array([[np.nan, 2.0], [1.0, 4.0], [3.0, np.nan]])
    answers = np.array([[9.0, 3.0], [2.0, 4.0], [3.0, 9.0]])
    scorer = StepNumberScorer("ab")
    scorer.update([truth], [answers])
    metrics = {name: values[0] for name, values in scorer.result().metrics.items()}
    assert metrics["mae"] == pytest.approx((0.5 + 0.5) / 2)
    assert metrics["rmse"] == pytest.approx(np.sqrt(0.5))
    assert metrics["r2"] == pytest.approx((1 - 1 / 2 + 1 - 1 / 2) / 2)


def test_numbers_that_are_all_alike_have_no_r2() -> None:
    scorer = StepNumberScorer("a")
    scorer.update([np.ones((3, 1))], [np.zeros((3, 1))])
    assert set(scorer.result().metrics) == {"mae", "rmse"}


def test_answers_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="must be finite"):
        StepNumberScorer("a").update([np.ones((2, 1))], [np.full((2, 1), np.nan)])

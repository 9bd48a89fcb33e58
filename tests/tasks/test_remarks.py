"""A report names the metrics that contradict its headline, and no others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqkit.registry import TASKS
from seqkit.scores.classes import ClassificationScorer
from seqkit.scores.numbers import RegressionScorer
from seqkit.tasks.remarks import contradictions

TRUTH = np.arange(400) % 2


def classified(right: float, sure: float) -> ClassificationScorer:
    """Right in a share of the rows, and always as sure."""
    scorer = ClassificationScorer(("a", "b"))
    correct = np.random.default_rng(1).permutation(400) < 400 * right
    p = np.where(correct == (TRUTH == 1), sure, 1 - sure)
    scorer.update(TRUTH, np.column_stack([1 - p, p]))
    return scorer


def measured(error: Any) -> RegressionScorer:
    scorer = RegressionScorer()
    scorer.update(np.arange(400.0), np.arange(400.0) + error)
    return scorer


def remarks(task: str, ours: Any, **theirs: Any) -> list[str]:
    found: list[str] = TASKS.get(task)().remarks(ours, theirs)
    return found


@pytest.mark.parametrize("task", ["classify_text", "classify_series"])
def test_an_overconfident_winner_is_named(task: str) -> None:
    (note,) = remarks(
        task,
        classified(0.9, 0.9999),
        plain=classified(0.8, 0.8),
        shares=classified(0.5, 0.5),
    )
    # Of ten rows one costs -ln(0.0001) and nine -ln(0.9999).
    assert note.startswith("By log_loss plain is better for sure, 0.500")
    assert "against 0.9211 [" in note
    assert note.endswith("though the model wins by accuracy.")


def test_a_baseline_that_wins_is_contradicted_by_the_model_alone() -> None:
    (note,) = remarks(
        "classify_text", classified(0.8, 0.8), plain=classified(0.9, 0.9999)
    )
    assert note.startswith("By log_loss the model is better for sure, 0.500")
    assert note.endswith("though plain wins by accuracy.")


def test_what_agrees_or_is_not_sure_is_not_named() -> None:
    good, weak = classified(0.9, 0.9), classified(0.6, 0.6)
    assert remarks("classify_text", good, plain=weak) == []
    assert remarks("classify_text", weak, plain=good) == []
    assert remarks("classify_text", good, plain=good) == []
    assert remarks("classify_text", good) == []


def test_a_few_large_errors_are_told_beside_many_small_ones() -> None:
    rare = np.where(np.arange(400) % 20 == 0, 20.0, 0.1)
    (note,) = remarks("regress_series", measured(2.0), mean=measured(rare))
    assert note.startswith("By mae mean is better for sure, 1.0950")
    assert note.endswith("though the model wins by mse.")


def test_a_score_that_the_rows_do_not_have_contradicts_nothing() -> None:
    scorers = [RegressionScorer(), RegressionScorer()]
    for scorer, error in zip(scorers, (0.1, 0.5), strict=True):
        scorer.update(np.ones(50), np.ones(50) + error)
    task = TASKS.get("regress_series")()
    assert contradictions(task, scorers[0], {"plain": scorers[1]}, ["r2"]) == []

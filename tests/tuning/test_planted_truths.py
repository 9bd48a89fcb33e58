"""Where the right verdict is known, that verdict comes out.

The tasks are those of ``benchmarks/planted_truths.py``, most of them smaller.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The generators; cells in them can be looked up by name, too."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return import_module("planted")


@pytest.fixture
def truths(planted: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark, without further processes."""
    module = import_module("planted_truths")
    monkeypatch.setattr(module, "WORKERS", 1)
    return module


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def counted(series: np.ndarray) -> float:
    """The last output of an LSTM of one unit whose weights were set by hand.

    Input, forget and output gate stand open, the candidate is tanh(20 x): each step
    adds 1, takes 1 off, or nothing (Weiss, Goldberg & Yahav 2018, section 3).
    """
    cell = output = 0.0
    for x in series:
        gate = sigmoid(20.0)
        cell = gate * cell + gate * np.tanh(20 * x)
        output = gate * np.tanh(cell)
    return output


def test_an_lstm_of_one_unit_can_count_without_a_mistake(planted: Any) -> None:
    frame = planted.counting(400, seed=3)
    said = [counted(series) > 0 for series in frame["value"]]
    assert said == list(frame["label"] == "up")


def test_half_of_the_counts_end_close_after_a_wide_swing(planted: Any) -> None:
    frame = planted.counting(400, seed=3)
    paths = [np.sign(series).cumsum() for series in frame["value"]]
    ends = np.array([path[-1] for path in paths])
    swings = np.array([np.abs(path).max() for path in paths])
    close = (np.abs(ends) <= 2) & (swings >= 4)
    assert 0.45 < close.mean() < 0.65
    assert 0.4 < (ends > 0).mean() < 0.6
    sums = np.array([series.sum() > 0 for series in frame["value"]])
    assert (sums == (ends > 0))[close].mean() < 0.85, "the sum does not tell the count"


def test_nobody_tells_blurred_levels_better_than_as_said(planted: Any) -> None:
    frame = planted.blurred(20_000, seed=3)
    best = np.array([series.mean() > 0 for series in frame["value"]])
    assert (best == (frame["label"] == "high")).mean() == pytest.approx(0.793, abs=0.01)


def test_verdicts_on_planted_contests_are_rarely_false(
    truths: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contests = import_module("planted_contests")
    # Every third of the 42 settings; 20 of each know a share of 5% to 1.3 points.
    some = list(contests.settings())[::3]
    monkeypatch.setattr(contests, "settings", lambda: some)
    for truth in contests.NO_DIFFERENCE.values():
        share, _ = contests.overall(contests.shares(truth, 20), "better", "worse")
        assert share <= 5
    for name in ("at the margin of 4", "at a tenth of a lead of 30"):
        truth = contests.AT_MARGIN[name]
        share, _ = contests.overall(contests.shares(truth, 20), "equivalent")
        assert share <= 5
    for truth, right in ((6.0, "better"), (0.0, "equivalent")):
        planted_ = contests.Planted(truth, margin=6.0 if not truth else 1.0)
        share, _ = contests.overall(contests.shares(planted_, 20), right)
        assert share > 80


@pytest.mark.slow
def test_a_gated_cell_wins_the_adding_problem(truths: Any, tmp_path: Path) -> None:
    changes = {
        "data.validation": 0.5,
        "train.batch_size": 64,
        "tune.budget.trials": 1,
        "tune.seeds": 6,
        "tune.model.cell": {"choice": ["simple_rnn", "gru"]},
        "tune.train.learning_rate": {"choice": [0.01]},
    }
    shown = truths.adding(tmp_path, changes)
    assert shown.as_planted, shown


@pytest.mark.slow
def test_no_cell_learns_labels_drawn_by_lot(truths: Any, tmp_path: Path) -> None:
    shown = truths.noise(tmp_path)
    assert shown.as_planted, shown


@pytest.mark.slow
def test_labels_that_can_be_learned_are_not_taken_for_noise(
    truths: Any, planted: Any, tmp_path: Path
) -> None:
    shown = truths.noise(tmp_path, planted.blurred(600, seed=1))
    assert not shown.as_planted, shown


@pytest.mark.slow
def test_one_cell_under_three_names_makes_no_difference(
    truths: Any, tmp_path: Path
) -> None:
    shown = truths.names(tmp_path)
    assert shown.as_planted, shown


@pytest.mark.slow
def test_other_seeds_make_no_difference(truths: Any, tmp_path: Path) -> None:
    shown = truths.seeds(tmp_path, repetitions=8)
    assert shown.as_planted, shown


@pytest.mark.slow
def test_the_lstm_wins_by_the_margin_that_new_rows_show(
    truths: Any, tmp_path: Path
) -> None:
    changes = {"tune.budget.trials": 1}
    shown = truths.lstm(tmp_path, changes, fresh=10_000)
    assert shown.as_planted, shown

"""When an export may name another class than the run, and when it may not."""

from __future__ import annotations

from typing import Any

import pytest

from seqkit.registry import TASKS

ANSWERS: dict[str, list[Any]] = {
    "label": ["a", "a", "c"],
    "probability": [0.5, 0.4000003, 0.7],
    "p_a": [0.5, 0.4000003, 0.1],
    "p_b": [0.5, 0.4, 0.2],
    "p_c": [0.0, 0.1999997, 0.7],
}


@pytest.mark.parametrize("task", ["classify_text", "classify_series"])
@pytest.mark.parametrize(
    ("row", "tolerance", "tied"),
    [
        (0, 0.0, ["label"]),
        (1, 1e-6, ["label"]),
        (1, 1e-7, []),
        (2, 1e-6, []),
        # The two likeliest count, not the others.
        (2, 0.2, []),
    ],
)
def test_label_is_tied_where_the_two_likeliest_are_equal(
    task: str, row: int, tolerance: float, tied: list[str]
) -> None:
    assert list(TASKS.get(task)().tied_outputs(ANSWERS, row, tolerance)) == tied


def test_single_class_is_tied_with_none() -> None:
    answers: dict[str, list[Any]] = {"label": ["a"], "p_a": [1.0]}
    assert not TASKS.get("classify_text")().tied_outputs(answers, 0, 1e-5)


@pytest.mark.parametrize("task", ["regress_series", "forecast"])
def test_numbers_are_never_tied(task: str) -> None:
    answers: dict[str, list[Any]] = {"prediction": [1.0]}
    assert not TASKS.get(task)().tied_outputs(answers, 0, 1e-5)

"""Hints where another search had better look."""

from __future__ import annotations

from typing import Any

import pytest

from seqkit.recipe.search import Choice, IntRange, LinearRange, LogRange
from seqkit.tuning.hints import few_rows, hints

RATE, KEY = LogRange(log=(0.001, 0.01)), "train.learning_rate"


def told(search: Any, **values: Any) -> list[str]:
    return hints({KEY: search}, {name: {KEY: value} for name, value in values.items()})


def test_a_value_near_an_end_is_told_with_whom_it_served() -> None:
    assert told(RATE, lstm=0.0097, gru=0.004) == [
        "train.learning_rate was best near the upper end of its range 0.001 to 0.01 "
        "(LSTM 0.0097): a search beyond it may find better."
    ]
    (low,) = told(RATE, lstm=0.00101, gru=0.0011)
    assert "the lower end" in low and "(LSTM 0.00101, GRU 0.0011)" in low


@pytest.mark.parametrize(
    ("search", "value", "is_end"),
    [
        (RATE, 0.0088, False),  # 0.944 of the way on the logarithmic scale
        (RATE, 0.009, True),  # 0.954
        (LinearRange(linear=(0.0, 0.5)), 0.001, False),  # below zero there is nothing
        (LinearRange(linear=(0.0, 0.5)), 0.48, True),
        (LinearRange(linear=(-1.0, 1.0)), -0.95, True),
        (IntRange(int=(24, 96)), 96, True),
        (IntRange(int=(1, 3)), 2, False),
        (Choice(choice=(1, 2, 3)), 3, True),
        (Choice(choice=(3, 1, 2)), 3, True),
        (Choice(choice=(1, 2, 3)), 2, False),
        (Choice(choice=(0, 0.1, 0.2)), 0, False),  # below zero there is nothing
        (Choice(choice=(None, 1, 2)), 2, False),
        (Choice(choice=(False, True)), True, False),
        (Choice(choice=("mean", "max")), "max", False),
        (Choice(choice=((32,), (64,), (64, 64))), [64, 64], True),
        (Choice(choice=((32,), (64,), (64, 64))), [64], False),
        (Choice(choice=((64, 64), (32,), (64,))), [32], True),
        (Choice(choice=((64,), (32, 16))), [64], False),  # which is the larger?
        (Choice(choice=((32,), (64,))), [77], False),  # matched to other widths
        (Choice(choice=(5,)), 5, False),
    ],
)
def test_what_counts_as_an_end(search: Any, value: float, is_end: bool) -> None:
    assert bool(told(search, lstm=value)) is is_end


def test_what_is_not_searched_for_a_competitor_is_no_hint() -> None:
    assert hints({"data.lookback": IntRange(int=(1, 9))}, {"lstm": {}}) == []


def test_an_end_of_a_choice_is_told_with_its_values() -> None:
    widths = Choice(choice=((64, 64), (32,), (64,)))
    assert told(widths, gru=[64, 64], lstm=[64]) == [
        "train.learning_rate was best at the upper end of its choices [32] to "
        "[64, 64] (GRU [64, 64]): a search beyond it may find better."
    ]


def test_few_validation_rows_are_told_with_what_they_leave_open() -> None:
    best: Any = [{"rows": 24, "score_error": 0.1}, {"rows": 24, "score_error": 0.081}]
    (text,) = few_rows(best, "accuracy")
    assert text.startswith(
        "The validation part has 24 rows: the best trial's accuracy has a standard "
        "error of 0.1, so that trials"
    )
    assert few_rows([{"rows": 50, "score_error": 0.1}], "accuracy") == []  # type: ignore[typeddict-item]
    assert few_rows([{}], "accuracy") == []  # type: ignore[typeddict-item]
    (text,) = few_rows([{"rows": 3, "score_error": None}], "MASE")  # type: ignore[typeddict-item]
    assert "3 rows: too few to rank trials by" in text

"""Rows and times that training saw are found again, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from seqkit.data.forecast.seen import SeenTimes, seen_times
from seqkit.data.forecast.series import History, Series
from seqkit.data.rows.seen import among
from seqkit.frequency import Frequency

VALUES = np.random.default_rng(0).normal(size=50)
START = np.datetime64("2024-01-31", "s")
MONTHS = Frequency("ME")


def series(
    values: np.ndarray, months: int | None = 0, filled: np.ndarray | None = None
) -> Series:
    """Series ``a``, begun so many months after January 2024; None: no timestamps."""
    start = None if months is None else MONTHS.stamps(START, months + 1)[-1]
    nothing = np.zeros((len(values), 0))
    return Series("a", values, start, nothing, nothing, filled=filled)


def seen_origins(one: Series, trained: Series, end: int = 40) -> list[int]:
    """Origins of windows of three steps of which a target was seen."""
    frequency = None if one.start is None else MONTHS
    times = SeenTimes(seen_times([trained], [end]), frequency)
    windows = [History(one, origin, 0) for origin in range(len(one) - 2)]
    return np.flatnonzero(times.covers(windows, 3)).tolist()


def test_hashes_are_found_among_those_that_were_seen() -> None:
    seen = np.array([2, 5, 2**64 - 1], np.uint64)
    assert among([5, 3, 2**64 - 1, 0], seen).tolist() == [True, False, True, False]
    assert among([5], seen[:0]).tolist() == [False]
    assert among([], seen).tolist() == []


@pytest.mark.parametrize("months", [0, None])
def test_windows_with_a_target_in_the_seen_time_are_found(months: int | None) -> None:
    one = series(VALUES, months)
    assert seen_origins(one, one) == list(range(40))


def test_a_series_that_begins_elsewhere_is_moved_by_its_timestamps() -> None:
    late = series(VALUES[30:], 30)
    assert seen_origins(late, series(VALUES)) == list(range(10))
    early = series(np.concatenate([np.arange(5.0), VALUES]), 0)
    # Of a window that ends at step 5, the last target is the first that was seen.
    assert seen_origins(early, series(VALUES, 5)) == list(range(3, 45))
    beyond = series(VALUES[40:], 40)
    assert seen_origins(beyond, series(VALUES)) == []


def test_a_few_mended_values_make_no_other_series_but_many_do() -> None:
    mended, other = VALUES.copy(), VALUES.copy()
    mended[[3, 20, 33]] += 1
    other[::5] += 1
    assert seen_origins(series(mended), series(VALUES)) == list(range(40))
    assert seen_origins(series(other), series(VALUES)) == []
    assert seen_origins(series(VALUES, None), series(VALUES, 0)) == []


def test_filled_values_say_nothing_of_which_series_it_is() -> None:
    filled = np.zeros((50, 1), np.bool_)
    filled[1::2] = True
    hindsight = np.where(filled[:, 0], 7.0, VALUES)
    one = series(hindsight, filled=filled)
    assert seen_origins(one, series(VALUES, filled=filled)) == list(range(40))
    assert seen_origins(series(VALUES), one) == list(range(40))
    assert seen_origins(series(-VALUES), one) == []

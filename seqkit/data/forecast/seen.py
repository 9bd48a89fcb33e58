"""Which times of which series training and validation saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import History, Series
from seqkit.frequency import Frequency

Arrays = Mapping[str, NDArray[Any]]

SAME_SHARE = 0.9
"""Of two series of one name, so many of the values that they have at the same times are
equal if they are the same series: a few may have been mended since."""


def seen_times(series: Sequence[Series], ends: Sequence[int]) -> dict[str, Any]:
    """What is kept of series of which training and validation saw the first ``ends``.

    ``ids``, ``starts`` (NaT where there are no timestamps) and ``steps`` (series,), and
    ``marks``: 16 bits of each value, one series after another; 0 where it was missing.
    """
    starts = [one.start or np.datetime64("NaT") for one in series]
    pieces = [_marks(one.observed[:end]) for one, end in zip(series, ends, strict=True)]
    return {
        "ids": np.array([one.id for one in series], np.str_),
        "starts": np.array(starts, "datetime64[s]"),
        "steps": np.array([len(piece) for piece in pieces], np.int64),
        "marks": np.concatenate([np.zeros(0, np.uint16), *pieces]),
    }


class SeenTimes:
    """Finds the windows whose targets lie in the time that was seen.

    Args:
        seen: what ``seen_times`` gave.
        frequency: the step of the series; None where there are no timestamps.
    """

    def __init__(self, seen: Arrays, frequency: Frequency | None) -> None:
        self._numbers = {str(id): place for place, id in enumerate(seen["ids"])}
        self._starts = seen["starts"].astype("datetime64[s]")
        ends = np.cumsum(seen["steps"])
        self._marks = np.split(seen["marks"], ends[:-1]) if len(ends) else []
        self._frequency = frequency

    def covers(self, histories: Sequence[History], horizon: int) -> NDArray[np.bool_]:
        """Of which windows (windows,) a target is a value that was seen."""
        spans: dict[str, tuple[int, int]] = {}
        overlaps = np.zeros(len(histories), np.bool_)
        for place, one in enumerate(histories):
            if one.id not in spans:
                spans[one.id] = self._span(one.series)
            begin, end = spans[one.id]
            overlaps[place] = begin < one.origin + horizon and one.origin < end
        return overlaps

    def _span(self, series: Series) -> tuple[int, int]:
        """The steps of ``series`` that were seen: the first, and one after the last."""
        number = self._numbers.get(series.id)
        if number is None:
            return 0, 0
        marks, first = self._marks[number], self._shift(series, self._starts[number])
        if first is None:
            return 0, 0
        begin, end = max(first, 0), min(first + len(marks), len(series))
        if begin >= end:
            return 0, 0
        ours, theirs = _marks(series.observed[begin:end]), marks[begin - first :]
        equal = (ours == theirs[: len(ours)])[(ours > 0) & (theirs[: len(ours)] > 0)]
        return (begin, end) if len(equal) and equal.mean() >= SAME_SHARE else (0, 0)

    def _shift(self, series: Series, start: np.datetime64) -> int | None:
        """At which step of ``series`` the seen one begins; None: they cannot meet."""
        if np.isnat(start) or series.start is None or self._frequency is None:
            return 0 if np.isnat(start) and series.start is None else None
        both = np.array([series.start, start], "datetime64[s]")
        ours, theirs = self._frequency.ordinal(both)
        return int(theirs - ours)


def _marks(values: NDArray[np.float64]) -> NDArray[np.uint16]:
    """16 bits of each value (steps,): equal values have equal ones, 0 is for NaN."""
    # Adding 0 makes one of the two zeros.
    bits = np.ascontiguousarray(values + 0.0, np.float64).view(np.uint64)
    mixed = (bits ^ (bits >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    marks = np.maximum(mixed >> np.uint64(48), np.uint64(1)).astype(np.uint16)
    return np.where(np.isnan(values), np.uint16(0), marks)

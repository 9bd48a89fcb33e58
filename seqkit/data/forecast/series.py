"""Series of numbers as they are known at one time, and at a forecast's origin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.frequency import Frequency

if TYPE_CHECKING:
    from seqkit.data.rows.column_choice import ColumnChoice

Static = str | float
"""What a static covariate may be."""


@dataclass(frozen=True)
class Series:
    """One series in its own units, its steps one frequency apart, without gaps.

    ``values`` (steps,) are float64. ``past`` (steps, past covariates) and ``future``
    (steps or more, future covariates) hold a row a step; rows of ``future`` beyond the
    last value are what is known of the time to come.

    Where steps were missing they are filled in hindsight, from what came before and
    after. ``seen`` gives what was known at an origin.
    """

    id: str
    values: NDArray[np.float64]
    start: np.datetime64 | None
    """The timestamp of the first value, to the second; None where there are none."""
    past: NDArray[np.float64]
    future: NDArray[np.float64]
    static: tuple[Static, ...] = ()
    filled: NDArray[np.bool_] | None = None
    """(steps, 1 + past covariates): where the value, and each past covariate, was
    missing and is filled; None: nowhere. The first step is whole."""
    numbers: tuple[int, int] = (0, 1)
    """The number of the first step, and how far numbers are apart, where steps are
    counted and have no timestamps."""

    def __len__(self) -> int:
        return len(self.values)

    def step_numbers(self, begin: int, end: int) -> NDArray[np.int64]:
        """The numbers of steps from ``begin`` up to ``end``, where they are counted."""
        first, width = self.numbers
        return first + width * np.arange(begin, end)

    @property
    def real(self) -> NDArray[np.bool_] | None:
        """Which values were given (steps,), the others being filled; None: all."""
        return None if self.filled is None else np.asarray(~self.filled[:, 0])

    @cached_property
    def observed(self) -> NDArray[np.float64]:
        """The values (steps,), NaN where they are filled."""
        if self.real is None:
            return self.values
        return np.where(self.real, self.values, np.nan)

    @property
    def observed_past(self) -> NDArray[np.float64]:
        """The past covariates (steps, columns), NaN where they are filled."""
        if self.filled is None:
            return self.past
        return np.where(self.filled[:, 1:], np.nan, self.past)

    @cached_property
    def last_given(self) -> NDArray[np.int64] | None:
        """The last step up to each at which a number was given, as ``filled`` lies."""
        return None if self.filled is None else last_given(self.filled)

    def seen(self, origin: int, begin: int = 0) -> NDArray[np.float64]:
        """The values (origin - begin,) from ``begin`` on, as known at ``origin``.

        A gap that is still open there is carried forward from the last value given.
        """
        return self._seen(self.values, 0, origin, begin)

    def seen_past(self, origin: int, begin: int = 0) -> NDArray[np.float64]:
        """As ``seen``, the past covariates (origin - begin, columns)."""
        columns = [
            self._seen(self.past[:, column], 1 + column, origin, begin)
            for column in range(self.past.shape[1])
        ]
        return np.stack(columns, axis=1) if columns else self.past[begin:origin]

    def _seen(
        self, numbers: NDArray[np.float64], column: int, origin: int, begin: int
    ) -> NDArray[np.float64]:
        if self.last_given is None or not origin:
            return numbers[begin:origin]
        last = int(self.last_given[origin - 1, column])
        if last == origin - 1:
            return numbers[begin:origin]
        places = np.minimum(np.arange(begin, origin), last)
        return np.asarray(numbers[places])


def last_given(filled: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The last step up to each that is not filled (steps, columns); the first is."""
    steps = np.arange(len(filled))[:, np.newaxis]
    return np.maximum.accumulate(np.where(filled, 0, steps), axis=0)


@dataclass(frozen=True)
class SeriesSet:
    """All series of a source, with one frequency."""

    name: str
    """What messages call the source."""
    series: tuple[Series, ...]
    frequency: Frequency | None
    """None where there are no timestamps."""
    choice: ColumnChoice | None = None
    """Which columns the values come from; None: that was never asked."""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(series.id for series in self.series)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when a value, a covariate, a timestamp or a name does."""
        digest = hashlib.sha256(repr(self.frequency).encode())
        for one in self.series:
            digest.update(repr((one.id, str(one.start), one.static)).encode())
            for array in (one.values, one.past, one.future):
                digest.update(repr(array.shape).encode() + array.tobytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class History:
    """What is known at a forecast's origin: the first ``origin`` values of a series."""

    series: Series
    origin: int
    train_end: int
    """So many first values are the series' training time."""
    season: int = 1
    """Steps after which the series is thought to repeat; 1: none."""
    scored_from: int | None = None
    """So many first values come before the part that is scored; None: those of training
    time. MASE's scale is theirs."""

    @property
    def id(self) -> str:
        return self.series.id

    @property
    def values(self) -> NDArray[np.float64]:
        """All values up to the origin (origin,), as they were known there."""
        return self.series.seen(self.origin)

    @property
    def observed(self) -> NDArray[np.float64]:
        """The same, NaN where a value was missing."""
        return self.series.observed[: self.origin]

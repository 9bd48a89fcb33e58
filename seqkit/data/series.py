"""Series of numbers as they are known at one time, and at a forecast's origin."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seqkit.frequency import Frequency

Static = str | float
"""What a static covariate may be."""


@dataclass(frozen=True)
class Series:
    """One series in its own units, its steps one frequency apart, without gaps.

    ``values`` (steps,) are float64. ``past`` (steps, past covariates) and ``future``
    (steps or more, future covariates) hold a row a step; rows of ``future`` beyond the
    last value are what is known of the time to come.
    """

    id: str
    values: NDArray[np.float64]
    start: np.datetime64 | None
    """The timestamp of the first value, to the second; None where there are none."""
    past: NDArray[np.float64]
    future: NDArray[np.float64]
    static: tuple[Static, ...] = ()

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class SeriesSet:
    """All series of a source, with one frequency."""

    name: str
    """What messages call the source."""
    series: tuple[Series, ...]
    frequency: Frequency | None
    """None where there are no timestamps."""

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

    @property
    def id(self) -> str:
        return self.series.id

    @property
    def values(self) -> NDArray[np.float64]:
        """All values up to the origin (origin,)."""
        return self.series.values[: self.origin]

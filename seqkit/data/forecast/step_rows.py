"""Rows of steps of several series, on their way to becoming series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.timestamps import shown_stamp
from seqkit.frequency import Stamps


@dataclass(frozen=True)
class Steps:
    """Rows of several series, one a step and series."""

    source: str
    """Its name, for messages."""
    ids: tuple[str, ...]
    codes: NDArray[np.int64]
    """(rows,) positions in ``ids``."""
    rows: NDArray[np.int64]
    """(rows,) where each stands in the source, from 1."""
    stamps: Stamps | None
    """(rows,) timestamps; None: the rows are in order, one step apart."""
    numbers: NDArray[np.float64]
    """(rows, 1 + covariates) the value, then past and future covariates."""
    counted: bool = False
    """Whether ``stamps`` are no times but numbers of steps, as if they were seconds."""

    def pick(self, places: NDArray[Any]) -> Steps:
        """The rows at ``places``."""
        stamps = None if self.stamps is None else self.stamps[places]
        return replace(
            self,
            codes=self.codes[places],
            rows=self.rows[places],
            stamps=stamps,
            numbers=self.numbers[places],
        )

    def by_series(self) -> Steps:
        """Series after series, the rows of each in the order they have."""
        if (np.diff(self.codes) >= 0).all():
            return self
        return self.pick(np.argsort(self.codes, kind="stable"))

    @property
    def bounds(self) -> NDArray[np.int64]:
        """(series + 1,) where each series begins, and the end of the last."""
        return np.searchsorted(self.codes, np.arange(len(self.ids) + 1))

    def place(self, row: int) -> str:
        """``2020-01-31 in series 'a'``"""
        series = f"series {self.ids[self.codes[row]]!r}"
        if self.stamps is None:
            return series
        return f"{self.stamp(row)} in {series}"

    def stamp(self, row: int) -> str:
        """``2020-01-31``, or ``step 5``"""
        assert self.stamps is not None
        if self.counted:
            return f"step {self.stamps[row].astype(np.int64)}"
        return shown_stamp(self.stamps[row])

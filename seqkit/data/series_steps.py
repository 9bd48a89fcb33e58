"""Rows of steps made into series: in order, each stamp once, on one grid, no gaps."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.frequency_finding import NAMED_DAYS, find_frequency
from seqkit.data.series import Series, SeriesSet, Static
from seqkit.data.series_gaps import MOST_STEPS, Gaps, fill_series
from seqkit.data.series_spec import ForecastData
from seqkit.data.time_zones import jump_hint
from seqkit.data.timestamps import shown_stamp
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency, Stamps


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

    def told(self, row: int) -> str:
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


def make_series(
    steps: Steps, static: list[tuple[Static, ...]], spec: ForecastData
) -> SeriesSet:
    """Make series of rows that come series after series, mended as ``spec`` allows.

    Args:
        steps: the rows.
        static: a tuple a series.
        spec: says what is mended; ``past`` and ``future`` name the covariates.

    Raises:
        DataError: something is wrong that ``spec`` does not say to mend.
    """
    frequency = None
    if steps.stamps is not None:
        steps = _in_order(steps, spec)
        steps = _each_stamp_once(steps, spec)
        if steps.counted:
            steps = each_step_once(steps)
        else:
            frequency = _frequency_of(steps, spec)
            _check_grid(steps, frequency, spec)
    gaps = Gaps(steps.source, len(steps.ids), spec, frequency)
    made = []
    for code, (begin, end) in enumerate(
        zip(steps.bounds[:-1], steps.bounds[1:], strict=True)
    ):
        stamps = None if steps.stamps is None else steps.stamps[begin:end]
        numbers = steps.numbers[begin:end]
        one = fill_series(steps.ids[code], stamps, numbers, static[code], gaps)
        if one is not None:
            made.append(one)
    gaps.tell()
    made = _changing(made, steps.source, spec)
    return SeriesSet(steps.source, tuple(made), frequency)


def _warn(text: str) -> None:
    warnings.warn(text, DataWarning, stacklevel=2)


def _in_order(steps: Steps, spec: ForecastData) -> Steps:
    assert steps.stamps is not None
    same = np.diff(steps.codes) == 0
    back = np.flatnonzero(same & (np.diff(steps.stamps).astype(np.int64) < 0)) + 1
    if not len(back):
        return steps
    text = (
        f"{steps.source} holds {len(back):,} timestamps that go back, first "
        f"{steps.told(back[0])} (row {steps.rows[back[0]]:,}) after "
        f"{steps.stamp(back[0] - 1)}"
    )
    if spec.unsorted == "error":
        hint = jump_hint(steps.stamps[back], _usual_step(steps), spec.timezone)
        raise DataError(
            f"{text}. Sort the rows, or set data.unsorted to sort.{hint}{_no_id(spec)}"
        )
    _warn(f"{text}; the rows were sorted (data.unsorted: sort).")
    return steps.pick(np.lexsort((steps.stamps, steps.codes)))


def _usual_step(steps: Steps) -> int:
    """Seconds between most stamps of the first series; 0 where there are none."""
    assert steps.stamps is not None
    if steps.counted:
        return 0
    found = find_frequency(steps.stamps[: steps.bounds[1]])
    return found.seconds if found else 0


def _no_id(spec: ForecastData) -> str:
    if spec.layout != "long" or spec.id:
        return ""
    return " If there are several series, name the column that tells them in data.id."


def _each_stamp_once(steps: Steps, spec: ForecastData) -> Steps:
    assert steps.stamps is not None
    again = np.zeros(len(steps.codes), bool)
    again[1:] = (np.diff(steps.codes) == 0) & (np.diff(steps.stamps).astype(int) == 0)
    if not again.any():
        return steps
    twice = np.flatnonzero(again)
    text = (
        f"{steps.source} holds {len(twice):,} rows whose series has their timestamp "
        f"already, first {steps.told(twice[0])} (row {steps.rows[twice[0]]:,})"
    )
    if spec.duplicates == "error":
        hint = jump_hint(steps.stamps[twice], _usual_step(steps), spec.timezone)
        raise DataError(
            f"{text}. Remove them, or set data.duplicates to first, last, mean or "
            f"sum.{hint}{_no_id(spec)}"
        )
    _warn(f"{text}; one row was made of each (data.duplicates: {spec.duplicates}).")
    if spec.duplicates == "last":
        return steps.pick(np.append(~again[1:], True))
    if spec.duplicates == "first":
        return steps.pick(~again)
    return _averaged(steps, np.flatnonzero(~again), spec.duplicates == "sum")


def _averaged(steps: Steps, begins: NDArray[np.intp], add: bool) -> Steps:
    """Each run of rows, from one begin to the next, as one: means of what is known."""
    known = ~np.isnan(steps.numbers)
    count = np.add.reduceat(known.astype(float), begins)
    total = np.add.reduceat(np.where(known, steps.numbers, 0), begins)
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    if add:
        mean[:, 0] = np.where(count[:, 0] > 0, total[:, 0], np.nan)
    return replace(steps.pick(begins), numbers=mean)


def each_step_once(steps: Steps) -> Steps:
    """Counted steps as rows in order: a step that lacks becomes a row without values.

    Raises:
        DataError: the numbers are not whole steps apart, or too far.
    """
    assert steps.stamps is not None
    numbers = steps.stamps.astype(np.int64)
    same = np.diff(steps.codes) == 0
    apart = np.diff(numbers)
    values, counts = np.unique(apart[same], return_counts=True)
    step = int(values[counts.argmax()]) if len(values) else 1
    wrong = np.flatnonzero(same & (apart % step != 0)) + 1
    lacking = np.where(same, apart // step - 1, 0)
    if len(wrong) or lacking.sum() > MOST_STEPS:
        row = int(wrong[0]) if len(wrong) else int(lacking.argmax()) + 1
        raise DataError(
            f"{steps.source} counts steps that are mostly {step} apart, but has "
            f"{steps.told(row)} (row {steps.rows[row]:,}) after "
            f"{steps.stamp(row - 1)}. Mend it, or set data.timestamp to null if the "
            "rows are one step apart."
        )
    places = np.arange(len(numbers)) + np.append(0, np.cumsum(lacking))
    before = np.repeat(np.arange(len(numbers)), np.append(lacking, 0) + 1)
    spread = replace(steps.pick(before), stamps=None, counted=False)
    empty = np.full_like(spread.numbers, np.nan)
    empty[places] = steps.numbers
    return replace(spread, numbers=empty)


def _frequency_of(steps: Steps, spec: ForecastData) -> Frequency:
    """The recipe's frequency, or the one that all series have."""
    assert steps.stamps is not None
    if spec.frequency:
        return Frequency.of(spec.frequency)
    bounds = steps.bounds.tolist()
    found: dict[Frequency, list[int]] = {}
    for code in range(len(steps.ids)):
        its = find_frequency(steps.stamps[bounds[code] : bounds[code + 1]])
        if its:
            found.setdefault(its, []).append(code)
    if not found:
        raise DataError(
            f"{steps.source} holds no series with two timestamps, from which to tell "
            "the frequency. Set data.frequency, e.g. to D."
        )
    if set(found) == {Frequency("B"), Frequency("D")}:
        # A week of days alone does not tell that weekends are left out.
        if np.is_busday(steps.stamps.astype("datetime64[D]")).all():
            return Frequency("B")
    for one in found:
        # Of a month's end, few stamps do not tell whether it is a business day.
        if one.unit in NAMED_DAYS and (one.offset(steps.stamps) >= 0).all():
            return one
    usual = max(found, key=lambda frequency: len(found[frequency]))
    if len(found) > 1:
        other = next(frequency for frequency in found if frequency != usual)
        one, two = (steps.ids[found[frequency][0]] for frequency in (usual, other))
        raise DataError(
            f"{steps.source} mixes frequencies: series {one!r} has steps of "
            f"{usual.alias}, series {two!r} of {other.alias}. Forecast them apart, or "
            "set data.frequency if it is the same and the rest are gaps."
        )
    return usual


def _check_grid(steps: Steps, frequency: Frequency, spec: ForecastData) -> None:
    """See that each series' stamps lie whole steps apart, where the alias says."""
    assert steps.stamps is not None
    offsets = frequency.offset(steps.stamps)
    wrong = offsets < 0
    bounds = steps.bounds.tolist()
    for begin, end in zip(bounds[:-1], bounds[1:], strict=True):
        one = offsets[begin:end]
        if len(one) and (one != one[0]).any():
            values, counts = np.unique(one[one >= 0], return_counts=True)
            wrong[begin:end] |= one != (values[counts.argmax()] if len(values) else -1)
    if wrong.any():
        first = int(wrong.argmax())
        day = steps.stamps[first].astype("datetime64[D]").item()
        mend = (
            "Give steps of that frequency, or fit with data.frequency null to have it "
            "found"
            if spec.frequency
            else "Mend it, or set data.frequency if it is another"
        )
        if spec.timezone:
            mend += ", or data.timezone to null if clocks were not put on"
        raise DataError(
            f"{steps.source} holds {wrong.sum():,} timestamps that do not lie on the "
            f"grid of its frequency, {frequency.alias}: first {steps.told(first)}, a "
            f"{day:%A} (row {steps.rows[first]:,}). {mend}."
        )


def _changing(made: list[Series], source: str, spec: ForecastData) -> list[Series]:
    """The series without those that never change, if these are not wanted."""
    if not made:
        raise DataError(f"{source} holds no series with values. Give at least one.")
    constant = [
        one.id for one in made if len(one) > 1 and one.values.min() == one.values.max()
    ]
    if not constant or spec.constant == "keep":
        return made
    text = f"{source} holds {len(constant):,} of {len(made):,} series that never change"
    text += f", first {constant[0]!r}"
    if spec.constant == "error" or len(constant) == len(made):
        raise DataError(
            f"{text}. Leave them out, or set data.constant to "
            f"{'keep' if spec.constant == 'drop' else 'drop or keep'}."
        )
    _warn(f"{text}; they were left out (data.constant: drop).")
    out = set(constant)
    return [one for one in made if one.id not in out]

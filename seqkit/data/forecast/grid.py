"""The grid that rows of steps lie on: their frequency, or a count of steps."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from seqkit.data.forecast.frequency_finding import (
    NAMED_DAYS,
    before_holidays,
    find_frequency,
)
from seqkit.data.forecast.gaps import MOST_STEPS
from seqkit.data.forecast.series import Series
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.forecast.step_rows import Steps
from seqkit.data.forecast.uneven_steps import off_grid_mend
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency


class Counted(NamedTuple):
    """Rows of counted steps, in order and whole."""

    steps: Steps
    firsts: list[int]
    """The number of each series' first step."""
    width: int
    """From one number to the next."""

    def numbered(self, series: Series, code: int) -> Series:
        """A series made of these steps, with the numbers that its own have."""
        begin, end = self.steps.bounds[code : code + 2]
        values = self.steps.numbers[begin:end, 0]
        cut = int(np.flatnonzero(~np.isnan(values))[-1]) + 1 - len(series)
        first = self.firsts[code] + cut * self.width
        return replace(series, numbers=(first, self.width))


def each_step_once(steps: Steps) -> Counted:
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
    missing = np.where(same, apart // step - 1, 0)
    if len(wrong) or missing.sum() > MOST_STEPS:
        row = int(wrong[0]) if len(wrong) else int(missing.argmax()) + 1
        raise DataError(
            f"{steps.source} counts steps that are mostly {step} apart, but has "
            f"{steps.place(row)} (row {steps.rows[row]:,}) after "
            f"{steps.stamp(row - 1)}. Mend it, or set data.timestamp to null if the "
            "rows are one step apart."
        )
    places = np.arange(len(numbers)) + np.append(0, np.cumsum(missing))
    before = np.repeat(np.arange(len(numbers)), np.append(missing, 0) + 1)
    spread = replace(steps.pick(before), stamps=None, counted=False)
    empty = np.full_like(spread.numbers, np.nan)
    empty[places] = steps.numbers
    firsts = numbers[steps.bounds[:-1]].tolist()
    return Counted(replace(spread, numbers=empty), firsts, step)


def frequency_of(steps: Steps, spec: ForecastData) -> Frequency:
    """The recipe's frequency, or the one that all series have."""
    assert steps.stamps is not None
    if spec.frequency:
        return Frequency.of(spec.frequency)
    bounds = steps.bounds.tolist()
    codes_of: dict[Frequency, list[int]] = {}
    for code in range(len(steps.ids)):
        frequency = find_frequency(steps.stamps[bounds[code] : bounds[code + 1]])
        if frequency:
            codes_of.setdefault(frequency, []).append(code)
    if not codes_of:
        raise DataError(
            f"{steps.source} holds no series with two timestamps, from which to tell "
            "the frequency. Set data.frequency, e.g. to D."
        )
    if set(codes_of) == {Frequency("B"), Frequency("D")}:
        # A week of days alone does not tell that weekends are left out.
        if np.is_busday(steps.stamps.astype("datetime64[D]")).all():
            return Frequency("B")
    for month in codes_of:
        # Of a month's end, few stamps do not tell whether it is a business day.
        rest = (f for f in codes_of if f.months != month.months)
        few = all(np.diff(steps.bounds)[codes_of[f]].max() < 3 for f in rest)
        if few and month.unit in NAMED_DAYS:
            if (month.offset(steps.stamps) >= 0).all():
                return month
    usual = max(codes_of, key=lambda frequency: len(codes_of[frequency]))
    if len(codes_of) > 1:
        other = next(frequency for frequency in codes_of if frequency != usual)
        one, two = (steps.ids[codes_of[frequency][0]] for frequency in (usual, other))
        raise DataError(
            f"{steps.source} mixes frequencies: series {one!r} has steps of "
            f"{usual.alias}, series {two!r} of {other.alias}. Forecast them apart, or "
            "set data.frequency if it is the same and the rest are gaps."
        )
    return usual


def without_holidays(steps: Steps, frequency: Frequency) -> Steps:
    """Stamps that a holiday moved off a month's first or last business day put back."""
    assert steps.stamps is not None
    moved = np.zeros(len(steps.codes), bool)
    for begin, end in zip(steps.bounds[:-1], steps.bounds[1:], strict=True):
        moved[begin:end] = before_holidays(steps.stamps[begin:end], frequency)
    if not moved.any():
        return steps
    which = "last" if frequency.unit == "BME" else "first"
    warnings.warn(
        f"{steps.source} holds {moved.sum():,} timestamps, first "
        f"{steps.place(int(moved.argmax()))}, that are not on the {which} business "
        "day of their month; they are read as if they were (a holiday).",
        DataWarning,
        stacklevel=2,
    )
    business_days = frequency.named(steps.stamps).astype("datetime64[s]")
    within = steps.stamps - steps.stamps.astype("datetime64[D]")
    return replace(steps, stamps=np.where(moved, business_days + within, steps.stamps))


def check_grid(steps: Steps, frequency: Frequency, spec: ForecastData) -> None:
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
        mend = off_grid_mend(steps.stamps, wrong, frequency, spec)
        if spec.timezone:
            mend += " Or set data.timezone to null if clocks were not put on."
        raise DataError(
            f"{steps.source} holds {wrong.sum():,} timestamps that do not lie on the "
            f"grid of its frequency, {frequency.alias}: first {steps.place(first)}, a "
            f"{day:%A} (row {steps.rows[first]:,}). {mend}"
        )

"""Rows of steps made into series: in order, each stamp once, on one grid, no gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.frequency_finding import find_frequency
from seqkit.data.forecast.gaps import Gaps, fill_series, note
from seqkit.data.forecast.grid import (
    check_grid,
    each_step_once,
    frequency_of,
    without_holidays,
)
from seqkit.data.forecast.series import Series, SeriesSet, Static
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.forecast.step_rows import Steps
from seqkit.data.forecast.time_zones import jump_hint
from seqkit.errors import DataError


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
    frequency = counted = None
    if steps.stamps is not None:
        steps = _in_order(steps, spec)
        steps = _each_stamp_once(steps, spec)
        if steps.counted:
            counted = each_step_once(steps)
            steps = counted.steps
        else:
            frequency = frequency_of(steps, spec)
            steps = without_holidays(steps, frequency)
            check_grid(steps, frequency, spec)
    gaps = Gaps(steps.source, len(steps.ids), spec, frequency)
    made = []
    for code, (begin, end) in enumerate(
        zip(steps.bounds[:-1], steps.bounds[1:], strict=True)
    ):
        stamps = None if steps.stamps is None else steps.stamps[begin:end]
        numbers = steps.numbers[begin:end]
        one = fill_series(steps.ids[code], stamps, numbers, static[code], gaps)
        if one is not None:
            made.append(counted.numbered(one, code) if counted else one)
    gaps.tell()
    made = _changing(made, steps.source, spec)
    return SeriesSet(steps.source, tuple(made), frequency)


def _in_order(steps: Steps, spec: ForecastData) -> Steps:
    assert steps.stamps is not None
    same = np.diff(steps.codes) == 0
    back = np.flatnonzero(same & (np.diff(steps.stamps).astype(np.int64) < 0)) + 1
    if not len(back):
        return steps
    text = (
        f"{steps.source} holds {len(back):,} timestamps that go back, first "
        f"{steps.place(back[0])} (row {steps.rows[back[0]]:,}) after "
        f"{steps.stamp(back[0] - 1)}"
    )
    if spec.unsorted == "error":
        hint = jump_hint(steps.stamps[back], _usual_step(steps), spec.timezone)
        raise DataError(
            f"{text}. Sort the rows, or set data.unsorted to sort.{hint}{_no_id(spec)}"
        )
    note(f"{text}; the rows were sorted (data.unsorted: sort).")
    return steps.pick(np.lexsort((steps.stamps, steps.codes)))


def _usual_step(steps: Steps) -> int:
    """Seconds between most stamps of the first series; 0 where there are none."""
    assert steps.stamps is not None
    if steps.counted:
        return 0
    frequency = find_frequency(steps.stamps[: steps.bounds[1]])
    return frequency.seconds if frequency else 0


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
        f"already, first {steps.place(twice[0])} (row {steps.rows[twice[0]]:,})"
    )
    if spec.duplicates == "error":
        hint = jump_hint(steps.stamps[twice], _usual_step(steps), spec.timezone)
        raise DataError(
            f"{text}. Remove them, or set data.duplicates to first, last, mean or "
            f"sum.{hint}{_no_id(spec)}"
        )
    note(f"{text}; one row was made of each (data.duplicates: {spec.duplicates}).")
    if spec.duplicates == "last":
        return steps.pick(np.append(~again[1:], True))
    if spec.duplicates == "first":
        return steps.pick(~again)
    return _averaged(steps, np.flatnonzero(~again), spec.duplicates == "sum")


def _averaged(steps: Steps, begins: NDArray[np.intp], add: bool) -> Steps:
    """Each run of rows, from one begin to the next, as one: means of what is known."""
    present = ~np.isnan(steps.numbers)
    count = np.add.reduceat(present.astype(float), begins)
    total = np.add.reduceat(np.where(present, steps.numbers, 0), begins)
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    if add:
        mean[:, 0] = np.where(count[:, 0] > 0, total[:, 0], np.nan)
    return replace(steps.pick(begins), numbers=mean)


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
    note(f"{text}; they were left out (data.constant: drop).")
    out = set(constant)
    return [one for one in made if one.id not in out]

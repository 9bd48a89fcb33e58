"""The frequency of timestamps, found from the steps between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.frequency import (
    DAY,
    FIRST_MONDAY,
    WEEK,
    Frequency,
    Stamps,
    alias_of,
    fixed_alias,
)

_SURE = 0.8
"""So many stamps must be where the rarer kinds of months have them."""

NAMED_DAYS = ("BMS", "BME", "M", "SMS", "SME")
"""Units that name days of the month of their own."""

_QUARTER_OR_YEAR = {3: "Q", 12: "Y"}


def find_frequency(stamps: Stamps) -> Frequency | None:
    """The most common step between timestamps, whatever order these have.

    Of steps equally common it is the shortest. Days that jump over every weekend are
    business days. Steps of 28 days or more are months where most stamps have the same
    day in the month, its last day, or nearly all its first or last business day, or day
    29 or 30 (or the last of a month that is shorter). Steps of two days or more are
    half months where nearly all stamps have one of two days in the month, the first of
    which is the 1st or the second its last. None where there are fewer than two stamps.
    """
    stamps = np.unique(stamps.astype("datetime64[s]"))
    if len(stamps) < 2:
        return None
    jumps = np.diff(stamps).astype(np.int64)
    step = _mode(jumps)
    if step == DAY and _jumps_weekends(stamps):
        return Frequency("B")
    alike = bool((jumps == jumps[0]).all())
    calendar = None
    if step >= 28 * DAY:
        calendar = _find_months(stamps, alike)
    elif step >= 2 * DAY and not alike:
        calendar = _find_halves(stamps)
    if calendar or step % WEEK:
        return calendar or Frequency(fixed_alias(step))
    weekday = _mode((stamps - FIRST_MONDAY).astype(np.int64) // DAY % 7)
    return Frequency(alias_of(step // WEEK, "W", weekday))


def _jumps_weekends(stamps: Stamps) -> bool:
    days = stamps.astype("datetime64[D]")
    return bool(np.is_busday(days).all() and (np.diff(days).astype(int) > 2).any())


def _find_months(stamps: Stamps, alike: bool) -> Frequency | None:
    """Months by the day that most stamps have; ``alike``: all steps are as long."""
    usual = _mode(_days_in_month(stamps)[0])
    days = [("ME", 0)] if usual > 28 else [("ME", 0), ("MS", usual)]
    found = [(unit, _on_day(stamps, unit, day)) for unit, day in days]
    if not alike:
        rarer = [("BME", 0), ("BMS", 0), ("M", 30), ("M", 29)]
        masks = [(u, day, _on_day(stamps, u, day)) for u, day in rarer]
        found += [
            (f"{unit}-{day}" if day else unit, mask)
            for unit, day, mask in masks
            if mask.mean() >= _SURE
        ]
    unit, mask = max(found, key=lambda pair: float(pair[1].mean()))
    if mask.mean() <= 0.5:
        return None
    numbers = stamps[mask].astype("datetime64[M]").astype(np.int64)
    step = _mode(np.diff(numbers)) if len(numbers) > 1 else 1
    if unit not in ("MS", "ME"):
        return Frequency.of(f"{step}{unit}")
    unit = _QUARTER_OR_YEAR.get(step, "M") + unit[1]
    if unit[0] == "M":
        return Frequency(alias_of(step, unit))
    # pandas names quarters by a month of the year's first three, or its last.
    anchor = _mode(numbers % 12) if step == 12 else _mode(numbers % 3)
    if unit == "QE":
        anchor += 9
    return Frequency(alias_of(1, unit, anchor))


def _on_day(stamps: Stamps, unit: str, day: int) -> NDArray[np.bool_]:
    """Which stamps have the day of the month that a unit names; of MS it is ``day``."""
    if unit == "MS":
        return _days_in_month(stamps)[0] == day
    frequency = Frequency(f"{unit}-{day}" if day else unit)
    return frequency.offset(stamps) >= 0


def _find_halves(stamps: Stamps) -> Frequency | None:
    day, left = _days_in_month(stamps)
    for unit, one in (("SMS", day == 1), ("SME", left == 0)):
        if not 0 < one.sum() < len(stamps):
            continue
        other = _mode(day[~one])
        both = one | (day == other)
        share = float(one.mean())
        if other < 28 and both.mean() >= _SURE and 0.25 <= share <= 0.75:
            return Frequency(f"{unit}-{other}")
    return None


def before_holidays(stamps: Stamps, frequency: Frequency) -> NDArray[np.bool_]:
    """Which stamps of ``BME`` or ``BMS`` a holiday moved by 1 to 4 days in a month.

    Args:
        stamps: (rows,) of one series, rising.
        frequency: any.
    """
    if frequency.unit not in ("BMS", "BME") or not len(stamps):
        return np.zeros(len(stamps), bool)
    business_days = frequency.named(stamps)
    off = (stamps.astype("datetime64[D]") - business_days).astype(np.int64)
    off = off if frequency.unit == "BMS" else -off
    months = stamps.astype("datetime64[M]")
    _, place, count = np.unique(months, return_inverse=True, return_counts=True)
    weekday = np.is_busday(stamps.astype("datetime64[D]"))
    return (off >= 1) & (off <= 4) & weekday & (count[place] == 1)


def _days_in_month(stamps: Stamps) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each stamp's day in the month from 1, and the days left in it."""
    days: Any = stamps.astype("datetime64[D]")
    month: Any = stamps.astype("datetime64[M]")
    day = (days - month).astype(np.int64) + 1
    left = ((month + 1).astype("datetime64[D]") - days).astype(np.int64) - 1
    return day, left


def _mode(numbers: NDArray[np.int64]) -> int:
    """The most common number; the smallest of those that are equally common."""
    values, counts = np.unique(numbers, return_counts=True)
    return int(values[counts.argmax()])

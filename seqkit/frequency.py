"""The step of a time series: an hour, a business day, a month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import UnknownNameError
from seqkit.registry import did_you_mean

Stamps = NDArray[np.datetime64]
"""Timestamps, read as datetime64[s]."""

DAY, WEEK = 86_400, 604_800
_SECONDS = {"s": 1, "min": 60, "h": 3600, "D": DAY, "W": WEEK}
_MONTHS = {"MS": 1, "ME": 1, "QS": 3, "QE": 3, "YS": 12, "YE": 12}
_NAMES = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "D": "day",
    "B": "business day",
    "W": "week",
    "M": "month",
    "Q": "quarter",
    "Y": "year",
}
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MONTH_NAMES = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
_ANCHORS: dict[str, tuple[str, ...]] = {
    "W": _WEEKDAYS,
    **dict.fromkeys(("QS", "QE", "YS", "YE"), _MONTH_NAMES),
}
_USUAL_ANCHORS = {"W": "SUN", "QS": "JAN", "QE": "DEC", "YS": "JAN", "YE": "DEC"}
_ALIAS = re.compile(r"(\d{0,6})(s|min|h|D|B|W|MS|ME|QS|QE|YS|YE)(?:-([A-Z]{3}))?")
KNOWN = ("s", "min", "h", "D", "B", "W-SUN", "MS", "ME", "QS-JAN", "YS-JAN", "15min")
"""Aliases for messages; others differ in their number, day or month."""

_FIRST_MONDAY = np.datetime64("1970-01-05", "s")


class _Parts(NamedTuple):
    number: int
    unit: str
    anchor: int
    """Weekday (Monday is 0) or month (January is 0) of the alias; 0 where none is."""


@lru_cache(maxsize=256)
def _parts(alias: str) -> _Parts:
    match = _ALIAS.fullmatch(alias)
    count, unit, anchor = match.groups() if match else ("0", "", None)
    number = int(count or 1)
    fits = number and (unit != "B" or number == 1)
    if not fits or (anchor and anchor not in _ANCHORS.get(unit, ())):
        raise UnknownNameError(
            f"No frequency {alias!r}. Known: {', '.join(KNOWN)}, and others with a "
            f"number, day or month of their own. {did_you_mean(alias, KNOWN)}".rstrip(),
            known=KNOWN,
        )
    names = _ANCHORS.get(unit, ("",))
    return _Parts(number, unit, names.index(anchor or _USUAL_ANCHORS.get(unit, "")))


def _alias(count: int, unit: str, anchor: int = 0) -> str:
    name = f"-{_ANCHORS[unit][anchor]}" if unit in _ANCHORS else ""
    return f"{count if count > 1 else ''}{unit}{name}"


def _fixed_alias(seconds: int) -> str:
    """``15min`` for 900: in the largest unit up to days that divides the step."""
    unit = next(u for u in ("D", "h", "min", "s") if seconds % _SECONDS[u] == 0)
    return _alias(seconds // _SECONDS[unit], unit)


@dataclass(frozen=True)
class Frequency:
    """A step from one timestamp to the next, by its pandas alias.

    Steps are fixed (``s``, ``min``, ``h``, ``D``, ``W-SUN``), of the calendar (``MS``,
    ``ME``, ``QS-JAN``, ``YS-JAN``, each from month to month) or business days (``B``,
    Monday to Friday; holidays count). A number may stand before all but ``B``:
    ``15min``. Steps of months keep the day in the month that they begin with, counted
    from its first day or, for ``ME``, ``QE`` and ``YE``, from its last.

    >>> Frequency.of("60min")
    Frequency(alias='h')

    Raises:
        UnknownNameError: pandas or seqkit knows no such alias.
    """

    alias: str

    def __post_init__(self) -> None:
        _parts(self.alias)

    @classmethod
    def of(cls, alias: str) -> Frequency:
        """The frequency that ``alias`` names, under its plainest alias.

        Raises:
            UnknownNameError: there is none.
        """
        count, unit, anchor = _parts(alias)
        if unit in ("s", "min", "h", "D"):
            return cls(_fixed_alias(count * _SECONDS[unit]))
        return cls(_alias(count, unit, anchor))

    @property
    def months(self) -> int:
        """Months of a step; 0 where steps are fixed or business days."""
        count, unit, _ = _parts(self.alias)
        return count * _MONTHS.get(unit, 0)

    @property
    def seconds(self) -> int:
        """Seconds of a step; 0 where steps are months or business days."""
        count, unit, _ = _parts(self.alias)
        return count * _SECONDS.get(unit, 0)

    @property
    def name(self) -> str:
        """For messages and pictures: ``hours``, ``months``, ``steps of 15 minutes``."""
        count, unit, _ = _parts(self.alias)
        word = _NAMES[unit[0] if unit in _MONTHS else unit]
        return f"{word}s" if count == 1 else f"steps of {count} {word}s"

    def seasons(self) -> tuple[int, ...]:
        """Usual season lengths in steps, shortest first.

        Below a minute: a minute and an hour; below a day: a day and a week; days and
        business days: a week; weeks and months: a year. Only whole numbers of at least
        two steps count; a year has 52 weeks.
        """
        _, unit, _ = _parts(self.alias)
        if unit == "B":
            return (5,)
        step = self.months or self.seconds
        spans: tuple[int, ...] = (DAY, WEEK) if step >= 60 else (60, 3600)
        if unit == "W":
            spans = (52 * WEEK,)
        elif self.months:
            spans = (12,)
        return tuple(span // step for span in spans if not span % step and span > step)

    def stamps(self, start: np.datetime64, steps: int) -> Stamps:
        """``steps`` timestamps from ``start`` on, (steps,) datetime64[s].

        ``start`` must lie on the frequency's grid; see ``offset``.
        """
        first: Any = start.astype("datetime64[s]")
        count = np.arange(steps)
        if self.seconds:
            return _seconds(first + (count * self.seconds).astype("timedelta64[s]"))
        day = first.astype("datetime64[D]")
        if not self.months:
            days: Any = np.busday_offset(day, count)
            return _seconds(days + (first - day))
        month = first.astype("datetime64[M]") + self._ends
        reached = month + (count * self.months).astype("timedelta64[M]")
        return _seconds(_seconds(reached) + (first - _seconds(month)))

    def ordinal(self, stamps: Stamps) -> NDArray[np.int64]:
        """Whole steps from 1970-01-01 to each stamp, int64 of the same shape.

        Stamps one step apart have ordinals one apart. Steps of months count from
        1970-01 and business days from 1970-01-01.
        """
        stamps = stamps.astype("datetime64[s]")
        if self.seconds:
            return stamps.astype(np.int64) // self.seconds
        if self.months:
            return _month_numbers(stamps) // self.months
        epoch = np.datetime64("1970-01-01", "D")
        count: Any = np.busday_count(epoch, stamps.astype("datetime64[D]"))
        return np.asarray(count, np.int64)

    def offset(self, stamps: Stamps) -> NDArray[np.int64]:
        """Where in its step each stamp lies, in seconds; -1: not where the alias says.

        All stamps of one regular series have the same offset. -1 is a weekend for
        ``B``, another weekday than that of ``W-SUN``, another month than those of
        ``QS-JAN``, a day after the 28th for ``MS`` or before the last for ``ME``.
        """
        stamps = stamps.astype("datetime64[s]")
        count, unit, anchor = _parts(self.alias)
        day = stamps.astype("datetime64[D]")
        if unit == "B":
            within = (stamps - day).astype(np.int64)
            return np.where(np.is_busday(day), within, -1)
        if unit == "W":
            week = (stamps - _FIRST_MONDAY).astype(np.int64) - anchor * DAY
            return np.where(week % WEEK < DAY, week % self.seconds, -1)
        if self.seconds:
            return stamps.astype(np.int64) % self.seconds
        month = stamps.astype("datetime64[M]")
        within = (stamps - (month + self._ends)).astype(np.int64) * (1 - 2 * self._ends)
        numbers = _month_numbers(stamps) - anchor
        phase = numbers % self.months
        if unit in _ANCHORS:
            within = np.where(numbers % _MONTHS[unit] == 0, within, -1)
        wrong = (within < 0) | (within > (DAY if self._ends else 28 * DAY - 1))
        return np.where(wrong, -1, within + phase * 32 * DAY)

    @property
    def _ends(self) -> int:
        """1 where days count from a month's end, else 0."""
        return int(_parts(self.alias).unit in ("ME", "QE", "YE"))


def find_frequency(stamps: Stamps) -> Frequency | None:
    """The most common step between timestamps, whatever order these have.

    Of steps equally common it is the shortest. Days that jump over every weekend are
    business days; steps of 28 days or more are months where most stamps have the same
    day in the month, or its last. None where there are fewer than two stamps.
    """
    stamps = np.unique(stamps.astype("datetime64[s]"))
    if len(stamps) < 2:
        return None
    jumps = np.diff(stamps).astype(np.int64)
    step = _mode(jumps)
    if step == DAY and _jumps_weekends(stamps):
        return Frequency("B")
    months = _find_months(stamps) if step >= 28 * DAY else None
    if months or step % WEEK:
        return months or Frequency(_fixed_alias(step))
    weekday = _mode((stamps - _FIRST_MONDAY).astype(np.int64) // DAY % 7)
    return Frequency(_alias(step // WEEK, "W", weekday))


def _jumps_weekends(stamps: Stamps) -> bool:
    days = stamps.astype("datetime64[D]")
    return bool(np.is_busday(days).all() and (np.diff(days).astype(int) > 2).any())


def _find_months(stamps: Stamps) -> Frequency | None:
    month = stamps.astype("datetime64[M]")
    day = (stamps.astype("datetime64[D]") - month).astype(np.int64)
    left = (month + 1 - stamps.astype("datetime64[D]")).astype(np.int64)
    usual = _mode(day)
    same, last = float(np.mean(day == usual)), float(np.mean(left == 1))
    if max(same if usual < 28 else 0.0, last) <= 0.5:
        return None
    end = last >= same or usual >= 28
    numbers = _month_numbers(stamps[left == 1] if end else stamps[day == usual])
    step = _mode(np.diff(numbers)) if len(numbers) > 1 else 1
    unit = {3: "Q", 12: "Y"}.get(step, "M") + ("E" if end else "S")
    if unit not in _ANCHORS:
        return Frequency(_alias(step, unit))
    # pandas names quarters by a month of the year's first three, or its last.
    anchor = _mode(numbers % 12) if step == 12 else _mode(numbers % 3)
    if unit == "QE":
        anchor += 9
    return Frequency(_alias(1, unit, anchor))


def _seconds(stamps: Any) -> Stamps:
    exact: Stamps = stamps.astype("datetime64[s]")
    return exact


def _month_numbers(stamps: Stamps) -> NDArray[np.int64]:
    """Months since 1970-01."""
    return stamps.astype("datetime64[M]").astype(np.int64)


def _mode(numbers: NDArray[np.int64]) -> int:
    """The most common number; the smallest of those that are equally common."""
    values, counts = np.unique(numbers, return_counts=True)
    return int(values[counts.argmax()])

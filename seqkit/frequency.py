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
_MONTHS |= {"BMS": 1, "BME": 1, "M": 1}
_HALVES = ("SMS", "SME")
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
    "BMS": "month",
    "BME": "month",
    "SMS": "half month",
    "SME": "half month",
}
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MONTH_NAMES = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
_ANCHORS: dict[str, tuple[str, ...]] = {
    "W": _WEEKDAYS,
    **dict.fromkeys(("QS", "QE", "YS", "YE"), _MONTH_NAMES),
    "SMS": tuple(map(str, range(2, 28))),
    "SME": tuple(map(str, range(1, 28))),
    "M": ("29", "30"),
}
_USUAL_ANCHORS = {"W": "SUN", "QS": "JAN", "QE": "DEC", "YS": "JAN", "YE": "DEC"}
_USUAL_ANCHORS |= dict.fromkeys(_HALVES, "15")
_NUMBERLESS = ("B", *_HALVES)
"""Units before which no number may stand."""
_ALIAS = re.compile(
    r"(\d{0,6})(s|min|h|D|B|W|MS|ME|QS|QE|YS|YE|BMS|BME|SMS|SME|M)"
    r"(?:-([A-Z]{3}|\d{1,2}))?"
)
KNOWN = (
    *("s", "min", "h", "D", "B", "W-SUN", "MS", "ME", "QS-JAN", "YS-JAN", "15min"),
    *("BME", "SMS-15", "M-30"),
)
"""Aliases for messages; others differ in their number, day or month."""

FIRST_MONDAY = np.datetime64("1970-01-05", "s")


class _Parts(NamedTuple):
    number: int
    unit: str
    anchor: int
    """Place of the alias' weekday, month or day among ``_ANCHORS``; 0 where none is."""


@lru_cache(maxsize=256)
def _parts(alias: str) -> _Parts:
    match = _ALIAS.fullmatch(alias)
    count, unit, anchor = match.groups() if match else ("0", "", None)
    number = int(count or 1)
    fits = number and (unit not in _NUMBERLESS or number == 1)
    anchor = anchor or _USUAL_ANCHORS.get(unit, "")
    names = _ANCHORS.get(unit, ("",))
    if not fits or anchor not in names:
        raise UnknownNameError(
            f"No frequency {alias!r}. Known: {', '.join(KNOWN)}, and others with a "
            f"number, day or month of their own. {did_you_mean(alias, KNOWN)}".rstrip(),
            known=KNOWN,
        )
    return _Parts(number, unit, names.index(anchor))


def alias_of(count: int, unit: str, anchor: int = 0) -> str:
    """A pandas alias of a number, a unit and the place of its anchor.

    >>> alias_of(2, "W", 0), alias_of(1, "D")
    ('2W-MON', 'D')
    """
    name = f"-{_ANCHORS[unit][anchor]}" if unit in _ANCHORS else ""
    return f"{count if count > 1 else ''}{unit}{name}"


def fixed_alias(seconds: int) -> str:
    """A step in the largest unit up to days that divides it.

    >>> fixed_alias(900), fixed_alias(86400)
    ('15min', 'D')
    """
    unit = next(u for u in ("D", "h", "min", "s") if seconds % _SECONDS[u] == 0)
    return alias_of(seconds // _SECONDS[unit], unit)


@dataclass(frozen=True)
class Frequency:
    """A step from one timestamp to the next, by its pandas alias.

    Steps are fixed (``s``, ``min``, ``h``, ``D``, ``W-SUN``), of the calendar (``MS``,
    ``ME``, ``QS-JAN``, ``YS-JAN``, each from month to month) or business days (``B``,
    Monday to Friday; holidays count). Months may also go by their first or last
    business day (``BMS``, ``BME``), or by a day that not all of them have (``M-29``,
    ``M-30``: the last day of a month that is shorter); half months by the 1st and
    another day (``SMS-15``), or by a day and the last (``SME-15``). A number may stand
    before all but ``B``, ``SMS`` and ``SME``: ``15min``. Steps of ``MS``, ``QS`` and
    ``YS`` keep the day in the month that they begin with, counted from its first day,
    and ``ME``, ``QE`` and ``YE`` from its last. All aliases are those of pandas but
    ``M-29`` and ``M-30``, which pandas has no alias for.

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
            return cls(fixed_alias(count * _SECONDS[unit]))
        return cls(alias_of(count, unit, anchor))

    @property
    def unit(self) -> str:
        """The alias without its number and anchor: ``min`` of ``15min``."""
        return _parts(self.alias).unit

    @property
    def day(self) -> int:
        """The day of the month in the alias (15 of ``SMS-15``); 0 where none is."""
        _, unit, anchor = _parts(self.alias)
        return int(_ANCHORS[unit][anchor]) if unit in ("M", *_HALVES) else 0

    @property
    def halves(self) -> int:
        """Half months of a step: 1 for ``SMS`` and ``SME``, 0 for others."""
        return int(self.unit in _HALVES)

    @property
    def months(self) -> int:
        """Months of a step; 0 where steps are fixed, half months or business days."""
        count, unit, _ = _parts(self.alias)
        return count * _MONTHS.get(unit, 0)

    @property
    def seconds(self) -> int:
        """Seconds of a step; 0 where steps are of the calendar or business days."""
        count, unit, _ = _parts(self.alias)
        return count * _SECONDS.get(unit, 0)

    @property
    def name(self) -> str:
        """For messages and pictures: ``hours``, ``months``, ``steps of 15 minutes``."""
        count, unit, _ = _parts(self.alias)
        word = _NAMES[unit] if unit in _NAMES else _NAMES[unit[0]]
        return f"{word}s" if count == 1 else f"steps of {count} {word}s"

    def seasons(self) -> tuple[int, ...]:
        """Usual season lengths in steps, shortest first.

        Below a minute: a minute and an hour; below a day: a day and a week; days and
        business days: a week; weeks, half months and months: a year. Only whole numbers
        of at least two steps count; a year has 52 weeks.
        """
        _, unit, _ = _parts(self.alias)
        if unit == "B":
            return (5,)
        if self.halves:
            return (24,)
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
        if self.unit == "B":
            days: Any = np.busday_offset(day, count)
            return _seconds(days + (first - day))
        begin = self._numbers(first)
        numbers = begin + count * (self.months or self.halves)
        return _seconds(_seconds(self._days(numbers)) + (first - self._days(begin)))

    def ordinal(self, stamps: Stamps) -> NDArray[np.int64]:
        """Whole steps from 1970-01-01 to each stamp, int64 of the same shape.

        Stamps one step apart have ordinals one apart. Steps of months and half months
        count from 1970-01 and business days from 1970-01-01.
        """
        stamps = stamps.astype("datetime64[s]")
        if self.seconds:
            return stamps.astype(np.int64) // self.seconds
        if self.unit == "B":
            epoch = np.datetime64("1970-01-01", "D")
            count: Any = np.busday_count(epoch, stamps.astype("datetime64[D]"))
            return np.asarray(count, np.int64)
        numbers: NDArray[np.int64] = self._numbers(stamps)
        return numbers // (self.months or self.halves)

    def offset(self, stamps: Stamps) -> NDArray[np.int64]:
        """Where in its step each stamp lies, in seconds; -1: not where the alias says.

        All stamps of one regular series have the same offset. -1 is a weekend for
        ``B``, another weekday than that of ``W-SUN``, another month than those of
        ``QS-JAN``, a day after the 28th for ``MS`` or before the last for ``ME``,
        another day than that of ``M-30``, ``BME`` or ``SMS-15``.
        """
        stamps = stamps.astype("datetime64[s]")
        _, unit, anchor = _parts(self.alias)
        day = stamps.astype("datetime64[D]")
        if unit == "B":
            within = (stamps - day).astype(np.int64)
            return np.where(np.is_busday(day), within, -1)
        if unit == "W":
            week = (stamps - FIRST_MONDAY).astype(np.int64) - anchor * DAY
            return np.where(week % WEEK < DAY, week % self.seconds, -1)
        if self.seconds:
            return stamps.astype(np.int64) % self.seconds
        numbers = self._numbers(stamps)
        within = (stamps - self._days(numbers)).astype(np.int64)
        wrong = (within < 0) | (
            within >= (28 if unit in ("MS", "QS", "YS") else 1) * DAY
        )
        if unit in ("QS", "QE", "YS", "YE"):
            numbers = numbers - anchor
            wrong |= numbers % _MONTHS[unit] != 0
        phase = numbers % (self.months or self.halves)
        return np.where(wrong, -1, within + phase * 32 * DAY)

    def named(self, stamps: Stamps) -> Any:
        """The day that the alias names in each stamp's month, datetime64[D]."""
        return self._days(self._numbers(stamps))

    def _numbers(self, stamps: Any) -> Any:
        """Months or half months since 1970-01, int64."""
        month = stamps.astype("datetime64[M]")
        if not self.halves:
            return month.astype(np.int64)
        day = (stamps.astype("datetime64[D]") - month).astype(np.int64) + 1
        # The second half begins with the day of SMS, or after that of SME.
        second = day >= self.day if self.unit == "SMS" else day > self.day
        return month.astype(np.int64) * 2 + second

    def _days(self, numbers: Any) -> Any:
        """The day that the alias names in each month or half month, datetime64[D]."""
        unit, number = self.unit, np.asarray(numbers)
        month = (number // (1 + self.halves)).astype("datetime64[M]")
        first: Any = month.astype("datetime64[D]")
        last: Any = (month + 1).astype("datetime64[D]") - 1
        if unit in ("ME", "QE", "YE"):
            return last
        if unit == "BMS":
            return np.busday_offset(first, 0, roll="forward")
        if unit == "BME":
            return np.busday_offset(last, 0, roll="backward")
        if unit == "M":
            return np.minimum(first + (self.day - 1), last)
        if unit == "SMS":
            return first + number % 2 * (self.day - 1)
        if unit == "SME":
            return np.where(number % 2 == 1, last, first + (self.day - 1))
        return first


def _seconds(stamps: Any) -> Stamps:
    exact: Stamps = stamps.astype("datetime64[s]")
    return exact

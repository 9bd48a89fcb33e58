"""Whole numbers as timestamps: years, dates written as digits, or counted steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.frequency import Stamps

if TYPE_CHECKING:
    import pandas as pd

YEARS = (1000, 2999)
"""Numbers from the first to the last may be years."""

_LATE_YEARS = (1900, 2099)
"""With hours and more a date must be of these, or it may be seconds since 1970."""

_EPOCH = 10**8
"""Larger numbers that are no dates are no counted steps, either."""

_REGULAR = 0.9
"""Counted steps: so many of them are as far apart as most are."""

_WHOLE = r"[+-]?\d{1,18}(?:\.0*)?"


def whole_numbers(values: pd.Series) -> NDArray[np.int64] | None:
    """A column of whole numbers, or of text that is such; None where one is not."""
    import pandas as pd

    kind = pd.api.types.infer_dtype(values, skipna=False)
    if kind == "string":
        codes, texts = pd.factorize(values)
        written = pd.Series(texts, dtype=object).str.strip()
        if not len(written) or not written.str.fullmatch(_WHOLE).all():
            return None
        numbers = [int(text.split(".")[0]) for text in written]
        return np.array(numbers, np.int64)[codes]
    if kind not in ("integer", "floating", "mixed-integer-float"):
        return None
    if not all(abs(value) < 1e18 and value % 1 == 0 for value in values):
        return None
    return np.array([int(value) for value in values], np.int64)


def are_years(numbers: NDArray[np.int64]) -> bool:
    """Whether all numbers may be years; counted steps from 1000 on may be, too."""
    return bool(((numbers >= YEARS[0]) & (numbers <= YEARS[1])).all())


def are_steps(numbers: NDArray[np.int64]) -> bool:
    """Whether numbers, neither years nor dates, count steps from wherever they begin.

    Not so where they are as large as seconds since 1970, or where most are years or
    dates and the rest are amiss.
    """
    if not len(numbers) or np.abs(numbers).max() >= _EPOCH or are_years(numbers):
        return False
    apart = np.diff(np.unique(numbers))
    usual = np.unique(apart, return_counts=True)[1].max() if len(apart) else 0
    if len(apart) and usual >= _REGULAR * len(apart):
        return not np.mean(~np.isnat(digit_stamps(numbers))) > 0.5
    years = (numbers >= YEARS[0]) & (numbers <= YEARS[1])
    dates = ~np.isnat(digit_stamps(numbers))
    return bool((years | dates).mean() <= 0.5)


def digit_stamps(numbers: NDArray[np.int64]) -> Stamps:
    """Numbers such as 202001, 20200131, 2020013114 and so on to the second.

    NaT where a number is no such date. All must be as long as most are.
    """
    stamps = np.full(len(numbers), "NaT", "datetime64[s]")
    positive = np.where(numbers > 0, numbers, 1)
    lengths = np.floor(np.log10(positive.astype(float)) + 1e-12).astype(int) + 1
    length = int(np.bincount(lengths).argmax()) if len(lengths) else 0
    if length not in (6, 8, 10, 12, 14):
        return stamps
    digits = np.where(lengths == length, numbers, 0) * 10 ** (14 - length)
    # What a shorter number lacks: the first day, midnight.
    digits += 1_000_000 if length == 6 else 0
    parts: list[Any] = []
    for _ in range(5):
        digits, part = np.divmod(digits, 100)
        parts.append(part)
    second, minute, hour, day, month = parts
    first, last = YEARS if length <= 8 else _LATE_YEARS
    right = (digits >= first) & (digits <= last) & (month >= 1) & (month <= 12)
    month_number = (digits - 1970) * 12 + month - 1
    months: Any = np.where(right, month_number, 0).astype("datetime64[M]")
    begin = months.astype("datetime64[D]")
    long = ((months + 1).astype("datetime64[D]") - begin).astype(np.int64)
    right &= (day >= 1) & (day <= long) & (hour < 24) & (minute < 60) & (second < 60)
    seconds = ((day - 1) * 24 + hour) * 3600 + minute * 60 + second
    found: Any = begin.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    stamps[right] = found[right]
    return stamps


def epoch_unit(number: Any) -> str | None:
    """The unit in which a number is a time since 1970 of this age; None: in none."""
    for unit, size in (("s", 1.0), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)):
        if (
            _EPOCH * size
            <= abs(float(number) if abs(number) < 1e19 else 0.0)
            < 5e9 * size
        ):
            return unit
    return None

"""Columns of timestamps, read strictly, to the second."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.number_stamps import (
    are_steps,
    are_years,
    digit_stamps,
    epoch_unit,
    whole_numbers,
)
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Stamps
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"\d{4}[-/]\d{1,2}")
_QUARTER = re.compile(r"(\d{4})[ -]?[Qq]([1-4])")
_OFFSET = re.compile(r"[T ]\d{2}.*(?:Z|[+-]\d{2}(?::?\d{2})?)")
_UNTIL = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?")
_MEND = "Write it as in 2020-01-31 or 2020-01-31 14:00 (pandas.to_datetime helps)."


class ReadStamps(NamedTuple):
    """Timestamps (rows,) datetime64[s]."""

    stamps: Stamps
    aware: bool
    """Whether they came with offsets or a time zone, and are UTC now."""


def read_steps(column: pd.Series) -> NDArray[np.int64] | None:
    """A column of numbers that count steps (rows,); None where it is anything else."""
    numbers = None if column.isna().any() else whole_numbers(column)
    return numbers if numbers is not None and are_steps(numbers) else None


def read_stamps(column: pd.Series, source: str) -> ReadStamps:
    """Read a column of timestamps; its index counts the rows of ``source`` from 0.

    It may hold datetimes, dates, periods (their beginning counts) or ISO 8601 text, of
    years (``1949``), quarters (``1949Q1``), months (``1949-01``), days or times. Whole
    numbers from 1000 to 2999 are years, which a DataWarning tells where the column's
    name does not; those of 6, 8, 10, 12 or 14 digits are dates (``20200131``). With
    offsets or a time zone the stamps are turned into UTC.

    Raises:
        DataError: a timestamp is missing, cannot be read, has fractions of a second or
            is of another kind than the first; the text names the first such.
    """
    import pandas as pd

    where = f"{source} holds in column {column.name!r}"
    missing = column.isna().to_numpy()
    if missing.any():
        row = int(column.index[int(missing.argmax())]) + 1
        raise DataError(
            f"{where} {missing.sum():,} rows without a timestamp, first row {row:,}. "
            "Fill them in, or leave these rows out."
        )
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        utc = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return ReadStamps(_to_seconds(utc, utc, where), True)
    if column.dtype.kind == "M":
        return ReadStamps(_to_seconds(column, column, where), False)
    return _from_objects(column, where)


def _from_objects(column: pd.Series, where: str) -> ReadStamps:
    """Text (each distinct one is read once), datetimes, dates or numbers."""
    import pandas as pd

    values = column.astype(object)
    numbers = whole_numbers(values)
    if numbers is not None:
        return ReadStamps(_from_numbers(numbers, column, where), False)
    kind = pd.api.types.infer_dtype(values)
    if kind == "string":
        codes, texts = pd.factorize(values)
        firsts = column.index[np.unique(codes, return_index=True)[1]]
        values = pd.Series(texts, index=firsts, dtype=object)
        parsed, aware = _from_text(values.str.strip(), where)
        return ReadStamps(_to_seconds(parsed, values, where)[codes], aware)
    if kind in ("integer", "floating", "mixed-integer-float"):
        wrong = np.array([value % 1 != 0 or abs(value) >= 1e18 for value in values])
        raise _no_date(values, wrong, where)
    elif kind in ("datetime", "datetime64", "date"):
        # Not by distinct values: those of an autumn's hour that is twice are equal.
        aware = _one_kind(values, [getattr(v, "tzinfo", None) for v in values], where)
        parsed = pd.to_datetime(values, utc=aware)
        parsed = parsed.dt.tz_localize(None) if aware else parsed
    else:
        _one_kind(values, [type(v) is not type(values.iloc[0]) for v in values], where)
        raise _unreadable(values, 0, where)
    return ReadStamps(_to_seconds(parsed, values, where), aware)


def _from_text(texts: pd.Series, where: str) -> tuple[pd.Series, bool]:
    import pandas as pd

    quarters = [_QUARTER.fullmatch(text) for text in texts]
    if _one_kind(texts, quarters, where):
        months = [f"{q[1]}-{int(q[2]) * 3 - 2:02}" for q in quarters if q]
        return pd.to_datetime(pd.Series(months, texts.index), format="%Y-%m"), False
    aware = _one_kind(texts, [_OFFSET.search(text) for text in texts], where)
    for form in (_YEAR, _MONTH):
        _one_kind(texts, [form.fullmatch(text) for text in texts], where)
    parsed = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    # pandas reads "now" and "today", too.
    unread = parsed.isna() | ~texts.str.match(r"\d")
    if unread.any():
        raise _unreadable(texts, int(unread.to_numpy().argmax()), where)
    return parsed.dt.tz_localize(None), aware


def _from_numbers(numbers: NDArray[np.int64], column: pd.Series, where: str) -> Stamps:
    """Years, or dates written as digits."""
    import pandas as pd

    if are_years(numbers):
        if "year" not in str(column.name).lower():
            warnings.warn(
                f"{where} the numbers {numbers.min()} to {numbers.max()}, which are "
                "read as years. If they count steps, set data.timestamp to null.",
                DataWarning,
                stacklevel=2,
            )
        return (numbers - 1970).astype("datetime64[Y]").astype("datetime64[s]")
    stamps = digit_stamps(numbers)
    unread = np.isnat(stamps)
    if unread.any():
        years = (numbers >= 1000) & (numbers <= 2999)
        wrong = min(unread, ~years, key=np.sum)
        raise _no_date(pd.Series(numbers, column.index, dtype=object), wrong, where)
    return stamps


def _no_date(values: pd.Series, wrong: NDArray[np.bool_], where: str) -> DataError:
    place = int(wrong.argmax())
    number = values.iloc[place]
    unit = epoch_unit(number)
    mend = _MEND if any(~wrong) else "Write dates, or set data.timestamp to null."
    if unit:
        mend = (
            f"If it is a time since 1970, make datetimes: pandas.to_datetime(numbers, "
            f"unit={unit!r})."
        )
    row = int(values.index[place]) + 1
    return DataError(
        f"{where} the number {shortened(number)} in row {row:,}, which is no "
        "timestamp: numbers are read as years (1000 to 2999), as dates such as "
        f"20200131, or as steps that count on. {mend}"
    )


def _one_kind(values: pd.Series, marks: list[Any], where: str) -> bool:
    """Whether all values are marked; raise DataError where only some are."""
    flags = np.array([mark not in (None, False) for mark in marks])
    if flags.all() or not flags.any():
        return bool(flags.all())
    place = int((flags != flags[0]).argmax())
    row = int(values.index[place]) + 1
    first, other = shortened(values.iloc[0]), shortened(values.iloc[place])
    raise DataError(
        f"{where} timestamps of two kinds: {first} and, first in row "
        f"{row:,}, {other}. Write all of them alike."
    )


def _to_seconds(parsed: pd.Series, values: pd.Series, where: str) -> Stamps:
    exact = parsed.to_numpy()
    stamps = np.asarray(exact.astype("datetime64[s]"))
    fractions = stamps != exact
    if fractions.any():
        place = int(fractions.argmax())
        row = int(values.index[place]) + 1
        raise DataError(
            f"{where} fractions of a second, first {shortened(values.iloc[place])} in "
            f"row {row:,}. Round the timestamps to seconds, or set data.timestamp to "
            "null if the rows are one step apart."
        )
    return stamps


def _unreadable(values: pd.Series, place: int, where: str) -> DataError:
    row = int(values.index[place]) + 1
    wrong = shortened(values.iloc[place])
    return DataError(f"{where} {wrong} in row {row:,}, which is no timestamp. {_MEND}")


def last_second(until: str) -> np.datetime64:
    """The last second of the year, month, day, minute or second that ``until`` names.

    Raises:
        DataError: it is no ISO 8601 timestamp, or has an offset.
    """
    text = until.strip().replace(" ", "T")
    try:
        stamp: Any = np.datetime64(text if _UNTIL.fullmatch(text) else "?")
        return (stamp + 1).astype("datetime64[s]") - np.timedelta64(1, "s")
    except ValueError:
        raise DataError(
            f"data.until must be a timestamp without an offset, such as 1958-12 or "
            f"2020-01-31 14:00, got {until!r}."
        ) from None


def shown_stamp(stamp: np.datetime64) -> str:
    """``1949-01-01`` or ``1949-01-01 12:00``: a time of day where there is one."""
    text = str(stamp.astype("datetime64[s]")).replace("T", " ")
    return text.removesuffix(":00").removesuffix(" 00:00")

"""Columns of numbers, read strictly: what is no number stops the reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series import Static
from seqkit.errors import DataError
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

MISSING = ("", "na", "nan")
"""Text that stands for a missing number, in any case."""

FLOAT_MAX = float(np.finfo(np.float64).max)

LARGEST = float(np.finfo(np.float32).max)
"""The largest number that a model takes."""

CLASSES_MEND = (
    "Turn a column of classes into columns of 0 and 1, e.g. with pandas.get_dummies."
)
NUMBERS_MEND = "Write a number with a decimal point, or leave it empty."


def read_numbers(
    column: pd.Series, source: str, place: Callable[[int], str], mend: str
) -> NDArray[np.float64]:
    """Read a column as float64 (rows,); missing values are NaN.

    Numbers, booleans (0 and 1) and text of numbers will do. ``''``, ``NA`` and ``nan``
    are missing.

    Args:
        column: what to read.
        source: its source's name, for messages.
        place: says where the value of a row (0, 1, ...) stands.
        mend: what to do about text that is no number.

    Raises:
        DataError: some text is no number, or numbers are infinite or too large.
    """
    numbers, wrong = _parsed(column)
    if wrong.any():
        first = int(wrong.argmax())
        raise DataError(
            f"{source} holds {shortened(column.iloc[first])} in {place(first)}, where "
            f"a number must be ({wrong.sum():,} such values). {mend}"
        )
    infinite = np.isinf(numbers)
    huge = (abs(numbers) > LARGEST) & ~infinite
    if huge.any():
        raise DataError(
            f"{source} holds {huge.sum():,} numbers beyond {LARGEST:.1e}, which models "
            f"cannot hold, first in {place(int(huge.argmax()))}. Give the column in a "
            "larger unit."
        )
    if infinite.any():
        raise DataError(
            f"{source} holds {infinite.sum():,} infinite values, first in "
            f"{place(int(infinite.argmax()))}. Put numbers in their place, or leave "
            "them empty and set data.gaps."
        )
    return numbers


def _parsed(column: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers (rows,), NaN where there are none, and which values are not read."""
    import pandas as pd

    if column.dtype.kind in "biuf":
        numbers: Any = column.to_numpy(np.float64, na_value=np.nan)
        return numbers, np.zeros(len(column), bool)
    objects = column.astype(object)
    try:
        parsed: Any = pd.to_numeric(objects, errors="coerce")
    except OverflowError:
        # A whole number beyond all floats; the largest of these is refused as well.
        floats = [v if _is_float(v) else FLOAT_MAX for v in objects]
        objects = pd.Series(floats, objects.index, dtype=object)
        parsed = pd.to_numeric(objects, errors="coerce")
    present = column.notna().to_numpy()
    if parsed.dtype.kind not in "biuf":  # complex numbers
        return np.full(len(column), np.nan), present
    numbers = parsed.to_numpy(np.float64, na_value=np.nan)
    unread = np.flatnonzero(np.isnan(numbers) & present)
    texts = [str(value).strip().lower() for value in objects.iloc[unread]]
    wrong = np.zeros(len(column), bool)
    wrong[unread[[text not in MISSING for text in texts]]] = True
    return numbers, wrong


def _is_float(value: Any) -> bool:
    """False for a whole number that no float can hold."""
    return not isinstance(value, int) or abs(value) <= FLOAT_MAX


def read_static(
    column: pd.Series, codes: NDArray[np.int64], ids: tuple[str, ...], source: str
) -> list[Static]:
    """One value of ``column`` a series: numbers where all of it are, else text.

    Args:
        column: (rows,) what holds for the series that a row is of.
        codes: (rows,) positions of the rows' series in ``ids``.
        ids: the series' names.
        source: its name, for messages.

    Raises:
        DataError: a value is missing or infinite, or changes within a series.
    """
    import pandas as pd

    told = f"{source} holds in the static column {column.name!r}"
    missing = column.isna().to_numpy()
    if missing.any():
        first = int(missing.argmax())
        raise DataError(
            f"{told} {missing.sum():,} missing values, first for series "
            f"{ids[codes[first]]!r}. Fill them in."
        )
    numbers, wrong = _parsed(column)
    as_numbers = not wrong.any() and not np.isnan(numbers).any()
    if as_numbers and np.isinf(numbers).any():
        raise DataError(f"{told} infinite values. Put numbers in their place.")
    texts = np.array([str(value) for value in column], object)
    values = numbers if as_numbers else texts
    firsts = np.zeros(len(ids), np.int64)
    found, rows = np.unique(codes, return_index=True)
    firsts[found] = rows
    same = pd.factorize(values)[0]
    changed = same != same[firsts][codes]
    if changed.any():
        row = int(changed.argmax())
        before, after = values[firsts[codes[row]]], values[row]
        raise DataError(
            f"{told} values that change within series {ids[codes[row]]!r}: {before}, "
            f"then {after}. A column that changes belongs in data.past or data.future."
        )
    return [float(v) if as_numbers else str(v) for v in values[firsts]]

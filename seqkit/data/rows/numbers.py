"""Columns of numbers, read strictly: what is no number stops the reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.missing import is_missing
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
    numbers, wrong = parsed_numbers(column)
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


def parsed_numbers(column: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
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


def number_column(
    column: pd.Series[Any], title: str, name: str, start: int
) -> NDArray[np.float64]:
    """A column of numbers (rows,), NaN where they are missing; see ``floats``."""
    try:
        return column.to_numpy(np.float64, na_value=np.nan)
    except (ValueError, TypeError, OverflowError):
        pass
    try:
        return floats(column.tolist())
    except NoNumber as error:
        raise DataError(
            f"Column {title!r} of {name} holds {error.value} in row "
            f"{start + error.place + 1:,}, which is {error.wrong}. Mend it, or "
            "name the columns of numbers in data.values."
        ) from None


class NoNumber(ValueError):
    """What stands at a ``place`` among values is no number for a model."""

    def __init__(self, value: Any, place: int) -> None:
        self.value, self.place = shortened(value), place
        self.wrong = "too large" if isinstance(value, int) else "no number"
        super().__init__(f"{self.value}, which is {self.wrong}")


def floats(values: Sequence[Any]) -> NDArray[np.float64]:
    """Numbers or text of such as float64; NaN where one is missing, as MISSING says.

    Raises:
        NoNumber: one is anything else, or beyond all floats.
    """
    try:
        return np.asarray(values, np.float64)
    except (ValueError, TypeError, OverflowError):
        plain = [np.nan if _stands_for_missing(value) else value for value in values]
    for place, value in enumerate(plain):
        try:
            if np.ndim(value):
                raise ValueError("a list")
            float(value)
        except (ValueError, TypeError, OverflowError):
            raise NoNumber(value, place) from None
    return np.array(plain, np.float64)


def _stands_for_missing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in MISSING
    return is_missing(value)


def checked_numbers(
    answers: Sequence[Any], column: str, name: str, thing: str
) -> NDArray[np.float64]:
    """Answers (rows,) as numbers; raise DataError where one is none, or not finite.

    Args:
        answers: what stands in ``column`` of the source called ``name``.
        thing: what has a number each.
    """
    plain = [np.nan if is_missing(answer) else answer for answer in answers]
    for answer in plain:
        try:
            finite = bool(np.isfinite(float(answer)))
        except (TypeError, ValueError, OverflowError):
            finite = False
        if not finite:
            raise DataError(
                f"Column {column!r} of {name} must hold a finite number for each "
                f"{thing}, got {shortened(answer)}. Mend it or leave the {thing} out."
            )
    return np.array(plain, np.float64)

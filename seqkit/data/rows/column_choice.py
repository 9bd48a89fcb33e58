"""Which columns hold the values, where a recipe does not name them.

A column without a name, one that counts rows or steps, timestamps and names of rows
are no values. They are found by a look at the first rows; what was found is kept with
the run, so that other data are read the same way.
"""

from __future__ import annotations

import datetime
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.number_stamps import digit_stamps
from seqkit.data.rows.numbers import MISSING
from seqkit.errors import DataError, DataWarning
from seqkit.shortened import cut, shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.sources.base import Source

SHOWN = 8
"""So many columns a note names at most."""
LONGEST_NAME = 60

_COUNTED = 9
"""Fewer steps from one number to the next may be whole ones by chance."""

_FIRST_CELLS = 8
_SAMPLED_LISTS = 256
_TIMES = (datetime.date, datetime.time)
_NAMELESS = re.compile(r"\s*|Unnamed: \d+(_level_\d+)?|__index_level_\d+__")
"""What pandas calls an index without a name, in csv, read again, and in parquet."""
_INDEX = re.compile(r"index|level_\d+")
"""What ``DataFrame.reset_index`` calls it."""

_DATE = re.compile(
    r"\d{4}([-/.])\d{1,2}(\1\d{1,2})?([T ]\d{1,2}(:\d{2}){0,2}.*)?"
    r"|\d{1,2}([-/.])\d{1,2}\5\d{2,4}([T ]\d{1,2}(:\d{2}){0,2}.*)?"
    r"|\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?|\d{4}[ -]?[Qq][1-4]"
)
_LIKE_A_NUMBER = re.compile(r"[\s$€£%+\-]*\d[\d\s.,'eE%$€£+\-]*")
"""Text that people write for numbers: 1,234 or 5%. It is named as no number later."""

NO_NAME, COUNTS, STAMPS, NAMES = "no name", "counts", "timestamps", "names"
_REASONS = {
    NO_NAME: "no name",
    COUNTS: "counts rows, steps or series",
    STAMPS: "timestamps",
    NAMES: "another text in each row",
}


@dataclass(frozen=True)
class ColumnChoice:
    """The columns that values are read from, and why others were left out."""

    taken: tuple[str, ...]
    left_out: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        return {"taken": self.taken, "left_out": dict(self.left_out)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> ColumnChoice:
        """Read what ``to_dict`` gave."""
        return cls(tuple(plain["taken"]), dict(plain["left_out"]))

    def tell(self, source: str) -> None:
        """Warn of what was left out."""
        if not self.left_out:
            return
        taken = ", ".join(map(_column_name, self.taken[:SHOWN]))
        if len(self.taken) > SHOWN:
            taken += f" and {len(self.taken) - SHOWN:,} more"
        warnings.warn(
            f"Values of {source} are read from {taken}; left out: {self._reasons()}. "
            "Name the columns in data.values to choose others.",
            DataWarning,
            stacklevel=2,
        )

    def _reasons(self) -> str:
        pairs = list(self.left_out.items())
        said = ", ".join(
            f"{_column_name(c)} ({_REASONS[why]})" for c, why in pairs[:SHOWN]
        )
        return said + (f" and {len(pairs) - SHOWN:,} more" if pairs[SHOWN:] else "")

    def refusal(self, source: str) -> DataError:
        """The error where nothing is left to read values from."""
        return DataError(
            f"{source} has no column of values but {self._reasons()}. Name the columns "
            "of values in data.values."
        )


def _column_name(column: str) -> str:
    """A name as a note tells it: bare, or in quotes where these are needed."""
    plain = column.strip() == column != ""
    return cut(column, LONGEST_NAME) if plain else shortened(column, LONGEST_NAME)


def choose_columns(
    source: Source,
    part: str,
    columns: Sequence[str],
    layout: str,
    id: str | None = None,
    trained: ColumnChoice | None = None,
) -> ColumnChoice:
    """Part the columns that no key names into those of values and others.

    Args:
        source: whose first rows are looked at.
        part: which of its parts.
        columns: those that may hold values.
        layout: ``nested`` (cells are lists), ``long``, ``wide``, or ``rows`` (a column
            is a step: only columns before the first step are looked at).
        id: the column that names a row's series; rows count anew in each.
        trained: what was chosen in training: it holds here, too, for all columns that
            training saw.

    Raises:
        DataError: no column is left, or the rows cannot be read.
    """
    reasons = dict(trained.left_out) if trained else {}
    reasons |= {c: NO_NAME for c in columns if _NAMELESS.fullmatch(c)}
    taken = set(trained.taken if trained else ())
    new = [c for c in columns if c not in reasons and c not in taken]
    if new:
        reasons |= _looked_at(source, part, new, layout, id)
    left_out = {c: reasons[c] for c in columns if c in reasons and c not in taken}
    if len(left_out) == len(columns):
        # What counts is better than nothing.
        left_out = {c: why for c, why in left_out.items() if why != COUNTS}
    choice = ColumnChoice(tuple(c for c in columns if c not in left_out), left_out)
    if not choice.taken:
        raise choice.refusal(source.name)
    return choice


def _looked_at(
    source: Source, part: str, columns: list[str], layout: str, id: str | None
) -> dict[str, str]:
    chunk = next(iter(source.chunks(part, [*columns, *([id] if id else [])])), None)
    if chunk is None:
        return {}
    same = np.ones(max(len(chunk) - 1, 0), bool)
    if id and layout == "long":
        # pandas' own text cannot hold halves of characters.
        names = np.array([str(name) for name in chunk[id]], object)
        same = names[1:] == names[:-1]
    found: dict[str, str] = {}
    for column in columns:
        why = _no_values(chunk[column], column, same, layout == "nested")
        if why:
            found[column] = why
        elif layout == "rows":
            break
    return found


def _no_values(
    column: pd.Series, name: str, same: NDArray[np.bool_], nested: bool
) -> str | None:
    """Why a column holds no values; None where it may.

    Args:
        column: its first rows.
        name: what it is called.
        same: (rows - 1,) whether a row is of the series of the row before it.
        nested: whether values are lists.
    """
    import pandas as pd

    if column.dtype.kind == "M" or isinstance(column.dtype, pd.PeriodDtype):
        return STAMPS
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return STAMPS
    cells = column.tolist()
    # Most columns of values show it at once, and there may be thousands of them.
    if not nested and any(_has_fraction(cell) for cell in cells[:_FIRST_CELLS]):
        return None
    missing = column.isna().to_numpy()
    present = [c for c, lacks in zip(cells, missing, strict=True) if not lacks]
    if present and all(isinstance(c, _TIMES) for c in present):
        return STAMPS
    if nested:
        return _no_list(present)
    if present and all(isinstance(c, str) for c in present):
        texts = [t for c in present if (t := c.strip()).lower() not in MISSING]
        if any(_number(text) is None for text in texts):
            return _no_text(texts)
    numbers = [
        np.nan if lacks else _number(cell)
        for cell, lacks in zip(cells, missing, strict=True)
    ]
    if any(number is None for number in numbers):
        return None
    return _no_numbers(np.array(numbers, np.float64), name, same)


def _number(cell: Any) -> float | None:
    """A number, or text of one; None for anything else."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def _has_fraction(cell: Any) -> bool:
    number = _number(cell)
    return number is not None and np.isfinite(number) and number % 1 != 0


def _no_text(texts: list[str]) -> str | None:
    if all(_DATE.fullmatch(text) for text in texts):
        return STAMPS
    if len(texts) <= _COUNTED or len(set(texts)) < len(texts):
        return None
    return None if any(_LIKE_A_NUMBER.fullmatch(text) for text in texts) else NAMES


def _no_numbers(
    numbers: NDArray[np.float64], name: str, same: NDArray[np.bool_]
) -> str | None:
    if not len(numbers) or not np.isfinite(numbers).all() or (numbers % 1).any():
        return None
    apart = np.diff(numbers)
    rising = len(apart[same]) >= 2 and (apart[same] > 0).all()
    if rising and numbers.min() >= 10**7:
        if not np.isnat(digit_stamps(numbers.astype(np.int64))).any():
            return STAMPS
    counts = apart[same] if same.any() else apart
    if len(counts) >= _COUNTED and ((counts == 1).all() or (apart == 1).all()):
        return COUNTS
    between = apart[~same]
    if len(between) >= _COUNTED and (apart[same] == 0).all() and (between == 1).all():
        return COUNTS
    if _INDEX.fullmatch(name) and numbers.min() >= 0:
        return COUNTS if len(np.unique(numbers)) == len(numbers) else None
    return None


def _no_list(plain: list[Any]) -> str | None:
    """The same for cells that should hold lists, or text of such."""
    texts = [c.strip() for c in plain if isinstance(c, str)]
    if texts and len(texts) == len(plain):
        if not any(text.startswith("[") for text in texts):
            numbers = all(_LIKE_A_NUMBER.fullmatch(text) for text in texts)
            return _counted_cells(texts) if numbers else _no_text(texts)
        plain = [_parsed(text) for text in texts[:_SAMPLED_LISTS]]
    if plain and not any(isinstance(c, (list, tuple, np.ndarray)) for c in plain):
        return _counted_cells(plain)
    return _counted_lists(plain[:_SAMPLED_LISTS])


def _counted_cells(cells: list[Any]) -> str | None:
    try:
        numbers = np.array(cells, np.float64)
    except (ValueError, TypeError, OverflowError):
        return None
    if not np.isfinite(numbers).all():
        return None
    counts = np.diff(numbers) == 1
    return COUNTS if len(counts) >= _COUNTED and counts.all() else None


def _counted_lists(cells: list[Any]) -> str | None:
    """Whether each of several lists counts its steps from 0, or each from 1."""
    steps = 0
    first = None
    for cell in cells:
        try:
            numbers = np.asarray(cell, np.float64)
        except (ValueError, TypeError, OverflowError):
            return None
        if numbers.ndim != 1 or not len(numbers) or not np.isfinite(numbers).all():
            return None
        first = numbers[0] if first is None else first
        if numbers[0] != first or not (np.diff(numbers) == 1).all():
            return None
        steps += len(numbers) - 1
    counted = first in (0.0, 1.0) and steps >= _COUNTED and len(cells) > 1
    return COUNTS if counted else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

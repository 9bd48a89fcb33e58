"""What a source of rows is, and how one is opened from a recipe's ``data.source``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqkit.errors import DataError
from seqkit.recipe.nodes import is_unicode
from seqkit.registry import SOURCES, did_you_mean
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.recipe.spec import DataSpec

CHUNK_ROWS = 4096
"""Rows that are in memory at one time; a source never gives more at once."""

SHOWN_COLUMNS = 20
"""So many columns a message names at most."""


class Source(ABC):
    """Rows that can be read again and again, a chunk at a time, in a fixed order.

    ``name`` is the source as people wrote it, for messages. ``parts`` are the official
    parts of the data set: ``("train",)`` where it has none.
    """

    name: str
    parts: tuple[str, ...] = ("train",)
    in_memory: bool = False
    """Whether the rows are in memory, so that another pass costs nothing."""

    @property
    def test_part(self) -> str:
        """The official test part; all rows where there is none."""
        return "test" if "test" in self.parts else "train"

    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The names of all columns."""

    @abstractmethod
    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Yield the rows of ``part`` in frames of at most CHUNK_ROWS rows.

        Frames hold just ``columns``, in that order, raw: a missing value is NaN, None
        or pd.NA, text is str, and labels are what the source says: numbers or text
        (from csv always text). A column of whole numbers stays whole where values are
        missing. A request that cannot be met fails here, not at the first frame.

        Raises:
            DataError: there is no such part or column (names the ones that are), there
                are no rows, or they cannot be read.
        """


def open_source(spec: DataSpec) -> Source:
    """Open ``spec.source``, e.g. ``csv:reviews.csv``; read no rows yet.

    Raises:
        UnknownNameError: there is no such kind of source.
        DataError: the source is missing, empty or cannot be opened.
    """
    kind, _, address = spec.source.partition(":")
    source: Source = SOURCES.get(kind)(address, spec)
    return source


def check_request(source: Source, part: str, columns: Sequence[str]) -> None:
    """See that ``source`` has ``part`` and each of ``columns`` just once.

    Raises:
        DataError: it does not; the text names what there is.
    """
    if part not in source.parts:
        raise DataError(
            f"{source.name} has no part {part!r}, only {', '.join(source.parts)}."
        )
    times = Counter(source.columns())
    for column in columns:
        if column not in times:
            raise DataError(_missing_column(source.name, column, source.columns()))
        if not is_unicode(column):
            raise DataError(
                f"{source.name} has a column {shortened(column)} whose name holds half "
                "a character (U+D800 to U+DFFF). Rename it."
            )
        if times[column] > 1:
            raise DataError(
                f"{source.name} has {times[column]} columns named "
                f"{shortened(column)}. Rename all but one."
            )


def some_rows(name: str, frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Pass on the frames that have rows; raise DataError where none has."""
    empty = True
    for frame in frames:
        if len(frame):
            empty = False
            yield frame
    if empty:
        raise DataError(f"{name} holds no rows. Give at least one.")


FIRST_DAY, LAST_DAY = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")
"""Python's calendar; pandas reads dates beyond it, but cannot write them."""


def refuse_far_dates(frame: pd.DataFrame, name: str, start: int) -> None:
    """Raise DataError where a column of timestamps leaves Python's calendar.

    Args:
        frame: some rows of a source.
        name: the source's name.
        start: rows of the source before these.
    """
    for place, kind in enumerate(frame.dtypes):
        if kind.kind != "M":
            continue
        column = frame.iloc[:, place]
        days = column.to_numpy("datetime64[D]", na_value=np.datetime64("NaT"))
        far = (days < FIRST_DAY) | (days > LAST_DAY)
        if far.any():
            row = int(far.argmax())
            raise DataError(
                f"Column {frame.columns[place]!r} of {name} holds the date {days[row]} "
                f"in row {start + row + 1:,}. Dates must be from {FIRST_DAY} to "
                f"{LAST_DAY}: mend it."
            )


def _missing_column(name: str, column: str, columns: tuple[str, ...]) -> str:
    hint = did_you_mean(column, columns)
    return f"{name} has no column {column!r}, only {listed(columns)}. {hint}".strip()


def listed(columns: Sequence[str]) -> str:
    """The names of columns as a message lists them."""
    names = ", ".join(map(shortened, columns[:SHOWN_COLUMNS]))
    more = len(columns) - SHOWN_COLUMNS
    return f"{names} and {more:,} more" if more > 0 else names

"""What a source of rows is, and how one is opened from a recipe's ``data.source``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seqkit.registry import SOURCES

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.spec import DataSpec

CHUNK_ROWS = 4096
"""Rows that are in memory at one time; a source never gives more at once."""


class Source(ABC):
    """Rows that can be read again and again, a chunk at a time, in a fixed order.

    ``name`` is the source as people wrote it, for messages. ``parts`` are the official
    parts of the data set: ``("train",)`` where it has none.
    """

    name: str
    parts: tuple[str, ...] = ("train",)

    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The names of all columns."""

    @abstractmethod
    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Yield the rows of ``part`` in frames of at most CHUNK_ROWS rows.

        Frames hold just ``columns``, raw: a missing value is NaN, None or pd.NA, text
        is str, and labels are what the source says (numbers or text).

        Raises:
            DataError: a column is not there (names the ones that are), or the rows
                cannot be read.
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

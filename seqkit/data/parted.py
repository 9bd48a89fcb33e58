"""Rows of a source in its official parts, or in parts cut from the training part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqkit.data.sources.base import Source
from seqkit.data.splits import TEST, TRAIN, VALIDATION, split_rows
from seqkit.spec import RowsSpec

Rows = TypeVar("Rows")

PART_CODES = {"train": TRAIN, "validation": VALIDATION, "test": TEST}


class Parted(ABC, Generic[Rows]):
    """What is read from ``source`` chunk by chunk, parted by one code a row.

    Official parts are used where the source has them; what is missing is cut from the
    training part, rows of one group always on the same side.

    Args:
        source: where the rows come from.
        groups: (rows,) hash of each training row; equal rows belong together.
        strata: (rows,) what every part has the same shares of: the label.
        spec: the shares and the seed.
    """

    def __init__(
        self,
        source: Source,
        groups: NDArray[np.uint64],
        strata: NDArray[np.int64],
        spec: RowsSpec,
    ) -> None:
        self.source = source
        self.codes = split_rows(
            groups,
            strata,
            0.0 if "validation" in source.parts else spec.validation,
            0.0 if "test" in source.parts else spec.test,
            spec.split_seed,
        )

    @abstractmethod
    def read(self, part: str) -> Iterator[Rows]:
        """All rows of an official part."""

    @abstractmethod
    def size(self, rows: Rows) -> int:
        """How many rows a chunk has."""

    @abstractmethod
    def taken(self, rows: Rows, places: NDArray[np.int64]) -> Rows:
        """The rows of a chunk that stand at ``places``."""

    def rows(self, part: str) -> Iterator[Rows]:
        """The rows of ``train``, ``validation`` or ``test``, chunk by chunk."""
        if part != "train" and part in self.source.parts:
            yield from self.read(part)
            return
        start = 0
        for rows in self.read("train"):
            codes = self.codes[start : start + self.size(rows)]
            start += len(codes)
            mine = np.flatnonzero(codes == PART_CODES[part])
            if len(mine):
                yield self.taken(rows, mine)

    def count(self, part: str) -> int:
        """How many rows ``part`` has."""
        if part != "train" and part in self.source.parts:
            return sum(map(self.size, self.rows(part)))
        return int((self.codes == PART_CODES[part]).sum())

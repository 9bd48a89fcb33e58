"""Rows of a source in its official parts, or in parts cut from the training part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.splits import FEWEST_GROUPS, TEST, TRAIN, VALIDATION, split_rows
from seqkit.data.sources.base import Source
from seqkit.recipe.spec import RowsSpec

if TYPE_CHECKING:
    import pandas as pd

Rows = TypeVar("Rows")

PART_CODES = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
NAMED_CLASSES = 5
"""So many classes a message names at most."""


class Parted(ABC, Generic[Rows]):
    """What is read from ``source`` chunk by chunk, parted by one code a row.

    Official parts are used where the source has them; what is missing is cut from the
    training part, rows of one group always on the same side. ``things`` is what groups
    are called in messages.

    Args:
        source: where the rows come from.
        groups: (rows,) hash of each training row; equal rows belong together.
        strata: (rows,) what every part has the same shares of: the label.
        spec: the shares and the seed.
        classes: names of the strata, where these are classes.
    """

    things = "rows"

    def __init__(
        self,
        source: Source,
        groups: NDArray[np.uint64],
        strata: NDArray[np.int64],
        spec: RowsSpec,
        classes: tuple[str, ...] = (),
    ) -> None:
        self.source = source
        self.groups, self.strata, self.strata_names = groups, strata, classes
        self.shares = {"validation": spec.validation, "test": spec.test}
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

    @abstractmethod
    def hashes(self, rows: Rows) -> list[int]:
        """The hash of each row of a chunk, as ``groups`` has it."""

    @abstractmethod
    def as_frame(self, part: str) -> pd.DataFrame:
        """The rows of a part as a DataFrame that the same recipe reads."""

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

    @cached_property
    def seen(self) -> NDArray[np.uint64]:
        """Hashes of all rows that training and validation see, sorted, each once."""
        seen = [self.groups[self.codes != TEST]]
        if "validation" in self.source.parts:
            seen += [
                np.array(self.hashes(rows), np.uint64)
                for rows in self.read("validation")
            ]
        return np.unique(np.concatenate(seen))

    def why_empty(self, part: str) -> str:
        """Why a part that is cut has no rows."""
        if not self.shares[part]:
            return f"data.{part} is 0"
        rows, different = len(self.groups), len(np.unique(self.groups))
        if rows == different:
            return f"{rows:,} rows are too few for one"
        return (
            f"all {rows:,} rows hold {different:,} different {self.things}; equal "
            f"{self.things} stay in one part, so none was left for the {part} part"
        )

    def remarks(self) -> list[str]:
        """What the parts that were cut lack, in sentences."""
        remarks = []
        for part, without in WITHOUT.items():
            if part in self.source.parts or not self.shares[part]:
                continue
            mine = self.codes == PART_CODES[part]
            if not mine.any():
                remarks.append(
                    f"{self.source.name} has no {part} part: {self.why_empty(part)}. "
                    f"{without}"
                )
                continue
            codes = np.setdiff1d(self.strata, self.strata[mine])
            absent = [self.strata_names[code] for code in codes if self.strata_names]
            if absent:
                remarks.append(self._lacks(part, absent))
        return remarks

    def _lacks(self, part: str, classes: list[str]) -> str:
        named = ", ".join(map(repr, classes[:NAMED_CLASSES]))
        if len(classes) > NAMED_CLASSES:
            named += f" and {len(classes) - NAMED_CLASSES:,} more"
        return (
            f"The {part} part of {self.source.name} has no row of {named}: a class "
            f"needs {FEWEST_GROUPS} different {self.things} to be in every part. Give "
            "more of them, or leave such classes out."
        )


WITHOUT = {
    "validation": "So the last epoch's weights are kept, and nothing stops training "
    "early. Give more different rows.",
    "test": "So there is nothing to evaluate on but other data. Give more different "
    "rows.",
}
"""What follows where a part has no rows."""

"""Rows of a source in its official parts, or in parts cut from the training part."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.hashes import hash_text
from seqkit.data.rows.reading import AnsweredRows, AnswerScan, Raw, Reading
from seqkit.data.rows.splits import FEWEST_GROUPS, TEST, TRAIN, VALIDATION, split_rows
from seqkit.data.sources.base import Source
from seqkit.errors import DataError, DataWarning
from seqkit.recipe.spec import RowsSpec

if TYPE_CHECKING:
    import pandas as pd

PART_CODES = {"train": TRAIN, "validation": VALIDATION, "test": TEST}
NAMED_CLASSES = 5
"""So many classes a message names at most."""


class PartedRows(Generic[Raw]):
    """Rows of ``source``, scanned once and parted by one code a row.

    Official parts are used where the source has them; what is missing is cut from the
    training part, equal inputs always on the same side. No input is kept: a hash of
    each training row is, and what ``scan`` takes of its answer.

    Args:
        source: where the rows come from.
        reading: reads them.
        scan: takes in their answers.
        spec: the shares and the seed.

    Raises:
        DataError: there are no rows, or they cannot be learnt from.
    """

    def __init__(
        self, source: Source, reading: Reading[Raw], scan: AnswerScan, spec: RowsSpec
    ) -> None:
        self.source, self.reading, self.scan = source, reading, scan
        self.hashes, self.groups, empty = self._read_once()
        scan.finish()
        digest = hashlib.sha256(self.hashes.tobytes())
        identity = repr(reading.identity(scan.values))
        digest.update(scan.answers.tobytes() + identity.encode())
        self.fingerprint = digest.hexdigest()[:16]
        """Changes when an input, an answer or their order does."""
        self.strata, self.strata_names = scan.strata, scan.names
        self.shares = {"validation": spec.validation, "test": spec.test}
        self.codes = split_rows(
            self.groups,
            self.strata,
            0.0 if "validation" in source.parts else spec.validation,
            0.0 if "test" in source.parts else spec.test,
            spec.split_seed,
        )
        if empty:
            note = reading.empty_note(empty, source.name)
            warnings.warn(note, DataWarning, stacklevel=2)

    def _read_once(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64], int]:
        """Of each training row the hash of its input and of its group (rows,).

        And how many inputs are empty.
        """
        hashes: list[NDArray[np.uint64]] = []
        groups: list[NDArray[np.uint64]] = []
        empty = 0
        for rows in self.reading.rows(self.source, "train", tell=True):
            hashes.append(self._hashes(rows))
            groups.append(_groups(rows.groups, hashes[-1]))
            self.scan.note(rows)
            empty += sum(map(self.reading.is_empty, rows.inputs))
        if not sum(map(len, hashes)):
            unit = self.reading.unit
            raise DataError(f"{self.source.name} holds no {unit} to train on.")
        return np.concatenate(hashes), np.concatenate(groups), empty

    def _hashes(self, rows: AnsweredRows[Raw]) -> NDArray[np.uint64]:
        return np.array([self.reading.hash(one) for one in rows.inputs], np.uint64)

    def training_answers(self) -> NDArray[Any]:
        """What ``scan`` took of the training part (rows,), without reading again."""
        answers: NDArray[Any] = self.scan.answers[self.codes == TRAIN]
        return answers

    def as_frame(self, part: str) -> pd.DataFrame:
        """The rows of a part as a DataFrame that the same recipe reads."""
        rows = list(self.rows(part))
        inputs = [one for chunk in rows for one in chunk.inputs]
        return self.reading.as_frame(
            inputs, [a for chunk in rows for a in chunk.answers]
        )

    def rows(self, part: str) -> Iterator[AnsweredRows[Raw]]:
        """The rows of ``train``, ``validation`` or ``test``, chunk by chunk."""
        if part != "train" and part in self.source.parts:
            yield from self.reading.rows(self.source, part)
            return
        start = 0
        for rows in self.reading.rows(self.source, "train"):
            codes = self.codes[start : start + len(rows)]
            start += len(codes)
            mine = np.flatnonzero(codes == PART_CODES[part])
            if len(mine):
                yield rows.taken(mine)

    def count(self, part: str) -> int:
        """How many rows ``part`` has."""
        if part != "train" and part in self.source.parts:
            return sum(map(len, self.rows(part)))
        return int((self.codes == PART_CODES[part]).sum())

    @cached_property
    def seen(self) -> NDArray[np.uint64]:
        """Hashes of all rows that training and validation see, sorted, each once."""
        seen = [self.hashes[self.codes != TEST]]
        if "validation" in self.source.parts:
            rows = self.reading.rows(self.source, "validation")
            seen += map(self._hashes, rows)
        return np.unique(np.concatenate(seen))

    def why_empty(self, part: str) -> str:
        """Why a part that is cut has no rows."""
        if not self.shares[part]:
            return f"data.{part} is 0"
        rows, different = len(self.groups), len(np.unique(self.groups))
        things = self.reading.things
        if rows == different:
            return f"{rows:,} rows are too few for one"
        return (
            f"all {rows:,} rows hold {different:,} different {things}; equal "
            f"{things} stay in one part, so none was left for the {part} part"
        )

    def remarks(self) -> list[str]:
        """What there is to say of the answers and of the parts, in sentences."""
        remarks = [self.scan.remark] if self.scan.remark else []
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
            f"needs {FEWEST_GROUPS} different {self.reading.things} to be in every "
            "part. Give more of them, or leave such classes out."
        )


def _groups(names: Sequence[str], hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of each row's group (rows,); that of its input where it has none."""
    if not names:
        return hashes
    own = np.array([hash_text(name) for name in names], np.uint64)
    return np.where(np.array(names) == "", hashes, own)


WITHOUT = {
    "validation": "So the last epoch's weights are kept, and nothing stops training "
    "early. Give more different rows.",
    "test": "So there is nothing to evaluate on but other data. Give more different "
    "rows.",
}
"""What follows where a part has no rows."""

"""Ragged sequences on disk: written once, read by rows in any order.

Rows are read with ``pread``, so the values never count as this process's memory; what
stays in memory is some 20 bytes of bookkeeping a row.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError


class SequenceStore:
    """Sequences of int32 token ids of any length, with one target and weight each.

    ``lengths`` (rows,) int32, ``targets`` (rows,) int32 and ``weights`` (rows,) float32
    are in memory; the ids are on disk.
    """

    def __init__(
        self, path: Path, lengths: NDArray[np.int32], targets: NDArray[np.int32]
    ) -> None:
        self.path = path
        self.lengths = lengths
        self.targets = targets
        self.weights = np.ones(len(lengths), np.float32)
        self.whole_lengths = lengths
        """Lengths (rows,) from before sequences were cut."""
        self._offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        self._file = os.open(path, os.O_RDONLY)
        self.close = weakref.finalize(self, os.close, self._file)
        """Lets go of the file; the store's own end does it too."""

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """The sequences of ``rows`` as ids (rows, longest), 0 behind each end."""
        return padded([self._sequence(int(row)) for row in rows])

    def _sequence(self, row: int) -> NDArray[np.int32]:
        size, offset = 4 * int(self.lengths[row]), 4 * int(self._offsets[row])
        return np.frombuffer(os.pread(self._file, size, offset), np.int32)


def padded(sequences: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Sequences of any length as one array (rows, longest), 0 behind each end."""
    batch = np.zeros((len(sequences), max(map(len, sequences))), np.int32)
    for target, sequence in zip(batch, sequences, strict=True):
        target[: len(sequence)] = sequence
    return batch


class StoreWriter:
    """Writes a SequenceStore chunk by chunk; ``finish`` gives the store.

    As a context manager it closes its file where something goes wrong in between.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = open(path, "wb")
        self._lengths: list[NDArray[np.int32]] = []
        self._targets: list[NDArray[np.int32]] = []
        self._whole_lengths: list[NDArray[np.int32]] = []

    def append(
        self, ids: Any, lengths: Any, targets: Any, whole_lengths: Any = None
    ) -> None:
        """Add rows: ``ids`` is flat, row after row, ``lengths`` cuts it.

        ``whole_lengths`` are those from before sequences were cut, where they were.
        """
        with self._writing():
            self._file.write(np.ascontiguousarray(ids, np.int32).tobytes())
        self._lengths.append(np.asarray(lengths, np.int32))
        self._targets.append(np.asarray(targets, np.int32))
        whole = lengths if whole_lengths is None else whole_lengths
        self._whole_lengths.append(np.asarray(whole, np.int32))

    def finish(self) -> SequenceStore:
        """Close the file and open it as a store."""
        with self._writing(), self._file:
            self._file.flush()
        empty = [np.zeros(0, np.int32)]
        store = SequenceStore(
            self.path,
            np.concatenate(self._lengths or empty),
            np.concatenate(self._targets or empty),
        )
        store.whole_lengths = np.concatenate(self._whole_lengths or empty)
        return store

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with suppress(OSError):
                self._file.close()
            raise DataError(
                f"The prepared data cannot be written to {self.path.parent}: "
                f"{(error.strerror or str(error)).lower()}. Free some space or set "
                "TMPDIR to another disk."
            ) from None

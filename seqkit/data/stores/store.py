"""Ragged sequences on disk: written once, read by rows in any order.

Rows are read with ``pread``, so the values never count as this process's memory; what
stays in memory is some 20 bytes of bookkeeping a row.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError

if TYPE_CHECKING:
    import tensorflow as tf

Arrays = tuple[Any, NDArray[np.generic], NDArray[np.float32]]
"""Model inputs, targets and weights of a batch; a row each."""


@dataclass(frozen=True)
class Layout:
    """How a step lies on disk."""

    dtype: type
    width: int | None = None
    """Numbers a step; None: a step is one number, without an axis of its own."""
    padding: float = 0
    """What stands behind the end of the shorter sequences of a batch."""

    @property
    def tail(self) -> tuple[int, ...]:
        """The axes of one step."""
        return () if self.width is None else (self.width,)

    @property
    def step_bytes(self) -> int:
        return int(np.dtype(self.dtype).itemsize * (self.width or 1))


TOKENS = Layout(np.int32)
"""Token ids, padded with 0."""


class Store(Protocol):
    """What a ``Feed`` can feed: rows with a length, a target and a weight each."""

    lengths: NDArray[np.int32]
    """Steps of each row (rows,); rows of like length share a batch."""
    whole_lengths: NDArray[np.int32] | None
    """Lengths (rows,) from before sequences were cut; None where none has its own."""

    def __len__(self) -> int: ...

    def arrays(self, rows: NDArray[np.int64]) -> Arrays:
        """A batch of ``rows``."""

    def element_spec(self) -> tuple[Any, ...]:
        """TensorFlow's specs of what ``arrays`` gives."""


class SequenceStore:
    """Sequences of any length, with one target and weight each.

    ``lengths`` (rows,) int32, ``targets`` (rows,) and ``weights`` (rows,) float32 are
    in memory; the sequences are on disk: token ids (steps,), or numbers (steps, width).
    """

    def __init__(
        self,
        path: Path,
        lengths: NDArray[np.int32],
        targets: NDArray[Any],
        layout: Layout = TOKENS,
    ) -> None:
        self.path = path
        self.layout = layout
        self.lengths = lengths
        self.targets = targets
        self.weights = np.ones(len(lengths), np.float32)
        self.whole_lengths: NDArray[np.int32] | None = lengths
        """Lengths (rows,) from before sequences were cut."""
        self._offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        self._file = os.open(path, os.O_RDONLY)
        self.close = weakref.finalize(self, os.close, self._file)
        """Lets go of the file; the store's own end does it too."""

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """The sequences of ``rows`` (rows, longest, ...), padded behind each end."""
        return padded([self._sequence(int(row)) for row in rows], self.layout.padding)

    def arrays(self, rows: NDArray[np.int64]) -> Arrays:
        return self.batch(rows), self.targets[rows], self.weights[rows]

    def element_spec(self) -> tuple[tf.TensorSpec, ...]:
        import tensorflow as tf

        return (
            tf.TensorSpec((None, None, *self.layout.tail), self.layout.dtype),
            tf.TensorSpec((None,), self.targets.dtype),
            tf.TensorSpec((None,), tf.float32),
        )

    def _sequence(self, row: int) -> NDArray[Any]:
        step = self.layout.step_bytes
        size, offset = step * int(self.lengths[row]), step * int(self._offsets[row])
        raw: NDArray[Any] = np.frombuffer(
            os.pread(self._file, size, offset), self.layout.dtype
        )
        return raw.reshape(-1, *self.layout.tail)


def padded(sequences: list[NDArray[Any]], padding: float = 0) -> NDArray[Any]:
    """Sequences of any length as one array (rows, longest, ...), padded at the end."""
    longest, first = max(map(len, sequences)), sequences[0]
    batch = np.full((len(sequences), longest, *first.shape[1:]), padding, first.dtype)
    for target, sequence in zip(batch, sequences, strict=True):
        target[: len(sequence)] = sequence
    return batch


class StoreWriter:
    """Writes a SequenceStore chunk by chunk; ``finish`` gives the store.

    As a context manager it closes its file where something goes wrong in between.
    """

    def __init__(
        self, path: Path, layout: Layout = TOKENS, target_dtype: type = np.int32
    ) -> None:
        self.path = path
        self.layout = layout
        self.target_dtype = target_dtype
        self._file = open(path, "wb")
        self._lengths: list[NDArray[np.int32]] = []
        self._targets: list[NDArray[Any]] = []
        self._whole_lengths: list[NDArray[np.int32]] = []

    def append(
        self, steps: Any, lengths: Any, targets: Any, whole_lengths: Any = None
    ) -> None:
        """Add rows: ``steps`` (all steps, ...) go row after row, ``lengths`` cuts them.

        ``whole_lengths`` are those from before sequences were cut, where they were.
        """
        with self._writing():
            self._file.write(np.ascontiguousarray(steps, self.layout.dtype).tobytes())
        self._lengths.append(np.asarray(lengths, np.int32))
        self._targets.append(np.asarray(targets, self.target_dtype))
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
            np.concatenate(self._targets or [np.zeros(0, self.target_dtype)]),
            self.layout,
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

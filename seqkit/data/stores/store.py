"""Ragged sequences on disk: written once, read by rows in any order.

A row is named columns: its inputs, a target and a weight. Ragged columns have a
sequence of any length a row, and lie on disk; the others have one value a row, and are
in memory. Rows are read with ``pread``, so the sequences never count as this process's
memory; what stays there is some 20 bytes of bookkeeping a row and column.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError

if TYPE_CHECKING:
    import tensorflow as tf

SUMMED_ROWS = 256
"""Rows whose weights are summed in one go."""

Arrays = tuple[Any, NDArray[np.generic], NDArray[np.float32]]
"""Model inputs (an array, or several by name), targets and weights of a batch."""


@dataclass(frozen=True)
class Column:
    """What one column holds of each row, and how that lies on disk."""

    dtype: type
    shape: tuple[int, ...] = ()
    """Axes of one step, or of the one value; () is a number."""
    padding: float = 0
    """What stands behind the end of the shorter sequences of a batch."""
    ragged: bool = True
    """Whether a row has a sequence of steps; False: one value."""

    @property
    def step_bytes(self) -> int:
        return int(np.dtype(self.dtype).itemsize * np.prod(self.shape, dtype=np.int64))

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """The axes of a batch: rows and, where it is ragged, steps come first."""
        return (None, None, *self.shape) if self.ragged else (None, *self.shape)


TOKENS = Column(np.int32)
"""Token ids, padded with 0."""
CLASS = Column(np.int32, ragged=False)
"""The position of a class."""
NUMBER = Column(np.float32, ragged=False)


class Ragged(NamedTuple):
    """Sequences one after another: ``lengths`` (rows,) cuts ``steps`` into rows."""

    steps: NDArray[Any]
    lengths: NDArray[np.integer]

    @classmethod
    def of(cls, rows: Sequence[NDArray[Any]]) -> Ragged:
        """Rows (steps, ...) of any length, at least one."""
        return cls(np.concatenate(rows), np.array([len(row) for row in rows]))

    def rows(self) -> list[NDArray[Any]]:
        """Each row's steps (steps, ...)."""
        return np.split(self.steps, np.cumsum(self.lengths)[:-1])


Values = Ragged | NDArray[Any]
"""Some rows of a column: sequences, or a value each."""


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


class RaggedStore:
    """Rows of named columns; see ``StoreWriter``, which makes it."""

    def __init__(
        self,
        inputs: Mapping[str, _Sequences | _Numbers],
        target: _Sequences | _Numbers,
        weight: _Sequences | _Numbers,
        whole_lengths: NDArray[np.int32],
    ) -> None:
        self._inputs, self._target, self._weight = inputs, target, weight
        self.lengths = _lengths(inputs.values())
        # Keras averages batches by their rows: so an epoch has the mean of its steps.
        self._weight_unit = 1.0
        if isinstance(weight, _Sequences) and weight.total:
            self._weight_unit = len(self.lengths) / weight.total
        self.whole_lengths: NDArray[np.int32] | None = whole_lengths
        self._class_weights: NDArray[np.float32] | None = None
        self.grown_from: RaggedStore | None = None
        """The store whose rows come first, where others were joined to them."""

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def targets(self) -> NDArray[Any]:
        """The targets of all rows, where each has one value."""
        assert isinstance(self._target, _Numbers)
        return self._target.values

    @property
    def weights(self) -> NDArray[np.float32]:
        """The weights of all rows, where each has one value; may be changed."""
        assert isinstance(self._weight, _Numbers)
        return self._weight.values

    def class_totals(self, classes: int) -> NDArray[np.float64]:
        """What the rows of each class, or their steps, weigh together (classes,)."""
        totals = np.zeros(classes)
        for rows in np.array_split(np.arange(len(self)), len(self) // SUMMED_ROWS + 1):
            if len(rows):
                targets, weights = self._target.batch(rows), self._weight.batch(rows)
                totals += np.bincount(targets.ravel(), weights.ravel(), classes)
        return totals

    def weigh_classes(self, weights: NDArray[np.float32]) -> None:
        """Let what is of a class count for ``weights`` (classes,) times as much."""
        if isinstance(self._weight, _Numbers):
            self.weights[:] *= weights[self.targets]
        else:
            self._class_weights = weights

    def arrays(self, rows: NDArray[np.int64]) -> Arrays:
        inputs = {name: column.batch(rows) for name, column in self._inputs.items()}
        targets, weights = self._target.batch(rows), self._weight.batch(rows)
        if self._weight_unit != 1.0:
            weights = weights * np.float32(self._weight_unit)
        if self._class_weights is not None:
            weights = weights * self._class_weights[targets]
        return alone(inputs), targets, weights

    def element_spec(self) -> tuple[Any, ...]:
        inputs = {name: each.column for name, each in self._inputs.items()}
        return (
            alone({name: _spec(column) for name, column in inputs.items()}),
            _spec(self._target.column),
            _spec(self._weight.column),
        )

    def with_rows_of(self, other: RaggedStore) -> RaggedStore:
        """The rows of this store, then those of ``other``, of which none is copied."""
        assert self.whole_lengths is not None and other.whole_lengths is not None
        inputs = {
            name: _both(one, other._inputs[name]) for name, one in self._inputs.items()
        }
        joined = RaggedStore(
            inputs,
            _both(self._target, other._target),
            _both(self._weight, other._weight),
            np.concatenate([self.whole_lengths, other.whole_lengths]),
        )
        joined._class_weights = self._class_weights
        joined.grown_from = self
        return joined

    def taken(self, rows: NDArray[np.int64]) -> RaggedStore:
        """A store of some of the rows, in that order, of which none is copied."""
        assert self.whole_lengths is not None
        inputs = {name: _some(one, rows) for name, one in self._inputs.items()}
        target, weight = _some(self._target, rows), _some(self._weight, rows)
        store = RaggedStore(inputs, target, weight, self.whole_lengths[rows])
        store._class_weights = self._class_weights
        return store

    def close(self) -> None:
        """Let go of the files; the store's own end does it too."""
        for column in (*self._inputs.values(), self._target, self._weight):
            if isinstance(column, _Sequences):
                column.close()


def _lengths(columns: Any) -> NDArray[np.int32]:
    """Steps of each row: the sum over columns, those of equal lengths counted once."""
    different: list[NDArray[np.int32]] = []
    for column in columns:
        if not any(np.array_equal(column.lengths, one) for one in different):
            different.append(column.lengths)
    return different[0] if len(different) == 1 else np.sum(different, 0, np.int32)


def alone(by_name: Mapping[str, Any]) -> Any:
    """The one thing there is, or all of them by name."""
    return dict(by_name) if len(by_name) > 1 else next(iter(by_name.values()))


def _spec(column: Column) -> tf.TensorSpec:
    import tensorflow as tf

    return tf.TensorSpec(column.batch_shape, column.dtype)


class _Numbers:
    """A column of one value a row, in memory."""

    def __init__(self, column: Column, values: NDArray[Any]) -> None:
        self.column, self.values = column, values

    def batch(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        return self.values[rows]


class _Sequences:
    """A column of sequences, on disk."""

    def __init__(
        self, column: Column, path: Path, lengths: NDArray[np.int32], total: float
    ) -> None:
        self.column, self.lengths, self.total = column, lengths, total
        self._offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        self._file = os.open(path, os.O_RDONLY)
        self.close = weakref.finalize(self, os.close, self._file)

    def batch(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """The sequences of ``rows`` (rows, longest, ...), padded behind each end."""
        return padded([self._sequence(int(row)) for row in rows], self.column.padding)

    def _sequence(self, row: int) -> NDArray[Any]:
        step = self.column.step_bytes
        size, offset = step * int(self.lengths[row]), step * int(self._offsets[row])
        raw: NDArray[Any] = np.frombuffer(
            os.pread(self._file, size, offset), self.column.dtype
        )
        return raw.reshape(-1, *self.column.shape)


class _BothSequences(_Sequences):
    """The rows of a column, then those of another one of its kind."""

    def __init__(self, one: _Sequences, other: _Sequences) -> None:
        self.column, self._parts = one.column, (one, other)
        self.lengths = np.concatenate([one.lengths, other.lengths])
        self.total = one.total + other.total

    def _sequence(self, row: int) -> NDArray[Any]:
        one, other = self._parts
        first = len(one.lengths)
        return one._sequence(row) if row < first else other._sequence(row - first)

    def close(self) -> None:  # type: ignore[override]
        """Leave the files to the columns that opened them."""


class _SomeSequences(_Sequences):
    """Some rows of a column."""

    def __init__(self, whole: _Sequences, rows: NDArray[np.int64]) -> None:
        self.column, self._whole, self._rows = whole.column, whole, rows
        self.lengths = whole.lengths[rows]
        self.total = sum(float(self._sequence(row).sum()) for row in range(len(rows)))

    def _sequence(self, row: int) -> NDArray[Any]:
        return self._whole._sequence(int(self._rows[row]))

    def close(self) -> None:  # type: ignore[override]
        """Leave the file to the column that opened it."""


def _some(column: Any, rows: NDArray[np.int64]) -> Any:
    if isinstance(column, _Sequences):
        return _SomeSequences(column, rows)
    return _Numbers(column.column, column.values[rows])


def _both(one: Any, other: Any) -> Any:
    if isinstance(one, _Sequences):
        return _BothSequences(one, other)
    return _Numbers(one.column, np.concatenate([one.values, other.values]))


def padded(sequences: list[NDArray[Any]], padding: float = 0) -> NDArray[Any]:
    """Sequences of any length as one array (rows, longest, ...), padded at the end."""
    longest, first = max(map(len, sequences)), sequences[0]
    batch = np.full((len(sequences), longest, *first.shape[1:]), padding, first.dtype)
    for target, sequence in zip(batch, sequences, strict=True):
        target[: len(sequence)] = sequence
    return batch


class StoreWriter:
    """Writes a RaggedStore chunk by chunk; ``finish`` gives the store.

    As a context manager it closes its files where something goes wrong in between.

    Args:
        path: what the names of the files begin with; they end with a column's name.
        inputs: the columns that a model reads, by name.
        target: the column of its targets.
    """

    def __init__(
        self, path: Path, inputs: Mapping[str, Column], target: Column
    ) -> None:
        weight = Column(np.float32, ragged=target.ragged)
        columns = {**inputs, _TARGET: target, _WEIGHT: weight}
        self._folder = path.parent
        self._columns: dict[str, _SequenceWriter | _NumberWriter] = {}
        for name, column in columns.items():
            place = path.with_name(f"{path.name}.{name}")
            self._columns[name] = (
                _SequenceWriter(column, place)
                if column.ragged
                else _NumberWriter(column)
            )
        self._whole_lengths: list[NDArray[np.int32]] = []

    def append(
        self,
        inputs: Mapping[str, Values],
        target: Values,
        weight: Values | None = None,
        whole_lengths: Any = None,
    ) -> None:
        """Add rows.

        Args:
            inputs: of each input column the rows' sequences, or values.
            target: the rows' targets.
            weight: the rows' weights, or those of their steps; None: 1. Those of steps
                come back in such a unit that they add up to the number of rows.
            whole_lengths: steps (rows,) from before the first input was cut, where it
                was.
        """
        if weight is None:
            weight = _ones_like(target)
        with self._writing():
            for name, values in {**inputs, _TARGET: target, _WEIGHT: weight}.items():
                self._columns[name].append(values)
        if whole_lengths is None:
            whole_lengths = _rows_lengths(next(iter(inputs.values())))
        self._whole_lengths.append(np.asarray(whole_lengths, np.int32))

    def finish(self) -> RaggedStore:
        """Close the files and open them as a store."""
        with self._writing():
            columns = {name: each.finish() for name, each in self._columns.items()}
        target, weight = columns.pop(_TARGET), columns.pop(_WEIGHT)
        whole_lengths = np.concatenate(self._whole_lengths or [np.zeros(0, np.int32)])
        return RaggedStore(columns, target, weight, whole_lengths)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            for column in self._columns.values():
                with suppress(OSError):
                    column.close()
            raise DataError(
                f"The prepared data cannot be written to {self._folder}: "
                f"{(error.strerror or str(error)).lower()}. Free some space or set "
                "TMPDIR to another disk."
            ) from None


_TARGET, _WEIGHT = "(target)", "(weight)"


def _ones_like(target: Values) -> Values:
    if isinstance(target, Ragged):
        return Ragged(np.ones(len(target.steps), np.float32), target.lengths)
    return np.ones(len(target), np.float32)


def _rows_lengths(values: Values) -> NDArray[Any]:
    return values.lengths if isinstance(values, Ragged) else np.ones(len(values))


class _SequenceWriter:
    """Sequences on their way to disk."""

    def __init__(self, column: Column, path: Path) -> None:
        self._column, self._path = column, path
        self._file = open(path, "wb")
        self._lengths: list[NDArray[np.int32]] = []
        self._total = 0.0

    def append(self, values: Values) -> None:
        assert isinstance(values, Ragged)
        self._total += float(np.sum(values.steps, dtype=np.float64))
        raw = np.ascontiguousarray(values.steps, self._column.dtype).tobytes()
        self._file.write(raw)
        self._lengths.append(np.asarray(values.lengths, np.int32))

    def finish(self) -> _Sequences:
        with self._file:
            self._file.flush()
        lengths = np.concatenate(self._lengths or [np.zeros(0, np.int32)])
        return _Sequences(self._column, self._path, lengths, self._total)

    def close(self) -> None:
        self._file.close()


class _NumberWriter:
    """Values, one a row, that are gathered in memory."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._values: list[NDArray[Any]] = []

    def append(self, values: Values) -> None:
        self._values.append(np.asarray(values, self._column.dtype))

    def finish(self) -> _Numbers:
        empty: NDArray[Any] = np.zeros((0, *self._column.shape), self._column.dtype)
        return _Numbers(self._column, np.concatenate([empty, *self._values]))

    def close(self) -> None:
        """Nothing is open."""

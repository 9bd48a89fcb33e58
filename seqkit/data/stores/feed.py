"""Batches of sequences of like length, in an order that seed and epoch determine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqkit.data.stores.store import Store

Outputs: TypeAlias = Any
"""What a model answers: one output, or several by name, as Keras has it. Each is an
array (rows, ...), or a list of arrays where each row has steps of its own."""

WINDOW_BATCHES = 64
"""Batches whose rows are sorted by length together: padding stays near 5%, and which
rows meet in a batch still changes from epoch to epoch."""


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """Batches an epoch; every row comes once."""
    return -(-rows // batch_size)


def bucketed(
    order: NDArray[np.int64], lengths: NDArray[np.int32], batch_size: int
) -> list[NDArray[np.int64]]:
    """Cut ``order`` into batches of like length, sorting within windows of it."""
    batches = []
    window = batch_size * WINDOW_BATCHES
    for start in range(0, len(order), window):
        rows = order[start : start + window]
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        batches += [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    return batches


def answered_by_length(
    answer: Callable[[NDArray[np.int64]], Any],
    lengths: NDArray[np.int32],
    batch_size: int,
    steps: NDArray[np.int32] | None = None,
) -> Outputs:
    """Answer rows in batches of like length; the answers in the order of the rows.

    Args:
        answer: takes the numbers of a batch's rows; gives one array (batch, ...), or
            several by name.
        lengths: (rows,) of the inputs.
        batch_size: rows of a batch.
        steps: (rows,) of the answers, where each has some of its own: what stands
            behind them is padding, and is cut off.

    Returns:
        the answers (rows, ...); with ``steps``, a list of a row's (steps, ...) each.
    """
    batches = bucketed(np.arange(len(lengths)), lengths, batch_size)
    outputs = [answer(batch) for batch in batches]
    order = np.argsort(np.concatenate(batches))
    if isinstance(outputs[0], Mapping):
        return {
            name: _in_order([one[name] for one in outputs], batches, order, steps)
            for name in outputs[0]
        }
    return _in_order(outputs, batches, order, steps)


def _in_order(
    outputs: list[Any],
    batches: list[NDArray[np.int64]],
    order: NDArray[np.int64],
    steps: NDArray[np.int32] | None,
) -> Any:
    """Batches of one output (batch, ...) as rows, in their order."""
    arrays = [np.asarray(one) for one in outputs]
    if steps is None:
        return np.concatenate(arrays)[order]
    rows = [
        row[: steps[number]]
        for batch, array in zip(batches, arrays, strict=True)
        for number, row in zip(batch, array, strict=True)
    ]
    return [rows[place] for place in order]


def training_batches(
    lengths: NDArray[np.int32], batch_size: int, seed: int, epoch: int
) -> list[NDArray[np.int64]]:
    """The batches of one epoch, as row numbers, which seed and epoch determine."""
    random = np.random.default_rng([seed, epoch])
    batches = bucketed(random.permutation(len(lengths)), lengths, batch_size)
    random.shuffle(batches)
    return batches


class Feed:
    """Feeds a store to ``keras.Model.fit``: one epoch an iteration.

    ``epoch`` says which order comes next; the trainer sets it before each epoch, so
    that a resumed run sees the batches that an unbroken one would have seen.
    """

    def __init__(self, store: Store, batch_size: int, seed: int | None = None) -> None:
        self.store = store
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0

    def batches(self) -> list[NDArray[np.int64]]:
        """This epoch's batches; without a seed, all rows from short to long."""
        lengths = self.store.lengths
        if self.seed is None:
            order = np.argsort(lengths, kind="stable")
            return bucketed(order, lengths, self.batch_size)
        return training_batches(lengths, self.batch_size, self.seed, self.epoch)

    def arrays(self) -> Iterator[Any]:
        """This epoch's batches: inputs, targets and weights, a row an example."""
        for rows in self.batches():
            yield self.store.arrays(rows)

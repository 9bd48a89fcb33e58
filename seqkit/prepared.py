"""Data made ready for training: opened, parted, fitted and stored; shared by trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqkit.data.batching import steps_per_epoch
from seqkit.errors import DataError
from seqkit.recipe import Recipe
from seqkit.registry import TASKS
from seqkit.signature import Signature

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.data.store import Store
    from seqkit.tasks.base import Preprocessing, Task, TaskData


@dataclass(frozen=True)
class Prepared:
    """What recipes of the same ``Task.data_key`` train on."""

    task: Task
    data: TaskData
    preprocessing: Preprocessing
    stores: Mapping[str, Store]
    """``train`` and ``validation``."""

    @property
    def rows(self) -> dict[str, int]:
        """Rows to train on, and to validate on."""
        return {part: len(store) for part, store in self.stores.items()}

    def signature(self, batch_size: int) -> Signature:
        """The true shapes, and the steps of an epoch of such batches."""
        steps = steps_per_epoch(len(self.stores["train"]), batch_size)
        return replace(self.preprocessing.signature, steps_per_epoch=steps)


def opened(recipe: Recipe, source: Source) -> tuple[Task, TaskData]:
    """The recipe's task and the parted rows of ``source``; writes nothing.

    Raises:
        DataError: the data cannot be used, or leave no rows to train on.
    """
    task = TASKS.get(recipe.task)()
    data = task.open(recipe, source)
    if not data.count("train"):
        raise DataError(f"{source.name} leaves no rows to train on. Give more rows.")
    return task, data


def stored(
    task: Task, data: TaskData, preprocessing: Preprocessing, folder: Path
) -> Prepared:
    """The same with its stores, whose files lie in ``folder`` as long as it is used."""
    return Prepared(task, data, preprocessing, data.stores(preprocessing, folder))


def prepared(recipe: Recipe, source: Source, folder: Path) -> Prepared:
    """Open ``source``, fit the preprocessing on its training part, fill the stores.

    Args:
        recipe: any of those that share its ``data_key``.
        source: the rows.
        folder: where the files of the stores lie as long as they are used.

    Raises:
        DataError: the data cannot be used, or leave no rows to train on.
    """
    task, data = opened(recipe, source)
    return stored(task, data, data.preprocessing(), folder)

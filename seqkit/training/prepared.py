"""Data made ready for training: opened, parted, fitted and stored; shared by trials."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqkit.data.rows.kept import cannot_keep, kept_source, save_rows, save_seen
from seqkit.data.rows.spool import spooled
from seqkit.data.stores.feed import steps_per_epoch
from seqkit.errors import DataError, DataWarning
from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS
from seqkit.signature import Signature

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.data.stores.store import Store
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

    def whole_store(self) -> Store:
        """The rows of both, to train on all of them."""
        return self.data.whole_store(self.preprocessing, self.stores)

    def signature(self, batch_size: int) -> Signature:
        """The true shapes, and the steps of an epoch of such batches."""
        steps = steps_per_epoch(len(self.stores["train"]), batch_size)
        return replace(self.preprocessing.signature, steps_per_epoch=steps)


def opened(
    recipe: Recipe, source: Source, cache: Path | None = None
) -> tuple[Task, TaskData]:
    """The recipe's task and the parted rows of ``source``.

    What its parts lack is told in a DataWarning.

    Args:
        recipe: says how they are read and parted.
        source: the rows.
        cache: a folder that stays as long as the rows are read. What is parsed of files
            is kept there for later passes; None: each pass parses them.

    Raises:
        DataError: the data cannot be used, or leave no rows to train on.
    """
    task = TASKS.get(recipe.task)()
    # What is parted by time is read in one pass.
    if cache is not None and not task.by_time:
        source = spooled(source, cache)
    data = task.open(recipe.data, recipe.model, source)
    if not data.count("train"):
        raise DataError(f"{source.name} leaves no rows to train on. Give more rows.")
    for remark in data.remarks():
        warnings.warn(remark, DataWarning, stacklevel=2)
    return task, data


def keep(task: Task, data: TaskData, recipe: Recipe, folder: Path) -> None:
    """Write what training saw into a run's folder, and what no file has besides.

    Of a DataFrame these are the rows of the test part, or all rows where parts are cut
    by time.
    """
    save_seen(data.seen(), folder)
    # A forecast goes on from the series, though none of it be held out.
    needed = task.by_time or data.count("test")
    if recipe.data.source != "frame" or not needed:
        return
    try:
        save_rows(data.held_out_frame(), folder)
    except (ValueError, TypeError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
    else:
        if not task.by_time or _reads_back(task, data, recipe, folder):
            return
        reason = "they come back otherwise than they were"
    cannot_keep(folder, reason)


def _reads_back(task: Task, data: TaskData, recipe: Recipe, folder: Path) -> bool:
    """Whether rows that were written are the same series when they are read again."""
    source = kept_source(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        try:
            again = task.open(recipe.data, recipe.model, source)
            return again.fingerprint == data.fingerprint
        except DataError:
            return False


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
        folder: where the rows and the stores lie as long as they are used.

    Raises:
        DataError: the data cannot be used, or leave no rows to train on.
    """
    task, data = opened(recipe, source, folder)
    return stored(task, data, data.preprocessing(), folder)

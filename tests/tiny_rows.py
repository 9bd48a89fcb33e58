"""Parted rows of the tasks with an answer a row, and their stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from seqkit.data.sources.base import Source
from seqkit.data.stores.store import RaggedStore
from seqkit.registry import TASKS
from seqkit.tasks.rows import RowData


def row_data(task: str, spec: Any, source: Source) -> RowData:
    """``source`` as the task of that name opens it."""
    opened: RowData = TASKS.get(task)().open(spec, None, source)
    return opened


def inputs_of(data: RowData, part: str) -> list[Any]:
    return [one for chunk in data.rows.rows(part) for one in chunk.inputs]


def truth_of(data: RowData, part: str) -> np.ndarray:
    return np.concatenate([chunk.truth for chunk in data.examples(part)])


def store_of(data: RowData, part: str, folder: Path) -> RaggedStore:
    """The store of any part, made with what is fitted on the training part."""
    return data._store(part, data.preprocessing(), folder / part)


def batch_of(store: RaggedStore, *rows: int) -> Any:
    """The model's inputs of some rows; without any, of all."""
    places = np.array(rows) if rows else np.arange(len(store))
    return store.arrays(places)[0]

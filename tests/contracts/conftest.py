"""Where the sources of the tasks' own recipes lie, and how they are opened."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seqkit.data.sources.given import given_source
from seqkit.errors import DataWarning
from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS


@pytest.fixture(autouse=True)
def no_warnings_of_mended_data() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        yield


@pytest.fixture(scope="module")
def known() -> dict[Any, Any]:
    """What base recipes gave; most keys have the same one."""
    return {}


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where the sources of a task's recipes lie."""
    # Not at the top: cases load TensorFlow, and this file is read for any test.
    from cases.table import KEYS

    @cache
    def folder_of(task: str) -> Path:
        folder = tmp_path_factory.mktemp(task)
        for name, frame in KEYS[task].frames().items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        return folder

    return folder_of


@pytest.fixture
def opened(
    folder_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Recipe], Any]:
    """Open a recipe's source in the folder of its task; tells nothing of mends."""

    def open_(recipe: Recipe) -> Any:
        monkeypatch.chdir(folder_of(recipe.task))
        source = given_source(None, recipe.data)
        return TASKS.get(recipe.task)().open(recipe.data, recipe.model, source)

    return open_

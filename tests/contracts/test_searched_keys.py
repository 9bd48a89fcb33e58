"""What a search may change, and what it may not: the rows and truth of its score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cases.keys import Change, once
from cases.table import KEYS, each, recipes

from seqkit.errors import DataError
from seqkit.recipe.recipe import Recipe
from seqkit.recipe.search_keys import fixed_keys_of_all

FIXED = fixed_keys_of_all()
NAMES_A_FOLDER = "data.data_dir"
"""It is of the same kind as data.source, and needs a data set prepared."""


@pytest.fixture
def measured(
    opened: Callable[[Recipe], Any], known: dict[Any, Any]
) -> Callable[[Recipe], dict[str, Any]]:
    """The rows of validation and test, with their truth, and the classes' names."""

    def measure(recipe: Recipe) -> dict[str, Any]:
        try:
            data = opened(recipe)
            classes = data.preprocessing().signature.classes
        except DataError as error:
            return {"refused": str(error)}
        row = KEYS[recipe.task].row
        found: dict[str, Any] = {"classes": classes}
        for part in ("validation", "test"):
            chunks = list(data.examples(part))
            assert chunks
            found[part] = [
                (
                    [row(one) for one in chunk.inputs],
                    [np.asarray(one).tolist() for one in chunk.truth],
                )
                for chunk in chunks
            ]
        return found

    return once(known, "measured", measure)


@each("data", but=FIXED)
def test_searched_key_leaves_alone_what_is_measured(
    task: str, key: str, case: Change, measured: Callable[[Recipe], dict[str, Any]]
) -> None:
    base, changed = recipes(task, key, case)
    expected = measured(base)
    assert "refused" not in expected
    for recipe in changed:
        assert measured(recipe) == expected


@pytest.mark.parametrize(
    "key",
    sorted(k for k in FIXED - {NAMES_A_FOLDER} if k.startswith("data.")),
)
def test_key_that_is_not_searched_changes_what_is_measured(
    key: str, measured: Callable[[Recipe], dict[str, Any]]
) -> None:
    for task in KEYS:
        for other, case in KEYS[task].cases("data"):
            if other == key:
                base, changed = recipes(task, key, case)
                if any(measured(recipe) != measured(base) for recipe in changed):
                    return
    pytest.fail(f"{key} changes nothing that is measured: it may be searched.")

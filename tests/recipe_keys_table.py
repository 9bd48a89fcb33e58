"""The keys of all tasks, and the recipes by which they are tried."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
import recipe_keys_forecast
import recipe_keys_series
import recipe_keys_text
from crossing import sections
from recipe_keys import Case, TaskKeys

from seqkit.recipe.recipe import Recipe, load_recipe

KEYS: dict[str, TaskKeys] = {
    "classify_text": recipe_keys_text.KEYS,
    "forecast": recipe_keys_forecast.KEYS,
    "classify_series": recipe_keys_series.CLASS_KEYS,
    "regress_series": recipe_keys_series.NUMBER_KEYS,
}


def each(section: str, but: Collection[str] = ()) -> Any:
    """Each case of each task, save those of some keys."""
    cases = [
        pytest.param(
            task,
            key,
            case,
            id=f"{task}-{key}-{case.shows}",
            marks=[] if keys.is_quick(key) else [pytest.mark.slow],
        )
        for task, keys in KEYS.items()
        for key, case in keys.cases(section)
        if key not in but
    ]
    return pytest.mark.parametrize(("task", "key", "case"), cases)


def recipes(task: str, key: str, case: Case) -> tuple[Recipe, list[Recipe]]:
    """The base recipe of a key, and the same with the key changed, in every way."""
    base = load_recipe(KEYS[task].recipe, sections(KEYS[task].base | case.base))
    assert base.task == task
    values = (case.value, *case.others)
    return base, [base.with_({key: value} | case.also) for value in values]

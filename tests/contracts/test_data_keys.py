"""Recipes of one ``data_key`` share their data: keys outside of it change none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases.keys import TaskKeys
from cases.table import KEYS, each_run, recipes

from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS
from seqkit.training.build import build
from seqkit.training.prepared import Prepared, stored

Changes = list[tuple[str, Recipe, Recipe]]
"""A key, a base recipe, and the same with the key changed."""


def changes(task: str, section: str) -> Changes:
    return [
        (key, base, changed)
        for key, case in KEYS[task].cases(section)
        for base, others in [recipes(task, key, case)]
        for changed in others
    ]


def key_of(recipe: Recipe) -> Any:
    return TASKS.get(recipe.task)().data_key(recipe.data, recipe.model)


@pytest.fixture
def prepare(
    opened: Callable[[Recipe], Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Recipe], Prepared]:
    known: dict[Recipe, Prepared] = {}

    def prepare(recipe: Recipe) -> Prepared:
        if recipe not in known:
            data = opened(recipe)
            task, folder = TASKS.get(recipe.task)(), tmp_path_factory.mktemp("stores")
            known[recipe] = stored(task, data, data.preprocessing(), folder)
        return known[recipe]

    return prepare


def shown(ready: Prepared, keys: TaskKeys, folder: Path) -> tuple[Any, ...]:
    """All that trials take of prepared data, as plain data."""
    ready.preprocessing.save(folder)
    fitted = (folder / "preprocessing.json").read_text()
    plain = keys.prepared(ready.data, ready.preprocessing, ready.stores)
    return ready.data.fingerprint, ready.signature(8), fitted, plain


@pytest.mark.parametrize("task", list(KEYS))
def test_every_key_of_data_makes_other_data(task: str) -> None:
    found = changes(task, "data")
    assert found
    assert all(key_of(base) != key_of(changed) for _, base, changed in found)


@pytest.mark.parametrize("task", list(KEYS))
def test_training_and_the_common_keys_of_models_share_the_data(task: str) -> None:
    shared = {
        key
        for section in ("model", "train")
        for key, base, changed in changes(task, section)
        if key_of(base) == key_of(changed)
    }
    assert shared >= {key for key, _, _ in changes(task, "train")}
    assert shared >= {"model.cell", "model.units", "model.dropout"}


@each_run()
def test_recipes_of_one_key_are_prepared_alike(
    task: str, prepare: Callable[[Recipe], Prepared], tmp_path: Path
) -> None:
    known: dict[Recipe, tuple[Any, ...]] = {}

    def plain(recipe: Recipe) -> tuple[Any, ...]:
        # Keys of the training are read by neither: `prepared` has no such argument.
        bare = recipe.model_copy(update={"train": base.train})
        if bare not in known:
            known[bare] = shown(prepare(bare), KEYS[task], tmp_path)
        return known[bare]

    for key, base, changed in changes(task, "model"):
        if key_of(base) == key_of(changed):
            assert plain(changed) == plain(base), key


@pytest.mark.slow
@pytest.mark.parametrize("task", list(KEYS))
def test_models_answer_alike_with_any_preprocessing_of_their_key(
    task: str, prepare: Callable[[Recipe], Prepared]
) -> None:
    """What the preprocessing makes of a model's outputs depends on the key alone."""
    answers: dict[Recipe, Any] = {}

    def answered(recipe: Recipe, base: Recipe) -> Any:
        ready = prepare(recipe)
        model = build(base, signature=ready.signature(8))
        fitted = ready.preprocessing.calibrated(model, ready.data)
        answer = fitted.answering(model)
        return [answer(chunk.inputs) for chunk in ready.data.examples("validation")]

    for key, base, changed in changes(task, "model"):
        if key_of(base) != key_of(changed):
            continue
        if base not in answers:
            answers[base] = answered(base, base)
        for one, other in zip(answers[base], answered(changed, base), strict=True):
            np.testing.assert_array_equal(one, other, key)

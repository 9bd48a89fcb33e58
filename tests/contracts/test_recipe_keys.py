"""Every key of a recipe acts: changed, it changes what the table says it changes.

Each task brings its table (tests/cases/TASK.py); a key that its types have and the
table lacks fails the suite, and so does a task without a table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from cases.keys import Change, once, prepare_tfds
from cases.table import KEYS, each, recipes

from seqkit.errors import DataError
from seqkit.recipe.recipe import Recipe
from seqkit.recipe.spec import TrainSpec
from seqkit.registry import TASKS
from seqkit.training.build import build
from seqkit.training.checkpoints import Checkpoints
from seqkit.training.loop import train

ELSEWHERE = {"folds", "members", "mend", "minutes", "refit"}
"""Keys of ``train`` that act around a training: tests/training and tests/tasks/rules
see that they do."""
WITH_FILES = {"letters", "pretrained_vectors", "frozen_vectors"}
"""Keys that need a file or a second input: tests/runs/test_pretrained_vectors.py and
tests/tasks/test_blend.py see that they act."""


def assert_all_differ(shown: list[Any]) -> None:
    assert all(one != other for one, other in combinations(shown, 2))


def test_every_task_has_its_table() -> None:
    assert set(KEYS) == set(TASKS)


@pytest.mark.parametrize("task", list(KEYS))
def test_every_key_is_in_the_table(task: str) -> None:
    types, keys = TASKS.get(task), KEYS[task]
    assert set(keys.data) == set(types.Data.model_fields) - WITH_FILES
    variants = types.Model.variants().values()
    fields = set[str]().union(*(each.model_fields for each in variants))
    assert set(keys.model) == fields - WITH_FILES
    assert set(keys.train) | ELSEWHERE == set(TrainSpec.model_fields)
    assert set(keys.decode) == set(types.Decode.model_fields if types.Decode else ())


# Data


@pytest.fixture
def prepared(
    opened: Callable[[Recipe], Any],
    known: dict[Any, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Recipe], dict[str, Any]]:
    """All that a recipe's ``data`` section decides, as plain data."""

    def prepare(recipe: Recipe) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("prepared")
        try:
            data = opened(recipe)
            fitted = data.preprocessing()
            stores = data.stores(fitted, folder)
        except DataError as error:
            return {"refused": str(error)}
        return KEYS[recipe.task].prepared(data, fitted, stores)

    def prepare_twice(recipe: Recipe) -> dict[str, Any]:
        plain = prepare(recipe)
        assert prepare(recipe) == plain
        return plain

    return once(known, "prepared", prepare_twice)


@each("data")
def test_data_key_acts(
    task: str,
    key: str,
    case: Change,
    folder_of: Callable[[str], Path],
    prepared: Callable[[Recipe], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = folder_of(task)
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder / "one"))
    if key == "data.data_dir":
        frames = KEYS[task].frames()
        prepare_tfds(folder / "one", frames["rows"])
        prepare_tfds(folder / "two", frames["other"])
    base, changed = recipes(task, key, case)
    before = prepared(base)
    assert ("refused" in before) is case.refused, before.get("refused")
    after = [prepared(recipe) for recipe in changed]
    assert not any("refused" in plain for plain in after), after
    shown = [] if case.refused else [before[case.shows]]
    assert_all_differ(shown + [plain[case.shows] for plain in after])


# Model


@cache
def built(recipe: Recipe) -> keras.Model:
    return build(recipe)


@cache
def base_answers(recipe: Recipe) -> np.ndarray[Any, Any]:
    """What a base model gives, in training as at any other time."""
    model = built(recipe)
    inputs = KEYS[recipe.task].inputs(model)
    answers = np.asarray(model(inputs))
    assert np.array_equal(model(inputs, training=True), answers)
    return answers


def shapes(model: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


def assert_acts_in_the_graph(case: Change, base: Recipe, changed: list[Recipe]) -> None:
    """The base model and the changed ones differ in their shapes or what they give."""
    model = built(base)
    others = [build(recipe) for recipe in changed]
    if case.shows == "shapes":
        assert_all_differ([shapes(one) for one in (model, *others)])
        return
    before, inputs = base_answers(base), KEYS[base.task].inputs(model)
    weights, seen = model.get_weights(), [before]
    for other in others:
        # The weights are the same, so what differs comes from the key alone.
        assert shapes(other) == shapes(model)
        other.set_weights(weights)
        after = np.asarray(other(inputs))
        if case.shows == "training":
            np.testing.assert_allclose(after, before, atol=1e-6)
            after = np.asarray(other(inputs, training=True))
        seen.append(after)
    for one, other in combinations(seen, 2):
        assert np.abs(one - other).max() > 1e-4


@each("model")
def test_model_key_acts(
    task: str,
    key: str,
    case: Change,
    served: Callable[[Recipe], Any],
    trained: Callable[[Recipe], dict[str, Any]],
) -> None:
    base, changed = recipes(task, key, case)
    if case.shows == "weights":
        assert_all_differ([trained(one)["weights"] for one in (base, *changed)])
    elif case.shows == "served":
        assert_all_differ([served(one) for one in (base, *changed)])
    else:
        assert_acts_in_the_graph(case, base, changed)


@pytest.fixture
def served(
    opened: Callable[[Recipe], Any], known: dict[Any, Any]
) -> Callable[[Recipe], Any]:
    """What an untrained model answers in the data's own units, once it is calibrated.

    The first weights depend on the seed alone.
    """

    def serve(recipe: Recipe) -> Any:
        data = opened(recipe)
        fitted = data.preprocessing()
        model = build(recipe, signature=fitted.signature)
        fitted = fitted.calibrated(model, data)
        return KEYS[recipe.task].answers(data, fitted.answering(model, recipe.decode))

    return once(known, "served", serve)


# Decoding


@each("decode")
def test_decode_key_acts(
    task: str, key: str, case: Change, served: Callable[[Recipe], Any]
) -> None:
    base, changed = recipes(task, key, case)
    assert_all_differ([served(one) for one in (base, *changed)])


# Training


@pytest.fixture
def trained(
    opened: Callable[[Recipe], Any],
    known: dict[Any, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Recipe], dict[str, Any]]:
    """Weights after the last epoch, those kept, and how many epochs there were."""

    def train_(recipe: Recipe) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("trained")
        data = opened(recipe)
        fitted = data.preprocessing()
        stores = data.stores(fitted, folder)
        last: list[np.ndarray] = []

        class Last(keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                last[:] = self.model.get_weights()

        epochs = Checkpoints(folder)
        model, history = train(recipe, fitted.signature, stores, epochs, [Last()])
        return {
            "epochs": len(history),
            "weights": [w.tolist() for w in last],
            "kept": [w.tolist() for w in model.get_weights()],
        }

    return once(known, "trained", train_)


@each("train")
def test_train_key_acts(
    task: str,
    key: str,
    case: Change,
    trained: Callable[[Recipe], dict[str, Any]],
) -> None:
    base, changed = recipes(task, key, case)
    # Training is repeatable to the last bit, as tests/test_fit.py sees: any difference
    # is the key's.
    assert_all_differ([trained(one)[case.shows] for one in (base, *changed)])

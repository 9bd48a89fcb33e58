"""Every cell x direction x pooling of whole series: it builds, minds its masks, saves.

What is crossed is read from the tables and types themselves. Quick is each cell and
pooling, and each cell and direction; the whole cross is slow.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

import keras
import numpy as np
import pytest
import tensorflow as tf
from crossing import DIRECTIONS, HARD, answers, assert_comes_back, with_large_weights
from numpy.typing import NDArray

from seqkit.layers.series_padding import PADDING
from seqkit.models.specs import SeriesModel
from seqkit.registry import CELLS
from seqkit.signature import Signature
from seqkit.training.build import build

POOLINGS = get_args(SeriesModel.model_fields["pooling"].annotation)
RECIPES = {
    "classify_series": "motion_classification",
    "regress_series": "adding_problem",
}

Combination = tuple[str, str, str, str]


def is_quick(task: str, cell: str, direction: str, pooling: str) -> bool:
    """Each cell with each pooling, directions in turn; of the second task some."""
    places = (list(CELLS).index(cell), POOLINGS.index(pooling))
    in_turn = (2 * places[0] + places[1]) % len(DIRECTIONS)
    first = task == next(iter(RECIPES)) or places[0] == places[1] % len(list(CELLS))
    return first and DIRECTIONS.index(direction) == in_turn


EACH = pytest.mark.parametrize(
    "combination",
    [
        pytest.param(
            one, id="-".join(one), marks=[] if is_quick(*one) else [pytest.mark.slow]
        )
        for one in product(RECIPES, CELLS, DIRECTIONS, POOLINGS)
    ],
)
EACH_HARD = pytest.mark.parametrize(
    ("task", "cell"),
    [
        pytest.param(task, cell, marks=[pytest.mark.slow] if number else [])
        for number, task in enumerate(RECIPES)
        for cell in CELLS
    ],
)


@cache
def made(
    task: str, cell: str, bidirectional: str, pooling: str, hard: bool = False
) -> keras.Model:
    """A tiny model of series of two columns."""
    model = {
        "cell": cell,
        "bidirectional": bidirectional,
        "pooling": pooling,
        "units": [3],
        "dropout": 0.0,
    }
    model |= HARD | {"embedding": 4, "noise": 0.5} if hard else {}
    classes = ("bad", "good", "so-so") if task == "classify_series" else ()
    signature = Signature(features=2, classes=classes)
    return with_large_weights(build(RECIPES[task], {"model": model}, signature))


def series() -> NDArray[np.float32]:
    """Three series of 6, 4 and 1 steps."""
    steps = np.random.default_rng(1).normal(size=(3, 6, 2)).astype(np.float32)
    steps[1, 4:], steps[2, 1:] = PADDING, PADDING
    return steps


def assert_masked(model: keras.Model) -> None:
    """Padding changes nothing, and numbers in its place would."""
    steps = series()
    whole = answers(model, steps)
    further = np.pad(steps, ((0, 0), (0, 5), (0, 0)), constant_values=PADDING)
    np.testing.assert_allclose(answers(model, further), whole, rtol=0, atol=1e-6)
    alone = answers(model, steps[1:2, :4])
    np.testing.assert_allclose(alone[0], whole[1], rtol=0, atol=1e-6)
    filled = [np.where(steps == PADDING, number, steps) for number in (-2, 0, 3)]
    moved = answers(model, np.float32(filled).reshape(9, 6, 2)).reshape(3, 3, -1)
    assert np.abs(moved - whole)[:, 1:].max(axis=(0, 2)).min() > 1e-4


@EACH
def test_builds_a_model_to_which_steps_tell(combination: Combination) -> None:
    model, (task, _, _, pooling) = made(*combination), combination
    rows = answers(model, series())
    if task == "classify_series":
        assert rows.shape == (3, 3)
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-6)
    else:
        assert rows.shape == (3, 1)
    others = np.repeat(series()[:1], 6, axis=0)
    others[np.arange(6), np.arange(6)] += [1.5, -1.5]
    moved = np.abs(answers(model, others) - rows[0]).max(axis=1) > 1e-6
    # A maximum need not see every step.
    assert moved.any() if pooling == "max" else moved.all()


@EACH
def test_minds_its_masks(combination: Combination) -> None:
    assert_masked(made(*combination))


@EACH
def test_comes_back_from_a_keras_file(combination: Combination, tmp_path: Path) -> None:
    assert_comes_back(made(*combination), series(), tmp_path / "model.keras")


@EACH_HARD
@pytest.mark.parametrize(
    "pooling", ["attention", pytest.param("last", marks=pytest.mark.slow)]
)
def test_all_options_together_mind_their_masks(
    task: str, cell: str, pooling: str
) -> None:
    assert_masked(made(task, cell, "concat", pooling, hard=True))


@EACH_HARD
def test_all_options_together_come_back(task: str, cell: str, tmp_path: Path) -> None:
    model = made(task, cell, "concat", "attention", hard=True)
    assert_comes_back(model, series(), tmp_path / "model.keras")


@EACH_HARD
def test_gradients_reach_every_weight(task: str, cell: str) -> None:
    model = made(task, cell, "concat", "attention", hard=True)
    with tf.GradientTape() as tape:
        # Dropout may switch any single path off.
        loss = tf.reduce_sum(model(series(), training=False) ** 2)
    values = [variable.value for variable in model.trainable_variables]
    for variable, gradient in zip(
        model.trainable_variables, tape.gradient(loss, values), strict=True
    ):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), variable.path
        assert np.abs(gradient).max() > 0, variable.path

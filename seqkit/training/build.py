"""Recipe -> compiled keras.Model; touches neither data nor network."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.registry import TASKS
from seqkit.shared.quiet import load_tensorflow
from seqkit.signature import Signature

if TYPE_CHECKING:
    import keras

PLANNED_STEPS = 1000
"""Steps an epoch that a schedule plans with before any data are seen."""


def build(
    recipe: str | Path | Recipe,
    overrides: Mapping[str, Any] | None = None,
    signature: Signature | None = None,
) -> keras.Model:
    """Build and compile the model of a recipe.

    Args:
        recipe: a name, a path that ends in ``.yaml``, or a Recipe.
        overrides: dotted keys, e.g. ``{"model.cell": "gru"}``.
        signature: the data's true shapes; without it, what the recipe declares. A
            learning-rate schedule then plans with 1,000 steps an epoch.

    Returns:
        A compiled ``keras.Model``. For text: token ids (batch, timesteps), 0 where
        padded, to probabilities (batch, classes). The first weights depend on
        ``train.seed`` alone. Keys that the recipe leaves at ``auto`` have values of a
        middling case, of which a UserWarning tells.

    Raises:
        UnknownNameError: there is no recipe of that name.
        RecipeError: the recipe or the overrides have mistakes; lists all of them.
    """
    recipe = load_recipe(recipe, overrides)
    if recipe.auto:
        warnings.warn(
            f"{', '.join(recipe.auto)} of {recipe.name} follow from data, and are "
            "built as for a middling case. See what they are for yours: seqkit show "
            f"{recipe.name} --data FILE",
            stacklevel=2,
        )
    load_tensorflow()
    from seqkit.models.optimizer import build_optimizer

    task = TASKS.get(recipe.task)()
    signature = signature or task.declared(recipe.data)
    with seeded(recipe.train.seed):
        model: keras.Model = task.network(recipe.model, signature, recipe.name)
    steps = signature.steps_per_epoch or PLANNED_STEPS
    model.compile(
        optimizer=build_optimizer(recipe.train, steps),
        jit_compile=False,
        **task.compile_options(recipe.model, model),
    )
    # Else a model that is saved before it is trained would lose its optimizer.
    model.optimizer.build(model.trainable_variables)
    return model


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed all that Keras draws while a model is built, and nothing outside.

    Keras takes the seeds of its initializers and dropouts from Python's generator; the
    generator's own state comes back afterwards.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)

"""Several trainings of a recipe, which differ by their seed, to one model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras

from seqkit.recipe.recipe import Recipe
from seqkit.training.checkpoints import Checkpoints, Epochs, History, InMemory

SEED_STEP = 1_000_003
"""From one member's seed to the next one's: finals of a search have seeds in a row."""


class Member(NamedTuple):
    """A model that is trained, with the weights of its kept epoch."""

    model: keras.Model
    history: History
    seed: int


Training = Callable[[Recipe, Epochs], tuple[keras.Model, History]]


def trained_members(recipe: Recipe, epochs: Epochs, train: Training) -> list[Member]:
    """Train ``train.members`` models, one after the other.

    Each one's finished epochs are kept beside those of the first one, so that all go on
    where they were stopped.

    Args:
        recipe: what to train; its seed is that of the first one.
        epochs: those of the first one.
        train: trains a recipe, going on from given epochs.
    """
    members: list[Member] = []
    for number in range(recipe.train.members):
        seed = (recipe.train.seed + number * SEED_STEP) % 2**31
        own = epochs if not number else _epochs_beside(epochs, number + 1)
        model, history = train(recipe.with_({"train.seed": seed}), own)
        members.append(Member(model, history, seed))
    return members


def as_one(members: Sequence[Member]) -> keras.Model:
    """The one model, or the mean of several."""
    from seqkit.models.averaged import averaged

    models = [member.model for member in members]
    return models[0] if len(models) == 1 else averaged(models)


def _epochs_beside(epochs: Epochs, number: int) -> Epochs:
    if not isinstance(epochs, Checkpoints):
        return InMemory()
    own = Checkpoints(epochs.folder / f"member-{number}")
    own.clear()
    return own

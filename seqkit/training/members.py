"""Several trainings of a recipe to one model: a seed each, and again on all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras

from seqkit.data.stores.feed import steps_per_epoch
from seqkit.data.stores.store import Store
from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS
from seqkit.shared.vectors import Vectors
from seqkit.signature import Signature
from seqkit.training.checkpoints import (
    Checkpoints,
    Epochs,
    History,
    InMemory,
    kept_epoch,
)
from seqkit.training.folds import fold_stores
from seqkit.training.loop import Builder, train

SEED_STEP = 1_000_003
"""From one member's seed to the next one's: finals of a search have seeds in a row."""


@dataclass(frozen=True)
class Member:
    """A model that is trained, with the weights of its kept epoch."""

    seed: int
    model: keras.Model
    history: History
    stores: Mapping[str, Store]
    """What it was trained and validated on."""
    refitted: keras.Model | None = None
    """Trained anew on training and validation rows; None: it is not."""
    is_mended: bool = False
    """Whether it was trained otherwise, since the recipe alone taught it nothing."""


@dataclass(frozen=True)
class Course:
    """What all trainings of a run have in common.

    ``whole`` are the rows of training and validation together, for ``train.refit``,
    ``vectors`` what embeddings begin with; ``has_learnt`` looks at a model that is
    trained, for ``train.mend``.
    """

    recipe: Recipe
    signature: Signature
    stores: Mapping[str, Store]
    whole: Store | None = None
    callbacks: Sequence[keras.callbacks.Callback] = ()
    builder: Builder | None = None
    vectors: Vectors | None = None
    has_learnt: Callable[[keras.Model, History], bool] = lambda model, history: True

    def members(self, epochs: Epochs) -> list[Member]:
        """Train ``train.members`` models, one after the other.

        The epochs of each are kept beside those of the first one, ``epochs``, so that
        a run goes on where it was stopped.
        """
        spec, task = self.recipe.train, TASKS.get(self.recipe.task)()
        beside = [
            _beside(epochs, f"member-{number + 1}") for number in range(1, spec.members)
        ]
        places = [epochs, *beside]
        members = [self._member(*one) for one in enumerate(places)]
        if spec.folds:
            models = [member.model for member in members]
            stores = [member.stores for member in members]
            seeds = [member.seed for member in members]
            task.settle_folds(self.recipe.model, models, stores, seeds)
        if self.whole is None:
            return members
        return [
            replace(member, refitted=self._refitted(member, place))
            for member, place in zip(members, places, strict=True)
        ]

    @cached_property
    def _stores(self) -> list[Mapping[str, Any]]:
        """The rows of each member."""
        spec = self.recipe.train
        if not spec.folds:
            return [self.stores] * spec.members
        rows: Any = self.stores["train"]
        if self.stores.get("validation"):
            rows = rows.with_rows_of(self.stores["validation"])
        return list(fold_stores(rows, spec.members, spec.seed))

    def _recipe(self, seed: int) -> Recipe:
        return self.recipe.with_({"train.seed": seed})

    def _signature(self, store: Store) -> Signature:
        steps = steps_per_epoch(len(store), self.recipe.train.batch_size)
        return replace(self.signature, steps_per_epoch=steps)

    def _member(self, number: int, epochs: Epochs) -> Member:
        seed = (self.recipe.train.seed + number * SEED_STEP) % 2**31
        # A builder gives one model in turn, and several are needed here.
        spec, stores = self.recipe.train, self._stores[number]
        is_one = spec.members == 1 and self.whole is None and not spec.mend
        model, history = train(
            self._recipe(seed),
            self._signature(stores["train"]),
            stores,
            epochs,
            self.callbacks,
            builder=self.builder if is_one else None,
            vectors=self.vectors,
        )
        if not spec.mend or self.has_learnt(model, history):
            return Member(seed, model, history, stores)
        model, history = train(
            mended(self._recipe(seed)),
            self._signature(stores["train"]),
            stores,
            _beside(epochs, "mended"),
            self.callbacks,
            vectors=self.vectors,
        )
        return Member(seed, model, history, stores, is_mended=True)

    def _refitted(self, member: Member, epochs: Epochs) -> keras.Model:
        """As many epochs, from the first weights, with all rows."""
        assert self.whole is not None
        recipe = self._recipe(member.seed)
        recipe = mended(recipe) if member.is_mended else recipe
        count = kept_epoch(member.history, recipe.train.keep)
        model, _ = train(
            recipe.with_({"train.keep": "last"}),
            self._signature(self.whole),
            {"train": self.whole},
            _beside(epochs, "refit"),
            self.callbacks,
            is_over=lambda done: len(done) >= count,
            vectors=self.vectors,
        )
        TASKS.get(recipe.task)().take_choices(recipe.model, model, member.model)
        return model


def mended(recipe: Recipe) -> Recipe:
    """What to train where ``recipe`` taught nothing: all that helps to learn at all."""
    train = recipe.train
    rates = {
        f"model.{key}": value / 2
        for key, value in recipe.model
        if key.endswith("dropout") and value
    }
    faster = {
        "train.learning_rate": 2 * train.learning_rate,
        "train.epochs": 2 * train.epochs,
    }
    return recipe.with_(rates | faster)


def as_one(members: Sequence[Member], refitted: bool = True) -> keras.Model:
    """The one model, or the mean of several.

    Args:
        members: what was trained.
        refitted: whether those that were trained on all rows stand for the others.
    """
    from seqkit.models.averaged import averaged

    models = [(one.refitted if refitted else None) or one.model for one in members]
    return models[0] if len(models) == 1 else averaged(models)


def _beside(epochs: Epochs, name: str) -> Epochs:
    """Epochs of another training, kept as ``epochs`` are."""
    if not isinstance(epochs, Checkpoints):
        return InMemory()
    own = Checkpoints(epochs.folder / name)
    own.clear()
    return own

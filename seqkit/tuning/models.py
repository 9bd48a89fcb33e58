"""Built and traced models that several trainings in one process use in turn."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from seqkit.recipe.recipe import Recipe
from seqkit.signature import Signature
from seqkit.training.build import build
from seqkit.training.checkpoints import State, set_state, state_of

if TYPE_CHECKING:
    import keras

    from seqkit.recipe.spec import Spec
    from seqkit.tasks.base import Preprocessing, Scoring

MOST = 4
"""Models that are kept; each holds its weights, its graphs and the optimizer's."""


def graph_key(recipe: Recipe, signature: Signature) -> Hashable:
    """What decides the graphs of a compiled model: all but what its state holds.

    The state holds the seed's weights and, without a schedule, the learning rate; how
    long training goes, in what batches, and how answers are read off the model
    (``decode``) is no matter of the graphs.
    """
    train = recipe.train
    changes: dict[str, Any] = {"seed": 0, "batch_size": 1, "patience": None}
    changes |= {"keep": "best", "members": 1, "minutes": 1.0, "refit": False}
    changes["mend"] = False
    if train.schedule == "constant" and not train.warmup:
        changes |= {"epochs": 1, "learning_rate": 1.0}
        signature = replace(signature, steps_per_epoch=None)
    spec = train.model_copy(update=changes)
    return recipe.name, recipe.task, recipe.data, recipe.model, spec, signature


@dataclass
class _Traced:
    model: keras.Model
    seed: int
    first: State
    """The state that ``seed`` begins with."""
    preprocessing: Preprocessing | None = None
    """With which it answered the last time."""
    answers: dict[Spec | None, Scoring] = field(default_factory=dict)
    """How it answers with that, by the recipe's ``decode`` section."""


class Models:
    """The last few models, by their graphs; called as a ``training.Builder``.

    A model comes with the very state that a fresh build has. Whoever asks for a model
    must be done with the one before.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._models: OrderedDict[Hashable, _Traced] = OrderedDict()

    def __call__(self, recipe: Recipe, signature: Signature) -> keras.Model:
        key = graph_key(recipe, signature)
        traced = self._models.get(key)
        if traced is None:
            model = build(recipe, signature=signature)
            traced = _Traced(model, recipe.train.seed, state_of(model))
            self._models[key] = traced
        elif traced.seed != recipe.train.seed:
            fresh = build(recipe, signature=signature)
            traced.seed, traced.first = recipe.train.seed, state_of(fresh)
        self._models.move_to_end(key)
        self._set_first(traced, recipe)
        self.let_go(self._most)
        return traced.model

    def scoring(
        self,
        model: keras.Model,
        preprocessing: Preprocessing,
        decode: Spec | None = None,
    ) -> Scoring:
        """``preprocessing.scoring``; of one of these models it is traced once."""
        own = (one for one in self._models.values() if one.model is model)
        traced = next(own, None)
        if traced is None:
            return preprocessing.scoring(model, decode)
        if traced.preprocessing is not preprocessing:
            traced.preprocessing, traced.answers = preprocessing, {}
        if decode not in traced.answers:
            traced.answers[decode] = preprocessing.scoring(model, decode)
        return traced.answers[decode]

    def let_go(self, most: int = 0) -> None:
        """Forget all but the ``most`` last used models, and free their memory."""
        if len(self._models) <= most:
            return
        import keras

        from seqkit.training.loop import dismantle

        while len(self._models) > most:
            _, oldest = self._models.popitem(last=False)
            dismantle(oldest.model)
            del oldest
        # Kernels of graphs that are gone, then circles of models and graphs.
        with _same_seeds():
            keras.backend.clear_session(free_memory=False)
        gc.collect()

    def _set_first(self, traced: _Traced, recipe: Recipe) -> None:
        set_state(traced.model, traced.first)
        train = recipe.train
        if train.schedule == "constant" and not train.warmup:
            traced.model.optimizer.learning_rate = train.learning_rate


@contextmanager
def _same_seeds() -> Iterator[None]:
    """Let a cleared session keep the seeds that ``set_random_seed`` gave Keras."""
    # Keras exports no way to ask for them.
    from keras.src.backend.common import global_state
    from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
    from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED

    names = (GLOBAL_RANDOM_SEED, GLOBAL_SEED_GENERATOR)
    values = [global_state.get_global_attribute(name) for name in names]
    try:
        yield
    finally:
        for name, value in zip(names, values, strict=True):
            global_state.set_global_attribute(name, value)

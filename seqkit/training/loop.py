"""The training itself: keras.Model.fit with what makes it repeatable and resumable."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

# Keras takes "a custom data adapter", but does not export its class.
from keras.src.trainers.data_adapters.data_adapter import DataAdapter

# TensorFlow exports how operations are made deterministic, but neither how that ends
# nor whether it is so.
from tensorflow.python.framework import config
from tensorflow.python.framework.func_graph import dismantle_func_graph
from tensorflow.python.framework.ops import gradient_registry

from seqkit.data.stores.feed import Feed, steps_per_epoch
from seqkit.data.stores.store import Store
from seqkit.errors import TrainingError
from seqkit.recipe.recipe import Recipe
from seqkit.signature import Signature
from seqkit.training.build import build
from seqkit.training.checkpoints import Epochs, History, is_done, kept_epoch

EVALUATE_BATCH = 256

Builder = Callable[[Recipe, Signature], keras.Model]
"""Gives a compiled model in its first state."""


class Batches(DataAdapter):
    """Hands a feed's batches to ``Model.fit`` as they are.

    A ``tf.data`` pipeline costs Keras four new iterators an epoch, some 4 ms each, and
    the way through its threads: for small models more than the training.
    """

    def __init__(self, feed: Feed) -> None:
        self.feed = feed

    def get_tf_dataset(self) -> Batches:
        return self

    def __iter__(self) -> Iterator[Any]:
        return self.feed.arrays()

    @property
    def num_batches(self) -> int:
        return steps_per_epoch(len(self.feed.store), self.batch_size)

    @property
    def batch_size(self) -> int:
        return self.feed.batch_size

    @property
    def has_partial_batch(self) -> bool:
        return bool(self.partial_batch_size)

    @property
    def partial_batch_size(self) -> int:
        return len(self.feed.store) % self.batch_size


class KeepEpochs(keras.callbacks.Callback):
    """Keeps each epoch, and the order of batches in step with the epoch."""

    def __init__(
        self,
        recipe: Recipe,
        feed: Feed,
        epochs: Epochs,
        history: History,
        is_over: Callable[[History], bool],
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.feed = feed
        self.epochs = epochs
        self.history = history
        self.is_over = is_over

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.feed.epoch = epoch
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if not math.isfinite(logs["loss"]):
            train = self.recipe.train
            clip = "" if train.clip_norm else " or set train.clip_norm=1.0"
            raise TrainingError(
                f"The loss is not a number any more (epoch {self.feed.epoch + 1}, step "
                f"{batch + 1}). Try a lower train.learning_rate (now "
                f"{train.learning_rate:g}){clip}."
            )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        row: dict[str, float] = {"epoch": epoch + 1}
        row |= {name: float(value) for name, value in logs.items()}
        row["learning_rate"] = float(self.model.optimizer.learning_rate)
        row["seconds"] = time.perf_counter() - self._started
        self.history.append(row)
        self.epochs.save(self.model, self.history)
        self.model.stop_training = self.is_over(self.history)


def train(
    recipe: Recipe,
    signature: Signature,
    stores: Mapping[str, Store],
    epochs: Epochs,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    is_over: Callable[[History], bool] | None = None,
    builder: Builder | None = None,
) -> tuple[keras.Model, History]:
    """Train to the end, from the last finished epoch that ``epochs`` has, if any.

    Args:
        recipe: what to train.
        signature: the true shapes of the data.
        stores: ``train`` and ``validation``.
        epochs: where the finished epochs are kept.
        callbacks: further Keras callbacks.
        is_over: whether training stops after the history so far; None: after
            ``train.epochs``, or ``train.patience`` of them that brought nothing.
        builder: gives the model in its first state; None: ``seqkit.build``.

    Returns the model with the kept epoch's weights and the whole history. The same
    recipe, data and machine give the same weights, bit for bit, broken or not.
    """
    with deterministic():
        return _trained(recipe, signature, stores, epochs, callbacks, is_over, builder)


def _trained(
    recipe: Recipe,
    signature: Signature,
    stores: Mapping[str, Store],
    epochs: Epochs,
    callbacks: Sequence[keras.callbacks.Callback],
    is_over: Callable[[History], bool] | None,
    builder: Builder | None,
) -> tuple[keras.Model, History]:
    spec = recipe.train
    is_over = is_over or (lambda history: is_done(history, spec.epochs, spec.patience))
    history = epochs.history()
    model = (builder or _built)(recipe, signature)
    if history:
        epochs.restore(model, len(history))
    if not is_over(history):
        feed = Feed(stores["train"], spec.batch_size, spec.seed)
        validation = stores["validation"]
        _trace(model, stores)
        model.fit(
            Batches(feed),
            validation_data=(
                Batches(Feed(validation, EVALUATE_BATCH)) if len(validation) else None
            ),
            epochs=spec.epochs,
            initial_epoch=len(history),
            callbacks=[KeepEpochs(recipe, feed, epochs, history, is_over), *callbacks],
            shuffle=False,  # the feed shuffles
            verbose=0,
        )
    epochs.restore(model, kept_epoch(history, spec.keep))
    if builder is None:
        dismantle(model)
    return model, history


class _Determinism:
    """How many ask for deterministic operations now, and what was before the first."""

    lock = threading.Lock()
    users = 0
    before = False


@contextmanager
def deterministic() -> Iterator[None]:
    """Make TensorFlow's operations repeat bit for bit; afterwards all is as before.

    The switch is the process's: left on, plain ``keras.Model.fit`` fails, because its
    random operations have no seed. Nested and concurrent uses share it.
    """
    state = _Determinism
    with state.lock:
        if not state.users:
            state.before = config.is_op_determinism_enabled()
            config.enable_op_determinism()
        state.users += 1
    try:
        yield
    finally:
        with state.lock:
            state.users -= 1
            if not state.users and not state.before:
                config.disable_op_determinism()


def _built(recipe: Recipe, signature: Signature) -> keras.Model:
    return build(recipe, signature=signature)


def _trace(model: keras.Model, stores: Mapping[str, Store]) -> None:
    """Give ``fit`` its graphs, each traced once, for batches of any size.

    Keras's own are traced once more for each new shape of plain arrays.
    """
    if model.train_function is None:
        model.train_function = Step(model.train_step, stores["train"])
    if model.test_function is None:
        model.test_function = Step(model.test_step, stores["validation"])


class Step:
    """A step as a graph, called as ``fit`` does it: with an iterator over batches."""

    def __init__(self, step: Callable[[Any], Any], store: Store) -> None:
        signature = [store.element_spec()]
        function = tf.function(step, signature, autograph=False)
        gradients = gradient_registry._registry
        known = set(gradients)
        self._graph = function.get_concrete_function()
        # TensorFlow keeps those that tracing adds, and with them the graph, for ever;
        # they serve gradients of the step itself alone.
        for name in set(gradients) - known:
            del gradients[name]

    def __call__(self, batches: Iterator[Any]) -> Any:
        return self._graph(next(batches))

    def dismantle(self) -> None:
        """Free the graph; it cannot be called any more."""
        # Its loops hold it in circles that Python's collector does not see.
        dismantle_func_graph(self._graph.graph)


def dismantle(model: keras.Model) -> None:
    """Free the graphs of a model that was trained and is not needed any more."""
    for step in (model.train_function, model.test_function):
        if step is not None:
            step.dismantle()
    model.train_function = model.test_function = None

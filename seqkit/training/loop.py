"""The training itself: keras.Model.fit with what makes it repeatable and resumable."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import keras
import tensorflow as tf

from seqkit.data.stores.feed import Feed, steps_per_epoch
from seqkit.data.stores.store import Store
from seqkit.errors import TrainingError
from seqkit.recipe.recipe import Recipe
from seqkit.recipe.spec import TrainSpec
from seqkit.registry import TASKS
from seqkit.shared import keras_private
from seqkit.shared.vectors import Vectors
from seqkit.signature import Signature
from seqkit.training.build import build
from seqkit.training.checkpoints import Epochs, History, is_done, kept_epoch

EVALUATE_BATCH = 256

Builder = Callable[[Recipe, Signature], keras.Model]
"""Gives a compiled model in its first state."""


class Batches(keras_private.data_adapter()):  # type: ignore[misc]
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
        spec: TrainSpec,
        feed: Feed,
        epochs: Epochs,
        history: History,
        is_over: Callable[[History], bool],
    ) -> None:
        super().__init__()
        self.spec = spec
        self.feed = feed
        self.epochs = epochs
        self.history = history
        self.is_over = is_over

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.feed.epoch = epoch
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if not math.isfinite(logs["loss"]):
            clip = "" if self.spec.clip_norm else " or set train.clip_norm=1.0"
            raise TrainingError(
                f"The loss is not a number any more (epoch {self.feed.epoch + 1}, step "
                f"{batch + 1}). Try a lower train.learning_rate (now "
                f"{self.spec.learning_rate:g}){clip}."
            )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        row: dict[str, float] = {"epoch": epoch + 1}
        row |= {name: float(value) for name, value in logs.items()}
        row["learning_rate"] = float(self.model.optimizer.learning_rate)
        row["seconds"] = time.perf_counter() - self._started
        self.history.append(row)
        self.epochs.save(self.model, self.history)
        self.model.stop_training = self.is_over(self.history)


class Trainer(Protocol):
    """A way to train a model epoch by epoch."""

    def fit(
        self,
        model: keras.Model,
        stores: Mapping[str, Store],
        spec: TrainSpec,
        epochs: Epochs,
        is_over: Callable[[History], bool],
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> History:
        """Go on from the last epoch of ``epochs`` until ``is_over``; give all of them.

        Args:
            model: compiled, in the state after that epoch, or in its first.
            stores: ``train``, and ``validation`` unless there is none.
            spec: size and order of the batches.
            epochs: takes each epoch that ends.
            is_over: whether training stops after the history so far.
            callbacks: further Keras callbacks.
        """


class OneProcess:
    """``Model.fit`` in this process, on graphs that take batches as they come."""

    def fit(
        self,
        model: keras.Model,
        stores: Mapping[str, Store],
        spec: TrainSpec,
        epochs: Epochs,
        is_over: Callable[[History], bool],
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> History:
        history = epochs.history()
        feed = Feed(stores["train"], spec.batch_size, spec.seed)
        validation = stores.get("validation")
        _trace(model, stores)
        model.fit(
            Batches(feed),
            validation_data=(
                Batches(Feed(validation, EVALUATE_BATCH)) if validation else None
            ),
            epochs=spec.epochs,
            initial_epoch=len(history),
            callbacks=[KeepEpochs(spec, feed, epochs, history, is_over), *callbacks],
            shuffle=False,  # the feed shuffles
            verbose=0,
        )
        return history


def train(
    recipe: Recipe,
    signature: Signature,
    stores: Mapping[str, Store],
    epochs: Epochs,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    is_over: Callable[[History], bool] | None = None,
    builder: Builder | None = None,
    trainer: Trainer | None = None,
    vectors: Vectors | None = None,
) -> tuple[keras.Model, History]:
    """Train to the end, from the last finished epoch that ``epochs`` has, if any.

    Args:
        recipe: what to train.
        signature: the true shapes of the data.
        stores: ``train``, and ``validation`` unless there is none.
        epochs: where the finished epochs are kept.
        callbacks: further Keras callbacks.
        is_over: whether training stops after the history so far; None: after
            ``train.epochs``, or ``train.patience`` of them that brought nothing.
        builder: gives the model in its first state; None: ``seqkit.build``.
        trainer: how it is trained; None: in this process.
        vectors: what its embeddings begin with; None: what the builder gives.

    Returns the model with the kept epoch's weights and the whole history. The same
    recipe, data and machine give the same weights, bit for bit, broken or not.
    """
    spec = recipe.train
    is_over = is_over or (lambda history: is_done(history, spec.epochs, spec.patience))
    with deterministic():
        history = epochs.history()
        model = (builder or _built)(recipe, signature)
        if history:
            epochs.restore(model, len(history))
        elif vectors:
            vectors.give(model)
        if not is_over(history):
            trainer = trainer or OneProcess()
            history = trainer.fit(model, stores, spec, epochs, is_over, callbacks)
        epochs.restore(model, kept_epoch(history, spec.keep))
        TASKS.get(recipe.task)().settle(recipe.model, model, stores, spec.seed)
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
            state.before = keras_private.is_deterministic()
            tf.config.experimental.enable_op_determinism()
        state.users += 1
    try:
        yield
    finally:
        with state.lock:
            state.users -= 1
            if not state.users and not state.before:
                keras_private.end_determinism()


def _built(recipe: Recipe, signature: Signature) -> keras.Model:
    return build(recipe, signature=signature)


def _trace(model: keras.Model, stores: Mapping[str, Store]) -> None:
    """Give ``fit`` its graphs, each traced once, for batches of any size.

    Keras's own are traced once more for each new shape of plain arrays.
    """
    if model.train_function is None:
        model.train_function = Step(model.train_step, stores["train"])
    if model.test_function is None and "validation" in stores:
        model.test_function = Step(model.test_step, stores["validation"])


class Step:
    """A step as a graph, called as ``fit`` does it: with an iterator over batches."""

    def __init__(self, step: Callable[[Any], Any], store: Store) -> None:
        signature = [store.element_spec()]
        function = tf.function(step, signature, autograph=False)
        # They serve gradients of the step itself alone.
        with keras_private.new_gradients_forgotten():
            self._graph = function.get_concrete_function()

    def __call__(self, batches: Iterator[Any]) -> Any:
        return self._graph(next(batches))

    def dismantle(self) -> None:
        """Free the graph; it cannot be called any more."""
        keras_private.dismantle_graph(self._graph.graph)


def dismantle(model: keras.Model) -> None:
    """Free the graphs of a model that was trained and is not needed any more."""
    for step in (model.train_function, model.test_function):
        if step is not None:
            step.dismantle()
    model.train_function = model.test_function = None

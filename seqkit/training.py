"""The training itself: keras.Model.fit with what makes it repeatable and resumable."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from seqkit.build import build
from seqkit.checkpoints import Checkpoints, History, is_done, kept_epoch
from seqkit.data.batching import Feed
from seqkit.data.store import Store
from seqkit.errors import TrainingError
from seqkit.recipe import Recipe
from seqkit.signature import Signature

EVALUATE_BATCH = 256


class Epochs(keras.callbacks.Callback):
    """Keeps each epoch on disk, and the order of batches in step with the epoch."""

    def __init__(
        self, recipe: Recipe, feed: Feed, checkpoints: Checkpoints, history: History
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.feed = feed
        self.checkpoints = checkpoints
        self.history = history

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
        self.checkpoints.save(self.model, self.history)
        train = self.recipe.train
        self.model.stop_training = is_done(self.history, train.epochs, train.patience)


def train(
    recipe: Recipe,
    signature: Signature,
    stores: Mapping[str, Store],
    folder: Path,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[keras.Model, History]:
    """Train to the end, from the last finished epoch in ``folder`` if there is one.

    Returns the model with the kept epoch's weights and the whole history. The same
    recipe, data and machine give the same weights, bit for bit, broken or not.
    """
    tf.config.experimental.enable_op_determinism()
    checkpoints = Checkpoints(folder / "checkpoints")
    history = checkpoints.history()
    model = build(recipe, signature=signature)
    if history:
        checkpoints.restore(model, len(history))
    if not is_done(history, recipe.train.epochs, recipe.train.patience):
        feed = Feed(stores["train"], recipe.train.batch_size, recipe.train.seed)
        validation = stores["validation"]
        model.fit(
            feed.dataset(),
            validation_data=(
                Feed(validation, EVALUATE_BATCH).dataset() if len(validation) else None
            ),
            epochs=recipe.train.epochs,
            initial_epoch=len(history),
            callbacks=[Epochs(recipe, feed, checkpoints, history), *callbacks],
            shuffle=False,  # the feed shuffles
            verbose=0,
        )
    checkpoints.restore(model, kept_epoch(history, recipe.train.keep))
    return model, history

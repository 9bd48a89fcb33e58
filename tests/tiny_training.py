"""A tiny training run, and a way to stop one where a test wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import pytest
from tiny import TINY, reviews

from seqkit.runs.fit import fit
from seqkit.runs.run import Run
from seqkit.training.checkpoints import Epochs, History
from seqkit.training.loop import OneProcess

DROPOUTS = {
    "model.dropout": 0.3,
    "model.token_dropout": 0.2,
    "model.input_dropout": 0.2,
}


def train(out: Path, changed: dict[str, Any] | None = None, **options: Any) -> Run:
    """Fit the tiny task on the same made-up reviews."""
    options.setdefault("data", reviews())
    overrides = TINY | DROPOUTS | (changed or {})
    return fit("sample_sentiment", overrides, out=out, progress=False, **options)


@contextmanager
def untrained() -> Iterator[None]:
    """Runs made meanwhile keep the weights that they begin with: tracing takes seconds.

    For tests of what surrounds the weights. Never ask for a shared run in here.
    """

    def fit(
        trainer: OneProcess,
        model: keras.Model,
        stores: Mapping[str, Any],
        spec: Any,
        epochs: Epochs,
        is_over: Callable[[History], bool],
        callbacks: Any,
    ) -> History:
        history = epochs.history()
        model.optimizer.build(model.trainable_variables)
        names = ["loss", "accuracy", "learning_rate", "seconds"]
        if len(stores["validation"]):
            names += ["val_loss", "val_accuracy"]
        row = dict.fromkeys(names, 1.0)
        history.append({"epoch": len(history) + 1} | row)
        epochs.save(model, history)
        return history

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OneProcess, "fit", fit)
        yield


class StopAt(keras.callbacks.Callback):
    """Raises in the middle of an epoch."""

    def __init__(self, epoch: int, error: type[BaseException]) -> None:
        super().__init__()
        self.stop_epoch, self.error = epoch, error

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.epoch == self.stop_epoch and batch == 4:
            raise self.error("stop")

"""A tiny training run, and a way to stop one where a test wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from tiny import TINY, reviews

from seqkit.runs.fit import fit
from seqkit.runs.run import Run

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

"""A progress bar for people, on standard error; one plain line an epoch elsewhere."""

from __future__ import annotations

from typing import Any

import keras
from rich.console import Console
from rich.progress import Progress

from seqkit.shared import bar

SHOWN = ("loss", "accuracy", "val_loss", "val_accuracy")


class TrainingProgress(keras.callbacks.Callback):
    """Shows the steps of each epoch while it runs and its metrics when it ends."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.console = Console(stderr=True)
        self.bar: Progress | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.bar = bar.started(self.console)
        if self.bar:
            text = f"epoch {epoch + 1}/{self.epochs}"
            self.steps = self.bar.add_task(text, total=self.params["steps"], note="")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.bar:
            self.bar.update(self.steps, advance=1, note=_shown(logs))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.close()
        self.console.print(
            f"epoch {epoch + 1}/{self.epochs}  {_shown(logs)}", highlight=False
        )

    def on_train_end(self, logs: Any = None) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away, also after an error."""
        if self.bar:
            self.bar.stop()
            self.bar = None


def _shown(logs: Any) -> str:
    return "  ".join(f"{name} {logs[name]:.4f}" for name in SHOWN if name in logs)

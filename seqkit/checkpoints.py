"""Epochs on disk: each finished epoch is a folder that is whole or not there.

    checkpoints/epoch-0003/state.npz      weights, optimizer and dropout seeds
    checkpoints/epoch-0003/history.csv    all epochs up to this one

Which epoch is the best, and whether to stop early, follow from the history, so that a
resumed run decides just as an unbroken one. Only the last and the best epoch stay.
"""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

History = list[dict[str, float]]
"""One dict an epoch: ``epoch`` (from 1), ``loss``, ``val_loss``, ..., ``seconds``."""


def best_epoch(history: History) -> int:
    """The epoch (from 1) of the lowest validation loss; the last one without any."""
    if "val_loss" not in history[-1]:
        return len(history)
    losses = [row["val_loss"] for row in history]
    return losses.index(min(losses)) + 1


def kept_epoch(history: History, keep: str) -> int:
    """The epoch (from 1) whose weights a run keeps, by ``train.keep``."""
    return best_epoch(history) if keep == "best" else len(history)


def is_done(history: History, epochs: int, patience: int | None) -> bool:
    """True when all epochs are over, or ``patience`` of them brought nothing better."""
    if not history or len(history) >= epochs:
        return bool(history)
    if patience is None:
        return False
    return len(history) - best_epoch(history) >= max(patience, 1)


def write_history(history: History, path: Path) -> None:
    """Write a CSV with one row an epoch, with full precision."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(history[0]))
        writer.writeheader()
        writer.writerows(history)


def read_history(path: Path) -> History:
    """Read what ``write_history`` wrote, to the last bit."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            {key: int(v) if key == "epoch" else float(v) for key, v in row.items()}
            for row in csv.DictReader(file)
        ]


class Checkpoints:
    """The finished epochs of one run, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _epoch(self, number: int) -> Path:
        return self.folder / f"epoch-{number:04d}"

    def history(self) -> History:
        """All finished epochs; empty before the first one is."""
        finished = sorted(self.folder.glob("epoch-????"))
        return read_history(finished[-1] / "history.csv") if finished else []

    def save(self, model: keras.Model, history: History) -> None:
        """Keep the epoch that has just ended; let go of those no longer needed."""
        number = len(history)
        unfinished = self.folder / ".unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        np.savez(unfinished / "state.npz", *(v.numpy() for v in _state(model)))
        write_history(history, unfinished / "history.csv")
        _flush(unfinished)
        unfinished.rename(self._epoch(number))
        for old in self.folder.glob("epoch-????"):
            if old not in (self._epoch(number), self._epoch(best_epoch(history))):
                shutil.rmtree(old)

    def restore(self, model: keras.Model, number: int) -> None:
        """Bring a freshly built, compiled model to its state after epoch ``number``."""
        state = np.load(self._epoch(number) / "state.npz", allow_pickle=False)
        for variable, name in zip(_state(model), state.files, strict=True):
            variable.assign(state[name])

    def delete(self) -> None:
        """Remove all epochs, once the run has its final model."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _state(model: keras.Model) -> list[keras.Variable]:
    """All that an epoch changes: weights, dropout seeds, the optimizer's moments."""
    return [*model.variables, *model.optimizer.variables]


def _flush(folder: Path) -> None:
    """Have the disk hold the files before their folder gets its final name."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())

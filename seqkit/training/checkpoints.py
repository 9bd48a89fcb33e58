"""The epochs that training keeps: on disk for a run, in memory for a trial.

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
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqkit.shared.contents import readable
from seqkit.shared.files import read_arrays

if TYPE_CHECKING:
    import keras

History = list[dict[str, float]]
"""One dict an epoch: ``epoch`` (from 1), ``loss``, ``val_loss``, ..., ``seconds``."""

State = list[NDArray[Any]]
"""All that an epoch changes: weights, dropout seeds, the optimizer's moments."""

UNFINISHED = ".unfinished"
"""The folder of an epoch that is being written."""


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


def state_of(model: keras.Model) -> State:
    """The state (copied) of a compiled model."""
    return [variable.numpy() for variable in _variables(model)]


def set_state(model: keras.Model, state: State) -> None:
    """Bring a compiled model of the same architecture and optimizer to ``state``."""
    for variable, value in zip(_variables(model), state, strict=True):
        variable.assign(value)


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


class Epochs(Protocol):
    """The finished epochs of one training."""

    def history(self) -> History:
        """All finished epochs; empty before the first one is."""

    def save(self, model: keras.Model, history: History) -> None:
        """Keep the epoch that has just ended; let go of those no longer needed."""

    def restore(self, model: keras.Model, number: int) -> None:
        """Bring a compiled model to its state after epoch ``number``: last or best."""


class Checkpoints:
    """Epochs on disk, in ``folder``, each whole or not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _epoch(self, number: int) -> Path:
        return self.folder / f"epoch-{number:04d}"

    def _numbers(self) -> set[int]:
        """The epochs that are there; from the 10,000th on they have five digits."""
        names = (path.name for path in self.folder.glob("epoch-*"))
        return {int(name[6:]) for name in names if name[6:].isdecimal()}

    def history(self) -> History:
        numbers = self._numbers()
        if not numbers:
            return []
        path = self._epoch(max(numbers)) / "history.csv"
        with readable(path):
            return read_history(path)

    def save(self, model: keras.Model, history: History) -> None:
        self.write(state_of(model), history)
        self.forget(history)

    def forget(self, history: History) -> None:
        """Remove the epochs that are not needed to go on from ``history``."""
        for number in self._numbers() - _needed(history):
            shutil.rmtree(self._epoch(number))

    def clear(self) -> None:
        """Remove what a process that was killed had begun to write or to remove."""
        shutil.rmtree(self.folder / UNFINISHED, ignore_errors=True)
        self.forget(self.history())

    def write(self, state: State, history: History) -> None:
        """Write the epoch that ``history`` ends with."""
        unfinished = self.folder / UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        np.savez(unfinished / "state.npz", *state)
        write_history(history, unfinished / "history.csv")
        _flush(unfinished)
        unfinished.rename(self._epoch(len(history)))

    def read(self, number: int) -> State:
        """The state after epoch ``number``."""
        path = self._epoch(number) / "state.npz"
        with readable(path), read_arrays(path) as arrays:
            return [arrays[name] for name in arrays.files]

    def restore(self, model: keras.Model, number: int) -> None:
        set_state(model, self.read(number))

    def delete(self) -> None:
        """Remove all epochs, once the run has its final model."""
        shutil.rmtree(self.folder, ignore_errors=True)


class InMemory:
    """Epochs that end with the process, unless they are written to a folder.

    Args:
        last: keep the last epoch too, to go on from it; else the model alone has it.
    """

    def __init__(self, last: bool = False) -> None:
        self._last = last
        self._history: History = []
        self._states: dict[int, State] = {}

    @classmethod
    def read(cls, checkpoints: Checkpoints, last: bool = False) -> InMemory:
        """Go on from what ``write`` wrote; the folder stays as it is."""
        epochs = cls(last)
        epochs._history = checkpoints.history()
        needed = _needed(epochs._history)
        epochs._states = {number: checkpoints.read(number) for number in needed}
        return epochs

    def history(self) -> History:
        return list(self._history)

    def save(self, model: keras.Model, history: History) -> None:
        self._history = list(history)
        number, best = len(history), best_epoch(history)
        self._states = {n: state for n, state in self._states.items() if n == best}
        if self._last or best == number:
            self._states[number] = state_of(model)

    def restore(self, model: keras.Model, number: int) -> None:
        if number in self._states:
            set_state(model, self._states[number])
        else:
            assert number == len(self._history)

    def write(self, checkpoints: Checkpoints) -> None:
        """Write all that another process needs to go on; ``last`` must be true."""
        for number in sorted(_needed(self._history)):
            checkpoints.write(self._states[number], self._history[:number])


def _needed(history: History) -> set[int]:
    """The epochs that are still needed: the last one and the best one."""
    return {len(history), best_epoch(history)} if history else set()


def _flush(folder: Path) -> None:
    """Have the disk hold the files before their folder gets its final name."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())

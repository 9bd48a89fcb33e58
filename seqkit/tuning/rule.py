"""When a trial is over: at its last epoch, out of patience, or hopeless."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from seqkit.recipe.recipe import Recipe
from seqkit.training.checkpoints import History, is_done


@dataclass(frozen=True)
class Rule:
    """When a trial is over.

    ``until`` is the epoch to train to; None: ``train.epochs``. ``median`` holds, for
    each epoch, what the best validation loss of a hopeful trial is not above.
    """

    recipe: Recipe
    until: int | None
    median: list[float] | None

    @property
    def epochs(self) -> int:
        """The last epoch to train."""
        return self.until or self.recipe.train.epochs

    def is_over(self, history: History) -> bool:
        """Whether training stops after the history so far."""
        patience = self.recipe.train.patience
        return is_done(history, self.epochs, patience) or self._is_hopeless(history)

    def stopped(self, history: History) -> str | None:
        """Why a trial ended early: ``hopeless`` or ``patience``; None: it did not."""
        if len(history) >= self.epochs:
            return None
        return "hopeless" if self._is_hopeless(history) else "patience"

    def _is_hopeless(self, history: History) -> bool:
        epoch, median = len(history), self.median or []
        if not ceil(self.epochs / 4) <= epoch <= len(median):
            return False
        if "val_loss" not in history[-1]:
            return False
        return min(row["val_loss"] for row in history) > median[epoch - 1]

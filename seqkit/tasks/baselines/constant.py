"""The same answer whatever the input: the least that a model must beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.base import Baseline


class MajorityClass(Baseline):
    """Answers the share of each class in the training part, whatever the input."""

    title = "majority class"
    kind = "majority_class"

    def __init__(self, shares: NDArray[np.float32]) -> None:
        self.shares = shares

    @classmethod
    def fit(cls, truth: NDArray[np.integer], classes: int) -> Self:
        """Count the classes of the training rows."""
        counts = np.bincount(truth, minlength=classes)
        return cls((counts / counts.sum()).astype(np.float32))

    def outputs(self, inputs: list[Any]) -> NDArray[np.float32]:
        return np.tile(self.shares, (len(inputs), 1))

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"shares": self.shares}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(arrays["shares"])


class TrainingMean(Baseline):
    """Answers the mean of the training numbers, whatever the input."""

    title = "training mean"
    kind = "training_mean"

    def __init__(self, mean: float) -> None:
        self.mean = mean

    def outputs(self, inputs: list[Any]) -> NDArray[np.floating]:
        return np.full(len(inputs), self.mean)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"mean": np.array(self.mean)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(float(arrays["mean"]))

"""The same answer whatever the input: the least that a model must beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.base import Baseline


@dataclass(eq=False)
class MajorityClass(Baseline):
    """Answers the share of each class in the training part, whatever the input."""

    title = "majority class"
    kind = "majority_class"
    shares: NDArray[np.float32]

    @classmethod
    def fit(cls, truth: NDArray[np.integer], classes: int) -> Self:
        """Count the classes of the training rows."""
        counts = np.bincount(truth, minlength=classes)
        return cls((counts / counts.sum()).astype(np.float32))

    def outputs(self, inputs: list[Any]) -> NDArray[np.float32]:
        return np.tile(self.shares, (len(inputs), 1))

    def in_graph(self, raw: Mapping[str, Any]) -> Any:
        from seqkit.layers.constant import ConstantAnswer

        return ConstantAnswer(self.shares.tolist())(next(iter(raw.values())))


@dataclass(eq=False)
class TrainingMean(Baseline):
    """Answers the mean of the training numbers, whatever the input."""

    title = "training mean"
    kind = "training_mean"
    mean: float

    def outputs(self, inputs: list[Any]) -> NDArray[np.floating]:
        return np.full(len(inputs), self.mean)

    def in_graph(self, raw: Mapping[str, Any]) -> Any:
        from seqkit.layers.constant import ConstantAnswer

        layer = ConstantAnswer(float(self.mean), dtype="float64")
        return layer(next(iter(raw.values())))

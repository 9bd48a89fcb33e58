"""Plain learners of lags, calendar and covariates: ridge regression and trees.

Both are direct and global: one model of all series, each in units of its own naive
error, for all steps of the horizon. They read what the model reads.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.baselines.tree_arrays import (
    LEAST_WINDOWS,
    TreeArrays,
    boosted,
    with_step,
)
from seqkit.tasks.forecast.lag_features import LagFeatures, Lessons, Window
from seqkit.tasks.forecast.naive_baselines import ForecastBaseline
from seqkit.tasks.forecast.ridge_problem import RidgeProblem, best_penalty

if TYPE_CHECKING:
    from seqkit.data.forecast.series import History

Floats = NDArray[np.float64]

FARTHEST = 8.0
"""Standardised features are cut here: a window unlike all others is no lever."""
MAX_TREE_ROWS = 200_000
"""About so many pairs of window and step are answered by trees."""


class Learner(ForecastBaseline):
    """What is learned of the lags of windows, in the levels that they are read in."""

    features: LagFeatures

    @abstractmethod
    def answers(self, rows: Floats) -> Floats:
        """From features (n, horizon, features) to scaled levels (n, horizon)."""

    def points(self, inputs: Sequence[History]) -> Floats:
        points = np.full((len(inputs), self.horizon), np.nan)
        sampled = self.sampled(inputs)
        if sampled:
            window = self.features.of([inputs[row] for row in sampled])
            levels = window.start + window.scale * self.answers(_rows(window))
            points[sampled] = self.features.restored(levels)
        return points

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {**super().arrays(), "features": np.array(self.features.to_json())}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        learner = super().from_arrays(arrays)
        learner.features = LagFeatures.from_json(str(arrays["features"]))
        return learner


class Ridge(Learner):
    """Ridge regression, a set of weights for each step of the horizon.

    The penalty is the one with the least generalised cross-validation error over all
    steps (Golub, Heath & Wahba 1979).
    """

    title = "ridge on lags"
    kind = "ridge"

    def fit(self, learned: Lessons) -> None:
        """Learn the weights (horizon, 1 + features)."""
        self.features = learned.features
        rows = _rows(learned.window)
        flat = rows.reshape(-1, rows.shape[2])
        present = np.isfinite(flat)
        counts = np.maximum(present.sum(axis=0), 1)
        self._mean = np.where(present, flat, 0.0).sum(axis=0) / counts
        apart = np.where(present, flat - self._mean, 0.0)
        spread = np.sqrt((apart**2).sum(axis=0) / counts)
        self._spread = np.where(spread > 1e-12, spread, 1.0)
        fits = [
            RidgeProblem.of(self._design(rows[:, step]), learned.targets[:, step])
            for step in range(self.horizon)
        ]
        alpha = best_penalty(fits)
        self._weights = np.stack([fit.weights(alpha) for fit in fits])

    def answers(self, rows: Floats) -> Floats:
        return np.asarray(np.einsum("nhf,hf->nh", self._design(rows), self._weights))

    def _design(self, rows: Floats) -> Floats:
        """A one and the standardised features; the mean of what is missing."""
        scaled = np.clip((rows - self._mean) / self._spread, -FARTHEST, FARTHEST)
        return np.insert(np.nan_to_num(scaled), 0, 1.0, axis=-1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        fitted = {"mean": self._mean, "spread": self._spread, "weights": self._weights}
        return {**super().arrays(), **fitted}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        ridge = super().from_arrays(arrays)
        ridge._mean, ridge._spread = arrays["mean"], arrays["spread"]
        ridge._weights = arrays["weights"]
        return ridge


class Trees(Learner):
    """Gradient-boosted trees of scikit-learn, the step of the horizon a feature.

    Of many windows they answer a sample, as Theta does.
    """

    kind = "trees"

    @property
    def most(self) -> int:
        return max(100, MAX_TREE_ROWS // self.horizon)

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"boosted trees on lags{self.sample_note}"

    def fit(self, learned: Lessons, seed: int) -> bool:
        """Learn the trees; whether there was enough to learn from."""
        if len(learned.targets) < LEAST_WINDOWS:
            return False
        rows = with_step(_rows(learned.window))
        flat = rows.reshape(-1, rows.shape[2])
        trees = boosted(flat, learned.targets.ravel(), seed)
        if trees is None:
            return False
        self.features, self._trees = learned.features, trees
        return True

    def answers(self, rows: Floats) -> Floats:
        return self._trees.by_step(rows)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {**super().arrays(), **self._trees.to_arrays()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        trees = super().from_arrays(arrays)
        trees._trees = TreeArrays.from_arrays(arrays)
        return trees


def _rows(window: Window) -> Floats:
    """All features (rows, horizon, features)."""
    rows, horizon = window.ahead.shape[:2]
    shape = (rows, horizon, window.common.shape[1])
    common = np.broadcast_to(window.common[:, None, :], shape)
    return np.concatenate([common, window.ahead], axis=2)

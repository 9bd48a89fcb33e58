"""Ridge regression in the coordinates in which every penalty is quick to try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ALPHAS = tuple(10.0**power for power in range(-4, 3))
"""Penalties of standardised features, for a mean of squares."""
FAR = 10.0
"""Targets are cut at so many times the size that nine of ten keep below."""


class RidgeProblem(NamedTuple):
    """A least-squares problem, from what its rows sum up to."""

    vectors: Floats
    values: Floats
    along: Floats
    """X'y / n in these coordinates."""
    square: float
    rows: int
    middle: float
    center: Floats
    """The features' mean."""

    @classmethod
    def of(cls, design: Floats, targets: Floats) -> RidgeProblem:
        """Of a design (rows, 1 + features), its first column ones; NaN is no target."""
        present = np.isfinite(targets)
        features, y = design[present][:, 1:], targets[present]
        # A few targets far out would decide everything.
        limit = target_limit(y)
        y = np.clip(y, -limit, limit) if limit > 0 else y
        count = max(len(y), 1)
        middle = float(y.mean()) if len(y) else 0.0
        center = features.sum(axis=0) / count
        features = features - center
        moment = features.T @ features / count
        product = features.T @ (y - middle)
        square = float(((y - middle) ** 2).sum()) / count
        return cls._of_moments(moment, product, square, count, middle, center)

    @classmethod
    def of_sums(cls, products: Floats) -> RidgeProblem:
        """Of Z'Z (2 + features, 2 + features), where a row of Z is 1, features, y."""
        count = max(products[0, 0], 1.0)
        mean = products[0, 1:] / count
        moments = products[1:, 1:] / count - np.outer(mean, mean)
        moment, product = moments[:-1, :-1], moments[:-1, -1] * count
        square, middle = max(float(moments[-1, -1]), 0.0), float(mean[-1])
        return cls._of_moments(moment, product, square, int(count), middle, mean[:-1])

    @classmethod
    def _of_moments(
        cls,
        moment: Floats,
        product: Floats,
        square: float,
        count: int,
        middle: float,
        center: Floats,
    ) -> RidgeProblem:
        values, vectors = np.linalg.eigh(moment)
        along = vectors.T @ product / count
        return cls(
            vectors, np.maximum(values, 0.0), along, square, count, middle, center
        )

    def error(self, alpha: float) -> float:
        """The error of generalised cross-validation."""
        shrunk = self.along / (self.values + alpha)
        rest = self.square - float(2 * shrunk @ self.along - shrunk**2 @ self.values)
        used = (1 + float((self.values / (self.values + alpha)).sum())) / self.rows
        return max(rest, 0.0) / max(1 - used, 1e-3) ** 2

    def weights(self, alpha: float) -> Floats:
        """The intercept, then the features' weights."""
        slopes = self.vectors @ (self.along / (self.values + alpha))
        return np.concatenate([[self.middle - self.center @ slopes], slopes])


def best_penalty(problems: Sequence[RidgeProblem]) -> float:
    """The one with the least generalised cross-validation error over all problems.

    Golub, Heath & Wahba 1979.
    """
    errors = [sum(one.error(alpha) for one in problems) for alpha in ALPHAS]
    return ALPHAS[int(np.argmin(errors))]


def target_limit(targets: Floats) -> float:
    """Where finite targets are cut: a few far out would decide everything."""
    return FAR * float(np.quantile(np.abs(targets), 0.9)) if len(targets) else 0.0

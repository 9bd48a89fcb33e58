"""The ridge regression of ``model.wide``, fitted on training windows in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.windows import WindowStore
from seqkit.layers.forecast.ridge import FARTHEST, WindowRidge
from seqkit.layers.forecast.window_learner import STARTS
from seqkit.tasks.forecast.ridge_problem import (
    RidgeProblem,
    best_penalty,
    target_limit,
)
from seqkit.tasks.forecast.window_chunks import (
    FEW_PAIRS,
    FEW_WINDOWS,
    Chunk,
    Chunks,
    mean_error,
    nearest_start,
)

Floats = NDArray[np.float64]

MOST_PAIRS, LEAST_WINDOWS = 1_500_000, 2000
"""Pairs of window and step that are learned from, and windows at least."""
LEAST_SPREAD = 1e-6


def fit_ridge(layer: WindowRidge, store: WindowStore) -> None:
    """Set a layer's weights to those that training windows give.

    Windows are read chunk by chunk, by the layer itself, and summed up in float64.
    Values are read over each window's own spread, or as they are, by what errs less.
    """
    chunks = Chunks.read_by(layer, store)
    fits = [_fit(layer, chunks, own) for own in (0.0, 1.0)]
    best = min(fits, key=lambda fit: fit.error)
    for name, value in best.weights.items():
        getattr(layer, name).assign(value)


class _Fit(NamedTuple):
    error: float
    weights: dict[str, Any]


def _fit(layer: WindowRidge, chunks: Chunks, own: float) -> _Fit:
    """The weights with values over their own spread (1) or not (0)."""
    few = list(chunks.of(own, FEW_PAIRS, FEW_WINDOWS))
    frame = _Frame.of(few)
    width = len(frame.mean) + 2
    products = np.zeros((layer.horizon, width, width))
    for one in chunks.of(own, MOST_PAIRS, LEAST_WINDOWS):
        products += frame.products(one)
    problems = [RidgeProblem.of_sums(one) for one in products]
    penalty = best_penalty(problems)
    weights = np.stack([one.weights(penalty) for one in problems])
    layer_weights = {
        "mean": frame.mean,
        "spread": frame.spread,
        "start": np.eye(len(STARTS))[frame.start],
        "own": own,
        "kernel": weights[:, 1:],
        "bias": weights[:, 0],
    }
    answers = [
        (frame.standardised(one.features) * weights[:, 1:]).sum(axis=2) + weights[:, 0]
        for one in few
    ]
    return _Fit(mean_error(few, answers, frame.start), layer_weights)


class _Frame(NamedTuple):
    """Where features lie, which start is nearest, and where targets are cut."""

    mean: Floats
    spread: Floats
    """(features,), both."""
    start: int
    limit: Floats
    """(horizon,)"""

    @classmethod
    def of(cls, few: Sequence[Chunk]) -> _Frame:
        width = few[0].features.shape[2]
        rows = np.concatenate([one.features.reshape(-1, width) for one in few])
        spread = rows.std(axis=0)
        start = nearest_start(few)
        targets = np.concatenate([one.scaled(start) for one in few])
        limits = [target_limit(step[np.isfinite(step)]) or np.inf for step in targets.T]
        spread = np.where(spread > LEAST_SPREAD, spread, 1.0)
        return cls(rows.mean(axis=0), spread, start, np.array(limits))

    def standardised(self, features: Floats) -> Floats:
        return np.clip((features - self.mean) / self.spread, -FARTHEST, FARTHEST)

    def products(self, one: Chunk) -> Floats:
        """Of each step the sums of all products of ones, features and targets."""
        targets = np.clip(one.scaled(self.start), -self.limit, self.limit)
        present = np.isfinite(targets)[:, :, None]
        ones, goals = np.ones_like(targets), np.nan_to_num(targets)
        columns = [ones[:, :, None], self.standardised(one.features), goals[:, :, None]]
        design = (np.concatenate(columns, axis=2) * present).transpose(1, 0, 2)
        return np.asarray(design.transpose(0, 2, 1) @ design)

"""The ridge regression of ``model.wide``, fitted on training windows in closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.windows import WindowStore
from seqkit.layers.forecast.ridge import FARTHEST, SMALLEST_SPREAD, STARTS, WindowRidge
from seqkit.tasks.forecast.conformal_parts import evenly_spread, typical
from seqkit.tasks.forecast.ridge_problem import (
    RidgeProblem,
    best_penalty,
    target_limit,
)

Floats = NDArray[np.float64]

MOST_PAIRS, LEAST_WINDOWS = 1_500_000, 2000
"""Pairs of window and step that are learned from, and windows at least."""
FEW_PAIRS, FEW_WINDOWS = 100_000, 200
"""Those that say where features lie and how large targets are."""
CHUNK_NUMBERS = 4_000_000
"""Numbers of features that are in memory at one time, about."""
LEAST_SPREAD = 1e-6


class Chunk(NamedTuple):
    """Windows as the layer reads them, and what came."""

    features: Floats
    """(windows, horizon, features)"""
    starts: Floats
    """(starts, windows, horizon): levels that answers may be added to."""
    spread: Floats
    """(windows, 1), as ``scale``: the values' own, and what multiplies answers."""
    scale: Floats
    targets: Floats
    """(windows, horizon), NaN where nobody knows."""
    owners: NDArray[np.int64]

    def scaled(self, start: int) -> Floats:
        """What the linear part is to give (windows, horizon); of still windows NaN."""
        apart = (self.targets - self.starts[start]) / self.scale
        return np.where(self.spread > SMALLEST_SPREAD, apart, np.nan)


def fit_ridge(layer: WindowRidge, store: WindowStore) -> None:
    """Set a layer's weights to those that training windows give.

    Windows are read chunk by chunk, by the layer itself, and summed up in float64.
    Values are read over each window's own spread, or as they are, by what errs less.
    """
    import tensorflow as tf

    specs = store.element_spec()[0]

    @tf.function(input_signature=[specs, tf.TensorSpec(())], autograph=False)
    def window(inputs: Any, own: Any) -> Any:
        return layer.window(inputs, own)

    chunks = _Chunks(store, window.get_concrete_function())
    fits = [_fit(layer, chunks, own) for own in (0.0, 1.0)]
    best = min(fits, key=lambda fit: fit.error)
    for name, value in best.weights.items():
        getattr(layer, name).assign(value)


class _Fit(NamedTuple):
    error: float
    weights: dict[str, Any]


class _Chunks(NamedTuple):
    """Chunks of a store's windows, of many an evenly spread sample."""

    store: WindowStore
    window: Callable[[Any, Any], Any]

    def of(self, own: float, pairs: int, least: int) -> Iterator[Chunk]:
        store = self.store
        rows = evenly_spread(len(store), max(pairs // store.horizon, least))
        size = 64
        while len(rows):
            part, rows = rows[:size], rows[size:]
            inputs, targets, weights = store.arrays(part)
            window = self.window(inputs, np.float32(own))
            features = np.asarray(window["features"], np.float64)
            size = max(1, CHUNK_NUMBERS // features[0].size)
            known = np.reshape(weights, (len(part), -1)) > 0
            yield Chunk(
                features,
                np.stack([np.asarray(one, np.float64) for one in window["starts"]]),
                np.asarray(window["spread"], np.float64),
                np.asarray(window["scale"], np.float64),
                np.where(known, targets, np.nan).astype(np.float64),
                store.places(part)[0],
            )


def _fit(layer: WindowRidge, chunks: _Chunks, own: float) -> _Fit:
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
    return _Fit(frame.error(few, weights), layer_weights)


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
        targets = [
            np.concatenate([one.scaled(start) for one in few])
            for start in range(len(STARTS))
        ]
        start = int(np.argmin([np.nansum(np.abs(each)) for each in targets]))
        limits = [
            target_limit(step[np.isfinite(step)]) or np.inf for step in targets[start].T
        ]
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

    def error(self, few: Sequence[Chunk], weights: Floats) -> float:
        """The mean error, in units of each series' spread."""
        errors = []
        for one in few:
            answers = (self.standardised(one.features) * weights[:, 1:]).sum(axis=2)
            points = one.starts[self.start] + one.scale * (answers + weights[:, 0])
            errors.append(np.nanmean(np.abs(one.targets - points), axis=1))
        spreads = np.concatenate([one.spread[:, 0] for one in few])
        unit = by_series(spreads, np.concatenate([one.owners for one in few]))
        return float(np.nanmean(np.concatenate(errors) / unit))


def by_series(errors: Floats, owners: NDArray[np.int64]) -> Floats:
    """The mean of each series' windows (windows,); of still ones the typical one."""
    numbers = np.unique(owners, return_inverse=True)[1]
    means = np.bincount(numbers, errors) / np.bincount(numbers)
    return np.where(means > 0, means, typical(means))[numbers]

"""Training windows chunk by chunk, as the learners of ``model.wide`` read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.windows import WindowStore
from seqkit.layers.forecast.window_learner import (
    SMALLEST_SPREAD,
    STARTS,
    WindowLearner,
)
from seqkit.tasks.forecast.conformal_parts import evenly_spread, typical

Floats = NDArray[np.float64]

FEW_PAIRS, FEW_WINDOWS = 100_000, 200
"""Those that say where features lie and how large targets are."""
CHUNK_NUMBERS = 4_000_000
"""Numbers of features that are in memory at one time, about."""


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
        """What a learner is to give (windows, horizon); of still windows NaN."""
        apart = (self.targets - self.starts[start]) / self.scale
        return np.where(self.spread > SMALLEST_SPREAD, apart, np.nan)


class Chunks(NamedTuple):
    """Chunks of a store's windows, of many an evenly spread sample."""

    store: WindowStore
    window: Callable[[Any, Any], Any]

    @classmethod
    def read_by(cls, layer: WindowLearner, store: WindowStore) -> Chunks:
        """Those of ``store`` as ``layer`` reads them."""
        import tensorflow as tf

        specs = store.element_spec()[0]

        @tf.function(input_signature=[specs, tf.TensorSpec(())], autograph=False)
        def window(inputs: Any, own: Any) -> Any:
            return layer.window(inputs, own)

        return cls(store, window.get_concrete_function())

    def of(self, own: float, pairs: int, least: int) -> Iterator[Chunk]:
        """Windows with values over their own spread (1) or as they are (0).

        Args:
            own: which.
            pairs: of window and step, at most.
            least: windows, at least.
        """
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


def nearest_start(chunks: Sequence[Chunk]) -> int:
    """Which of STARTS lies nearest to what came."""
    sums = [
        sum(float(np.nansum(np.abs(one.scaled(start)))) for one in chunks)
        for start in range(len(STARTS))
    ]
    return int(np.argmin(sums))


def mean_error(chunks: Sequence[Chunk], answers: Sequence[Floats], start: int) -> float:
    """How much answers (windows, horizon) to each chunk err, in units of each series.

    ``start`` is what they are added to.
    """
    errors = []
    for one, answer in zip(chunks, answers, strict=True):
        points = one.starts[start] + one.scale * answer
        errors.append(np.nanmean(np.abs(one.targets - points), axis=1))
    unit = by_series(
        np.concatenate([one.spread[:, 0] for one in chunks]),
        np.concatenate([one.owners for one in chunks]),
    )
    return float(np.nanmean(np.concatenate(errors) / unit))


def by_series(errors: Floats, owners: NDArray[np.int64]) -> Floats:
    """The mean of each series' windows (windows,); of still ones the typical one."""
    numbers = np.unique(owners, return_inverse=True)[1]
    means = np.bincount(numbers, errors) / np.bincount(numbers)
    return np.where(means > 0, means, typical(means))[numbers]

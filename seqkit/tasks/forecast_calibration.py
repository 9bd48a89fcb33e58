"""How wide a trained forecaster's intervals must be, as its validation windows say."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from seqkit.data.batching import Feed
from seqkit.data.windows import WindowStore
from seqkit.errors import DataWarning
from seqkit.models.series_spec import ForecastModel
from seqkit.tasks.compiled import compiled_model
from seqkit.tasks.conformal import conformal_quantiles

BATCH = 512
ENOUGH = 10
"""Fewer validation windows than this say little of how wide intervals must be."""


def corrections(
    forecaster: keras.Model, store: WindowStore, spec: ForecastModel
) -> tuple[tuple[float, ...], ...] | None:
    """What moves each quantile at each step (horizon, quantiles); None without windows.

    For gaussian outputs it is what multiplies sigma.
    """
    if not len(store):
        warnings.warn(
            "The validation part holds no whole window, so intervals cannot be "
            "calibrated. Give data.validation at least data.horizon steps.",
            DataWarning,
            stacklevel=2,
        )
        return None
    if len(store) < ENOUGH:
        warnings.warn(
            f"Intervals rest on {len(store)} validation window(s) alone; they may hold "
            "much less often than they say. A longer data.validation or a smaller "
            "data.test_stride gives more.",
            DataWarning,
            stacklevel=2,
        )
    answer = compiled_model(forecaster)
    residuals = np.concatenate(
        [_residuals(answer, batch, spec) for batch in _batches(store)]
    )
    moved = conformal_quantiles(residuals, spec.quantiles)
    return tuple(tuple(map(float, row)) for row in moved)


def _batches(store: WindowStore) -> Any:
    for rows in Feed(store, BATCH).batches():
        inputs, targets, _ = store.arrays(rows)
        yield inputs, targets


def _residuals(answer: Any, batch: Any, spec: ForecastModel) -> NDArray[np.floating]:
    inputs, targets = batch
    outputs = np.asarray(answer(inputs), np.float64)
    if spec.output == "gaussian":
        apart = (targets - outputs[:, :, 0]) / outputs[:, :, 1]
        return np.repeat(apart[:, :, None], len(spec.quantiles), axis=2)
    return targets[:, :, None] - np.broadcast_to(
        outputs, (*targets.shape, len(spec.quantiles))
    )

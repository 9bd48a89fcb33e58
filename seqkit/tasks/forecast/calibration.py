"""Where a trained forecaster's point and intervals must lie, as other windows say."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.windows import WindowStore
from seqkit.errors import DataWarning
from seqkit.layers.forecast.quantiles import Corrections, naive_error
from seqkit.models.forecast.spec import ForecastModel
from seqkit.tasks.compiled import compiled_model
from seqkit.tasks.forecast.conformal import calibrated
from seqkit.tasks.forecast.conformal_parts import Residuals, evenly_spread

Floats = NDArray[np.float64]

BATCH = 512
ENOUGH = 10
"""Fewer validation windows than this say little of how wide intervals must be."""
TRAINING = 1000
"""So many windows of training time, evenly spread, say what is usual."""


def corrections(
    forecaster: keras.Model,
    validation: WindowStore,
    training: WindowStore,
    ends: NDArray[np.int64],
    spec: ForecastModel,
    season: int,
    differenced: bool,
) -> Corrections | None:
    """What moves point and quantiles at each step; None without validation windows.

    Args:
        forecaster: windows to (batch, horizon, outputs).
        validation: its windows, over the whole horizon.
        training: likewise.
        ends: where each series' training time ends (series,).
        spec: the recipe's model.
        season: steps of a season, see ``layers.quantiles.naive_error``.
        differenced: whether the windows' steps are differences.
    """
    if not len(validation):
        warnings.warn(
            "The validation part holds no whole window, so intervals cannot be "
            "calibrated. Give data.validation at least data.horizon steps.",
            DataWarning,
            stacklevel=2,
        )
        return None
    if len(validation) < ENOUGH:
        warnings.warn(
            f"Intervals rest on {len(validation)} validation window(s) and on training "
            "time; they may hold much less often than they say. A longer "
            "data.validation or a smaller data.test_stride gives more.",
            DataWarning,
            stacklevel=2,
        )
    answer, reading = compiled_model(forecaster), _Reading(ends, season, differenced)
    every = np.arange(len(validation))
    sampled = evenly_spread(len(training), TRAINING)
    result = calibrated(
        _residuals(answer, validation, every, spec, reading),
        _residuals(answer, training, sampled, spec, reading),
        spec.quantiles,
        spec.point_level,
    )
    return Corrections(
        tuple(tuple(map(float, row)) for row in result.moves),
        tuple(map(float, result.point)),
        result.power,
        result.typical,
    )


class _Reading(NamedTuple):
    """How the windows of a store are read, see ``corrections``."""

    ends: NDArray[np.int64]
    season: int
    differenced: bool


def _residuals(
    answer: Any,
    store: WindowStore,
    rows: NDArray[np.int64],
    spec: ForecastModel,
    reading: _Reading,
) -> Residuals:
    """What came less what the model gave, over sigma where it gives one."""
    batches = [
        _batch(answer, store, rows[start : start + BATCH], spec, reading)
        for start in range(0, len(rows), BATCH)
    ]
    nothing = np.zeros((0, store.horizon))
    batches = batches or [(nothing[:, :, None], nothing, nothing[:, 0])]
    values, middle, scale = (
        np.concatenate(parts) for parts in zip(*batches, strict=True)
    )
    owners, origins = store.places(rows)
    return Residuals(values, middle, owners, origins - reading.ends[owners], scale)


def _batch(
    answer: Any,
    store: WindowStore,
    rows: NDArray[np.int64],
    spec: ForecastModel,
    reading: _Reading,
) -> tuple[Floats, Floats, Floats]:
    """Residuals (rows, horizon, levels), the median's (rows, horizon), scales."""
    inputs, filled, weights = store.arrays(rows)
    outputs = np.asarray(answer(inputs), np.float64)
    targets = np.array(filled, np.float64)
    if np.ndim(weights) == 2:
        targets[weights == 0] = np.nan
    middle = targets - outputs[:, :, spec.point_channel]
    if spec.output == "quantile":
        values, scale = targets[:, :, None] - outputs, _errors(inputs, reading)
    else:
        if spec.output == "gaussian":
            middle, scale = middle / outputs[:, :, 1], np.ones(len(rows))
        else:
            scale = _errors(inputs, reading)
        values = np.repeat(middle[:, :, None], len(spec.quantiles), axis=2)
    return values, middle, scale


def _errors(inputs: Any, reading: _Reading) -> Floats:
    """The naive error within each window (rows,), as the serving graph takes it."""
    steps = inputs["steps"][:, :, 0]
    errors = naive_error(steps, reading.season, reading.differenced)
    return np.asarray(keras.ops.convert_to_numpy(errors), np.float64)

"""The Theta method as a layer: its parameters are fitted anew to each window.

Assimakopoulos & Nikolopoulos 2000, "The theta model"; Hyndman & Billah 2003, "Unmasking
the Theta method": simple exponential smoothing with half the slope of the least-squares
line. Seasons are summands, by classical decomposition, where the autocorrelation at the
season passes a test at 10%. ``seqkit.tasks.forecast.theta`` has it from statsmodels.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

MAX_STEPS, MAX_SEASONS = 1000, 3
"""Theta reads the last 1,000 steps, or the last three seasons where that is more."""
ALPHAS = (np.arange(21) / 20) ** 1.5
"""Smoothing is tried with these, denser near 0; a parabola finds what lies between."""
_TEST = 1.645**2  # of one degree of freedom, at 10%
_BLOCK = 32


@keras.saving.register_keras_serializable("seqkit")
class ThetaForecast(keras.layers.Layer):
    """Theta's forecast (batch, horizon, 1) of channel 0 of windows.

    Takes (batch, timesteps, features). A window that never changes goes on as it is.

    Args:
        horizon: steps to forecast.
        season: steps of a season; 1: there is none. Windows of under two have none.
    """

    def __init__(self, horizon: int, season: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.horizon, self.season = horizon, season

    def call(self, steps: Any) -> Any:
        values = steps[:, -max(MAX_STEPS, MAX_SEASONS * self.season) :, 0]
        first = values[:, :1]
        low, high = (
            reduce(values, axis=1, keepdims=True) for reduce in (ops.min, ops.max)
        )
        unit = ops.where(high > low, high - low, 1.0)
        scaled = (values - first) / unit
        return ops.expand_dims(first + unit * self._forecast(scaled), -1)

    def _forecast(self, values: Any) -> Any:
        """Of values (batch, steps) of about one size the next (batch, horizon)."""
        steps, season = values.shape[1], self.season
        if season < 2 or steps < 2 * season:
            return smoothed(values, self.horizon)
        pattern = seasonal_pattern(values, season)
        pattern = ops.where(is_seasonal(values, season), pattern, 0.0)
        past = ops.take(pattern, np.arange(steps) % season, axis=1)
        ahead = np.arange(steps, steps + self.horizon) % season
        return smoothed(values - past, self.horizon) + ops.take(pattern, ahead, axis=1)

    def compute_output_spec(self, steps: Any) -> keras.KerasTensor:
        shape = (steps.shape[0], self.horizon, 1)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        own = {"horizon": self.horizon, "season": self.season}
        return {**super().get_config(), **own}


def is_seasonal(values: Any, season: int) -> Any:
    """Whether the autocorrelation at the season tells of one (batch, 1)."""
    sums = autocovariances(values, season)
    variance = sums[:, :1]
    rho = sums / ops.where(variance > 0, variance, 1.0)
    others = ops.sum(ops.square(rho[:, :-1]), axis=1, keepdims=True)
    return values.shape[1] * ops.square(rho[:, -1:]) > _TEST * others


def autocovariances(values: Any, lags: int) -> Any:
    """The sums of x_t x_{t+k} of centered values, k from 0 to ``lags`` (batch, k).

    Blocks of steps are multiplied with all that lies up to ``lags`` behind them; the
    diagonals of these products, summed up, are what is asked for.
    """
    steps, width = values.shape[1], _BLOCK + lags
    blocks = -(-steps // _BLOCK)
    centered = values - ops.mean(values, axis=1, keepdims=True)
    centered = ops.pad(centered, [[0, 0], [0, (blocks - 1) * _BLOCK + width - steps]])
    starts = np.arange(blocks)[:, None] * _BLOCK
    behind = ops.take(centered, starts + np.arange(width), axis=1)
    block = ops.transpose(behind[:, :, :_BLOCK], (0, 2, 1))
    products = ops.matmul(block, behind)  # (batch, block, block + lags)
    # A row longer by one, and a diagonal stands in a column.
    flat = ops.pad(ops.reshape(products, (-1, _BLOCK * width)), [[0, 0], [0, _BLOCK]])
    columns = ops.reshape(flat, (-1, _BLOCK, width + 1))
    return ops.sum(columns[:, :, : lags + 1], axis=1)


def seasonal_pattern(values: Any, season: int) -> Any:
    """Summands (batch, season) by classical decomposition; the first is of step 0."""
    steps, half = values.shape[1], season // 2
    pooled = ops.average_pool(values[:, :, None], season, strides=1, padding="valid")
    trend = pooled[:, :, 0]
    if season % 2 == 0:
        trend = 0.5 * (trend[:, 1:] + trend[:, :-1])
    apart = values[:, half : steps - half] - trend
    cycles = -(-(steps - half) // season)
    padded = ops.pad(apart, [[0, 0], [half, cycles * season - (steps - half)]])
    sums = ops.sum(ops.reshape(padded, (-1, cycles, season)), axis=1)
    counts = np.bincount(np.arange(half, steps - half) % season, minlength=season)
    means = sums / counts.astype(np.float32)
    return means - ops.mean(means, axis=1, keepdims=True)


def smoothed(values: Any, horizon: int) -> Any:
    """Simple exponential smoothing with half the line's slope (batch, horizon)."""
    steps = values.shape[1]
    alpha = best_alpha(values)
    powers = ops.power(1.0 - alpha, np.arange(steps, dtype=np.float32))
    rest = (1.0 - alpha) * powers[:, -1:]
    weights = alpha * ops.flip(powers, axis=1)
    level = ops.sum(weights * values, axis=1, keepdims=True) + rest * values[:, :1]
    centered = np.arange(steps, dtype=np.float32) - (steps - 1) / 2
    line = (centered / np.sum(centered**2)).astype(np.float32)
    slope = ops.sum(values * line, axis=1, keepdims=True)
    lag = ops.sum(powers, axis=1, keepdims=True)
    return level + slope / 2 * (np.arange(horizon, dtype=np.float32) + lag)


def best_alpha(values: Any) -> Any:
    """The smoothing (batch, 1) with the least squares of errors one step ahead."""
    squares = smoothing_errors(values)
    last = len(ALPHAS) - 1
    middle = ops.clip(ops.argmin(squares, axis=1), 1, last - 1)
    chosen = ops.expand_dims(middle, 1)
    left, least, right = (
        ops.sum(ops.where(np.arange(last + 1) == chosen + side, squares, 0.0), axis=1)
        for side in (-1, 0, 1)
    )
    bend = left - 2 * least + right
    vertex = 0.5 * (left - right) / ops.where(bend > 0, bend, 1.0)
    # On a line, or at an end, the lower neighbour.
    to_lower = ops.where(left < right, -1.0, 1.0)
    vertex = ops.where(bend > 0, ops.clip(vertex, -1.0, 1.0), to_lower)
    at = (ops.cast(middle, vertex.dtype) + vertex) / last
    return ops.expand_dims(ops.power(ops.clip(at, 0.0, 1.0), 1.5), 1)


def smoothing_errors(values: Any) -> Any:
    """The sum of squared errors one step ahead with each of ALPHAS (batch, alphas).

    An error is the newest change and 1 - alpha of the error before. Blocks of steps are
    a matrix product each, and what one carries into the next one another.
    """
    changes = values[:, 1:] - values[:, :-1]
    blocks = -(-changes.shape[1] // _BLOCK)
    # Zeros before the first change are errors of zero.
    front = blocks * _BLOCK - changes.shape[1]
    changes = ops.reshape(ops.pad(changes, [[0, 0], [front, 0]]), (-1, blocks, _BLOCK))
    within, carried, between = _error_weights(blocks)
    errors = ops.reshape(ops.matmul(changes, within), (-1, blocks, len(ALPHAS), _BLOCK))
    if blocks > 1:
        ends = ops.transpose(errors[:, :, :, -1], (0, 2, 1))[:, :, None, :]
        before = ops.matmul(ends, between)[:, :, 0, :]  # (batch, alphas, blocks)
        before = ops.transpose(before, (0, 2, 1))
        errors = errors + ops.expand_dims(before, -1) * carried
    return ops.sum(ops.square(errors), axis=(1, 3))


def _error_weights(blocks: int) -> tuple[Any, Any, Any]:
    """What a block's changes, and errors before the block, add to its errors.

    ``within`` (block, alphas * block), ``carried`` (alphas, block), and ``between``
    (alphas, blocks, blocks): from the end of a block alone to the start of a later one.
    """
    keep, at = (1 - ALPHAS)[:, None, None], np.arange(_BLOCK)
    apart = at[None, :] - at[:, None]
    within = np.where(apart >= 0, keep ** np.maximum(apart, 0), 0.0)
    number = np.arange(blocks)
    skipped = number[None, :] - number[:, None] - 1
    whole = keep ** (_BLOCK * np.maximum(skipped, 0))
    between = np.where(skipped >= 0, whole, 0.0)
    carried = (1 - ALPHAS)[:, None] ** (at + 1)
    within = np.transpose(within, (1, 0, 2)).reshape(_BLOCK, -1)
    return (
        within.astype(np.float32),
        carried.astype(np.float32),
        between.astype(np.float32),
    )

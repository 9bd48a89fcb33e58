"""Forecasts that learn nothing as a layer: what plain baselines are shipped as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("seqkit")
class PlainForecast(keras.layers.Layer):
    """All that is known of series (batch, steps) to their next steps, with quantiles.

    Gives (batch, horizon, 1 + quantiles) float64, the point forecast first; NaN where
    the series is too short for the method. Quantiles lie ``moves`` times a series' unit
    from the point. That is its mean absolute step from one season to the next, to
    ``power`` times the ``typical`` one to 1 - ``power``.

    Args:
        method: ``last_value``, ``drift`` or ``seasonal_naive``.
        moves: (horizon, quantiles).
        season: steps of a season; 1: there is none.
    """

    def __init__(
        self,
        method: str,
        moves: Sequence[Sequence[float]],
        season: int = 1,
        power: float = 1.0,
        typical: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype="float64", **kwargs)
        self.method, self.moves, self.season = method, moves, season
        self.power, self.typical = power, typical
        self.horizon = len(moves)

    def call(self, values: tf.Tensor) -> tf.Tensor:
        points = tf.ensure_shape(self._points(values), [None, self.horizon])
        points = points[..., tf.newaxis]
        moves = tf.constant(self.moves, tf.float64)
        widths = self._units(values)[:, tf.newaxis, tf.newaxis] * moves
        return tf.concat([points, points + widths], axis=2)

    def _points(self, values: tf.Tensor) -> tf.Tensor:
        steps, last = tf.shape(values)[1], values[:, -1:]
        if self.method == "seasonal_naive":
            place = steps - self.season + tf.range(self.horizon) % self.season
            points = tf.gather(values, tf.maximum(place, 0), axis=1)
            return _where(steps >= self.season, points)
        if self.method == "last_value":
            return tf.repeat(last, self.horizon, axis=1)
        count = tf.cast(steps - 1, tf.float64)
        slope = _where(steps > 1, (last - values[:, :1]) / tf.maximum(count, 1.0))
        ahead = tf.range(1, self.horizon + 1, dtype=tf.float64)
        return last + slope * ahead

    def _units(self, values: tf.Tensor) -> tf.Tensor:
        """See ``naive_scale`` and ``unit_of`` of the baselines of forecasts."""
        steps = tf.shape(values)[1]
        lag = tf.where(steps > self.season, self.season, 1)
        apart = tf.abs(values[:, lag:] - values[:, : steps - lag])
        scale = tf.reduce_mean(apart, axis=1)
        typical = tf.constant(self.typical, tf.float64)
        positive = tf.where(scale > 0, scale, typical)
        unit = positive**self.power * typical ** (1 - self.power)
        return tf.where(tf.math.is_nan(scale), scale, unit)

    def compute_output_spec(self, values: Any) -> keras.KerasTensor:
        shape = (values.shape[0], self.horizon, 1 + len(self.moves[0]))
        return keras.KerasTensor(shape, dtype="float64")

    def get_config(self) -> dict[str, Any]:
        names = ("method", "moves", "season", "power", "typical")
        inherited = super().get_config()
        del inherited["dtype"]
        return {**inherited, **{name: getattr(self, name) for name in names}}


def _where(holds: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
    nothing = tf.constant(float("nan"), tf.float64)
    return tf.where(holds, numbers, nothing)

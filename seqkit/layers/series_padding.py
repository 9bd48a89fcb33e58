"""From raw series of any length to what a model of series reads: scaled and padded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.one_step import with_a_step

PADDING = -1e30
"""What stands in all columns of a step behind a series' end: no scaled value does, so
that one tensor tells the values and which of them are there (``keras.layers.Masking``
compares in float32)."""

SAME = 1e-13
"""A standard deviation below this share of the mean is float64's rounding."""


@keras.saving.register_keras_serializable("seqkit")
class SeriesEncoder(keras.layers.Layer):
    """Cut, scale and pad series (batch, steps, columns) of given lengths (batch,).

    Values are float64: what is taken off may be large beside what is left.

    Args:
        center: one number a column, taken off.
        unit: one number a column that what is left is divided by.
        per_series: scale each series by its own mean and standard deviation instead, as
            they are after the cut.
        max_timesteps: longer series are cut; None: none is.
        truncating: ``pre`` or ``post``: where they lose steps.
    """

    def __init__(
        self,
        center: Sequence[float],
        unit: Sequence[float],
        per_series: bool = False,
        max_timesteps: int | None = None,
        truncating: str = "post",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "series_encoder")
        # Keras would round float64 to float32.
        super().__init__(**{**kwargs, "autocast": False})
        self.center, self.unit = [*map(float, center)], [*map(float, unit)]
        self.per_series = per_series
        self.max_timesteps = max_timesteps
        self.truncating = truncating

    def call(self, values: Any, lengths: Any = None) -> Any:
        """Raw ``values`` to float32 of the same columns, PADDING behind each end.

        Without ``lengths`` every step counts. A batch without steps gets one.
        """
        values = tf.cast(values, tf.float64)
        steps = tf.shape(values)[1]
        lengths = steps if lengths is None else tf.cast(lengths, tf.int32)
        lengths = tf.clip_by_value(lengths, 0, steps)
        lengths = tf.broadcast_to(lengths, tf.shape(values)[:1])
        values = with_a_step(values)
        if self.max_timesteps is not None:
            values, lengths = self._cut(values, lengths, self.max_timesteps)
        kept = tf.sequence_mask(lengths, tf.shape(values)[1])[..., tf.newaxis]
        center, unit = self._scale(values, kept)
        scaled = tf.cast((values - center) / unit, tf.float32)
        return tf.where(kept, scaled, tf.constant(PADDING, tf.float32))

    def _cut(self, values: Any, lengths: Any, most: int) -> Any:
        if self.truncating == "pre":
            first = tf.maximum(lengths - most, 0)[:, tf.newaxis]
            last = tf.shape(values)[1] - 1
            places = tf.range(tf.minimum(last + 1, most))[tf.newaxis] + first
            values = tf.gather(values, tf.minimum(places, last), batch_dims=1)
        return values[:, :most], tf.minimum(lengths, most)

    def _scale(self, values: Any, kept: Any) -> Any:
        if not self.per_series:
            return (
                tf.constant(self.center, tf.float64),
                tf.constant(self.unit, tf.float64),
            )
        weights = tf.cast(kept, tf.float64)
        count = tf.maximum(tf.reduce_sum(weights, axis=1, keepdims=True), 1.0)
        # What stands behind an end may be anything, NaN too.
        values = tf.where(kept, values, tf.zeros_like(values))
        center = tf.reduce_sum(values, axis=1, keepdims=True) / count
        apart = weights * (values - center) ** 2
        unit = tf.sqrt(tf.reduce_sum(apart, axis=1, keepdims=True) / count)
        return center, tf.where(unit > SAME * tf.abs(center), unit, tf.ones_like(unit))

    def compute_output_spec(self, values: Any, lengths: Any = None) -> Any:
        batch, steps, columns = values.shape
        if self.max_timesteps is not None and steps is not None:
            steps = min(steps, self.max_timesteps)
        return keras.KerasTensor((batch, steps, columns), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "center": self.center,
            "unit": self.unit,
            "per_series": self.per_series,
            "max_timesteps": self.max_timesteps,
            "truncating": self.truncating,
        }

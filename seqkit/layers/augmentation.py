"""Other series of the same class, made of those that training reads."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops


class _InTraining(keras.layers.Layer):
    """Changes series (batch, steps, columns) in training alone; padding stays so."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, steps: Any, mask: Any = None, training: bool = False) -> Any:
        return self.changed(steps, mask) if training else steps

    def changed(self, steps: Any, mask: Any) -> Any:
        """What training reads in place of ``steps``."""
        raise NotImplementedError

    def compute_output_shape(self, steps_shape: Any) -> Any:
        return steps_shape


@keras.saving.register_keras_serializable("seqkit")
class ScalingNoise(_InTraining):
    """Multiply each column of a series by a number around 1 (Um et al. 2017).

    Args:
        deviation: standard deviation of these numbers.
    """

    def __init__(self, deviation: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.deviation = deviation

    def changed(self, steps: Any, mask: Any) -> Any:
        shape = (ops.shape(steps)[0], 1, steps.shape[-1])
        return steps * keras.random.normal(
            shape, 1.0, self.deviation, seed=self.seed_generator
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation}


@keras.saving.register_keras_serializable("seqkit")
class WindowWarp(_InTraining):
    """Play a random window of each series at half or at twice its speed.

    The whole is then stretched linearly to as many steps as the series had (Le Guennec,
    Malinowski & Tavenard 2016, "Data Augmentation for Time Series Classification using
    Convolutional Neural Networks", section 3.2). First and last step stay.

    Args:
        share: of a series' time that the window has.
    """

    def __init__(self, share: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share = share

    def changed(self, steps: Any, mask: Any) -> Any:
        rows, most = tf.shape(steps)[0], tf.shape(steps)[1]
        lengths = tf.fill([rows], most)
        if mask is not None:
            lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        last = tf.cast(tf.maximum(lengths - 1, 0), tf.float32)[:, tf.newaxis]
        draw = keras.random.uniform((rows, 2), seed=self.seed_generator)
        before = warped(
            tf.range(most, dtype=tf.float32)[tf.newaxis],
            last,
            window=self.share * last,
            start=draw[:, :1] * (1 - self.share) * last,
            stretch=tf.where(draw[:, 1:] < 0.5, 0.5, 2.0),
        )
        low = tf.floor(before)
        between = (before - low)[..., tf.newaxis]
        one = tf.gather(steps, tf.cast(low, tf.int32), batch_dims=1)
        next_place = tf.cast(tf.minimum(low + 1, last), tf.int32)
        other = tf.gather(steps, next_place, batch_dims=1)
        return (1 - between) * one + between * other

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share}


def warped(times: Any, last: Any, window: Any, start: Any, stretch: Any) -> Any:
    """At which time of a series stands what is read at ``times`` of the warped one.

    Args:
        times: (1, steps)
        last: (rows, 1), when each series ends; so does the warped one.
        window: how long the window is.
        start: when it begins.
        stretch: by what its length is multiplied before all is stretched back.
    """
    longer = window * (stretch - 1)
    times = tf.math.divide_no_nan(times * (last + longer), last)
    within = start + (times - start) / stretch
    before = tf.where(times < start + window + longer, within, times - longer)
    return tf.clip_by_value(tf.where(times < start, times, before), 0, last)

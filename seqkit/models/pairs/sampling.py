"""Scheduled sampling: training in which the decoder reads tokens of its own."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf


def own_share(schedule: str, steps: int, step: Any) -> Any:
    """The share of its largest value that a schedule gives after ``step`` steps.

    constant: 1. linear: from 0 up to 1 at ``steps``. inverse_sigmoid: 1 - k / (k +
    exp(step / k)), with k so that it is 1/2 at ``steps`` / 2 (Bengio et al. 2015,
    section 2.4).
    """
    step = tf.cast(step, tf.float32)
    if schedule == "constant":
        return tf.ones_like(step)
    if schedule == "linear":
        return tf.minimum(step / steps, 1)
    k = _width(steps)
    return tf.sigmoid(step / k - math.log(k))


def _width(steps: int) -> float:
    """The k > 1 with k ln k = ``steps`` / 2."""
    k = 1.0 + steps / 2
    for _ in range(50):  # by Newton's method, from above
        k = (k + steps / 2) / (math.log(k) + 1)
    return k


class OwnTokens(keras.layers.Layer):
    """Which tokens of a training step are the decoder's own: True (batch, steps).

    The share follows a count of training steps that is saved with the weights, and the
    draws a seed that is, too: a resumed training goes on as one that never stopped.
    """

    def __init__(self, schedule: str, rate: float, steps: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schedule = schedule
        self.rate = rate
        self.steps = steps
        self.seed_generator = keras.random.SeedGenerator()

    def build(self, input_shape: Any) -> None:
        self.step = self.add_weight(
            (), "zeros", dtype="int32", trainable=False, name="training_step"
        )

    def call(self, previous: Any) -> Any:
        share = self.rate * own_share(self.schedule, self.steps, self.step.value)
        draw = keras.random.uniform(tf.shape(previous), seed=self.seed_generator)
        self.step.assign_add(1)
        # Before the first token there is nothing of its own.
        return (draw < share) & (tf.range(tf.shape(previous)[1]) > 0)

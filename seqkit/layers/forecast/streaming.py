"""What lets a forecaster of windows follow a stream, one value at a time."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def pushed(window: Any, step: Any) -> Any:
    """A window (batch, steps, ...) gone on by a step (batch, ...); its first one left.

    The window is the state of every forecaster that goes on step by step.
    """
    return ops.concatenate([window[:, 1:], ops.expand_dims(step, 1)], axis=1)


class _AsGiven(keras.layers.Layer):
    """A layer that leaves float64 as it is: Keras would round it to float32."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "autocast": False})


@keras.saving.register_keras_serializable("seqkit")
class PushStep(_AsGiven):
    """``pushed`` as a layer: a window and a step to the next window."""

    def call(self, window: Any, step: Any) -> Any:
        return pushed(window, step)

    def compute_output_spec(self, window: Any, step: Any) -> keras.KerasTensor:
        return keras.KerasTensor(window.shape, dtype=window.dtype)


@keras.saving.register_keras_serializable("seqkit")
class FilledWindow(_AsGiven):
    """A window (batch, steps) without NaN, and whether it had none (batch, 1).

    NaN marks steps that have not come yet; a window with some is made of ones instead.
    """

    def call(self, window: Any) -> Any:
        full = ops.logical_not(ops.any(ops.isnan(window), axis=1, keepdims=True))
        return ops.where(full, window, ops.ones_like(window)), full


@keras.saving.register_keras_serializable("seqkit")
class WhereFull(_AsGiven):
    """Forecasts (batch, horizon) where the window was full (batch, 1), else NaN."""

    def call(self, forecasts: Any, full: Any) -> Any:
        return ops.where(full, forecasts, ops.full_like(forecasts, float("nan")))

"""A linear forecast from what stands in a window, fitted in closed form elsewhere."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqkit.layers.forecast.window_learner import WindowLearner

FARTHEST = 8.0
"""Standardised features are cut here: a window unlike all others is no lever."""


@keras.saving.register_keras_serializable("seqkit")
class WindowRidge(WindowLearner):
    """Forecasts that are linear in what is read of a window, a step's own weights."""

    def build(self, input_shape: Any) -> None:
        width = self.width(input_shape)
        self.mean = self.fixed("mean", width)
        self.spread = self.fixed("spread", width, initializer="ones")
        self.kernel = self.fixed("kernel", self.horizon, width)
        self.bias = self.fixed("bias", self.horizon)
        super().build(input_shape)

    def answers(self, features: Any) -> Any:
        return ops.sum(self.standardised(features) * self.kernel, axis=-1) + self.bias

    def standardised(self, features: Any) -> Any:
        """Features as the weights read them (batch, horizon, features)."""
        return ops.clip((features - self.mean) / self.spread, -FARTHEST, FARTHEST)

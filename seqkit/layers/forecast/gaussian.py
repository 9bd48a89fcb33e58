"""From two numbers to a normal distribution."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

SMALLEST_SIGMA = 1e-4
"""Keeps the likelihood of a perfect forecast finite."""


@keras.saving.register_keras_serializable("seqkit")
class GaussianParameters(keras.layers.Layer):
    """Turn two numbers (..., 2) into mu and sigma (..., 2).

    mu is the first as it is; sigma = softplus(second) + 1e-4 (Salinas et al. 2020,
    "DeepAR", eq. 3).
    """

    def call(self, inputs: Any) -> Any:
        sigma = ops.softplus(inputs[..., 1:]) + SMALLEST_SIGMA
        return ops.concatenate([inputs[..., :1], sigma], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)

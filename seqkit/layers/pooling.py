"""From one vector a timestep to one vector a sequence; padding takes no part.

Keras's own average divides by zero where every step is padding, and its maximum knows
no mask, so both stand here; so does the attention of Yang et al. 2016.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops


class _Pooling(keras.layers.Layer):
    """Pool (batch, timesteps, features) to (batch, features) under a mask."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (input_shape[0], input_shape[-1])


@keras.saving.register_keras_serializable("seqkit")
class MaskedMeanPooling(_Pooling):
    """Mean over the steps that are not padding; 0 where there are none."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return ops.mean(inputs, axis=1)
        weights = ops.expand_dims(ops.cast(mask, inputs.dtype), -1)
        steps = ops.maximum(ops.sum(weights, axis=1), 1.0)
        return ops.sum(inputs * weights, axis=1) / steps


@keras.saving.register_keras_serializable("seqkit")
class MaskedMaxPooling(_Pooling):
    """Maximum over the steps that are not padding; 0 where there are none."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return ops.max(inputs, axis=1)
        lowest = ops.where(ops.expand_dims(mask, -1), inputs, -1e9)
        some = ops.any(mask, axis=1, keepdims=True)
        return ops.where(some, ops.max(lowest, axis=1), 0.0)


@keras.saving.register_keras_serializable("seqkit")
class AttentionPooling(_Pooling):
    """Weighted mean over steps; the weights are learned from the steps themselves.

    score_t = context . tanh(W h_t + b), weights = softmax over the steps that are not
    padding (Yang et al. 2016, "Hierarchical Attention Networks", eq. 5-7); 0 where
    there are none.
    """

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        self.kernel = self.add_weight(shape=(width, width), name="kernel")
        self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")
        self.context = self.add_weight(shape=(width, 1), name="context")

    def call(self, inputs: Any, mask: Any = None) -> Any:
        hidden = ops.tanh(ops.matmul(inputs, self.kernel) + self.bias)
        scores = ops.matmul(hidden, self.context)
        # Keras's own softmax warns of sequences that are a single step.
        if mask is None:
            return ops.sum(inputs * tf.nn.softmax(scores, axis=1), axis=1)
        mask = ops.expand_dims(mask, -1)
        weights = tf.nn.softmax(ops.where(mask, scores, -1e9), axis=1)
        return ops.sum(inputs * ops.where(mask, weights, 0.0), axis=1)

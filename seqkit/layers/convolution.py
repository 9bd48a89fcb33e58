"""Convolutions over time in which padding takes no part, in values or in statistics."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqkit.layers.one_step import with_a_row

MOMENTUM = 0.9
"""Of moving statistics: Keras's 0.99 remembers some 500 steps, and so would validate
the first epochs on few series with what is not true any more."""


@keras.saving.register_keras_serializable("seqkit")
class MaskedConvolution(keras.layers.Layer):
    """Convolve (batch, timesteps, features) to (batch, timesteps, filters).

    relu(norm(kernel * x)), as many steps out as in, with zeros beyond both ends of each
    sequence and batch normalisation over the steps that are not padding (Wang, Yan &
    Oates 2017, "Time Series Classification from Scratch", section 2.2).

    Args:
        filters: features of each step that leaves.
        kernel_size: steps that each of them reads.
    """

    def __init__(self, filters: int, kernel_size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.filters, self.kernel_size = filters, kernel_size
        self.norm = keras.layers.BatchNormalization(momentum=MOMENTUM, name="norm")

    def build(self, steps_shape: Any) -> None:
        self.kernel = self.add_weight(
            shape=(self.kernel_size, steps_shape[-1], self.filters),
            initializer="he_uniform",
            name="kernel",
        )
        self.norm.build((None, None, self.filters))

    def call(self, steps: Any, mask: Any = None, training: bool | None = None) -> Any:
        # TensorFlow gives convolutions of no rows as many features as it was given.
        padded, rows = with_a_row(_masked(steps, mask)), ops.shape(steps)[0]
        outputs = ops.conv(padded, self.kernel, padding="same")[:rows]
        outputs = self.norm(outputs, training=training, mask=mask)
        return _masked(ops.relu(outputs), mask)

    def compute_output_shape(self, steps_shape: Any) -> tuple[int | None, ...]:
        return (*steps_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        own = {"filters": self.filters, "kernel_size": self.kernel_size}
        return {**super().get_config(), **own}


def _masked(steps: Any, mask: Any) -> Any:
    """Steps with zeros at padding."""
    if mask is None:
        return steps
    return steps * ops.cast(ops.expand_dims(mask, -1), steps.dtype)

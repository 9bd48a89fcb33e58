"""Dropout of whole tokens."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

UNKNOWN_ID = 1


@keras.saving.register_keras_serializable("seqkit")
class TokenDropout(keras.layers.Layer):
    """Replace a share of the token ids (batch, timesteps) by unknown, in training.

    Padding (id 0) stays padding, so that masks do not change (Iyyer et al. 2015, "Deep
    Unordered Composition Rivals Syntactic Methods", word dropout).
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, ids: Any, training: bool = False) -> Any:
        if not training:
            return ids
        draw = keras.random.uniform(ops.shape(ids), seed=self.seed_generator)
        dropped = ops.logical_and(draw < self.rate, ids != 0)
        return ops.where(dropped, UNKNOWN_ID, ids)

    def compute_output_spec(self, ids: Any, training: bool = False) -> Any:
        return keras.KerasTensor(ids.shape, dtype=ids.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}

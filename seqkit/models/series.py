"""A whole series to one vector."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.layers.series_padding import PADDING
from seqkit.models.cores.stack import POOLINGS, stack
from seqkit.models.specs import SeriesModel


def encode_series(steps: Any, spec: SeriesModel) -> Any:
    """Turn scaled, padded steps (batch, steps, columns) into (batch, width).

    Steps that hold PADDING in all columns are masked first, so neither noise nor
    pooling ever sees them.
    """
    steps = keras.layers.Masking(PADDING, name="masking")(steps)
    if spec.noise:
        steps = keras.layers.GaussianNoise(spec.noise, name="noise")(steps)
    if spec.embedding:
        embed = keras.layers.Dense(spec.embedding, activation="relu", name="embedding")
        steps = embed(steps)
    outputs = stack(steps, spec, per_timestep=spec.pooling != "last")
    if spec.pooling != "last":
        outputs = POOLINGS[spec.pooling](name=f"{spec.pooling}_pooling")(outputs)
    if spec.dropout:
        outputs = keras.layers.Dropout(spec.dropout, name="dropout")(outputs)
    return outputs

"""A series to one vector, or to a vector a step."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.layers.series_padding import PADDING
from seqkit.models.cores.stack import POOLINGS, dropped, stack
from seqkit.models.specs import SeriesModel, StepsModel


def encode_series(steps: Any, spec: SeriesModel) -> Any:
    """Turn scaled, padded steps (batch, steps, columns) into (batch, width).

    Steps that hold PADDING in all columns are masked first, so neither noise nor
    pooling ever sees them.
    """
    outputs = stack(_read(steps, spec), spec, per_timestep=spec.pooling != "last")
    if spec.pooling != "last":
        outputs = POOLINGS[spec.pooling](name=f"{spec.pooling}_pooling")(outputs)
    return dropped(outputs, spec)


def encode_steps(steps: Any, spec: StepsModel) -> Any:
    """Turn scaled, padded steps (batch, steps, columns) into (batch, steps, width)."""
    return dropped(stack(_read(steps, spec), spec, per_timestep=True), spec)


def _read(steps: Any, spec: StepsModel) -> Any:
    """Steps as the stack reads them: masked, with noise, embedded."""
    steps = keras.layers.Masking(PADDING, name="masking")(steps)
    if spec.noise:
        steps = keras.layers.GaussianNoise(spec.noise, name="noise")(steps)
    if spec.embedding:
        embed = keras.layers.Dense(spec.embedding, activation="relu", name="embedding")
        steps = embed(steps)
    return steps

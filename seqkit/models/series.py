"""A series to one vector, or to a vector a step."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.layers.augmentation import ScalingNoise, WindowWarp
from seqkit.layers.convolution import MaskedConvolution
from seqkit.layers.pooling import MaskedMeanPooling
from seqkit.layers.series_padding import PADDING
from seqkit.models.cores.stack import POOLINGS, dropped, stack
from seqkit.models.specs import FILTERS, KERNEL_SIZES, SeriesModel, StepsModel


def encode_series(steps: Any, spec: SeriesModel) -> Any:
    """Turn scaled, padded steps (batch, steps, columns) into (batch, width).

    Steps that hold PADDING in all columns are masked first, so neither noise nor
    pooling ever sees them.
    """
    steps = _embedded(_noisy(_augmented(_masked(steps), spec), spec), spec)
    outputs = stack(steps, spec, per_timestep=spec.pooling != "last")
    if spec.pooling != "last":
        outputs = POOLINGS[spec.pooling](name=f"{spec.pooling}_pooling")(outputs)
    outputs = dropped(outputs, spec)
    if spec.architecture == "recurrent":
        return outputs
    return keras.layers.Concatenate(name="branches")([outputs, _convolved(steps, spec)])


def encode_steps(steps: Any, spec: StepsModel) -> Any:
    """Turn scaled, padded steps (batch, steps, columns) into (batch, steps, width)."""
    steps = _embedded(_noisy(_masked(steps), spec), spec)
    return dropped(stack(steps, spec, per_timestep=True), spec)


def _masked(steps: Any) -> Any:
    return keras.layers.Masking(PADDING, name="masking")(steps)


def _augmented(steps: Any, spec: SeriesModel) -> Any:
    if spec.window_warp:
        steps = WindowWarp(spec.window_warp, name="window_warp")(steps)
    if spec.scaling_noise:
        steps = ScalingNoise(spec.scaling_noise, name="scaling_noise")(steps)
    return steps


def _noisy(steps: Any, spec: StepsModel) -> Any:
    if not spec.noise:
        return steps
    return keras.layers.GaussianNoise(spec.noise, name="noise")(steps)


def _embedded(steps: Any, spec: StepsModel) -> Any:
    if not spec.embedding:
        return steps
    return keras.layers.Dense(spec.embedding, activation="relu", name="embedding")(
        steps
    )


def _convolved(steps: Any, spec: SeriesModel) -> Any:
    """The mean over time (batch, filters) of what three convolutions find."""
    sizes = zip(spec.filters or FILTERS, KERNEL_SIZES, strict=True)
    for number, (filters, kernel_size) in enumerate(sizes, 1):
        convolution = MaskedConvolution(
            filters, kernel_size, name=f"convolution_{number}"
        )
        steps = convolution(steps)
    return MaskedMeanPooling(name="convolution_pooling")(steps)

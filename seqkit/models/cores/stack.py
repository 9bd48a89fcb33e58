"""Stacked recurrent layers: any depth, one way or both, with what stands between."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.layers.pooling import AttentionPooling, MaskedMaxPooling, MaskedMeanPooling
from seqkit.models.cores.spec import StackSpec
from seqkit.registry import CELLS

MERGE_MODES = {"concat": "concat", "sum": "sum", "mean": "ave", "multiply": "mul"}
"""seqkit's names for the merges of ``keras.layers.Bidirectional``."""

POOLINGS = {
    "mean": MaskedMeanPooling,
    "max": MaskedMaxPooling,
    "attention": AttentionPooling,
}


def recurrent_layer(
    spec: StackSpec, units: int, return_sequences: bool, name: str
) -> keras.layers.Layer:
    """One recurrent layer of ``units``, wrapped to read both ways if the spec says."""
    layer = CELLS.get(spec.cell)(
        units,
        return_sequences=return_sequences,
        dropout=spec.input_dropout,
        recurrent_dropout=spec.recurrent_dropout,
        name=name,
    )
    if spec.bidirectional == "none":
        return layer
    merge_mode = MERGE_MODES[spec.bidirectional]
    return keras.layers.Bidirectional(layer, merge_mode=merge_mode, name=f"both_{name}")


def stack(steps: Any, spec: StackSpec, per_timestep: bool) -> Any:
    """Run (batch, timesteps, features) through the recurrent layers of ``spec``.

    Returns (batch, timesteps, width) if ``per_timestep``, else the last state
    (batch, width). Dropout stands between the layers; the caller adds what comes
    before its head.
    """
    last = len(spec.units) - 1
    for depth, units in enumerate(spec.units):
        name = f"{spec.cell}_{depth + 1}"
        return_sequences = per_timestep or depth < last
        outputs = recurrent_layer(spec, units, return_sequences, name)(steps)
        if spec.residual and return_sequences:
            outputs = _residual(steps, outputs, name)
        if spec.layer_norm:
            outputs = keras.layers.LayerNormalization(name=f"norm_{depth + 1}")(outputs)
        if spec.dropout and depth < last:
            outputs = keras.layers.Dropout(spec.dropout, name=f"drop_{depth + 1}")(
                outputs
            )
        steps = outputs
    return steps


def _residual(inputs: Any, outputs: Any, name: str) -> Any:
    width = outputs.shape[-1]
    if inputs.shape[-1] != width:
        project = keras.layers.Dense(width, use_bias=False, name=f"project_{name}")
        inputs = project(inputs)
    return keras.layers.Add(name=f"residual_{name}")([inputs, outputs])

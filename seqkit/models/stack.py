"""Stacked recurrent layers: any depth, one way or both, with what stands between."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.layers.dropout import TokenDropout
from seqkit.layers.pooling import AttentionPooling, MaskedMaxPooling, MaskedMeanPooling
from seqkit.models.spec import PooledTextModel, StackSpec, TextModel
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


def embed_tokens(ids: Any, vocabulary: int, spec: TextModel) -> Any:
    """Embed token ids (batch, timesteps) to (batch, timesteps, embedding), masked.

    Id 0 is padding; token dropout replaces others by id 1, unknown, in training.
    """
    if spec.token_dropout:
        ids = TokenDropout(spec.token_dropout, name="token_dropout")(ids)
    embedding = keras.layers.Embedding(
        vocabulary, spec.embedding, mask_zero=True, name="embedding"
    )
    steps = embedding(ids)
    if spec.embedding_dropout:
        drop = keras.layers.SpatialDropout1D(
            spec.embedding_dropout, name="embedding_dropout"
        )
        steps = drop(steps)
    return steps


def encode_tokens(ids: Any, vocabulary: int, spec: PooledTextModel) -> Any:
    """Turn token ids (batch, timesteps) into one vector a sequence (batch, width)."""
    steps = embed_tokens(ids, vocabulary, spec)
    outputs = stack(steps, spec, per_timestep=spec.pooling != "last")
    if spec.pooling != "last":
        outputs = POOLINGS[spec.pooling](name=f"{spec.pooling}_pooling")(outputs)
    if spec.dropout:
        outputs = keras.layers.Dropout(spec.dropout, name="dropout")(outputs)
    return outputs

"""Token ids to vectors, one a token or one a text."""

from __future__ import annotations

from typing import Any

import keras

from seqkit.layers.dropout import TokenDropout
from seqkit.models.cores.stack import POOLINGS, dropped, stack
from seqkit.models.specs import PooledTextModel, TextModel, VectorModel
from seqkit.shared.vector_files import vector_width


def embed_tokens(ids: Any, vocabulary: int, spec: TextModel) -> Any:
    """Embed token ids (batch, timesteps) to (batch, timesteps, embedding), masked.

    Id 0 is padding; token dropout replaces others by id 1, unknown, in training.
    """
    if spec.token_dropout:
        ids = TokenDropout(spec.token_dropout, name="token_dropout")(ids)
    embedding = keras.layers.Embedding(
        vocabulary, _width(spec), mask_zero=True, name="embedding"
    )
    embedding.trainable = not getattr(spec, "frozen_vectors", False)
    steps = embedding(ids)
    if spec.embedding_dropout:
        drop = keras.layers.SpatialDropout1D(
            spec.embedding_dropout, name="embedding_dropout"
        )
        steps = drop(steps)
    return steps


def _width(spec: TextModel) -> int:
    """Of embeddings: as it is said, or that of vectors from a file."""
    if spec.embedding is not None:
        return spec.embedding
    assert isinstance(spec, VectorModel) and spec.pretrained_vectors
    return vector_width(spec.pretrained_vectors)


def encode_tokens(ids: Any, vocabulary: int, spec: PooledTextModel) -> Any:
    """Turn token ids (batch, timesteps) into one vector a sequence (batch, width)."""
    steps = embed_tokens(ids, vocabulary, spec)
    outputs = stack(steps, spec, per_timestep=spec.pooling != "last")
    if spec.pooling != "last":
        outputs = POOLINGS[spec.pooling](name=f"{spec.pooling}_pooling")(outputs)
    return dropped(outputs, spec)

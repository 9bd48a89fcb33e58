"""Small encoder-decoders, each built once, and batches for them."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from seqkit.models.pairs.build import build_encoder_decoder
from seqkit.models.pairs.network import EncoderDecoder
from seqkit.models.pairs.spec import EncoderDecoderModel
from seqkit.signature import Signature

WORDS = 9
KINDS: dict[str, dict[str, Any]] = {
    "none": {"attention": "none", "decoder_cell": "lstm"},
    "dot": {"attention": "dot", "cell": "simple_rnn", "tie": "output"},
    "general": {"attention": "general", "bidirectional": "concat"},
    "additive": {"bidirectional": "sum", "decoder_units": (4, 6), "residual": True},
    "feeding": {"input_feeding": True, "attention_units": 7, "tie": "all"},
    "copying": {"copy": True, "tie": "all", "cell": "lstm", "layer_norm": True},
    "covering": {"copy": True, "coverage": 0.5, "attention": "general"},
    "covering dot": {"coverage": 0.5, "attention": "dot", "input_feeding": True},
}
TOKENS = np.array([[4, 5, 6, 7], [8, 4, 0, 0], [5, 0, 0, 0]], np.int32)
PREVIOUS = np.array([[2, 8, 7], [2, 4, 0], [2, 0, 0]], np.int32)
TARGETS = np.array([[8, 7, 3], [4, 3, 0], [3, 0, 0]], np.int32)


def spec_of(**keys: Any) -> EncoderDecoderModel:
    return EncoderDecoderModel(**{"cell": "gru", "units": (5,), "embedding": 4} | keys)


def network_of(seed: int = 0, **keys: Any) -> keras.Model:
    """With weights so large that each answer is an own one."""
    keras.utils.set_random_seed(seed)
    details = {"details": (("output_vocabulary", WORDS),)}
    signature = Signature.of({"vocabulary": WORDS}, details)
    network = build_encoder_decoder(spec_of(**keys), signature)
    draw = np.random.default_rng(seed)
    for variable in network.trainable_variables:
        variable.assign(draw.normal(size=variable.shape))
    return network


@cache
def network(kind: str) -> keras.Model:
    return network_of(**KINDS[kind])


def core_of(model: keras.Model) -> EncoderDecoder:
    return next(layer for layer in model.layers if isinstance(layer, EncoderDecoder))


def inputs(tokens: Any = TOKENS, previous: Any = PREVIOUS) -> dict[str, NDArray[Any]]:
    return {"tokens": tokens, "previous": previous}


def log_softmax(logits: Any) -> NDArray[np.floating]:
    return np.asarray(keras.ops.log_softmax(keras.ops.cast(logits, "float32")))

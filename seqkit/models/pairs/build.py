"""Encoder-decoders, and what is made of one that is trained."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from seqkit.errors import UsageError
from seqkit.models.pairs.network import EncoderDecoder
from seqkit.models.pairs.spec import EncoderDecoderModel, PairDecode
from seqkit.models.pairs.writer import DRAWS, PairWriter
from seqkit.signature import Signature


def build_encoder_decoder(
    spec: EncoderDecoderModel, signature: Signature, name: str = "encoder_decoder"
) -> keras.Model:
    """A model from ids to what ``pair_loss`` takes, not compiled.

    Inputs: ``tokens`` (batch, places), the source; ``previous`` (batch, steps), the
    token before each of the output: begin, and the output without its last. Both are
    int32, 0 where padded. Output: logits (batch, steps, output vocabulary), or log
    probabilities where tokens may be copied.
    """
    assert signature.vocabulary
    core = EncoderDecoder(
        spec.model_dump(mode="json"),
        signature.vocabulary,
        signature.detail("output_vocabulary"),
    )
    inputs = {
        name: keras.Input((None,), dtype="int32", name=name)
        for name in ("tokens", "previous")
    }
    return keras.Model(inputs, core(inputs), name=name)


def _core(network: keras.Model) -> EncoderDecoder:
    layers = network.layers
    return next(layer for layer in layers if isinstance(layer, EncoderDecoder))


def has_attention(network: keras.Model) -> bool:
    """Whether its decoder looks at the input."""
    return _core(network).spec.attention != "none"


def build_writer(
    network: keras.Model,
    decode: PairDecode | None = None,
    max_length: int = 60,
    draws: bool = False,
) -> keras.Model:
    """A model from ``tokens`` (batch, places) to outputs, with the same weights.

    ``tokens`` (batch, n_best, max_length): the output without its end, then 0;
    ``log_probability`` (batch, n_best) of these tokens, and of the end if it came;
    ``score`` (batch, n_best), by which the best comes first. What is written for a row
    depends on that row alone.

    Args:
        network: what ``build_encoder_decoder`` gave.
        decode: how; None: the defaults.
        max_length: tokens of the longest output, its end among them.
        draws: whether ``seed``, ``temperature``, ``top_k`` and ``top_p`` are inputs
            (batch,), under ``method: sample``.
    """
    plain = {} if decode is None else decode.model_dump(mode="json")
    inputs = {"tokens": keras.Input((None,), dtype="int32", name="tokens")}
    if draws:
        inputs |= {
            key: keras.Input((), dtype=dtype, name=key) for key, dtype in DRAWS.items()
        }
    writer = PairWriter(_core(network), plain, max_length)
    return keras.Model(inputs, writer(inputs), name=f"{network.name}_writer")


def build_judge(network: keras.Model) -> keras.Model:
    """A model that says how likely given outputs are, each token after the true ones.

    Inputs: those of ``network``, and ``targets`` (batch, steps) int32, 0 where padded.
    Outputs: ``log_probability`` (batch, steps) of each target, and ``hits`` (batch,
    steps), 1 where it is the likeliest token; both 0 at padding.
    """
    targets = keras.Input((None,), dtype="int32", name="targets")
    judged = Judge(name="judge")(network.output, targets)
    inputs = {**network.input, "targets": targets}
    return keras.Model(inputs, judged, name=f"{network.name}_judge")


def build_aligner(network: keras.Model) -> keras.Model:
    """A model with the inputs of ``network`` to attention (batch, steps, places).

    Raises:
        UsageError: the network has none.
    """
    core = _core(network)
    if not has_attention(network):
        raise UsageError(
            "Only a model with attention has weights to give, got model.attention "
            "none. Train one with attention: additive."
        )
    weights = core(network.input, gives="weights")
    return keras.Model(network.input, weights, name=f"{network.name}_aligner")


@keras.saving.register_keras_serializable("seqkit")
class Judge(keras.layers.Layer):
    """Logits (batch, steps, tokens) and targets (batch, steps) to their verdict."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def call(self, logits: Any, targets: Any) -> dict[str, Any]:
        live = targets != 0
        costs = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        best = tf.argmax(logits, axis=-1, output_type=tf.int32)
        return {
            "log_probability": tf.where(live, -costs, 0),
            "hits": tf.cast(live & (best == targets), tf.float32),
        }

    def compute_output_spec(self, logits: Any, targets: Any) -> dict[str, Any]:
        shape = targets.shape
        return {
            name: keras.KerasTensor(shape, dtype="float32")
            for name in ("log_probability", "hits")
        }

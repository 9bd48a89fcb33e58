"""A trained encoder-decoder that writes, in the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.decoding import Decoded, Decoder, beam, greedy, sample
from seqkit.layers.text import BEGIN_ID, END_ID
from seqkit.models.pairs.network import EncoderDecoder
from seqkit.models.pairs.spec import PairDecode

DRAWS = {
    "seed": "int64",
    "temperature": "float32",
    "top_k": "int32",
    "top_p": "float32",
}
"""The keys of ``decode`` that may be inputs, (batch,), and their types."""

MULTIPLIERS = 6364136223846793005, 1442695040888963407
"""Odd numbers of 64 bits that spread ids and seeds (Knuth's MMIX generator)."""


def row_seeds(tokens: Any, seed: Any) -> Any:
    """A seed (batch,) int64 for each row, of its own ids (batch, places) and ``seed``.

    Padding behind the ids changes nothing, nor do other rows.
    """
    by_place, by_seed = (tf.constant(one, tf.int64) for one in MULTIPLIERS)
    ids = tf.cast(tokens, tf.int64)
    powers = tf.math.cumprod(tf.fill([tf.shape(ids)[1]], by_place))
    own = tf.reduce_sum(ids * powers, axis=1)
    return own + (tf.cast(seed, tf.int64) + 1) * by_seed


@keras.saving.register_keras_serializable("seqkit")
class PairWriter(keras.layers.Layer):
    """``tokens`` (batch, places) to outputs, as ``build_writer`` gives them.

    Inputs beside ``tokens``, by the names of ``DRAWS``, stand for the keys of
    ``decode``.

    Args:
        core: the trained layer.
        decode: the keys of a ``PairDecode``.
        max_length: tokens of the longest output, its end among them.
    """

    def __init__(
        self,
        core: EncoderDecoder,
        decode: Mapping[str, Any],
        max_length: int,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "writer")
        super().__init__(**kwargs)
        self.core = core
        self.decode = dict(decode)
        self.max_length = max_length
        self.spec = PairDecode.model_validate(decode)

    @property
    def count(self) -> int:
        """Outputs that are given of each row."""
        return self.spec.n_best if self.spec.method == "beam" else 1

    def build(self, input_shape: Any = None) -> None:
        if not self.core.built:
            self.core.build()

    def call(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        written = self._decoded(inputs)
        shape = [-1, self.count]
        return {
            "tokens": tf.reshape(written.tokens, [*shape, self.max_length]),
            "log_probability": tf.reshape(written.log_probability, shape),
            "score": tf.reshape(written.score, shape),
        }

    def _decoded(self, inputs: Mapping[str, Any]) -> Decoded:
        spec, tokens = self.spec, inputs["tokens"]
        constants, state = self.core.encode(tokens)
        begin = tf.fill([tf.shape(tokens)[0]], BEGIN_ID)
        decoder = Decoder(
            self.core.step,
            END_ID,
            self.max_length,
            spec.no_repeat,
            never=(0, BEGIN_ID),
        )
        if spec.method == "greedy":
            return greedy(decoder, state, begin, constants)
        if spec.method == "beam":
            width, alpha = spec.beam, spec.length_penalty
            return beam(decoder, state, begin, constants, width, spec.n_best, alpha)
        draws = {name: inputs.get(name, getattr(spec, name)) for name in DRAWS}
        seeds = row_seeds(tokens, draws.pop("seed"))
        return sample(decoder, state, begin, seeds, constants, **draws)

    def compute_output_spec(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        rows = (inputs["tokens"].shape[0], self.count)
        return {
            "tokens": keras.KerasTensor((*rows, self.max_length), dtype="int32"),
            "log_probability": keras.KerasTensor(rows, dtype="float32"),
            "score": keras.KerasTensor(rows, dtype="float32"),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "core": keras.saving.serialize_keras_object(self.core),
            "decode": self.decode,
            "max_length": self.max_length,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> PairWriter:
        core = keras.saving.deserialize_keras_object(config["core"])
        return cls(**{**config, "core": core})

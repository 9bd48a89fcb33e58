"""The encoder-decoder as one layer: what is trained, and what writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seqkit.errors import UsageError
from seqkit.models.cores.seam import State
from seqkit.models.pairs.decoder import TokenDecoder
from seqkit.models.pairs.encoder import SourceEncoder
from seqkit.models.pairs.spec import EncoderDecoderModel

OVERLAP = "_seqkit_overlap"
"""The attribute by which logits tell how attention overlaps, as masks travel."""


@keras.saving.register_keras_serializable("seqkit")
class EncoderDecoder(keras.layers.Layer):
    """``tokens`` (batch, places) and ``previous`` (batch, steps) to what comes next.

    Called with ``gives``:
        logits: (batch, steps, vocabulary); log probabilities where tokens may be
            copied. They tell a loss the overlap of their attention, under coverage.
        weights: of attention (batch, steps, places), 0 at padding.

    Args:
        model: the keys of an ``EncoderDecoderModel``.
        vocabulary: ids of the source, padding (0) among them.
        output_vocabulary: ids of the output, begin and end among them.
    """

    def __init__(
        self,
        model: Mapping[str, Any],
        vocabulary: int,
        output_vocabulary: int,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "encoder_decoder")
        super().__init__(**kwargs)
        self.model = dict(model)
        self.vocabulary = vocabulary
        self.output_vocabulary = output_vocabulary
        self.supports_masking = True
        spec = EncoderDecoderModel(**model)
        self.spec = spec
        shares = {"tie: all": spec.tie == "all", "copy": spec.copy}
        for key in (key for key, is_on in shares.items() if is_on):
            if vocabulary != output_vocabulary:
                raise UsageError(
                    f"model.{key} needs one vocabulary for both sides, got "
                    f"{vocabulary} and {output_vocabulary} tokens. Set data.shared."
                )
        self.decoder = TokenDecoder(spec, output_vocabulary, name="decoder")
        self.encoder = SourceEncoder(
            spec,
            vocabulary,
            self.decoder.stack.shapes,
            self.decoder.embedding if spec.tie == "all" else None,
            name="encoder",
        )

    def build(self, input_shape: Any = None) -> None:
        self.decoder.build()
        self.encoder.build()

    def encode(self, tokens: Any, training: bool = False) -> tuple[State, State]:
        """The constants and the first state of ``step``."""
        return self.decoder.begin(*self.encoder(tokens, training=training))

    def step(self, state: Mapping[str, Any], token: Any) -> tuple[State, Any]:
        """``step(state, token) -> (state, logits)``; ``state`` has the constants."""
        return self.decoder.step(state, token)

    def call(
        self, inputs: Mapping[str, Any], training: bool = False, gives: str = "logits"
    ) -> Any:
        constants, state = self.encode(inputs["tokens"], training)
        parts = self.decoder.run(inputs["previous"], constants, state, training)
        if gives == "weights":
            return tf.identity(parts["weights"])
        logits = tf.identity(self.decoder.logits(parts, constants))
        if "overlap" in parts:
            setattr(logits, OVERLAP, parts["overlap"])
        return logits

    def compute_mask(self, inputs: Mapping[str, Any], mask: Any = None) -> Any:
        return inputs["previous"] != 0

    def compute_output_spec(
        self, inputs: Mapping[str, Any], training: bool = False, gives: str = "logits"
    ) -> keras.KerasTensor:
        steps = inputs["previous"].shape
        places = inputs["tokens"].shape[1]
        width = self.output_vocabulary if gives == "logits" else places
        return keras.KerasTensor((*steps, width), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "model": self.model,
            "vocabulary": self.vocabulary,
            "output_vocabulary": self.output_vocabulary,
        }

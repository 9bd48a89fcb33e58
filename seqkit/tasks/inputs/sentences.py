"""Texts as the sentences that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from seqkit.data.stores.feed import Outputs, answered_by_length
from seqkit.data.stores.store import Column, Ragged
from seqkit.data.text.tokenizer import as_bytes, byte_pieces
from seqkit.tasks.compiled import compiled_model
from seqkit.tasks.inputs.base import Encoded
from seqkit.tasks.inputs.pairs import PairInputs
from seqkit.tasks.inputs.text import fitted_encoder

if TYPE_CHECKING:
    import keras

    from seqkit.data.rows.parted import PartedRows
    from seqkit.layers.extracts import SentenceLines, SentenceTokens
    from seqkit.layers.text import TextEncoder


class SentenceInputs(PairInputs):
    """Texts that are read sentence by sentence.

    Args:
        encoder: turns sentences into token ids.
        missing: what happens where a text is missing, see ``data.missing``.
        most: sentences of a text that are read.
        titled: whether a first line is a title.
    """

    def __init__(
        self, encoder: TextEncoder, missing: str, most: int, titled: bool
    ) -> None:
        from seqkit.layers.extracts import SentenceLines, SentenceTokens

        super().__init__(encoder, missing)
        self.lines_of: SentenceLines = SentenceLines(most, titled)
        self.tokens_of: SentenceTokens = SentenceTokens(encoder)

    @classmethod
    def fit(cls, spec: Any, rows: PartedRows[str]) -> Self:
        encoder = fitted_encoder(spec, rows)
        return cls(encoder, spec.missing, spec.max_sentences, spec.title is not None)

    @classmethod
    def declared(cls, spec: Any) -> dict[str, Any]:
        return {"timesteps": spec.max_sentences, "vocabulary": spec.vocab_size}

    @property
    def shapes(self) -> dict[str, Any]:
        return {**super().shapes, "timesteps": self.lines_of.most}

    @property
    def columns(self) -> dict[str, Column]:
        return {"tokens": Column(np.int32, (self.encoder.max_timesteps,))}

    def encoded(self, raw: list[str]) -> Iterator[Encoded]:
        import tensorflow as tf

        for piece in byte_pieces(raw):
            sentences = self.lines_of.ragged(tf.constant(piece, tf.string))
            ids = self.tokens_of(self.lines_of.padded(sentences)).numpy()
            live = (ids != 0).any(axis=2)
            whole = np.maximum(sentences.row_lengths().numpy(), 1)
            tokens = Ragged(ids[live], live.sum(axis=1))
            yield Encoded(len(piece), {"tokens": tokens}, whole)

    def answered(self, network: keras.Model, by_step: bool) -> Callable[..., Outputs]:
        """What ``network`` answers to the tokens of texts and to their sentences."""
        import keras
        import tensorflow as tf

        raw = self.raw()
        compiled = compiled_model(keras.Model(raw, network(self.in_graph(raw))))

        def outputs(texts: list[str], more: Mapping[str, Any] | None = None) -> Outputs:
            every = as_bytes(texts)
            lengths = np.array(list(map(len, every)), np.int32)

            def answer(batch: Any) -> Any:
                return compiled({"text": tf.constant([every[row] for row in batch])})

            return answered_by_length(answer, lengths, self.predict_batch)

        return outputs

    def in_graph(self, raw: dict[str, Any]) -> Any:
        """``tokens`` and the texts of the ``sentences``."""
        sentences = self.lines_of(raw["text"])
        return {"tokens": self.tokens_of(sentences), "sentences": sentences}

    def limits(self) -> list[str]:
        first, empty = super().limits()
        own = first.replace(" of a text ", " of a sentence ")
        return [
            own,
            f"- Reads {self.lines_of.most} sentences of a text at most. A text of "
            "several lines has one in each; others are cut behind marks that end a "
            "sentence.",
            empty,
        ]

    def plain(self) -> dict[str, Any]:
        lines = {"most": self.lines_of.most, "titled": self.lines_of.titled}
        return {**super().plain(), "sentences": lines}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        from seqkit.layers.text import TextEncoder

        encoder = TextEncoder(plain["vocabulary"], **plain["options"])
        return cls(encoder, plain["missing"], **plain["sentences"])

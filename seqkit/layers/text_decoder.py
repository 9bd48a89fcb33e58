"""Token ids back to text, inside the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.pieces import piece_bytes
from seqkit.layers.text import END_ID, UNKNOWN, first_token


@keras.saving.register_keras_serializable("seqkit")
class TextDecoder(keras.layers.Layer):
    """Turn token ids (..., steps) into text (...).

    Words are joined by spaces; pieces and characters stand side by side. Padding and
    begin are nothing, and a text stops before its first end. An unknown word is
    ``[UNK]``, an unknown character U+FFFD; at level ``subword`` unknown is what an
    empty text is encoded to, and nothing again. Bytes that are not UTF-8, which only a
    model can put together, become U+FFFD.

    Args:
        vocabulary: all tokens by id, as the TextEncoder has it.
        level: ``word``, ``character`` or ``subword``.
        ends: whether ids 2 and 3 are begin and end.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        level: str = "word",
        ends: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "text_decoder")
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)
        self.level = level
        self.ends = ends
        first = first_token(ends)
        learnt = self.vocabulary[first:]
        subword = level == "subword"
        unknown = {"word": UNKNOWN, "character": "\ufffd", "subword": ""}[level]
        self._texts = [b"", unknown.encode(), *[b""] * (first - 2)]
        self._texts += piece_bytes(learnt) if subword else [t.encode() for t in learnt]

    def call(self, ids: Any) -> Any:
        rows = tf.reshape(ids, [-1, tf.shape(ids)[-1]])
        live = rows > 0
        if self.ends:
            ended = tf.cumsum(tf.cast(tf.equal(rows, END_ID), tf.int32), axis=1)
            live &= (rows >= first_token(True)) | tf.equal(rows, 1)
            live &= tf.equal(ended, 0)
        tokens = tf.gather(tf.constant(self._texts), rows)
        texts = tf.strings.reduce_join(
            tf.ragged.boolean_mask(tokens, live),
            axis=-1,
            separator=" " if self.level == "word" else "",
        )
        texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
        return tf.reshape(texts, tf.shape(ids)[:-1])

    def compute_output_spec(self, ids: Any) -> keras.KerasTensor:
        return keras.KerasTensor(ids.shape[:-1], dtype="string")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "level": self.level,
            "ends": self.ends,
        }


@keras.saving.register_keras_serializable("seqkit")
class TokenTexts(TextDecoder):
    """The text of each token (..., steps) by itself; "" at padding, begin and end."""

    def call(self, ids: Any) -> Any:
        return tf.gather(tf.constant(self._texts), ids)

    def compute_output_spec(self, ids: Any) -> keras.KerasTensor:
        return keras.KerasTensor(ids.shape, dtype="string")

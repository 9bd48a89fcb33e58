"""Sentences to tokens and to where they stand, by one rule, inside the graph."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.one_step import with_a_step

TOKEN = (
    r"\p{N}+(?:[.,:/]\p{N}+)*"
    r"|[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}\p{Cf}_]*(?:['\x{2019}][\p{L}\p{M}]+)*"
    r"|[^\s\p{Z}]"
)
"""What a token is (RE2), the first that fits: a number, with points, commas, colons and
strokes inside (``3,000.50``, ``12:30``); a word of letters, digits and ``_``, with
apostrophes inside (``don't``); else one single mark."""

_BEGIN, _END = "\x02", "\x03"


@keras.saving.register_keras_serializable("seqkit")
class SentenceSplitter(keras.layers.Layer):
    """Cut sentences (batch,) into tokens; what a token is says ``TOKEN``.

    Gives a dict: ``tokens`` (batch, steps), text, ``""`` behind the end; and ``starts``
    and ``ends`` (batch, steps), int32: the characters of the sentence at which a token
    begins and before which it ends; 0 behind the end. Characters are code points; bytes
    that are not UTF-8 count as the U+FFFD that stands for them. Control characters are
    spaces. There is one step at least.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("name", "sentence_splitter")
        super().__init__(**kwargs)

    def call(self, sentences: Any) -> dict[str, Any]:
        text = tf.strings.unicode_transcode(
            sentences, "UTF-8", "UTF-8", errors="replace"
        )
        text = tf.strings.regex_replace(text, r"\p{Cc}", " ")
        marked = tf.strings.regex_replace(text, f"({TOKEN})", rf"{_BEGIN}\1{_END}")
        # What stands before the first token, then each token and the gap behind it.
        pieces = with_a_step(tf.strings.split(marked, _BEGIN).to_tensor())
        before = tf.strings.length(pieces[:, :1], unit="UTF8_CHAR")
        pieces = with_a_step(pieces[:, 1:])
        tokens = tf.strings.regex_replace(pieces, f"(?s){_END}.*", "")
        lengths = tf.strings.length(tokens, unit="UTF8_CHAR")
        # A piece holds its token, the mark of its end, and the gap.
        spans = tf.maximum(tf.strings.length(pieces, unit="UTF8_CHAR") - 1, 0)
        starts = before + tf.cumsum(spans, axis=1, exclusive=True)
        there = tf.not_equal(tokens, "")
        return {
            "tokens": tokens,
            "starts": tf.where(there, starts, 0),
            "ends": tf.where(there, starts + lengths, 0),
        }

    def compute_output_spec(self, sentences: Any) -> dict[str, keras.KerasTensor]:
        shape = (sentences.shape[0], None)
        return {
            "tokens": keras.KerasTensor(shape, dtype="string"),
            "starts": keras.KerasTensor(shape, dtype="int32"),
            "ends": keras.KerasTensor(shape, dtype="int32"),
        }

"""Texts cut into sentences, and some of the sentences as an answer, in the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.text import TextEncoder

_BLANK = r"\s\v\x{1c}-\x{1f}\x{85}\p{Z}"
SENTENCE_ENDS = (
    # Behind a mark that ends one, and behind what closes a quotation or a bracket.
    (rf"([.!?\x{{2026}}][\"')\]\x{{201d}}\x{{2019}}\x{{bb}}]?)[{_BLANK}]+", r"\1" "\n"),
    (r"([\x{3002}\x{ff01}\x{ff1f}])", r"\1" "\n"),
)
"""Where a line is cut, as ``tasks.baselines.pairs.sentences`` does it (RE2 syntax)."""
_EDGES = rf"^[{_BLANK}]+|[{_BLANK}]+$"


@keras.saving.register_keras_serializable("seqkit")
class SentenceLines(keras.layers.Layer):
    """Cut texts (batch,) into sentences (batch, sentences), ``""`` behind the last.

    A text of several lines has a sentence in each; a single line is cut behind marks
    that end a sentence (``SENTENCE_ENDS``). Blank lines do not count. There is one
    sentence at least, which may be ``""``.

    Args:
        most: further sentences are left out.
        titled: whether a first line is a title: then two lines are still cut.
    """

    def __init__(self, most: int, titled: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("name", "sentence_lines")
        super().__init__(**kwargs)
        self.most, self.titled = most, titled

    def ragged(self, text: Any) -> tf.RaggedTensor:
        """All sentences (batch, None), without padding."""
        text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
        lines = _lines(text)
        cut = text
        for pattern, by in SENTENCE_ENDS:
            cut = tf.strings.regex_replace(cut, pattern, by)
        whole = lines.row_lengths() > 1 + self.titled
        return _lines(tf.where(whole, text, cut))

    def padded(self, sentences: tf.RaggedTensor) -> Any:
        """The first sentences (batch, sentences) that ``ragged`` gave."""
        return with_a_string(sentences[:, : self.most].to_tensor())

    def call(self, text: Any) -> Any:
        return self.padded(self.ragged(text))

    def compute_output_spec(self, text: Any) -> keras.KerasTensor:
        return keras.KerasTensor((text.shape[0], None), dtype="string")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "most": self.most, "titled": self.titled}


def _lines(text: Any) -> tf.RaggedTensor:
    """Lines (batch, None) of texts, without blank ones and blank edges."""
    lines = tf.strings.split(text, "\n")
    lines = lines.with_flat_values(
        tf.strings.regex_replace(lines.flat_values, _EDGES, "")
    )
    return tf.ragged.boolean_mask(lines, tf.not_equal(lines, ""))


def with_a_string(texts: Any) -> Any:
    """(batch, steps) as it is; one step of ``""`` where it has none."""
    lacking = tf.cast(tf.equal(tf.shape(texts)[1], 0), tf.int32)
    empty = tf.fill([tf.shape(texts)[0], lacking], "")
    return tf.concat([texts, empty], axis=1)


@keras.saving.register_keras_serializable("seqkit")
class SentenceTokens(keras.layers.Layer):
    """Sentences (batch, sentences) to token ids (batch, sentences, timesteps), int32.

    Padding is 0; a text without a sentence is one that holds one unknown token.

    Args:
        encoder: of texts; its ``max_timesteps`` are of a sentence.
    """

    def __init__(self, encoder: TextEncoder, **kwargs: Any) -> None:
        kwargs.setdefault("name", "sentence_tokens")
        super().__init__(**kwargs)
        self.encoder = encoder

    def build(self, input_shape: Any) -> None:
        """Do nothing: the vocabulary came with the encoder."""

    def call(self, sentences: Any) -> Any:
        shape, width = tf.shape(sentences), self.encoder.max_timesteps
        ids = self.encoder.ragged(tf.reshape(sentences, [-1]))
        ids = ids.to_tensor(shape=[None, width])
        ids = tf.reshape(ids, [shape[0], shape[1], width])
        first = tf.equal(tf.range(shape[1]), 0)
        live = tf.not_equal(sentences, "") | first
        return tf.where(live[..., tf.newaxis], ids, 0)

    def compute_output_spec(self, sentences: Any) -> keras.KerasTensor:
        shape = (*sentences.shape, self.encoder.max_timesteps)
        return keras.KerasTensor(shape, dtype="int32")

    def get_config(self) -> dict[str, Any]:
        encoder = keras.saving.serialize_keras_object(self.encoder)
        return {**super().get_config(), "encoder": encoder}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SentenceTokens:
        encoder = keras.saving.deserialize_keras_object(config.pop("encoder"))
        return cls(encoder, **config)


@keras.saving.register_keras_serializable("seqkit")
class SentenceShares(keras.layers.Layer):
    """Logits (batch, sentences, 1) to probabilities (batch, sentences), 0 at padding.

    They say which sentence is the one, so that those of a text add up to 1.
    """

    def call(self, logits: Any, mask: Any = None) -> Any:
        logits = logits[..., 0]
        # Keras's own softmax warns of texts that are a single sentence.
        if mask is None:
            return tf.nn.softmax(logits)
        shares = tf.nn.softmax(tf.where(mask, logits, -1e9))
        return tf.where(mask, shares, 0.0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """No mask leaves: padding has no probability."""

    def compute_output_spec(self, logits: Any, mask: Any = None) -> keras.KerasTensor:
        return keras.KerasTensor(logits.shape[:2], dtype="float32")


@keras.saving.register_keras_serializable("seqkit")
class SentencePicker(keras.layers.Layer):
    """The most probable sentences of each text, in the order of the text.

    Takes ``probabilities`` and ``sentences`` (batch, sentences). Gives ``output``
    (batch,), sentences with a space between, and ``score`` (batch,): the probability
    that they have together. Of equal ones the first is taken.

    Args:
        count: sentences of an answer; shorter texts are whole.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        kwargs.setdefault("name", "sentence_picker")
        super().__init__(**kwargs)
        self.count = count

    def call(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        probabilities, sentences = inputs["probabilities"], inputs["sentences"]
        most = tf.minimum(self.count, tf.shape(probabilities)[1])
        best, places = tf.math.top_k(probabilities, most)
        chosen = tf.gather(sentences, tf.sort(places, axis=1), batch_dims=1)
        there = tf.ragged.boolean_mask(chosen, tf.not_equal(chosen, ""))
        output = tf.strings.reduce_join(there, axis=-1, separator=" ")
        return {"output": output, "score": tf.reduce_sum(best, axis=1)}

    def compute_output_spec(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        shape = inputs["sentences"].shape[:1]
        return {
            "output": keras.KerasTensor(shape, dtype="string"),
            "score": keras.KerasTensor(shape, dtype="float32"),
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}

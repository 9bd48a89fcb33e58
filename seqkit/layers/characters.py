"""The letters of a word to a vector, each different word of a batch once."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

KERNEL = 3
"""Letters that a filter of the convolution sees."""


@keras.saving.register_keras_serializable("seqkit")
class CharacterEncoder(keras.layers.Layer):
    """Encode letters (batch, steps, letters), 0 where padded, to (batch, steps, units).

    ``cnn``: filters over three letters each, and the highest value of each filter (Ma &
    Hovy 2016, "End-to-end Sequence Labeling via Bi-directional LSTM-CNNs-CRF").
    ``lstm``: the last states of an LSTM that reads from left to right and one that
    reads from right to left (Lample et al. 2016, "Neural Architectures for Named Entity
    Recognition").

    A batch repeats its words, so each different one is read once; padding behind the
    longest word costs nothing. A word without letters, as padding is, is zeros, and
    masked.

    Args:
        kind: ``cnn`` or ``lstm``.
        alphabet: letter ids, padding (0) and unknown (1) among them.
        embedding: width of the letters' embeddings.
        units: width of a word's vector; even for ``lstm``.
        dropout: share of the embeddings' numbers that training drops.
    """

    def __init__(
        self,
        kind: str,
        alphabet: int,
        embedding: int,
        units: int,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.kind = kind
        self.alphabet = alphabet
        self.embedding = embedding
        self.units = units
        self.dropout = dropout
        self._embed = keras.layers.Embedding(alphabet, embedding, name="letters")
        self._drop = keras.layers.Dropout(dropout)
        if kind == "cnn":
            self._read = keras.layers.Conv1D(
                units, KERNEL, padding="same", activation="relu", name="filters"
            )
        else:
            lstm = keras.layers.LSTM(units // 2, name="lstm")
            self._read = keras.layers.Bidirectional(lstm, name="both_ways")

    def build(self, letters_shape: Any) -> None:
        self._embed.build((None, None))
        self._drop.build((None, None, self.embedding))
        self._read.build((None, None, self.embedding))

    def call(self, letters: Any, training: bool = False) -> Any:
        shape = tf.shape(letters)
        words, places = tf.raw_ops.UniqueV2(
            x=tf.reshape(letters, (-1, shape[2])), axis=[0]
        )
        longest = tf.reduce_max(tf.reduce_sum(tf.cast(words > 0, tf.int32), axis=1))
        words = words[:, : tf.maximum(longest, 1)]
        vectors = tf.gather(self._encoded(words, training), places)
        return tf.reshape(vectors, (shape[0], shape[1], self.units))

    def _encoded(self, words: Any, training: bool) -> Any:
        """Different words (words, letters) to vectors (words, units)."""
        live = words > 0
        steps = self._drop(self._embed(words), training=training)
        if self.kind == "lstm":
            return self._read(steps, mask=live, training=training)
        # Beyond a word's end there is nothing, as before its beginning.
        inside = ops.cast(live, steps.dtype)[..., tf.newaxis]
        return ops.max(self._read(steps * inside) * inside, axis=1)

    def compute_mask(self, letters: Any, previous_mask: Any = None) -> Any:
        return ops.any(ops.not_equal(letters, 0), axis=-1)

    def compute_output_spec(
        self, letters: Any, training: bool = False
    ) -> keras.KerasTensor:
        return keras.KerasTensor(
            (*letters.shape[:2], self.units), dtype=self.compute_dtype
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kind": self.kind,
            "alphabet": self.alphabet,
            "embedding": self.embedding,
            "units": self.units,
            "dropout": self.dropout,
        }

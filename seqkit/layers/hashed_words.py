"""Linear models of hashed words as layers: how plain baselines of texts are shipped.

They read texts as the baselines in ``seqkit.tasks.baselines`` do, in core operations
alone: the same words, the same hashes (MurmurHash3), the same weights.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqkit.shared.ngram_codes import LONGEST, ngram_codes
from seqkit.shared.words import HASHES, SYMBOLS, UNSPACED

_SIGNED = 2**31
_BLOCK = 4
"""Bytes that the hash takes in at a time."""

_ALONE = f"([{UNSPACED}{SYMBOLS}])"
_BETWEEN = rf"[^\pL\pN_{UNSPACED}{SYMBOLS}]+"
_LAST_SIGMA = (r"(\pL)\x{3a3}([^\pL]|$)", r"\1" + "\u03c2" + r"\2")


def words_of(texts: tf.Tensor) -> tf.RaggedTensor:
    """Texts (batch,) to their words in lower case (batch, None), as TOKEN has them."""
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    texts = tf.strings.regex_replace(texts, r"\x00", " ")
    texts = tf.strings.regex_replace(texts, *_LAST_SIGMA)
    texts = tf.strings.lower(texts, encoding="utf-8")
    texts = tf.strings.regex_replace(texts, _ALONE, r" \1 ")
    return tf.strings.split(tf.strings.regex_replace(texts, _BETWEEN, " "))


def murmur_hash(words: tf.Tensor) -> tf.Tensor:
    """MurmurHash3 (x86, 32 bits, seed 0; Appleby 2011) of words (n,), int64 below 2^32.

    Whole blocks of four bytes are mixed in one after the other; the bytes that are left
    are a last block, with zeros behind them.
    """
    lengths = tf.strings.length(words)
    blocks = tf.reduce_max(tf.concat([lengths, [0]], 0)) // _BLOCK + 1
    data = tf.io.decode_raw(words, tf.uint8, fixed_length=blocks * _BLOCK)
    parts = tf.cast(tf.reshape(data, [tf.shape(words)[0], blocks, _BLOCK]), tf.uint32)
    shifts = tf.constant([0, 8, 16, 24], tf.uint32)
    numbers = tf.reduce_sum(tf.bitwise.left_shift(parts, shifts), axis=2)

    def mixed(block: tf.Tensor) -> tf.Tensor:
        return _rotated(block * _uint(0xCC9E2D51), 15) * _uint(0x1B873593)

    def taken_in(number: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        turned = tf.bitwise.bitwise_xor(state, mixed(numbers[:, number]))
        turned = _rotated(turned, 13) * _uint(5) + _uint(0xE6546B64)
        is_whole = number < lengths // _BLOCK
        return number + 1, tf.where(is_whole, turned, state)

    first = tf.zeros(tf.shape(words), tf.uint32)
    _, state = tf.while_loop(
        lambda number, _: number < blocks - 1, taken_in, (tf.constant(0), first)
    )
    rest = tf.gather(numbers, lengths // _BLOCK, batch_dims=1)
    state = tf.bitwise.bitwise_xor(state, mixed(rest))
    state = tf.bitwise.bitwise_xor(state, tf.cast(lengths, tf.uint32))
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        state = tf.bitwise.bitwise_xor(
            state, tf.bitwise.right_shift(state, _uint(shift))
        )
        state *= _uint(factor)
    return tf.cast(state, tf.int64)


def _uint(value: int) -> tf.Tensor:
    return tf.constant(value, tf.uint32)


def _rotated(bits: tf.Tensor, by: int) -> tf.Tensor:
    left = tf.bitwise.left_shift(bits, _uint(by))
    return tf.bitwise.bitwise_or(left, tf.bitwise.right_shift(bits, _uint(32 - by)))


class HashedLinear(keras.layers.Layer):
    """Texts (batch,) to the probability of each class (batch, classes).

    Args:
        outputs: scores that are linear: one a class, or one for two classes.
        size: how many features are known.
    """

    def __init__(self, outputs: int, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outputs, self.size = outputs, size

    @classmethod
    def of(
        cls,
        columns: NDArray[np.integer],
        weights: NDArray[np.floating],
        bias: NDArray[np.floating],
        **more: NDArray[np.floating],
    ) -> Any:
        """The layer with its weights.

        Args:
            columns: codes of the features, rising.
            weights: (outputs, columns)
            bias: (outputs,)
            more: further weights by name.
        """
        if not len(columns):
            # No text has a feature of this code.
            columns, weights = np.array([-1]), np.zeros((len(bias), 1))
            more = {name: np.zeros(1) for name in more}
        layer = cls(len(bias), len(columns))
        layer.build(None)
        values = {"codes": columns, "kernel": weights.T, "bias": bias, **more}
        for name, value in values.items():
            getattr(layer, name).assign(value)
        return layer

    def build(self, input_shape: Any) -> None:
        self.codes = self._fixed("codes", "int32", self.size)
        self.kernel = self._fixed("kernel", "float64", self.size, self.outputs)
        self.bias = self._fixed("bias", "float64", self.outputs)
        self.built = True

    def _fixed(self, name: str, dtype: str, *shape: int) -> keras.Variable:
        return self.add_weight(
            shape=shape, dtype=dtype, initializer="zeros", trainable=False, name=name
        )

    @abstractmethod
    def scores(self, words: tf.RaggedTensor) -> tf.Tensor:
        """Words (batch, None) to scores (batch, classes), whose softmax is taken."""

    def call(self, texts: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.nn.softmax(self.scores(words_of(texts))), tf.float32)

    def counted(
        self, rows: tf.Tensor, codes: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The row, the place and the number of each known feature of each row."""
        table = tf.convert_to_tensor(self.codes)
        place = tf.searchsorted(table, tf.cast(codes, tf.int32), out_type=tf.int64)
        place = tf.minimum(place, self.size - 1)
        is_known = tf.equal(tf.cast(tf.gather(table, place), tf.int64), codes)
        keys = tf.boolean_mask(rows * self.size + place, is_known)
        keys, _, times = tf.unique_with_counts(keys)
        return keys // self.size, keys % self.size, times

    def summed(
        self, values: tf.Tensor, rows: tf.Tensor, place: tf.Tensor, batch: tf.Tensor
    ) -> tf.Tensor:
        """The weights of features, times their values, a row each (batch, outputs)."""
        weights = tf.gather(tf.convert_to_tensor(self.kernel), place)
        return tf.math.unsorted_segment_sum(values[:, None] * weights, rows, batch)

    def compute_output_spec(self, texts: Any) -> keras.KerasTensor:
        classes = max(self.outputs, 2)
        return keras.KerasTensor((texts.shape[0], classes), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"outputs": self.outputs, "size": self.size}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("seqkit")
class TfidfProbabilities(HashedLinear):
    """Logistic regression on the TF-IDF of words and word pairs."""

    def build(self, input_shape: Any) -> None:
        self.idf = self._fixed("idf", "float64", self.size)
        super().build(input_shape)

    def scores(self, words: tf.RaggedTensor) -> tf.Tensor:
        batch = words.nrows()
        grams = tf.strings.ngrams(words, [1, 2], separator=" ")
        hashes = murmur_hash(grams.flat_values)
        signed = tf.where(hashes < _SIGNED, hashes, hashes - 2 * _SIGNED)
        rows, place, times = self.counted(grams.value_rowids(), tf.abs(signed) % HASHES)
        idf = tf.gather(tf.convert_to_tensor(self.idf), place)
        values = (tf.math.log(tf.cast(times, tf.float64)) + 1) * idf
        sizes = tf.sqrt(tf.math.unsorted_segment_sum(values**2, rows, batch))
        values /= tf.gather(sizes, rows)
        return self.summed(values, rows, place, batch) + self.bias


@keras.saving.register_keras_serializable("seqkit")
class RatioProbabilities(HashedLinear):
    """Logistic regression on which words, pairs and triples a text holds.

    Of two classes the second alone has weights; of more each is told from the rest.
    """

    def scores(self, words: tf.RaggedTensor) -> tf.Tensor:
        hashes = tf.maximum(murmur_hash(words.flat_values), 1)
        tokens = words.with_flat_values(hashes).to_tensor()
        found = []
        for codes, whole in ngram_codes(tokens, LONGEST):
            at = tf.where(whole)
            found.append((at[:, 0], tf.gather_nd(codes, at)))
        rows, codes = (tf.concat(parts, 0) for parts in zip(*found, strict=True))
        rows, place, _ = self.counted(rows, codes)
        values = tf.ones(tf.shape(rows), tf.float64)
        logits = self.summed(values, rows, place, words.nrows()) + self.bias
        if self.outputs == 1:
            logits = tf.concat([-logits, logits], axis=1)
        return tf.math.log_sigmoid(logits)

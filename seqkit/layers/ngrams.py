"""The wide path of a classifier: what its n-grams say, and how much that counts.

Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems": a linear model of
many sparse features beside a network. All of it is fitted once the network is trained,
so no weight here is trained by gradients.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from seqkit.layers.dropout import UNKNOWN_ID
from seqkit.layers.mixture import LEAST, log_shares
from seqkit.shared.ngram_codes import ngram_codes


@keras.saving.register_keras_serializable("seqkit")
class NgramScores(keras.layers.Layer):
    """Token ids (batch, timesteps) to scores (batch, classes), linear in n-grams.

    The softmax of the scores is the answer. A code (see ``ngram_codes``) has one
    bucket, ``code % buckets``, and counts only where that bucket is its own: ``codes``
    says whose it is. N-grams with padding (id 0) or an unknown token (id 1) are none.
    Each class is told from the rest; of two classes the second alone.

    Args:
        classes: how many there are.
        buckets: n-grams that can be known.
        longest: tokens of the longest n-grams.
        normed: what the n-grams of a text say together is divided by the length of
            ``norms`` over all of them, so that long texts are no surer; and classes
            are told from each other.
    """

    def __init__(
        self,
        classes: int,
        buckets: int,
        longest: int = 3,
        normed: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.classes, self.buckets, self.longest = classes, buckets, longest
        self.normed = normed

    def build(self, input_shape: Any) -> None:
        columns = 1 if self.classes == 2 else self.classes

        def fixed(name: str, *shape: int, dtype: str = "float32") -> keras.Variable:
            return self.add_weight(
                shape=shape,
                dtype=dtype,
                initializer="zeros",
                trainable=False,
                name=name,
            )

        self.codes = fixed("codes", self.buckets, dtype="int32")
        self.kernel = fixed("kernel", self.buckets, columns)
        self.bias = fixed("bias", columns)
        if self.normed:
            self.norms = fixed("norms", self.buckets)

    def call(self, ids: Any) -> Any:
        tokens = tf.cast(tf.where(ids > UNKNOWN_ID, ids, 0), tf.int64)
        own, kernel = (
            tf.convert_to_tensor(self.codes),
            tf.convert_to_tensor(self.kernel),
        )
        logits = tf.convert_to_tensor(self.bias)
        squares = tf.zeros((1, 1), logits.dtype)
        if self.normed:
            norms, logits = tf.convert_to_tensor(self.norms), tf.zeros_like(logits)
        for codes, whole in ngram_codes(tokens, self.longest):
            bucket = tf.cast(codes % self.buckets, tf.int32)
            is_own = tf.equal(tf.gather(own, bucket), tf.cast(codes, tf.int32))
            counted = tf.cast(whole & is_own, kernel.dtype)[..., tf.newaxis]
            logits += tf.reduce_sum(tf.gather(kernel, bucket) * counted, axis=1)
            if self.normed:
                own_norms = tf.gather(norms, bucket)[..., tf.newaxis] * counted
                squares += tf.reduce_sum(own_norms**2, axis=1)
        if self.normed:
            logits = tf.math.divide_no_nan(logits, tf.sqrt(squares)) + self.bias
        if self.classes == 2:
            logits = tf.concat([-logits, logits], axis=1)
        elif self.normed:
            return tf.maximum(tf.nn.log_softmax(logits), tf.math.log(LEAST))
        return log_shares(tf.sigmoid(logits))

    def compute_output_spec(self, ids: Any) -> keras.KerasTensor:
        return keras.KerasTensor((ids.shape[0], self.classes), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"classes": self.classes, "buckets": self.buckets}
        more = {"longest": self.longest, "normed": self.normed}
        return {**super().get_config(), **own, **more}


@keras.saving.register_keras_serializable("seqkit")
class Blend(keras.layers.Layer):
    """Probabilities of a model, scores (batch, classes) of others, to those of all.

    softmax(w_0 ln p + w_1 s_1 + w_2 s_2 + ...) with ``shares`` w (models,). In
    training, and until they are set, p alone.
    """

    def build(self, input_shape: Any) -> None:
        self.shares = self.add_weight(
            shape=(len(input_shape),),
            initializer=_first_alone,
            trainable=False,
            name="shares",
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        probabilities, *scores = inputs
        if training:
            return probabilities
        parts = ops.stack([log_shares(probabilities), *scores])
        return ops.softmax(ops.tensordot(self.shares, parts, 1))

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:
        return keras.KerasTensor(inputs[0].shape, dtype=inputs[0].dtype)


def _first_alone(shape: Any, dtype: Any = None) -> Any:
    return ops.one_hot(0, shape[0], dtype=dtype or "float32")

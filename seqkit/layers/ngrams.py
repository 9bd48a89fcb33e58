"""The wide path of a classifier: what its n-grams say, and how much that counts.

Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems": a linear model of
many sparse features beside a network. All of it is fitted once the network is trained,
so no weight here is trained by gradients.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.dropout import UNKNOWN_ID
from seqkit.layers.mixture import log_shares
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
    """

    def __init__(
        self, classes: int, buckets: int, longest: int = 3, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.classes, self.buckets, self.longest = classes, buckets, longest

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

    def call(self, ids: Any) -> Any:
        tokens = tf.cast(tf.where(ids > UNKNOWN_ID, ids, 0), tf.int64)
        own, kernel = (
            tf.convert_to_tensor(self.codes),
            tf.convert_to_tensor(self.kernel),
        )
        logits = tf.convert_to_tensor(self.bias)
        for codes, whole in ngram_codes(tokens, self.longest):
            bucket = tf.cast(codes % self.buckets, tf.int32)
            is_own = tf.equal(tf.gather(own, bucket), tf.cast(codes, tf.int32))
            counted = tf.cast(whole & is_own, kernel.dtype)[..., tf.newaxis]
            logits += tf.reduce_sum(tf.gather(kernel, bucket) * counted, axis=1)
        if self.classes == 2:
            logits = tf.concat([-logits, logits], axis=1)
        return log_shares(tf.sigmoid(logits))

    def compute_output_spec(self, ids: Any) -> keras.KerasTensor:
        return keras.KerasTensor((ids.shape[0], self.classes), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"classes": self.classes, "buckets": self.buckets}
        return {**super().get_config(), **own, "longest": self.longest}

"""Attention of a decoder over what an encoder remembers, and copying by it."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

NEVER = -1e9
"""The score of what is padding, before the softmax."""
SMALLEST = 1e-30
"""Probabilities are at least it where a logarithm is taken."""


@keras.saving.register_keras_serializable("seqkit")
class Attention(keras.layers.Layer):
    """From queries (batch, steps, width) to what the memory says of them.

    The score of a place of the memory m for a query q is

        dot:        q . m                       (Luong et al. 2015)
        general:    q . W m                     (Luong et al. 2015)
        additive:   v . tanh(W m + U q + b)     (Bahdanau et al. 2015)

    Weights are the softmax of the scores over the places that are not padding; where
    all are padding, weights and context are 0.

    Args:
        kind: ``dot``, ``general`` or ``additive``.
        units: width of W m for ``additive``.
        coverage: whether the attention that a place has had so far, ``covered`` c, has
            a say: + u c inside of tanh (See et al. 2017, eq. 11), or + u c.
    """

    def __init__(
        self, kind: str, units: int, coverage: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.units = units
        self.coverage = coverage
        self.supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None

    def build(self, query_shape: Any, memory_shape: Any) -> None:
        queried, remembered = query_shape[-1], memory_shape[-1]
        if self.kind == "general":
            self.memory_kernel = self._kernel("memory_kernel", remembered, queried)
        if self.kind == "additive":
            self.memory_kernel = self._kernel("memory_kernel", remembered, self.units)
            self.query_kernel = self._kernel("query_kernel", queried, self.units)
            self.bias = self.add_weight((self.units,), "zeros", name="bias")
            self.scorer = self._kernel("scorer", self.units, 1)
        if self.coverage:
            width = self.units if self.kind == "additive" else 1
            self.coverage_kernel = self._kernel("coverage_kernel", 1, width)

    def _kernel(self, name: str, *shape: int) -> Any:
        return self.add_weight(shape, "glorot_uniform", name=name)

    def keys(self, memory: Any) -> Any:
        """What queries are held against, once for all steps."""
        if self.kind == "dot":
            return memory
        keys = tf.matmul(memory, self.memory_kernel)
        return keys + self.bias if self.kind == "additive" else keys

    def call(
        self, query: Any, memory: Any, keys: Any, live: Any, covered: Any = None
    ) -> tuple[Any, Any]:
        """Context (batch, steps, memory width) and weights (batch, steps, places).

        Args:
            query: (batch, steps, width).
            memory: (batch, places, memory width).
            keys: what ``keys`` made of it.
            live: (batch, places), False at padding.
            covered: (batch, places), or None.
        """
        scores = self._scores(query, keys, covered)
        is_live = live[:, tf.newaxis]
        weights = tf.nn.softmax(tf.where(is_live, scores, NEVER))
        weights = tf.where(is_live, weights, 0)
        return tf.matmul(weights, memory), weights

    def _scores(self, query: Any, keys: Any, covered: Any) -> Any:
        seen = None
        if self.coverage:
            seen = covered[:, tf.newaxis, :, tf.newaxis] * self.coverage_kernel[0]
        if self.kind != "additive":
            scores = tf.matmul(query, keys, transpose_b=True)
            return scores if seen is None else scores + seen[..., 0]
        asked = tf.matmul(query, self.query_kernel)[:, :, tf.newaxis]
        hidden = keys[:, tf.newaxis] + asked
        hidden = tf.tanh(hidden if seen is None else hidden + seen)
        scores = tf.matmul(tf.reshape(hidden, [-1, self.units]), self.scorer)
        return tf.reshape(scores, tf.shape(hidden)[:3])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kind": self.kind,
            "units": self.units,
            "coverage": self.coverage,
        }


def with_copies(logits: Any, switch: Any, weights: Any, source: Any) -> Any:
    """Log probabilities (batch, steps, vocabulary) of tokens written or copied.

    p(w) = g p_vocabulary(w) + (1 - g) (attention to all places that hold w), with g =
    sigmoid(switch) (See et al. 2017, eq. 9). Without a place to copy from, g = 1.

    Args:
        logits: (batch, steps, vocabulary).
        switch: (batch, steps, 1).
        weights: (batch, steps, places), 0 at padding.
        source: (batch, places), the ids there, of the same vocabulary.
    """
    written = tf.nn.log_softmax(logits)
    has_place = tf.reduce_any(source != 0, axis=1)[:, tf.newaxis, tf.newaxis]
    write = tf.where(has_place, tf.math.log_sigmoid(switch), 0)
    copy = tf.where(has_place, tf.math.log_sigmoid(-switch), tf.math.log(SMALLEST))
    copied = tf.math.log(_by_token(weights, source, tf.shape(logits)[-1]) + SMALLEST)
    one, other = write + written, copy + copied
    top = tf.stop_gradient(tf.maximum(one, other))
    return top + tf.math.log(tf.exp(one - top) + tf.exp(other - top))


def _by_token(weights: Any, source: Any, vocabulary: Any) -> Any:
    """Weights of places (batch, steps, places) summed by token: (..., vocabulary)."""
    batch, steps = tf.shape(weights)[0], tf.shape(weights)[1]
    row = tf.range(batch)[:, tf.newaxis] * vocabulary
    by_place = tf.reshape(tf.transpose(weights, (0, 2, 1)), [-1, steps])
    own = tf.reshape(row + source, [-1])
    sums = tf.math.unsorted_segment_sum(by_place, own, batch * vocabulary)
    return tf.transpose(tf.reshape(sums, [batch, vocabulary, steps]), (0, 2, 1))

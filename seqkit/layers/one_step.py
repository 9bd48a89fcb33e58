"""Batches without rows or steps, which few layers can take as they are."""

from __future__ import annotations

import tensorflow as tf


def with_a_row(batch: tf.Tensor) -> tf.Tensor:
    """(batch, ...) as it is; one row of zeros where it has none.

    >>> with_a_row(tf.zeros([0, 2])).shape
    TensorShape([1, 2])
    """
    lacking = tf.cast(tf.equal(tf.shape(batch)[0], 0), tf.int32)
    return tf.pad(batch, [[0, lacking], *[[0, 0]] * (batch.shape.rank - 1)])


def with_a_step(batch: tf.Tensor) -> tf.Tensor:
    """(batch, steps, ...) as it is; one step of zeros where it has none.

    >>> with_a_step(tf.zeros([0, 0, 2])).shape
    TensorShape([0, 1, 2])
    """
    lacking = tf.cast(tf.equal(tf.shape(batch)[1], 0), tf.int32)
    further = [[0, 0]] * (batch.shape.rank - 2)
    return tf.pad(batch, [[0, 0], [0, lacking], *further])

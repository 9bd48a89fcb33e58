"""Batches without rows or steps, which few layers can take as they are."""

from __future__ import annotations

import tensorflow as tf


def with_a_row(batch: tf.Tensor) -> tf.Tensor:
    """(batch, ...) as it is; one row of zeros where it has none.

    >>> with_a_row(tf.zeros([0, 2])).shape
    TensorShape([1, 2])
    """
    return _with_one(batch, 0)


def with_a_step(batch: tf.Tensor) -> tf.Tensor:
    """(batch, steps, ...) as it is; one step of zeros where it has none.

    >>> with_a_step(tf.zeros([0, 0, 2])).shape
    TensorShape([0, 1, 2])
    """
    return _with_one(batch, 1)


def _with_one(batch: tf.Tensor, axis: int) -> tf.Tensor:
    """``batch``, with zeros for one place of an axis that has none."""
    lacking = tf.cast(tf.equal(tf.shape(batch)[axis], 0), tf.int32)
    paddings = [[0, lacking if one == axis else 0] for one in range(batch.shape.rank)]
    return tf.pad(batch, paddings)

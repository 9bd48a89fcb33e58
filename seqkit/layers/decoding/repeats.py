"""Runs of tokens that may not come twice (Paulus et al. 2018, section 2.5)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def without_repeats(scores: Any, tokens: Any, place: Any, size: int) -> Any:
    """``scores`` (rows, vocabulary), minus infinity where a run would come again.

    Args:
        scores: of each token that may come next.
        tokens: (rows, length), what was written, and anything behind it.
        place: how many tokens were written.
        size: tokens of a run; 0: nothing is blocked.
    """
    length = tokens.shape[1]
    if not 0 < size < length:
        return scores
    rows, runs = tf.shape(tokens)[0], length - size + 1
    # The end of what was written, which no run equals while it is too short.
    ahead = tf.concat([tf.fill([rows, size - 1], -1), tokens], axis=1)
    end = ahead[:, place : place + size - 1]
    is_same = tf.tile(tf.range(size - 1, length)[None] < place, [rows, 1])
    for offset in range(size - 1):
        is_same &= tokens[:, offset : offset + runs] == end[:, offset, None]
    # What followed on each run that is the same would repeat it.
    followers = tf.where(is_same, tokens[:, size - 1 :], 0)
    followers = tf.maximum(followers, 0)  # behind an end stands padding
    row = tf.broadcast_to(tf.range(rows)[:, None], [rows, runs])
    counts = tf.scatter_nd(
        tf.stack([row, followers], axis=-1),
        tf.cast(is_same, tf.int32),
        tf.shape(scores),
    )
    return tf.where(counts > 0, float("-inf"), scores)

"""An output that is given, as a decoder reads it and as it should be written."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.text import BEGIN_ID, END_ID


@keras.saving.register_keras_serializable("seqkit")
class ForcedTokens(keras.layers.Layer):
    """Token ids (batch, steps), 0 behind their end, as a decoder reads them.

    ``previous`` (batch, steps + 1): begin, and the ids; 0 behind them.
    """

    def call(self, ids: Any) -> Any:
        before = tf.fill([tf.shape(ids)[0], 1], BEGIN_ID)
        return tf.concat([before, tf.cast(ids, tf.int32)], axis=1)

    def compute_output_spec(self, ids: Any) -> keras.KerasTensor:
        batch, steps = ids.shape
        width = None if steps is None else steps + 1
        return keras.KerasTensor((batch, width), dtype="int32")


@keras.saving.register_keras_serializable("seqkit")
class TargetsOf(keras.layers.Layer):
    """``previous`` of ``ForcedTokens`` (batch, steps) to what should be written.

    Of each row the ids and their end; 0 behind it.
    """

    def call(self, previous: Any) -> Any:
        behind = tf.pad(previous[:, 1:], [[0, 0], [0, 1]])
        is_last = (previous != 0) & (behind == 0)
        return tf.where(is_last, END_ID, behind)

    def compute_output_spec(self, previous: Any) -> keras.KerasTensor:
        return keras.KerasTensor(previous.shape, dtype="int32")


@keras.saving.register_keras_serializable("seqkit")
class WithoutTokens(keras.layers.Layer):
    """Ids (batch, steps) of texts (batch,); 0 at all steps of those that are empty.

    A text encoder gives those one unknown token, so that no input is empty.
    """

    def call(self, ids: Any, text: Any) -> Any:
        return tf.where(tf.equal(text, "")[:, None], 0, ids)

    def compute_output_spec(self, ids: Any, text: Any) -> keras.KerasTensor:
        return keras.KerasTensor(ids.shape, dtype="int32")


@keras.saving.register_keras_serializable("seqkit")
class StepSums(keras.layers.Layer):
    """Values (batch, steps) of ``targets``, 0 at padding, summed by row; named."""

    def call(self, judged: Any, targets: Any) -> dict[str, Any]:
        sums = {name: tf.reduce_sum(value, axis=1) for name, value in judged.items()}
        tokens = tf.reduce_sum(tf.cast(targets != 0, tf.float32), axis=1)
        return {**sums, "tokens": tokens}

    def compute_output_spec(self, judged: Any, targets: Any) -> Any:
        return {
            name: keras.KerasTensor((targets.shape[0],), dtype="float32")
            for name in (*judged, "tokens")
        }

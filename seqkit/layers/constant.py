"""The answer that does not depend on the input."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("seqkit")
class ConstantAnswer(keras.layers.Layer):
    """Inputs (batch, ...) of any kind to the same answer (batch, ...) for each."""

    def __init__(self, answer: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.answer = answer

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        answer = tf.constant(self.answer, self.compute_dtype)
        shape = tf.concat([tf.shape(inputs)[:1], tf.shape(answer)], 0)
        return tf.broadcast_to(answer, shape)

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        shape = (inputs.shape[0], *tf.constant(self.answer).shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "answer": self.answer}

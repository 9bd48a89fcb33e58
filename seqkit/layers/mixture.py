"""The answer of a network and that of a plain model beside it, as one."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

LEAST = 1e-37
"""Near the smallest float32: its logarithm is finite."""


def log_shares(probabilities: Any) -> Any:
    """Logarithms of probabilities, finite ones."""
    return ops.log(ops.maximum(probabilities, LEAST))


@keras.saving.register_keras_serializable("seqkit")
class Mixture(keras.layers.Layer):
    """Answers and scores (batch, answers) of two models to the answers of both.

    softmax(deep ln p + wide s) with p the probabilities of the one, s the scores of the
    other; of numbers deep p + wide s. In training, and until the two weights are set, p
    alone.

    Args:
        numbers: whether the answers are numbers, and no probabilities.
    """

    def __init__(self, numbers: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.numbers = numbers

    def build(self, input_shape: Any) -> None:
        self.deep = self.add_weight(initializer="ones", trainable=False, name="deep")
        self.wide = self.add_weight(initializer="zeros", trainable=False, name="wide")

    def call(self, inputs: Any, training: bool = False) -> Any:
        answers, scores = inputs
        if training:
            return answers
        if self.numbers:
            return self.deep * answers + self.wide * scores
        return ops.softmax(self.deep * log_shares(answers) + self.wide * scores)

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:
        return keras.KerasTensor(inputs[0].shape, dtype=inputs[0].dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "numbers": self.numbers}

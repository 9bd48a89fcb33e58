"""From probabilities to answers in words, inside the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("seqkit")
class LabelDecoder(keras.layers.Layer):
    """Turn probabilities (batch, classes) into named answers.

    Gives a dict: ``label`` (batch,) text, ``probability`` (batch,) of that label, and
    ``p_CLASS`` (batch,) for every class.
    """

    def __init__(self, classes: Sequence[str], **kwargs: Any) -> None:
        kwargs.setdefault("name", "label_decoder")
        super().__init__(**kwargs)
        self.classes = list(classes)

    def call(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        answers = {
            "label": tf.gather(self.classes, tf.argmax(probabilities, axis=-1)),
            "probability": tf.reduce_max(probabilities, axis=-1),
        }
        for position, name in enumerate(self.classes):
            answers[f"p_{name}"] = probabilities[:, position]
        return answers

    def compute_output_spec(self, probabilities: Any) -> dict[str, keras.KerasTensor]:
        shape = (probabilities.shape[0],)
        numbers = ["probability", *(f"p_{name}" for name in self.classes)]
        spec = {"label": keras.KerasTensor(shape, dtype="string")}
        return spec | {name: keras.KerasTensor(shape) for name in numbers}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}

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


@keras.saving.register_keras_serializable("seqkit")
class TagDecoder(keras.layers.Layer):
    """A tagger's answers to the tag of each token and its probability.

    Takes ``tags`` (batch, steps) and ``probabilities`` (batch, steps, tags), which are
    all 0 at padding. Gives ``tag`` (batch, steps), text, "" at padding, and
    ``probability`` (batch, steps).

    Args:
        tags: their names, in order.
    """

    def __init__(self, tags: Sequence[str], **kwargs: Any) -> None:
        kwargs.setdefault("name", "tag_decoder")
        super().__init__(**kwargs)
        self.supports_masking = True
        self.tags = list(tags)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        """No mask leaves: what is padding, "" says."""

    def call(self, answers: dict[str, Any]) -> dict[str, Any]:
        codes, probabilities = answers["tags"], answers["probabilities"]
        live = tf.reduce_sum(probabilities, axis=-1) > 0
        names = tf.gather(tf.constant(self.tags), codes)
        return {
            "tag": tf.where(live, names, ""),
            "probability": tf.gather(probabilities, codes, batch_dims=2),
        }

    def compute_output_spec(self, answers: dict[str, Any]) -> dict[str, Any]:
        shape = answers["tags"].shape
        return {
            "tag": keras.KerasTensor(shape, dtype="string"),
            "probability": keras.KerasTensor(shape, dtype="float32"),
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "tags": self.tags}

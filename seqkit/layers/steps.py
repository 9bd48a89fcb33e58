"""From a model's outputs for each step to answers, inside the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.chain import live_steps


@keras.saving.register_keras_serializable("seqkit")
class StepEnds(keras.layers.Layer):
    """Outputs (batch, steps, width) with ``filling`` where the mask says padding."""

    def __init__(self, filling: float = 0.0, **kwargs: Any) -> None:
        kwargs.setdefault("name", "step_ends")
        super().__init__(**kwargs)
        # As text, since JSON has no NaN.
        self.filling = float(filling)
        self.supports_masking = True

    def call(self, outputs: Any, mask: Any = None) -> Any:
        live = live_steps(outputs, mask)[..., tf.newaxis]
        return tf.where(live, outputs, tf.constant(self.filling, outputs.dtype))

    def compute_mask(self, outputs: Any, previous_mask: Any = None) -> None:
        """No mask goes on: what is padding can be seen."""
        return None

    def compute_output_spec(self, outputs: Any, mask: Any = None) -> Any:
        return keras.KerasTensor(outputs.shape, dtype=outputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filling": str(self.filling)}


@keras.saving.register_keras_serializable("seqkit")
class StepLabelDecoder(keras.layers.Layer):
    """Probabilities (batch, steps, classes), all 0 at padding, as named answers.

    Gives ``label`` (batch, steps) text, "" at padding, and its ``probability``; or,
    where a step may have several labels, ``p_LABEL`` of each.

    Args:
        classes: their names, in order.
        multi: whether a step may have several.
    """

    def __init__(
        self, classes: Sequence[str], multi: bool = False, **kwargs: Any
    ) -> None:
        kwargs.setdefault("name", "step_label_decoder")
        super().__init__(**kwargs)
        self.classes, self.multi = list(classes), multi

    def call(self, probabilities: Any) -> dict[str, Any]:
        if self.multi:
            return {
                f"p_{name}": probabilities[..., place]
                for place, name in enumerate(self.classes)
            }
        names = tf.gather(tf.constant(self.classes), tf.argmax(probabilities, axis=-1))
        highest = tf.reduce_max(probabilities, axis=-1)
        return {"label": tf.where(highest > 0, names, ""), "probability": highest}

    def compute_output_spec(self, probabilities: Any) -> dict[str, Any]:
        shape = probabilities.shape[:-1]
        names = [f"p_{name}" for name in self.classes] if self.multi else []
        spec = {name: keras.KerasTensor(shape) for name in names or ["probability"]}
        return spec if names else {"label": keras.KerasTensor(shape, "string")} | spec

    def get_config(self) -> dict[str, Any]:
        own = {"classes": self.classes, "multi": self.multi}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("seqkit")
class StepNumberDecoder(keras.layers.Layer):
    """Scaled numbers (batch, steps, columns) as ``prediction_COLUMN`` (batch, steps).

    In float64, as a center may be large beside its unit.

    Args:
        columns: their names, in order.
        center: of each, what is added at last.
        unit: of each, what numbers are multiplied by first.
    """

    def __init__(
        self,
        columns: Sequence[str],
        center: Sequence[float],
        unit: Sequence[float],
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "step_number_decoder")
        super().__init__(**{**kwargs, "autocast": False})
        self.columns = list(columns)
        self.center, self.unit = [*map(float, center)], [*map(float, unit)]

    def call(self, outputs: Any) -> dict[str, Any]:
        unit = tf.constant(self.unit, tf.float64)
        numbers = tf.cast(outputs, tf.float64) * unit
        numbers += tf.constant(self.center, tf.float64)
        return {
            f"prediction_{name}": numbers[..., place]
            for place, name in enumerate(self.columns)
        }

    def compute_output_spec(self, outputs: Any) -> dict[str, Any]:
        shape = outputs.shape[:-1]
        # One object a name: Keras tells symbolic tensors apart by their identity.
        return {
            f"prediction_{name}": keras.KerasTensor(shape, dtype="float64")
            for name in self.columns
        }

    def get_config(self) -> dict[str, Any]:
        own = {"columns": self.columns, "center": self.center, "unit": self.unit}
        return {**super().get_config(), **own}

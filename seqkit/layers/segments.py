"""Cut windows into segments, and run many steps as rows of one batch."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable("seqkit")
class Segments(keras.layers.Layer):
    """Join every ``segment`` steps of (batch, timesteps, features) into one.

    Gives (batch, segments, segment * features), the features of a segment's first step
    first. Where the length does not divide, the first step is repeated at the front,
    or, with ``padding="post"``, the last one at the end.
    """

    def __init__(
        self, segment: int, padding: Literal["pre", "post"] = "pre", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.segment = segment
        self.padding = padding

    def call(self, steps: Any) -> Any:
        timesteps, features = ops.shape(steps)[1], steps.shape[-1]
        missing = -timesteps % self.segment
        if self.padding == "pre":
            parts = [ops.repeat(steps[:, :1], missing, axis=1), steps]
        else:
            parts = [steps, ops.repeat(steps[:, -1:], missing, axis=1)]
        whole = ops.concatenate(parts, axis=1)
        segments = (timesteps + missing) // self.segment
        return ops.reshape(whole, (-1, segments, self.segment * features))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        batch, timesteps, features = input_shape
        segments = None if timesteps is None else -(-timesteps // self.segment)
        return (batch, segments, self.segment * features)

    def get_config(self) -> dict[str, Any]:
        config = {"segment": self.segment, "padding": self.padding}
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable("seqkit")
class LastValues(keras.layers.Layer):
    """Channel 0 of the last steps: (batch, timesteps, features) to (batch, count)."""

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def call(self, steps: Any) -> Any:
        return steps[:, -self.count :, 0]

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return (input_shape[0], self.count)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}


@keras.saving.register_keras_serializable("seqkit")
class Positions(keras.layers.Layer):
    """The numbers 0, 1, ... count - 1 for each row: (batch, ...) to (batch, count)."""

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def call(self, inputs: Any) -> Any:
        numbers = ops.arange(self.count, dtype="int32")
        return ops.broadcast_to(numbers, (ops.shape(inputs)[0], self.count))

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        return keras.KerasTensor((inputs.shape[0], self.count), dtype="int32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}


@keras.saving.register_keras_serializable("seqkit")
class FoldSteps(keras.layers.Layer):
    """Make each step a row: (batch, steps, features) to (batch * steps, features).

    A row's steps stay together, so that UnfoldSteps brings them back.
    """

    def call(self, steps: Any) -> Any:
        return ops.reshape(steps, (-1, steps.shape[-1]))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        batch, steps, features = input_shape
        known = batch is not None and steps is not None
        return (batch * steps if known else None, features)


@keras.saving.register_keras_serializable("seqkit")
class UnfoldSteps(keras.layers.Layer):
    """Undo FoldSteps: (batch * steps, features) to (batch, steps, features)."""

    def __init__(self, steps: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps = steps

    def call(self, rows: Any) -> Any:
        return ops.reshape(rows, (-1, self.steps, rows.shape[-1]))

    def compute_output_shape(self, input_shape: Any) -> Shape:
        rows, features = input_shape
        return (None if rows is None else rows // self.steps, self.steps, features)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "steps": self.steps}

"""Normalise each window by itself, and undo it in what is forecast from it.

Kim et al. 2022, "Reversible Instance Normalization for Accurate Time-Series Forecasting
against Distribution Shift", without its learned affine part. What is forecast then
shifts and scales as the window does, whatever the weights are.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

SMALLEST_SCALE = 1e-5
"""Windows that vary less than this are scaled as if they varied as much."""


@keras.saving.register_keras_serializable("seqkit")
class WindowNorm(keras.layers.Layer):
    """Normalise channel 0 of windows (batch, timesteps, features).

    Gives a dict: ``steps`` (batch, timesteps, features), whose other channels are as
    they were, and ``shift`` and ``scale`` (batch, 1, 1): channel 0 was ``steps * scale
    + shift``.

    Args:
        kind: ``last`` takes off the last value; ``mean`` divides by the mean absolute
            value; ``standard`` takes off the mean and divides by the standard
            deviation.
        shifts: False leaves the shift at 0, for outputs that it cannot be added to.
    """

    def __init__(self, kind: str, shifts: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.shifts = shifts

    def call(self, steps: Any) -> dict[str, Any]:
        values = steps[:, :, :1]
        shift, scale = self._statistics(values)
        if not self.shifts:
            shift = ops.zeros_like(shift)
        normalised = (values - shift) / scale
        return {
            "steps": ops.concatenate([normalised, steps[:, :, 1:]], axis=-1),
            "shift": shift,
            "scale": scale,
        }

    def _statistics(self, values: Any) -> tuple[Any, Any]:
        # The maximum guards a division by 0 and, other than a sum, leaves the scale of
        # every window that varies exact.
        last = values[:, -1:]
        if self.kind == "last":
            return last, ops.ones_like(last)
        if self.kind == "mean":
            scale = ops.mean(ops.abs(values), axis=1, keepdims=True)
            return ops.zeros_like(last), ops.maximum(scale, SMALLEST_SCALE)
        mean = ops.mean(values, axis=1, keepdims=True)
        scale = ops.std(values, axis=1, keepdims=True)
        return mean, ops.maximum(scale, SMALLEST_SCALE)

    def compute_output_spec(self, steps: Any) -> dict[str, keras.KerasTensor]:
        one = (steps.shape[0], 1, 1)
        shapes = {"steps": steps.shape, "shift": one, "scale": one}
        return {
            name: keras.KerasTensor(shape, dtype=self.compute_dtype)
            for name, shape in shapes.items()
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind, "shifts": self.shifts}


@keras.saving.register_keras_serializable("seqkit")
class WindowUndo(keras.layers.Layer):
    """Bring outputs (batch, horizon, width) back to where their window was.

    Takes the ``shift`` and ``scale`` (batch, 1, 1) that WindowNorm gave. Of a
    ``gaussian`` output (mu, sigma) only mu is shifted.
    """

    def __init__(self, gaussian: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gaussian = gaussian

    def call(self, outputs: Any, shift: Any, scale: Any) -> Any:
        if self.gaussian:
            shift = ops.concatenate([shift, ops.zeros_like(shift)], axis=-1)
        return outputs * scale + shift

    def compute_output_shape(
        self, outputs_shape: Any, shift_shape: Any, scale_shape: Any
    ) -> tuple[int | None, ...]:
        return tuple(outputs_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gaussian": self.gaussian}

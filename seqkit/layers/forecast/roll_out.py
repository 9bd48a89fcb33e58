"""A whole horizon from a model that forecasts one step: each is fed back.

To forecast step t+1 the model reads the window that ends at t and the known covariates
of t+1. The forecast and these covariates then become the window's last step, its first
step leaves, and t+2 is next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf

from seqkit.errors import UsageError
from seqkit.layers.forecast.streaming import pushed
from seqkit.layers.scan import scan


def roll_out(
    model: Callable[..., Any], inputs: Mapping[str, Any], horizon: int, point: int = 0
) -> Any:
    """Forecast (batch, horizon, width) with a model of one step, eagerly or in a graph.

    A graph holds the model once, in a loop, however long the horizon is.

    Args:
        model: from a dict of inputs with ``future`` (batch, 1, known) to (batch, 1,
            width), called with ``training=False``.
        inputs: ``steps`` (batch, timesteps, 1 + known): the values, then their known
            covariates; where there are some, ``future`` (batch, horizon, known);
            ``static`` and ``series`` are handed on as they are.
        horizon: steps to forecast.
        point: which of the outputs is fed back: mu, or the median. What the others
            say of a step holds for a past that went as the point forecasts did.

    Raises:
        UsageError: ``future`` lacks steps, or ``steps`` has columns that ``future``
            does not have, and that nobody knows in advance.
    """
    window = tf.convert_to_tensor(inputs["steps"], tf.float32)
    future = inputs.get("future")
    if future is not None:
        future = tf.convert_to_tensor(future, tf.float32)
    _check(window, future, horizon)
    fixed = {
        name: tf.convert_to_tensor(inputs[name])
        for name in ("static", "series")
        if name in inputs
    }

    def step(window: Any, known: Any) -> tuple[Any, Any]:
        covariates = {} if known is None else {"future": known[:, None]}
        forecast = model(fixed | {"steps": window} | covariates, training=False)
        forecast = tf.convert_to_tensor(forecast)
        newest = [forecast[:, 0, point : point + 1]]
        if known is not None:
            newest.append(known)
        return pushed(window, tf.concat(newest, axis=-1)), forecast[:, 0]

    return scan(step, window, future, horizon)[0]


def _check(window: Any, future: Any, horizon: int) -> None:
    known = 0 if future is None else future.shape[-1]
    if window.shape[-1] != 1 + known:
        raise UsageError(
            f"The steps have {window.shape[-1]} columns where the value and {known} "
            "known covariates make "
            f"{1 + known}. Give `future` a column for each covariate of the steps."
        )
    if future is not None and future.shape[1] != horizon:
        raise UsageError(
            f"future holds {future.shape[1]} steps where the horizon has {horizon}. "
            "Give the known covariates of each step to forecast."
        )


@keras.saving.register_keras_serializable("seqkit")
class RollOut(keras.layers.Layer):
    """``roll_out`` as a layer: a dict of inputs to (batch, horizon, width)."""

    def __init__(
        self, core: keras.Model, horizon: int, point: int = 0, **kwargs: Any
    ) -> None:
        kwargs.setdefault("name", "roll_out")
        super().__init__(**kwargs)
        self.core = core
        self.horizon = horizon
        self.point = point

    def build(self, input_shape: Any) -> None:
        """Do nothing: the core is built."""

    def call(self, inputs: dict[str, Any]) -> Any:
        outputs = roll_out(self.core, inputs, self.horizon, self.point)
        width = self.core.output_shape[-1]
        return tf.ensure_shape(outputs, (None, self.horizon, width))

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        width = self.core.output_shape[-1]
        return keras.KerasTensor((inputs["steps"].shape[0], self.horizon, width))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "core": keras.saving.serialize_keras_object(self.core),
            "horizon": self.horizon,
            "point": self.point,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RollOut:
        core = keras.saving.deserialize_keras_object(config["core"])
        return cls(**{**config, "core": core})

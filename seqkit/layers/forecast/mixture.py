"""Several forecasts of the same window as one."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("seqkit")
class ForecastMixture(keras.layers.Layer):
    """A list of forecasts (batch, horizon, 1) to their weighted mean.

    The shares at the first step and at the last one are ``ends`` (2, forecasts); those
    of the steps between lie on lines. In training, and until shares are set, it is the
    first of the forecasts (Bates & Granger 1969, "The Combination of Forecasts").

    Args:
        season: steps of the season in whose naive errors the forecasts are judged.
    """

    def __init__(self, season: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.season = season

    def build(self, input_shape: Any) -> None:
        count = len(input_shape)
        self.ends = self.add_weight(
            shape=(2, count), initializer="zeros", trainable=False, name="ends"
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        first, *others = inputs
        if training:
            return first
        later = np.linspace(0.0, 1.0, first.shape[1], dtype=np.float32)[:, None]
        shares = (1.0 - later) * self.ends[0] + later * self.ends[1]
        # What the others have no share of is the first one's.
        mixed = first
        for place, other in enumerate(others, 1):
            mixed = mixed + shares[:, place : place + 1] * (other - first)
        return mixed

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:
        return keras.KerasTensor(inputs[0].shape, dtype=inputs[0].dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "season": self.season}


@keras.saving.register_keras_serializable("seqkit")
class NaiveForecast(keras.layers.Layer):
    """The last cycle of windows' channel 0, again and again (batch, horizon, 1).

    Args:
        horizon: steps to forecast.
        season: steps of a cycle; 1 repeats the last value.
    """

    def __init__(self, horizon: int, season: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.horizon, self.season = horizon, season

    def call(self, steps: Any) -> Any:
        season = self.season if steps.shape[1] >= self.season else 1
        back = steps.shape[1] - season + np.arange(self.horizon) % season
        return ops.take(steps[:, :, :1], back, axis=1)

    def compute_output_spec(self, steps: Any) -> keras.KerasTensor:
        shape = (steps.shape[0], self.horizon, 1)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        own = {"horizon": self.horizon, "season": self.season}
        return {**super().get_config(), **own}

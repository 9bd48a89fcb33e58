"""What plain learners read of a window, as a layer that others build upon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

MOST_LAGS, CYCLES = 48, 2
"""Of the last values so many are read; of each season so many cycles."""
SMALLEST_SPREAD = 1e-5
STARTS = ("last", "mean", "cycle")
"""What answers may be added to: the last value, the window's mean, the last cycle."""


class WindowLearner(keras.layers.Layer):
    """A dict of model inputs to the forecasts (batch, horizon, 1) of a plain learner.

    Takes ``steps`` (batch, timesteps, features), and where there are such ``future``
    (batch, horizon, known) and ``static`` (batch, numbers). Values are read apart from
    the last one and, where ``own`` is 1, over the window's own spread, so that a
    forecast follows the window wherever it lies. Until its weights are set it is the
    last value. They are fitted elsewhere, by no gradients.

    Args:
        horizon: steps to forecast.
        seasons: season lengths in steps, of which the window's cycles are read.
    """

    def __init__(self, horizon: int, seasons: Sequence[int] = (), **kwargs: Any):
        super().__init__(**kwargs)
        self.horizon, self.seasons = horizon, tuple(seasons)

    def build(self, input_shape: Any) -> None:
        self.start = self.fixed("start", len(STARTS))
        self.own = self.fixed("own")

    def fixed(self, name: str, *shape: int, **options: Any) -> Any:
        """A weight that no gradient trains, of zeros unless ``options`` say else."""
        options = {"initializer": "zeros", **options}
        return self.add_weight(shape=shape, trainable=False, name=name, **options)

    def call(self, inputs: Mapping[str, Any]) -> Any:
        window = self.window(inputs, self.own)
        # Of no weight at all it is the last value, the first of the starts.
        start, *others = window["starts"]
        for place, other in enumerate(others, 1):
            start = start + self.start[place] * (other - start)
        answers = self.answers(window["features"])
        return ops.expand_dims(start + window["scale"] * answers, -1)

    def answers(self, features: Any) -> Any:
        """Features (batch, horizon, features) to answers (batch, horizon)."""
        raise NotImplementedError

    def window(self, inputs: Mapping[str, Any], own: Any) -> dict[str, Any]:
        """What is read of windows, with values over their own spread or as they are.

        Gives ``features`` (batch, horizon, features); ``starts``, of each of STARTS the
        level (batch, horizon); and ``spread`` and ``scale`` (batch, 1).
        """
        steps = inputs["steps"]
        values = steps[:, :, 0]
        last, mean = values[:, -1:], ops.mean(values, axis=1, keepdims=True)
        spread = ops.std(values, axis=1, keepdims=True)
        scale = 1.0 + own * (ops.maximum(spread, SMALLEST_SPREAD) - 1.0)
        lags = min(values.shape[1], MOST_LAGS)
        recent = [mean, values[:, -lags:-1]] if lags > 1 else [mean]
        common = [(ops.concatenate(recent, axis=1) - last) / scale]
        common.append(steps[:, -1, 1:])
        past = self._past(inputs)
        if past:
            common.append(ops.mean(steps[:, :, 1 : 1 + past], axis=1))
        if "static" in inputs:
            common.append(inputs["static"])
        flat = ops.concatenate(common, axis=1)
        tiled = ops.repeat(ops.expand_dims(flat, 1), self.horizon, axis=1)
        cycles = self._cycles(values)
        scaled = [(one - last) / scale for one in cycles]
        each = [ops.expand_dims(one, -1) for one in scaled]
        if "future" in inputs:
            each.append(inputs["future"])
        across = ops.zeros((1, self.horizon))
        cycle = cycles[0] if cycles else last + across
        return {
            "features": ops.concatenate([tiled, *each], axis=-1),
            "starts": (last + across, mean + across, cycle),
            "spread": spread,
            "scale": scale,
        }

    def _cycles(self, values: Any) -> list[Any]:
        """The same step of cycles before (batch, horizon), those that are there."""
        ahead = np.arange(self.horizon)
        return [
            ops.take(values, values.shape[1] + ahead % season - back, axis=1)
            for season, back in self._backs(values.shape[1])
        ]

    def _backs(self, steps: int) -> list[tuple[int, int]]:
        """Seasons, and how many steps before its end a window's cycle begins."""
        return [
            (season, season * cycle)
            for season in self.seasons
            for cycle in range(1, CYCLES + 1)
            if steps >= season * cycle
        ]

    @staticmethod
    def _past(inputs: Mapping[str, Any]) -> int:
        """How many covariates of the steps end with the past."""
        known = inputs["future"].shape[2] if "future" in inputs else 0
        return int(inputs["steps"].shape[2]) - 1 - known

    def width(self, shapes: Mapping[str, Any]) -> int:
        """How many features there are."""
        steps, features = shapes["steps"][1:]
        known = shapes["future"][2] if "future" in shapes else 0
        static = shapes["static"][1] if "static" in shapes else 0
        # Mean and lags; covariates at the origin, and on average those of the past.
        common = min(steps, MOST_LAGS) + (features - 1) + (features - 1 - known)
        return common + static + len(self._backs(steps)) + known

    def compute_output_spec(self, inputs: Mapping[str, Any]) -> keras.KerasTensor:
        shape = (inputs["steps"].shape[0], self.horizon, 1)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        own = {"horizon": self.horizon, "seasons": list(self.seasons)}
        return {**super().get_config(), **own}

"""From what a forecaster gives to a point forecast and its quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import keras
from keras import ops

from seqkit.layers.series import accumulated


@keras.saving.register_keras_serializable("seqkit")
class ForecastQuantiles(keras.layers.Layer):
    """A point and quantiles (batch, horizon, 1 + levels) of a model's outputs.

    ``point`` (batch, horizon, 1): the point, and around it the corrections.
    ``quantile`` (batch, horizon, levels): the median, and each quantile moved by its
    correction. ``gaussian`` (batch, horizon, 2): mu, and mu + sigma times the
    corrections, by default the normal distribution's quantiles. Quantiles are sorted,
    so that they never cross.

    Args:
        output: ``point``, ``quantile`` or ``gaussian``.
        levels: the quantiles' levels, rising.
        corrections: (horizon, levels); None: as the model says. A point output has no
            quantiles then.
    """

    def __init__(
        self,
        output: str,
        levels: Sequence[float],
        corrections: Sequence[Sequence[float]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.output_kind = output
        self.levels = tuple(levels)
        self.corrections = corrections

    def call(self, outputs: Any) -> Any:
        moves = self.corrections
        if self.output_kind == "point":
            point = outputs
            if moves is None:
                return point
            quantiles = point + ops.convert_to_tensor(moves, outputs.dtype)
        elif self.output_kind == "quantile":
            middle = self.levels.index(0.5)
            point, quantiles = outputs[..., middle : middle + 1], outputs
            if moves is not None:
                quantiles = quantiles + ops.convert_to_tensor(moves, outputs.dtype)
        else:
            point, sigma = outputs[..., :1], outputs[..., 1:]
            if moves is None:
                moves = [[NormalDist().inv_cdf(level) for level in self.levels]]
            quantiles = point + sigma * ops.convert_to_tensor(moves, outputs.dtype)
        return ops.concatenate([point, ops.sort(quantiles, axis=-1)], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output": self.output_kind,
            "levels": list(self.levels),
            "corrections": self.corrections,
        }


@keras.saving.register_keras_serializable("seqkit")
class Accumulated(keras.layers.Layer):
    """Sum differences (batch, horizon, outputs) up to what is forecast.

    Args:
        difference, seasonal_difference: as in a recipe's ``data``.
    """

    def __init__(
        self, difference: int = 0, seasonal_difference: int = 0, **options: Any
    ) -> None:
        super().__init__(**options)
        self.difference = difference
        self.seasonal_difference = seasonal_difference

    def call(self, differences: Any) -> Any:
        sums = accumulated(differences, self.difference, self.seasonal_difference)
        return ops.cast(sums, differences.dtype)

    def compute_output_spec(self, differences: Any) -> keras.KerasTensor:
        return keras.KerasTensor(differences.shape, dtype=differences.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "difference": self.difference,
            "seasonal_difference": self.seasonal_difference,
        }

"""From what a forecaster gives to a point forecast and its quantiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import Any

import keras
from keras import ops

from seqkit.layers.forecast.formulas import accumulated


@dataclass(frozen=True)
class Corrections:
    """What moves a forecaster's outputs, see ``seqkit.tasks.forecast.conformal``.

    All is in units of the window's naive error (``naive_error``) to ``power`` times the
    ``typical`` one to 1 - ``power``; of gaussian outputs in units of sigma.
    """

    moves: tuple[tuple[float, ...], ...]
    """(horizon, quantiles)"""
    point: tuple[float, ...] = ()
    """(horizon,), for a point that is none of the quantiles; empty: it stays."""
    power: float = 0.0
    typical: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any] | Sequence[Any] | None) -> Any:
        """What ``to_dict`` gave; a table alone, as older runs have it; or None."""
        if plain is None or isinstance(plain, Corrections):
            return plain
        if not isinstance(plain, Mapping):
            return cls(tuple(map(tuple, plain)))
        moves, point = tuple(map(tuple, plain["moves"])), tuple(plain["point"])
        return cls(moves, point, float(plain["power"]), float(plain["typical"]))

    def around(self, place: int | None) -> Corrections:
        """The same width around a point that is not moved.

        ``place`` is that of the quantile which the point is; None: it is none of them.
        """
        centers = (
            [row[place] for row in self.moves] if place is not None else self.point
        )
        moves = tuple(
            tuple(move - center for move in row)
            for row, center in zip(self.moves, centers, strict=True)
        )
        return replace(self, moves=moves, point=tuple(0.0 for _ in self.point))

    def unit(self, error: Any) -> Any:
        """What the moves of windows with this naive error are measured in."""
        error = ops.cast(error, "float32")
        # A window that stood still says nothing of what is to come.
        error = ops.where(error > 0, error, self.typical)
        return error**self.power * self.typical ** (1 - self.power)


def naive_error(steps: Any, season: int = 1, differenced: bool = False) -> Any:
    """The mean error (batch,) of a naive forecast within windows (batch, timesteps).

    It is that of seasonal naive, or of the last value in windows of no whole season.
    What is ``differenced`` holds such errors already. 0 where a window has none.
    """
    if differenced:
        return ops.mean(ops.abs(steps), axis=1)
    timesteps = steps.shape[1]
    lag = season if timesteps > season else 1
    if timesteps <= lag:
        return ops.zeros_like(steps[:, 0])
    return ops.mean(ops.abs(steps[:, lag:] - steps[:, :-lag]), axis=1)


@keras.saving.register_keras_serializable("seqkit")
class ForecastQuantiles(keras.layers.Layer):
    """A point and quantiles (batch, horizon, 1 + levels) of a model's outputs.

    ``point`` (batch, horizon, 1): the point, and around it the corrections.
    ``quantile`` (batch, horizon, levels): each quantile moved by its correction.
    ``gaussian`` (batch, horizon, 2): mu, and mu + sigma times the corrections, by
    default the normal distribution's quantiles. Quantiles are sorted, so that they
    never cross.

    The point is the quantile of its level, where there is such: the median, for most.
    Another is moved by its own correction, and lies between the quantiles around it.

    Args:
        output: ``point``, ``quantile`` or ``gaussian``.
        levels: the quantiles' levels, rising.
        corrections: Corrections, or its ``to_dict()``; None: as the model says. A point
            output has no quantiles then.
        level: which quantile the point is; None: the mean.
        season: steps of a season, for ``naive_error``.
        differenced: whether the model's steps are differences.
    """

    def __init__(
        self,
        output: str,
        levels: Sequence[float],
        corrections: Any = None,
        level: float | None = 0.5,
        season: int = 1,
        differenced: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.output_kind = output
        self.levels = tuple(levels)
        self.corrections = Corrections.from_dict(corrections)
        self.level = level
        self.season, self.differenced = season, differenced

    def call(self, outputs: Any, steps: Any = None) -> Any:
        """``steps`` (batch, timesteps) are the values that the model read."""
        middle, quantiles, point = self._moved(outputs, steps)
        if quantiles is None:
            return middle
        quantiles = ops.sort(quantiles, axis=-1)
        if self.level in self.levels:
            place = self.levels.index(self.level)
            point = quantiles[..., place : place + 1]
        else:
            point = self._between(point, quantiles)
        return ops.concatenate([point, quantiles], axis=-1)

    def _moved(self, outputs: Any, steps: Any) -> tuple[Any, Any, Any]:
        """The model's own middle, the quantiles and the point, each moved."""
        corrections = self.corrections
        middle, unit = outputs[..., :1], 1.0
        if self.output_kind == "quantile":
            place = self.levels.index(0.5)
            middle = outputs[..., place : place + 1]
        if self.output_kind == "gaussian":
            unit = outputs[..., 1:]
        elif corrections is not None and corrections.power:
            error = naive_error(steps, self.season, self.differenced)
            unit = ops.cast(corrections.unit(error), outputs.dtype)[:, None, None]
        if corrections is None:
            return middle, self._plain(outputs, middle, unit), middle
        moves = unit * ops.convert_to_tensor(corrections.moves, outputs.dtype)
        start = outputs if self.output_kind == "quantile" else middle
        point = middle
        if corrections.point:
            move = ops.convert_to_tensor(corrections.point, outputs.dtype)[:, None]
            point = middle + unit * move
        return middle, start + moves, point

    def _plain(self, outputs: Any, middle: Any, sigma: Any) -> Any:
        """Quantiles without corrections; None of a point."""
        if self.output_kind == "point":
            return None
        if self.output_kind == "quantile":
            return outputs
        normal = [[NormalDist().inv_cdf(level) for level in self.levels]]
        return middle + sigma * ops.convert_to_tensor(normal, outputs.dtype)

    def _between(self, point: Any, quantiles: Any) -> Any:
        """The point, within the quantiles whose levels lie around its own.

        A mean may lie anywhere between the outermost ones.
        """
        level = 0.5 if self.level is None else self.level
        below = [i for i, one in enumerate(self.levels) if one < level]
        above = [i for i, one in enumerate(self.levels) if one > level]
        if self.level is None:
            below, above = below[:1], above[-1:]
        if below:
            point = ops.maximum(point, quantiles[..., below[-1] : below[-1] + 1])
        if above:
            point = ops.minimum(point, quantiles[..., above[0] : above[0] + 1])
        return point

    def compute_output_spec(self, outputs: Any, steps: Any = None) -> Any:
        bare = self.output_kind == "point" and self.corrections is None
        channels = 1 + (0 if bare else len(self.levels))
        return keras.KerasTensor((*outputs.shape[:2], channels), dtype=outputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output": self.output_kind,
            "levels": list(self.levels),
            "corrections": self.corrections and self.corrections.to_dict(),
            "level": self.level,
            "season": self.season,
            "differenced": self.differenced,
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

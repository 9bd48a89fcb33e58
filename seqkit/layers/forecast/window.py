"""From raw values to a model's steps, and from its outputs to raw forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqkit.layers.forecast import formulas
from seqkit.layers.forecast.formulas import SeriesTables


@keras.saving.register_keras_serializable("seqkit")
class PrepareWindow(keras.layers.Layer):
    """Prepare the last raw values of series, by each series' own parameters.

    Takes ``values`` (batch, lookback), float64; the series' ids (batch,), text, where
    there is more than one; and the ordinal (batch,) of each window's last value, int64,
    where something was decomposed. Gives a dict:

    - ``steps`` (batch, lookback - lost steps) float32: what the model reads;
    - ``base`` (batch, horizon), ``unit`` (batch, 1), ``lam`` (batch, 1) and ``offset``
      (batch, horizon), float64: what ``RestoreForecast`` needs;
    - ``index`` (batch,) int32: 1 for the tables' first series and so on, 0 for a
      series that they lack.

    A series that the tables lack is scaled by its own window. Where parameters were
    fitted that a window cannot give (box_cox, decompose), it is an
    InvalidArgumentError, as are values of 0 and below under log and box_cox.

    Args:
        tables: the parameters, a SeriesTables or its ``to_dict()``.
        horizon: steps to forecast.
        transform, scale, difference, seasonal_difference: as in a recipe's ``data``.
    """

    def __init__(
        self,
        tables: SeriesTables | Mapping[str, Any],
        horizon: int,
        transform: str = "none",
        scale: str = "standard",
        difference: int = 0,
        seasonal_difference: int = 0,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "prepare_window")
        # Raw values keep all their digits: Keras would round float64 to float32.
        super().__init__(**{**kwargs, "autocast": False})
        if not isinstance(tables, SeriesTables):
            tables = SeriesTables.from_dict(tables)
        self.tables = tables
        self.horizon = horizon
        self.transform = transform
        self.scale = scale
        self.difference = difference
        self.seasonal_difference = seasonal_difference
        self._trend = _with_unknown(tables.trend)
        self._patterns = {s: _with_unknown(p) for s, p in tables.patterns.items()}
        self._lookup = keras.layers.StringLookup(
            vocabulary=list(tables.ids), oov_token=_not_among(tables.ids)
        )

    @property
    def decomposed(self) -> bool:
        """Whether trend or patterns were taken off."""
        return bool(self.tables.patterns) or bool(np.any(self.tables.trend))

    def build(self, *_: Any, **__: Any) -> None:
        """Do nothing: the tables came with the constructor."""

    def call(self, values: Any, id: Any = None, ordinal: Any = None) -> dict[str, Any]:
        values = formulas.float64(values)
        index = self._index(values, id)
        lam = ops.take(_with_unknown(self.tables.lam[:, np.newaxis]), index, axis=0)
        levels = self._levels(values, index, lam)
        past, ahead = self._offsets(values, index, ordinal)
        levels = levels - past
        lags = (self.difference, self.seasonal_difference)
        differences = formulas.differenced(levels, *lags)
        center, unit = self._scaling(levels, differences, index)
        return {
            "steps": ops.cast((differences - center) / unit, "float32"),
            "base": formulas.base(levels, self.horizon, *lags, center),
            "unit": unit,
            "lam": lam,
            "offset": ahead,
            "index": index,
        }

    def _index(self, values: Any, id: Any) -> Any:
        """Rows of the tables, 0 for unknown (batch,)."""
        if id is not None:
            index = ops.cast(self._lookup(id), "int32")
        else:
            only = 1 if len(self.tables.ids) == 1 else 0
            index = tf.fill(tf.shape(values)[:1], only)
        if self.transform == "box_cox" or self.decomposed:
            in_tables = tf.reduce_all(index > 0)
            text = (
                "A series' id is none of those that the model was trained on, whose "
                "Box-Cox, trend or seasons it needs. Give one of the ids of training."
            )
            tf.debugging.Assert(in_tables, [text, *([] if id is None else [id])])
        return index

    def _levels(self, values: Any, index: Any, lam: Any) -> Any:
        if self.transform in formulas.LOWEST:
            lowest = formulas.LOWEST[self.transform]
            text = (
                f"The values hold one that is not above {lowest:g}, of which the "
                f"model's transform, {self.transform}, knows no level. Give greater "
                "values."
            )
            has_levels = tf.reduce_all(values > lowest)
            tf.debugging.Assert(has_levels, [text, tf.reduce_min(values)])
        return formulas.transformed(values, self.transform, lam)

    def _offsets(self, values: Any, index: Any, ordinal: Any) -> tuple[Any, Any]:
        """What trend and patterns add to the window and over the horizon."""
        lookback = values.shape[1]
        if not self.decomposed:
            nothing = ops.zeros_like(values[:, :1])
            return nothing, nothing * np.ones((1, self.horizon))
        if ordinal is None:
            raise ValueError(
                "PrepareWindow needs the ordinal of each window's last value, because "
                "trend or seasons were decomposed, and got none. Give ordinal."
            )
        around = np.arange(1 - lookback, self.horizon + 1)
        ordinals = ops.expand_dims(ops.cast(ordinal, "int64"), 1) + around
        all_steps = formulas.offsets(ordinals, self._trend, self._patterns, index)
        return all_steps[:, :lookback], all_steps[:, lookback:]

    def _scaling(self, levels: Any, differences: Any, index: Any) -> tuple[Any, Any]:
        """Center and unit (batch, 1): the tables', or of an unknown series its own."""
        tables = self.tables
        center, unit = formulas.scaling(differences, self.scale)
        unit = ops.where(formulas.is_constant(unit, levels), 1.0, unit)
        in_tables = ops.expand_dims(index, 1) > 0
        fitted = ops.take(
            _with_unknown(np.stack([tables.center, tables.unit], axis=1)), index, axis=0
        )
        return (
            ops.where(in_tables, fitted[:, :1], center),
            ops.where(in_tables, fitted[:, 1:], unit),
        )

    def compute_output_spec(
        self, values: Any, id: Any = None, ordinal: Any = None
    ) -> dict[str, keras.KerasTensor]:
        batch, lookback = values.shape
        steps = lookback - self.difference - self.seasonal_difference
        ahead = (batch, self.horizon)
        return {
            "steps": keras.KerasTensor((batch, steps), dtype="float32"),
            "base": keras.KerasTensor(ahead, dtype="float64"),
            "unit": keras.KerasTensor((batch, 1), dtype="float64"),
            "lam": keras.KerasTensor((batch, 1), dtype="float64"),
            "offset": keras.KerasTensor(ahead, dtype="float64"),
            "index": keras.KerasTensor((batch,), dtype="int32"),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tables": self.tables.to_dict(),
            "horizon": self.horizon,
            "transform": self.transform,
            "scale": self.scale,
            "difference": self.difference,
            "seasonal_difference": self.seasonal_difference,
        }


@keras.saving.register_keras_serializable("seqkit")
class RestoreForecast(keras.layers.Layer):
    """Turn a model's outputs (batch, horizon, outputs) into values in their own units.

    Takes the outputs and the dict that ``PrepareWindow`` gave for the same windows;
    gives (batch, horizon, outputs) float64: a small change of a large level is one.
    """

    def __init__(self, transform: str = "none", **kwargs: Any) -> None:
        kwargs.setdefault("name", "restore_forecast")
        super().__init__(**{**kwargs, "autocast": False})
        self.transform = transform

    def call(self, outputs: Any, prepared: Mapping[str, Any]) -> Any:
        parts = ("base", "offset", "unit", "lam")
        start, added, unit, lam = (ops.expand_dims(prepared[p], -1) for p in parts)
        levels = start + unit * formulas.float64(outputs) + added
        return formulas.restored(levels, self.transform, lam)

    def compute_output_spec(self, outputs: Any, prepared: Any) -> keras.KerasTensor:
        return keras.KerasTensor(outputs.shape, dtype="float64")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "transform": self.transform}


def _with_unknown(rows: formulas.Floats) -> formulas.Floats:
    """The tables' rows after one, of ones, for series that they lack."""
    return np.concatenate([np.ones((1, *rows.shape[1:])), rows])


def _not_among(ids: tuple[str, ...]) -> str:
    """A token for unknown ids that is no id itself."""
    token = "[UNK]"
    while token in ids:
        token += "]"
    return token

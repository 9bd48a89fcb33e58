"""The preparation of forecasts: what was fitted, and the way from raw to raw."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.covariates import Covariates
from seqkit.data.forecast.origins import Parts, part_origins
from seqkit.data.forecast.series import History, Series
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.forecast.typed import typed_series
from seqkit.data.forecast.windows import (
    FilledLevels,
    PreparedSeries,
    WindowStore,
    window_signature,
)
from seqkit.data.rows.column_choice import ColumnChoice
from seqkit.errors import DataError
from seqkit.frequency import Frequency
from seqkit.models.forecast.spec import ForecastModel
from seqkit.recipe.recipe import Recipe
from seqkit.registry import did_you_mean
from seqkit.scores.forecast.errors import quantile_name
from seqkit.shared.files import read_json, write_json
from seqkit.signature import Signature
from seqkit.tasks.base import (
    PREPROCESSING_FILE,
    Answering,
    Baseline,
    Preprocessing,
)
from seqkit.tasks.names import static_name

if TYPE_CHECKING:
    import keras

    from seqkit.layers.forecast.formulas import SeriesTables
    from seqkit.layers.forecast.quantiles import Corrections
    from seqkit.recipe.spec import Spec

PREDICT_BATCH = 512
AT = "2000-01-03T00:00:00"
"""A Monday: when the values of made-up samples were."""


@dataclass(frozen=True)
class ForecastPreprocessing(Preprocessing):
    """What was fitted on the series' training time, and how wide intervals are."""

    data: ForecastData
    model: ForecastModel
    frequency: Frequency | None
    tables: SeriesTables
    covariates: Covariates
    corrections: Corrections | None = None
    """What moves the model's point and quantiles; None: nothing."""
    choice: ColumnChoice | None = None
    """The columns that training took for values; None: an old run does not say."""

    @property
    def signature(self) -> Signature:  # type: ignore[override]
        static = self.covariates.static_features
        return window_signature(self.data, static, len(self.tables.ids), self.seasons)

    @property
    def value_columns(self) -> tuple[str, ...]:
        wide = self.data.layout == "wide"
        return self.choice.taken if wide and self.choice else ()

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The levels of the quantiles that every forecast comes with."""
        has_quantiles = self.model.output != "point" or self.corrections is not None
        return self.model.quantiles if has_quantiles else ()

    @property
    def seasons(self) -> tuple[int, ...]:
        """Season lengths in steps, shortest first."""
        from seqkit.data.forecast.preparation import season_lengths

        return season_lengths(self.data, self.frequency)

    @property
    def season(self) -> int:
        """Steps of the first season; 1: there is none."""
        return (*self.seasons, 1)[0]

    @property
    def takes_ids(self) -> bool:
        """Whether an answer depends on which series the values belong to."""
        fitted = self.data.scale != "none" or self.data.transform == "box_cox"
        several = len(self.tables.ids) > 1
        decomposed = self.data.decompose != "none"
        return several and (fitted or decomposed or bool(self.model.series_embedding))

    def save(self, folder: Path) -> None:
        plain = {
            "frequency": self.frequency.alias if self.frequency else None,
            "tables": self.tables.to_dict(),
            "covariates": self.covariates.to_dict(),
            "corrections": self.corrections and self.corrections.to_dict(),
            "columns": self.choice.to_dict() if self.choice else None,
        }
        write_json(folder / PREPROCESSING_FILE, plain)

    @classmethod
    def load(cls, folder: Path, recipe: Recipe) -> ForecastPreprocessing:
        """Read what ``save`` wrote."""
        from seqkit.layers.forecast.formulas import SeriesTables
        from seqkit.layers.forecast.quantiles import Corrections

        assert isinstance(recipe.data, ForecastData)
        assert isinstance(recipe.model, ForecastModel)
        plain = read_json(folder / PREPROCESSING_FILE)
        columns = plain.get("columns")
        return cls(
            recipe.data,
            recipe.model,
            Frequency.of(plain["frequency"]) if plain["frequency"] else None,
            SeriesTables.from_dict(plain["tables"]),
            Covariates.from_dict(plain["covariates"]),
            Corrections.from_dict(plain["corrections"]),
            ColumnChoice.from_dict(columns) if columns else None,
        )

    def prepared(self, series: Series) -> PreparedSeries:
        """A whole series as the model reads it; NaN where differencing lacks a past."""
        from seqkit.data.forecast.preparation import prepared

        index = self._rows[series.id]
        lost = np.full(self.data.lost_steps, np.nan, np.float32)
        steps = prepared(series, index, self.tables, self.data, self.frequency)
        future = self._future_columns(series)
        columns = [
            np.concatenate([lost, steps])[:, None],
            self.covariates.past(series.past),
            future[: len(series)],
        ]
        return PreparedSeries(
            np.concatenate(columns, axis=1, dtype=np.float32),
            future,
            self.covariates.encode_static(series.static),
            index + 1,
            self._filled_levels(series, index),
        )

    def _filled_levels(self, series: Series, index: int) -> FilledLevels | None:
        from seqkit.data.forecast.preparation import whole_and_added

        if series.filled is None:
            return None
        tables, frequency = self.tables, self.frequency
        parts = whole_and_added(series, index, tables, self.data, frequency)
        center, unit = float(tables.center[index]), float(tables.unit[index])
        return FilledLevels(series.filled, *parts, center, unit)

    def _future_columns(self, series: Series) -> NDArray[np.float32]:
        future = self.covariates.future(series.future)
        if not self.data.calendar:
            return future
        from seqkit.layers.forecast.calendar import calendar_features

        assert self.frequency and series.start is not None
        stamps = self.frequency.stamps(series.start, len(future))
        calendar = np.asarray(calendar_features(stamps, self.data.calendar))
        return np.concatenate([future, calendar], axis=1, dtype=np.float32)

    def store(
        self,
        series: Sequence[PreparedSeries],
        parts: Sequence[Parts],
        part: str,
        horizon: int | None = None,
    ) -> WindowStore:
        """The windows of ``train`` or ``validation``, of all prepared series.

        ``horizon`` is how far the model goes at once; None: all the way.
        """
        data = self.data
        real = [one.real for one in series]
        assert self.signature.timesteps
        return WindowStore(
            series,
            [places for _, places in part_origins(parts, part, data, horizon, real)],
            self.signature.timesteps,
            horizon or data.horizon,
            data.lags,
            bool(self.model.series_embedding),
        )

    def calibrated(self, model: keras.Model, data: Any) -> ForecastPreprocessing:
        """This with the corrections that the validation windows ask for."""
        from seqkit.tasks.forecast.calibration import corrections

        if not self.model.conformal:
            return self
        prepared = data.prepared(self)
        moved = corrections(
            self.forecaster(model),
            self.store(prepared, data.parts, "validation"),
            self.store(prepared, data.parts, "train"),
            np.array([one.train_end for one in data.parts]),
            self.model,
            self.season,
            bool(self.data.lost_steps),
        )
        whole = replace(self, corrections=moved)
        return whole if self.model.move_point else whole.of_parts()

    def of_parts(self) -> ForecastPreprocessing:
        """The same with the point where it is: what moves that of a whole model moves
        none of its parts."""
        moved = self.corrections
        if moved is None or self.model.output != "point":
            return self
        return replace(self, corrections=moved.around(self.model.level_place))

    def forecaster(self, model: keras.Model) -> keras.Model:
        """The model over the whole horizon: its inputs to (batch, horizon, ...)."""
        if self.model.strategy != "recursive":
            return model
        from seqkit.tasks.forecast.serving import rolled_out

        return rolled_out(self, model)

    def serving(self, model: keras.Model, decode: Spec | None = None) -> keras.Model:
        """From the last raw values to raw forecasts and quantiles (batch, horizon)."""
        from seqkit.tasks.forecast.serving import serving_model

        return serving_model(self, model)

    def of_baseline(self) -> ForecastPreprocessing:
        from seqkit.layers.forecast.quantiles import Corrections

        # A baseline has quantiles, and moves them by itself.
        none = (0.0,) * self.data.horizon
        levels = tuple((0.0,) * len(self.model.quantiles) for _ in none)
        return replace(self, corrections=Corrections(levels, none, 1.0, 1.0))

    def shipped(self, baseline: Baseline) -> keras.Model:
        """Of ``values`` (batch, steps), all that is known of each series."""
        import keras

        raw = {"values": keras.Input((None,), dtype="float64", name="values")}
        outputs = baseline.in_graph(raw)
        by_name = {name: outputs[:, :, i] for i, name in enumerate(self.output_names)}
        return keras.Model(raw, by_name)

    def as_inputs(self, named: list[Any]) -> list[History]:
        """Histories; values by name are those of a whole series, each another."""

        def history(one: Any, number: int) -> History:
            if isinstance(one, History):
                return one
            series = typed_series(one["values"], f"series {number}")
            return History(series, len(series), len(series), self.season)

        return [history(one, number) for number, one in enumerate(named)]

    def streaming(self, serving: keras.Model) -> keras.Model:
        from seqkit.tasks.forecast.serving import streaming_model

        return streaming_model(self, serving)

    def answering(self, model: keras.Model, decode: Spec | None = None) -> Answering:
        """From Histories to (rows, horizon, 1 + quantiles) in the series' own units."""
        from seqkit.tasks.compiled import compiled_model

        compiled = compiled_model(self.serving(model))
        return lambda histories: self._answers(compiled, histories)

    def _answers(self, model: Any, histories: list[Any]) -> NDArray[np.float64]:
        parts = []
        for start in range(0, len(histories), PREDICT_BATCH):
            rows = [self.row(one) for one in histories[start : start + PREDICT_BATCH]]
            outputs = model(self.columns(rows))
            channels = [outputs[name].numpy() for name in self.output_names]
            parts.append(np.stack(channels, axis=-1).astype(np.float64))
        return np.concatenate(parts)

    @property
    def output_names(self) -> list[str]:
        """``forecast``, and a name for each quantile."""
        return ["forecast", *map(quantile_name, self.quantiles)]

    def row(self, history: History | dict[str, Any]) -> dict[str, Any]:
        """What the serving model takes of one history, by the names of its inputs."""
        if not isinstance(history, History):
            return history
        data, series, origin = self.data, history.series, history.origin
        begin = origin - data.lookback
        values = series.seen(origin, begin)
        self._check_window(series.id, values)
        row: dict[str, Any] = {"values": values}
        if self.takes_ids:
            row["id"] = series.id
        if data.needs_time:
            assert self.frequency and series.start is not None
            row["timestamp"] = str(self.frequency.stamps(series.start, origin)[-1])
        if data.past:
            row["past"] = series.seen_past(origin, begin)
        if data.future:
            row["future"] = series.future[begin : origin + data.horizon]
        static = self.covariates.as_trained(series.static)
        for name, value in zip(data.static, static, strict=True):
            row[static_name(name)] = value
        return row

    def _check_window(self, id: str, values: NDArray[np.float64]) -> None:
        """Refuse a window that the serving model would stop at."""
        from seqkit.layers.forecast.formulas import LOWEST

        data, ids = self.data, self.tables.ids
        if data.transform != "none" and values.min() <= LOWEST[data.transform]:
            raise DataError(
                f"Series {id!r} holds {values.min():g} among the last {len(values)} "
                f"values, and this model's data.transform: {data.transform} takes "
                f"values above {LOWEST[data.transform]:g} alone. Leave the series "
                "out, or train with data.transform none."
            )
        if not self.knows(id):
            raise DataError(
                f"Training saw no series {id!r}, whose own Box-Cox, trend or seasons "
                f"this model needs. {did_you_mean(id, ids) or 'Leave it out.'}"
            )

    def knows(self, id: str) -> bool:
        """Whether a series can be prepared, be it by its own window."""
        fitted = self.data.transform == "box_cox" or self.data.decompose != "none"
        return not fitted or len(self.tables.ids) == 1 or id in self._rows

    @cached_property
    def _rows(self) -> dict[str, int]:
        """The row of each series in the tables, from 0."""
        return {id: row for row, id in enumerate(self.tables.ids)}

    def columns(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Rows as one array an input."""
        columns = {}
        for name in rows[0]:
            values = [row[name] for row in rows]
            number = np.float64 if name == "values" else np.float32
            text = isinstance(values[0], str)
            columns[name] = np.array(values, object if text else number)
        return columns

    def kept(self, inputs: list[Any]) -> list[Any]:
        rows = [self.row(history) for history in inputs]
        return [
            {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in row.items()}
            for row in rows
        ]

    def samples(self, kept: list[Any]) -> dict[str, list[Any]]:
        rows = [*self._synthetic_rows(), *kept]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def named(self, samples: Mapping[str, list[Any]]) -> list[Any]:
        return [
            dict(zip(samples, row, strict=True))
            for row in zip(*samples.values(), strict=True)
        ]

    def _synthetic_rows(self) -> list[dict[str, Any]]:
        """Rows that are no one's data: a wave, the same enlarged, and a still line."""
        data, ids = self.data, self.tables.ids
        wave = 100 + 10 * np.sin(np.arange(data.lookback))
        rows = []
        for values in (wave, 1e6 * wave, np.full(data.lookback, 7.0)):
            row: dict[str, Any] = {"values": values.round(3).tolist()}
            if self.takes_ids:
                row["id"] = ids[0]
            if data.needs_time:
                row["timestamp"] = AT
            if data.past:
                row["past"] = np.zeros((data.lookback, len(data.past))).tolist()
            if data.future:
                steps = data.lookback + data.horizon
                row["future"] = np.zeros((steps, len(data.future))).tolist()
            for name, column in zip(data.static, self.covariates.static, strict=True):
                row[static_name(name)] = column[0] if isinstance(column, tuple) else 0.0
            rows.append(row)
        return rows

    def limits(self) -> list[str]:
        data = self.data
        step = self.frequency.name if self.frequency else "steps"
        sees = f"- Forecasts {data.horizon} {step} from the last {data.lookback}."
        count = len(self.tables.ids)
        return [
            sees,
            f"- Learned from {count:,} series; another is scaled by its own last "
            "values."
            if data.decompose == "none" and data.transform != "box_cox"
            else f"- Knows the {count:,} series it learned from, and no other.",
            "- Intervals hold on average over windows like those of the validation "
            "part; where the series change their ways, they do not.",
        ]

    def files(self) -> dict[str, str]:
        return {"preparation.json": json.dumps(self.tables.to_dict())}

"""The serving model of a forecaster: raw values in, raw forecasts and quantiles out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import keras

from seqkit.data.forecast.covariates import Standard
from seqkit.layers.forecast.calendar import StepOrdinal, WindowCalendar
from seqkit.layers.forecast.quantiles import Accumulated, ForecastQuantiles
from seqkit.layers.forecast.roll_out import RollOut
from seqkit.layers.forecast.streaming import FilledWindow, PushStep, WhereFull
from seqkit.layers.forecast.window import PrepareWindow, RestoreForecast
from seqkit.tasks.names import static_name

if TYPE_CHECKING:
    from seqkit.data.forecast.covariates import Covariates
    from seqkit.data.forecast.spec import ForecastData
    from seqkit.frequency import Frequency
    from seqkit.layers.forecast.formulas import SeriesTables
    from seqkit.layers.forecast.quantiles import Corrections
    from seqkit.models.forecast.spec import ForecastModel


class Fitted(Protocol):
    """What a serving model is made from, see ``ForecastPreprocessing``."""

    @property
    def data(self) -> ForecastData: ...
    @property
    def model(self) -> ForecastModel: ...
    @property
    def frequency(self) -> Frequency | None: ...
    @property
    def tables(self) -> SeriesTables: ...
    @property
    def covariates(self) -> Covariates: ...
    @property
    def corrections(self) -> Corrections | None: ...
    @property
    def season(self) -> int: ...
    @property
    def takes_ids(self) -> bool: ...
    @property
    def output_names(self) -> list[str]: ...
    def forecaster(self, model: keras.Model) -> keras.Model: ...


def serving_model(fitted: Fitted, model: keras.Model) -> keras.Model:
    """A model from named raw inputs to ``forecast``, ``q10`` and so on.

    ``values`` (batch, lookback) float64, and where the recipe asks for them ``id``
    (batch,), ``timestamp`` (batch,) of the last value, ``past`` (batch, lookback,
    columns), ``future`` (batch, lookback + horizon, columns) and ``static_NAME``
    (batch,), to (batch, horizon) float64 each.
    """
    inputs = _inputs(fitted)
    prepared = _prepared(fitted, inputs)
    model_inputs = _core_inputs(fitted, inputs, prepared)
    outputs = fitted.forecaster(model)(model_inputs)
    quantiles = ForecastQuantiles(
        fitted.model.output,
        fitted.model.quantiles,
        fitted.corrections,
        level=fitted.model.point_level,
        season=fitted.season,
        differenced=bool(fitted.data.lost_steps),
    )(outputs, prepared["steps"])
    raw = RestoreForecast(fitted.data.transform)(quantiles, prepared)
    by_name = {name: raw[:, :, i] for i, name in enumerate(fitted.output_names)}
    return keras.Model(inputs, by_name)


def streaming_model(fitted: Fitted, serving: keras.Model) -> keras.Model:
    """``serving`` for a stream: one new value at a time, with its state in and out.

    The state is the window, so that answers are those of ``serving`` to the last
    ``lookback`` values: ``state_values`` (batch, lookback), and ``state_past`` and
    ``state_future`` where there are such covariates. All NaN is the beginning; until
    ``lookback`` values have come, forecasts are NaN. What comes anew is ``value``
    (batch,), ``past`` (batch, columns), and ``future`` (batch, 1 + horizon, columns):
    the new step's and those to forecast. ``id``, ``timestamp`` and ``static_NAME`` are
    as in ``serving``.
    """
    data = fitted.data
    shapes: dict[str, tuple[int, ...]] = {"values": (data.lookback,)}
    new = {
        name: keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=name)
        for name, tensor in serving.input.items()
        if name not in ("values", "past", "future")
    }
    raw = serving.input["values"].dtype
    new["value"] = keras.Input((), dtype=raw, name="value")
    if data.past:
        new["past"] = keras.Input((len(data.past),), name="past")
        shapes["past"] = (data.lookback, len(data.past))
    if data.future:
        columns = len(data.future)
        new["future"] = keras.Input((1 + data.horizon, columns), name="future")
        shapes["future"] = (data.lookback, columns)
    state = {
        name: keras.Input(shape, dtype=serving.input[name].dtype, name=f"state_{name}")
        for name, shape in shapes.items()
    }
    after, answers = _stream_step(serving, state, new)
    inputs, outputs = (
        {f"state_{name}": window for name, window in windows.items()}
        for windows in (state, after)
    )
    return keras.Model(new | inputs, answers | outputs)


def _stream_step(
    serving: keras.Model, state: dict[str, Any], new: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """``step(state, x) -> (state, y)`` of a stream; the state is windows by name."""
    # The new value enters the window; NaN marks what has not come yet.
    after = {"values": PushStep()(state["values"], new["value"])}
    window = {name: new[name] for name in new if name in serving.input}
    window["values"], full = FilledWindow()(after["values"])
    # Past covariates come with the value.
    if "past" in state:
        after["past"] = window["past"] = PushStep()(state["past"], new["past"])
    # Those known ahead come for the new step and the horizon; only the step is kept.
    if "future" in state:
        after["future"] = PushStep()(state["future"], new["future"][:, 0])
        ahead = [after["future"], new["future"][:, 1:]]
        window["future"] = keras.layers.Concatenate(axis=1)(ahead)
    answers = serving(window).items()
    return after, {name: WhereFull()(values, full) for name, values in answers}


def rolled_out(fitted: Fitted, model: keras.Model) -> keras.Model:
    """The whole horizon of a model that forecasts one step, as a model itself."""
    data = fitted.data
    inputs = {
        name: keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=name)
        for name, tensor in model.input.items()
    }
    if "future" in inputs:
        inputs["future"] = keras.Input(
            (data.horizon, inputs["future"].shape[2]), name="future"
        )
    steps = RollOut(model, data.horizon, fitted.model.point_channel)(inputs)
    sums = Accumulated(data.difference, data.seasonal_difference)(steps)
    return keras.Model(inputs, sums)


def _inputs(fitted: Fitted) -> dict[str, Any]:
    data = fitted.data

    def entry(name: str, *shape: int, dtype: str = "float32") -> Any:
        return keras.Input(shape, dtype=dtype, name=name)

    # A level is taken off before float32, so that it costs no digits.
    inputs = {"values": entry("values", data.lookback, dtype="float64")}
    if fitted.takes_ids:
        inputs["id"] = entry("id", dtype="string")
    if data.needs_time:
        inputs["timestamp"] = entry("timestamp", dtype="string")
    if data.past:
        inputs["past"] = entry("past", data.lookback, len(data.past))
    if data.future:
        steps = data.lookback + data.horizon
        inputs["future"] = entry("future", steps, len(data.future))
    for column, kind in zip(data.static, fitted.covariates.static, strict=True):
        name = static_name(column)
        dtype = "float32" if isinstance(kind, Standard) else "string"
        inputs[name] = entry(name, dtype=dtype)
    return inputs


def _prepared(fitted: Fitted, inputs: dict[str, Any]) -> dict[str, Any]:
    data = fitted.data
    layer = PrepareWindow(
        fitted.tables,
        data.horizon,
        transform=data.transform,
        scale=data.scale,
        difference=data.difference,
        seasonal_difference=data.seasonal_difference,
    )
    ordinal = None
    if data.decompose != "none":
        assert fitted.frequency
        ordinal = StepOrdinal(fitted.frequency.alias)(inputs["timestamp"])
    return layer(inputs["values"], inputs.get("id"), ordinal)


def _core_inputs(
    fitted: Fitted, inputs: dict[str, Any], prepared: dict[str, Any]
) -> dict[str, Any]:
    """What the model reads: values and covariates of the window, and what is known."""
    data = fitted.data
    lost, lookback = data.lost_steps, data.lookback
    columns = [keras.ops.expand_dims(prepared["steps"], -1)]
    if data.past:
        columns.append(_standard(fitted.covariates.past)(inputs["past"])[:, lost:])
    future = []
    if data.future:
        future.append(_standard(fitted.covariates.future)(inputs["future"]))
    if data.calendar:
        assert fitted.frequency
        calendar = WindowCalendar(
            fitted.frequency.alias, data.calendar, lookback, data.horizon
        )
        future.append(calendar(inputs["timestamp"]))
    model_inputs: dict[str, Any] = {}
    if future:
        both = keras.layers.Concatenate()(future) if len(future) > 1 else future[0]
        columns.append(both[:, lost:lookback])
        model_inputs["future"] = both[:, lookback:]
    model_inputs["steps"] = (
        keras.layers.Concatenate()(columns) if len(columns) > 1 else columns[0]
    )
    if data.static:
        model_inputs["static"] = _static(fitted, inputs)
    if fitted.model.series_embedding:
        model_inputs["series"] = prepared["index"]
    return model_inputs


def _static(fitted: Fitted, inputs: dict[str, Any]) -> Any:
    parts = []
    for column, kind in zip(fitted.data.static, fitted.covariates.static, strict=True):
        value = keras.ops.expand_dims(inputs[static_name(column)], -1)
        if isinstance(kind, Standard):
            parts.append(_standard(kind)(value))
        else:
            lookup = keras.layers.StringLookup(
                vocabulary=list(kind), output_mode="multi_hot"
            )
            # The first place is that of unknown categories.
            parts.append(lookup(value)[:, 1:])
    return keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]


def _standard(columns: Standard) -> keras.layers.Layer:
    variance = [std**2 for std in columns.std]
    return keras.layers.Normalization(mean=list(columns.mean), variance=variance)

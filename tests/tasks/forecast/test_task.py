"""Forecasts from raw values to raw values: nothing lost, nothing seen too early."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_series import TINY_FORECAST, waves, with_covariates

from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning, UsageError
from seqkit.layers.forecast.quantiles import Corrections
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.tasks.forecast.fitted import ForecastPreprocessing
from seqkit.tasks.forecast.task import Forecast, ForecastSeries
from seqkit.training.build import build

PREPARATIONS: dict[str, dict[str, Any]] = {
    "standard": {},
    "minmax": {"data.scale": "minmax"},
    "difference": {"data.difference": 1},
    "seasonal": {"data.seasonal_difference": 6, "data.difference": 1},
    "seasons": {"data.decompose": "seasons"},
    "trend": {"data.decompose": "seasons_and_trend"},
    "window_norm": {"model.window_norm": "standard"},
}
STRATEGIES: dict[str, dict[str, Any]] = {
    "direct": {},
    "recursive": {"model.strategy": "recursive"},
    "encoder_decoder": {"model.strategy": "encoder_decoder"},
    "segments": {"model.strategy": "segments", "model.segment": 2},
}


def recipe(**changes: Any) -> Recipe:
    return load_recipe("airline_forecast", TINY_FORECAST | changes)


def opened(made: Recipe, frame: pd.DataFrame) -> ForecastSeries:
    return Forecast().open(made.data, made.model, FrameSource(frame))


def forecasts(
    made: Recipe, frame: pd.DataFrame, corrections: Any = None
) -> tuple[np.ndarray[Any, Any], ForecastPreprocessing, ForecastSeries]:
    """What an untrained model of fixed weights forecasts of the test part."""
    data = opened(made, frame)
    fitted = data.preprocessing()
    model = build(made, signature=fitted.signature)
    fitted = replace(fitted, corrections=corrections)
    histories = [one for chunk in data.histories("test") for one in chunk]
    return fitted.answering(model)(histories), fitted, data


def changed(frame: pd.DataFrame, change: Any) -> pd.DataFrame:
    return frame.assign(value=change(frame["value"]))


@pytest.mark.parametrize(
    ("preparation", "strategy"),
    [
        # Quick: each preparation, strategies in turn.
        pytest.param(
            preparation,
            strategy,
            marks=[] if one % len(STRATEGIES) == other else [pytest.mark.slow],
        )
        for one, preparation in enumerate(PREPARATIONS)
        for other, strategy in enumerate(STRATEGIES)
    ],
)
def test_shifting_and_scaling_a_series_shifts_and_scales_its_forecast(
    strategy: str, preparation: str
) -> None:
    made = recipe(**PREPARATIONS[preparation], **STRATEGIES[strategy])
    plain, _, _ = forecasts(made, waves())
    moved, _, _ = forecasts(made, changed(waves(), lambda v: 3 * v + 200))
    np.testing.assert_allclose(moved, 3 * plain + 200, rtol=2e-4)


@pytest.mark.parametrize("transform", ["log", "box_cox"])
def test_scaling_a_series_scales_its_forecast_under_a_transform(transform: str) -> None:
    made = recipe(**{"data.transform": transform, "data.difference": 1})
    plain, _, _ = forecasts(made, waves())
    moved, _, _ = forecasts(made, changed(waves(), lambda v: 7 * v))
    # Box-Cox's lambda is found by a search that stops at some digit.
    np.testing.assert_allclose(
        moved, 7 * plain, rtol=1e-4 if transform == "log" else 0.05
    )


@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_no_value_after_its_origin_changes_a_forecast(preparation: str) -> None:
    made = recipe(**PREPARATIONS[preparation])
    frame = waves()
    plain, fitted, data = forecasts(made, frame)
    # The last window of each series forecasts the last 3 of 72 steps.
    later = frame.groupby("id").cumcount() >= 69
    other = frame.assign(value=frame["value"].where(~later, 1e4))
    again, refitted, _ = forecasts(made, other)
    assert np.array_equal(again, plain)
    assert refitted.tables.to_dict() == fitted.tables.to_dict()
    assert len(plain) == 2 * 3 == data.count("test")


def test_preparation_and_training_see_no_validation_or_test_value() -> None:
    made = recipe(**{"data.decompose": "seasons_and_trend", "data.transform": "log"})
    frame = waves()
    later = frame.groupby("id").cumcount() >= 72 - 9 - 12
    other = frame.assign(value=frame["value"].where(~later, 1e4))
    fitted, refitted = (opened(made, f).preprocessing() for f in (frame, other))
    assert fitted.tables.to_dict() == refitted.tables.to_dict()
    stores = [opened(made, f).stores(fitted, None) for f in (frame, other)]  # type: ignore[arg-type]
    rows = np.arange(len(stores[0]["train"]))
    (one, targets, _), (two, retargets, _) = (s["train"].arrays(rows) for s in stores)
    assert np.array_equal(one["steps"], two["steps"])
    assert np.array_equal(targets, retargets)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"data.difference": 1}, "last value"),
        ({"data.seasonal_difference": 6}, "last season"),
    ],
)
def test_a_model_that_adds_nothing_forecasts_as_its_naive_competitor(
    keys: dict[str, Any], expected: str
) -> None:
    made = recipe(**keys, **{"data.scale": "none", "data.horizon": 8, "data.test": 8})
    data = opened(made, waves())
    fitted = data.preprocessing()
    model = build(made, signature=fitted.signature)
    for variable in model.trainable_variables:
        variable.assign(np.zeros(variable.shape))
    histories = next(data.histories("test"))
    answers = fitted.answering(model)(histories)[:, :, 0]
    for history, answer in zip(histories, answers, strict=True):
        last = history.values[-1:] if expected == "last value" else history.values[-6:]
        np.testing.assert_allclose(answer, np.resize(last, 8), rtol=1e-6)


def test_covariates_reach_the_forecast_and_the_unknown_ones_do_not() -> None:
    keys = {
        "data.past": ["rain"],
        "data.future": ["sale"],
        "data.static": ["shop"],
        "data.calendar": ["day_of_week"],
        "data.test": 3,
    }
    made = recipe(**keys)
    frame = with_covariates(waves())
    plain, fitted, _ = forecasts(made, frame)
    assert fitted.signature.features == 1 + 1 + 1 + 2
    assert fitted.signature.future_features == 1 + 2
    assert fitted.signature.static_features == 2
    step = frame.groupby("id").cumcount()
    for name, where, moves in [
        ("rain", step == 68, True),
        ("rain", step == 69, False),
        ("sale", step == 71, True),
        ("sale", step == 72, False),
    ]:
        other = frame.assign(**{name: frame[name].where(~where, 50.0)})
        again, _, _ = forecasts(made, other)
        assert np.array_equal(again, plain) is not moves, (name, moves)


def test_a_future_covariate_that_is_missing_ahead_is_an_error() -> None:
    made = recipe(**{"data.future": ["sale"], "data.test": 3})
    fitted = opened(made, with_covariates(waves())).preprocessing()
    frame = with_covariates(waves(), ahead=1)
    with pytest.raises(DataError) as error:
        next(Forecast().inputs(made.data, fitted, FrameSource(frame)))
    assert str(error.value) == (
        "The future covariates (sale) of series 'series 0' end 2 steps before the "
        "forecast does. Give 3 rows beyond the last value, with the values left empty."
    )


def test_a_history_shorter_than_lookback_is_an_error() -> None:
    made = recipe()
    fitted = opened(made, waves()).preprocessing()
    with pytest.raises(DataError, match="has 7 points, but a forecast is made from"):
        next(Forecast().inputs(made.data, fitted, FrameSource(waves(steps=7))))


def test_plain_numbers_are_a_series_and_others_are_refused() -> None:
    made = recipe()
    fitted = opened(made, waves(series=1)).preprocessing()
    task = Forecast()
    one = task.raw_inputs(list(range(20)), fitted)
    assert [len(h.values) for h in one] == [20]
    two = task.raw_inputs([list(range(20)), np.arange(13.0)], fitted)
    assert [len(h.values) for h in two] == [20, 13]
    with pytest.raises(DataError, match="finite numbers"):
        task.raw_inputs([[1.0, float("nan")] * 8], fitted)
    with pytest.raises(DataError, match="finite numbers"):
        task.raw_inputs(["good"], fitted)
    with pytest.raises(UsageError, match="numbers"):
        task.typed(["112", "x"])


def test_unseen_series_are_scaled_by_their_own_window() -> None:
    made = recipe()
    data = opened(made, waves())
    fitted = data.preprocessing()
    answer = fitted.answering(build(made, signature=fitted.signature))
    new = changed(waves(), lambda v: 10 * v).assign(id="new")
    new = new.iloc[:72]
    histories = next(Forecast().inputs(made.data, fitted, FrameSource(new)))
    (forecast,) = answer(histories)
    assert (abs(forecast - 500) < 300).all()


def test_columns_that_training_chose_are_read_of_other_data(tmp_path: Path) -> None:
    wide = waves().pivot(index="timestamp", columns="id", values="value").reset_index()
    wide.insert(0, "step", range(len(wide)))
    made = recipe(**{"data.id": None, "data.layout": "wide"})
    with pytest.warns(DataWarning, match="series 0, series 1; left out: step "):
        data = opened(made, wide)
    data.preprocessing().save(tmp_path)
    fitted = ForecastPreprocessing.load(tmp_path, made)
    # A step that does not count is no series, and a series that does is one still.
    other = wide.assign(**{"step": 7.5, "series 1": range(100, 100 + len(wide))})
    histories = next(Forecast().inputs(made.data, fitted, FrameSource(other)))
    assert [one.id for one in histories] == ["series 0", "series 1"]
    named = recipe(
        **{"data.id": None, "data.layout": "wide", "data.values": ["step", "series 0"]}
    )
    assert [one.id for one in opened(named, wide).series] == ["step", "series 0"]


def test_answers_to_counted_steps_count_on() -> None:
    made = recipe(**{"data.lookback": 6})
    frame = waves(1).assign(timestamp=range(100, 172))
    data = opened(made, frame)
    fitted = data.preprocessing()
    histories = next(Forecast().inputs(made.data, fitted, FrameSource(frame)))
    answers = Forecast().decode(np.zeros((1, 3, 1)), histories, fitted)
    assert answers["timestamp"].tolist() == [172, 173, 174]


def test_decoded_answers_name_series_step_and_time() -> None:
    moves = Corrections(((-1.0, 0.0, 2.0),) * 3)
    made = recipe()
    outputs, fitted, data = forecasts(made, waves(), moves)
    histories = [one for chunk in data.histories("test") for one in chunk]
    frame = Forecast().decode(outputs, histories, fitted)
    assert list(frame) == ["id", "timestamp", "forecast", "q10", "q50", "q90"]
    assert frame["timestamp"].iloc[:3].dt.strftime("%m-%d").tolist() == [
        "03-04",
        "03-05",
        "03-06",
    ]
    assert frame["id"].tolist() == ["series 0"] * 9 + ["series 1"] * 9
    assert (frame["q10"] < frame["forecast"]).all()
    np.testing.assert_allclose(frame["q50"], frame["forecast"])


def test_a_stream_gives_what_its_window_gives() -> None:
    made = recipe(**{"data.calendar": ["day_of_week"], "data.past": ["rain"]})
    frame = with_covariates(waves(), ahead=0)
    data = opened(made, frame)
    fitted = data.preprocessing()
    serving = fitted.serving(build(made, signature=fitted.signature))
    stream = fitted.streaming(serving)
    history = next(data.histories("test"))[0]
    row = fitted.row(history)
    wanted = serving(fitted.columns([row]))["forecast"]
    state = {
        name: np.full((1, *tensor.shape[1:]), np.nan, np.float32)
        for name, tensor in stream.input.items()
        if name.startswith("state_")
    }
    assert set(state) == {"state_values", "state_past"}
    for step in range(made.data.lookback):  # type: ignore[attr-defined]
        fresh = fitted.columns(
            [{"value": row["values"][step], "past": row["past"][step]}]
        )
        told = {name: fitted.columns([row])[name] for name in ("id", "timestamp")}
        answers = stream(fresh | told | state)
        state = {name: answers[name].numpy() for name in state}
        full = step == made.data.lookback - 1  # type: ignore[attr-defined]
        assert np.isfinite(answers["forecast"]).all() == full
    np.testing.assert_allclose(answers["forecast"], wanted, rtol=1e-6)

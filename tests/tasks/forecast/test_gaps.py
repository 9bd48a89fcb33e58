"""Values that were missing: no origin looks past itself, no filled value is a truth."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_series import TINY_FORECAST, waves, with_covariates

from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError
from seqkit.layers.forecast.calendar import StepOrdinal
from seqkit.layers.forecast.window import PrepareWindow, RestoreForecast
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.tasks.forecast.task import Forecast, ForecastSeries

pytestmark = pytest.mark.filterwarnings("ignore::seqkit.errors.DataWarning")

PREPARATIONS: dict[str, dict[str, Any]] = {
    "standard": {},
    "difference": {"data.difference": 1, "data.seasonal_difference": 6},
    "seasons": {"data.decompose": "seasons_and_trend", "data.transform": "log"},
}


def recipe(**changes: Any) -> Recipe:
    return load_recipe(
        "airline_forecast", {**TINY_FORECAST, "data.gaps": "interpolate", **changes}
    )


def gappy() -> pd.DataFrame:
    """Two waves that lack a third of their values, some of them in runs."""
    frame = with_covariates(waves(), ahead=0)
    draw = np.random.default_rng(3)
    for column, share in (("value", 0.25), ("rain", 0.2)):
        missing = draw.random(len(frame)) < share
        missing |= np.roll(missing, 1) & (draw.random(len(frame)) < 0.5)
        missing[np.arange(len(frame)) % 72 == 0] = False
        missing[np.arange(len(frame)) % 72 == 71] = False
        frame[column] = frame[column].astype(float).mask(missing)
    return frame


def opened(frame: pd.DataFrame, **changes: Any) -> ForecastSeries:
    made = recipe(**changes)
    return Forecast().open(made.data, made.model, FrameSource(frame))


def as_known(column: pd.Series[Any], origin: int) -> np.ndarray[Any, Any]:
    """pandas' linear interpolation, which carries on what it has at the end."""
    known: np.ndarray[Any, Any] = column.iloc[:origin].interpolate().to_numpy()
    return known


@pytest.mark.parametrize("gaps", ["interpolate", "forward_fill"])
def test_a_history_is_filled_from_what_came_before_its_origin(gaps: str) -> None:
    frame = gappy()
    data = opened(frame, **{"data.gaps": gaps, "data.past": ["rain"]})
    rows = dict(iter(frame.groupby("id", sort=False)))
    origins = 0
    for chunk in data.histories("train"):
        for one in chunk:
            raw = rows[one.id].iloc[: one.origin]
            if gaps == "interpolate":
                value, rain = (as_known(raw[c], one.origin) for c in ("value", "rain"))
            else:
                value, rain = (raw[c].ffill().to_numpy() for c in ("value", "rain"))
            np.testing.assert_allclose(one.values, value)
            np.testing.assert_allclose(one.series.seen_past(one.origin)[:, 0], rain)
            origins += 1
    assert origins > 50


@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_training_reads_what_serving_makes_of_the_same_raw_window(
    preparation: str, tmp_path: Path
) -> None:
    keys = {"data.past": ["rain"], "data.future": ["sale"], **PREPARATIONS[preparation]}
    data = opened(gappy(), **keys)
    spec, fitted = data.spec, data.preprocessing()
    store = data.stores(fitted, tmp_path)["train"]
    inputs, targets, weights = store.arrays(np.arange(len(store)))
    histories = [one for chunk in data.histories("train") for one in chunk]
    rows = fitted.columns([fitted.row(one) for one in histories])
    layer = PrepareWindow(
        fitted.tables, spec.horizon, spec.transform, spec.scale, *spec.lags
    )
    ordinal = None
    if spec.decompose != "none":
        assert fitted.frequency
        ordinal = StepOrdinal(fitted.frequency.alias)(rows["timestamp"])
    values = np.stack([one.values[-spec.lookback :] for one in histories])
    prepared = layer(values, rows["id"], ordinal)
    steps = np.asarray(prepared["steps"])
    np.testing.assert_allclose(inputs["steps"][:, :, 0], steps, rtol=1e-5, atol=1e-5)
    rain = fitted.covariates.past(rows["past"])[:, spec.lost_steps :]
    np.testing.assert_allclose(inputs["steps"][:, :, 1:2], rain, rtol=1e-6, atol=1e-6)
    restored = RestoreForecast(spec.transform)(targets[:, :, None], prepared)
    truth = np.stack([c for e in data.examples("train") for c in e.truth])
    known = ~np.isnan(truth)
    found = np.asarray(restored)[:, :, 0]
    np.testing.assert_allclose(found[known], truth[known], rtol=1e-5)
    # Many a window's last value was missing, so this is no comparison of two cuts.
    assert sum(np.isnan(one.observed[-1]) for one in histories) > 15
    assert np.array_equal(weights > 0, known)
    assert weights.mean() == pytest.approx(1)


def test_nothing_behind_its_origin_changes_a_window(tmp_path: Path) -> None:
    frame = gappy()
    data = opened(frame, **{"data.past": ["rain"]})
    fitted = data.preprocessing()
    end = data.parts[0].train_end
    last = int(np.flatnonzero(~np.isnan(data.series[0].observed[:end]))[-1])
    # The gap over the training time's end begins behind its last value.
    step = frame.groupby("id").cumcount()
    frame.loc[(step > last - 3) & (step < end + 2), ["value", "rain"]] = np.nan
    other = frame.assign(value=frame["value"].mask(step >= end, frame["value"] * 99))
    one, two = (opened(each, **{"data.past": ["rain"]}) for each in (frame, other))
    assert (one.series[0].values[:end] != two.series[0].values[:end]).any()
    fitted, again = one.preprocessing(), two.preprocessing()
    assert fitted.tables.to_dict() == again.tables.to_dict()
    assert fitted.covariates == again.covariates
    for part, place in (("train", -1), ("validation", 0)):
        kept = [d.stores(fitted, tmp_path)[part] for d in (one, two)]
        rows = np.arange(len(kept[0]))
        (first, _, weights), (second, _, _) = (store.arrays(rows) for store in kept)
        assert len(kept[0]) == len(kept[1])
        chosen = rows if part == "train" else rows[:1]
        assert np.array_equal(first["steps"][chosen], second["steps"][chosen])
        assert weights[place].shape == (3,)


def test_windows_without_a_value_to_forecast_are_left_out_and_counted() -> None:
    frame = waves(series=1)
    frame.loc[[63, 64, 65, 67], "value"] = np.nan
    data = opened(frame)
    (chunk,) = data.examples("test")
    assert [one.origin for one in chunk.inputs] == [66, 69]
    assert np.isnan(chunk.truth).tolist() == [[False, True, False], [False] * 3]
    assert chunk.unscored == 3
    task, fitted = Forecast(), data.preprocessing()
    scorer = task.scorer(fitted)
    task.count(scorer, chunk, np.zeros((2, 3, 1 + len(fitted.model.quantiles))))
    scores = scorer.result()
    # Forecasts of 0: the errors are the values that were given.
    given = frame["value"].iloc[[66, 68, 69, 70, 71]].to_numpy()
    assert scores.metrics["mae"][0] == pytest.approx(given.mean())
    (remark,) = task.remarks(scorer, {})
    assert remark.startswith("4 of 9 values to forecast were missing")


def test_scale_and_seasonal_naive_are_those_of_the_given_values() -> None:
    frame = waves(series=1)
    frame.loc[frame.index % 3 == 1, "value"] = np.nan
    data = opened(frame)
    end = data.parts[0].train_end
    given = frame["value"].iloc[:end].dropna().to_numpy()
    tables = data.preprocessing().tables
    assert tables.center[0] == pytest.approx(given.mean(), rel=1e-12)
    assert tables.unit[0] == pytest.approx(given.std(), rel=1e-12)
    (history, *_) = next(data.histories("test"))
    scale, spread = Forecast()._scales(history)
    # MASE's scale is of all before the test part.
    before = data.parts[0].validation_end
    apart = (frame["value"] - frame["value"].shift(6)).iloc[:before].abs()
    assert scale == pytest.approx(apart.mean())
    assert spread == pytest.approx(given.std())


@pytest.mark.parametrize(
    ("rows", "part"), [(slice(12, 51), "training"), (slice(63, 71), "test")]
)
def test_a_part_that_was_missing_whole_is_an_error(rows: slice, part: str) -> None:
    frame = waves(series=1)
    frame.loc[frame.index[rows], "value"] = np.nan
    keys = {"data.test_stride": 9} if part == "test" else {}
    with pytest.raises(DataError, match=rf"No .*{part}.* was given: all were missing"):
        opened(frame, **keys)


NOISE = 9.46


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A forecaster of white noise of which every second value is missing."""
    import seqkit

    draw = np.random.default_rng(1)
    stamps = pd.date_range("2015-01-01", periods=600, freq="D")
    noise = 100 + NOISE * draw.normal(size=600)
    frame = pd.DataFrame({"timestamp": stamps, "value": noise})
    frame.loc[1:598:2, "value"] = np.nan
    keys = {
        "data.id": None,
        "data.lookback": 2,
        "data.horizon": 1,
        "data.validation": 100,
        "data.test": 200,
        "data.test_stride": 1,
        "data.seasons": [],
        "model.highway": 2,
        "model.loss": "mse",
        "train.epochs": 12,
        "train.learning_rate": 0.03,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = tmp_path_factory.mktemp("gaps") / "run"
        run = seqkit.fit(recipe(**keys), data=frame, out=out)
        yield run, frame


def test_noise_is_not_forecast_from_what_was_filled_in(trained: Any) -> None:
    run, frame = trained
    report = run.evaluate(frame)
    # Filled in hindsight the same gave 5.1, and 3.4 on the values that were given.
    assert report.metrics["rmse"][0] > 0.9 * NOISE
    assert report.rows == 101
    assert any("99 of 200 values" in note for note in report.notes)


def test_validation_loss_is_that_of_the_given_values(trained: Any) -> None:
    run, frame = trained
    fitted = run.preprocessing
    data = Forecast().open(run.recipe.data, run.recipe.model, FrameSource(frame))
    examples = list(data.examples("validation"))
    truth = np.concatenate([one.truth for one in examples])[:, 0]
    histories = [history for one in examples for history in one.inputs]
    assert not np.isnan(truth).any() and len(truth) == 50
    points = run.outputs(histories)[:, 0, 0]
    unit = fitted.tables.unit[0]
    kept = run.history["val_loss"].min()
    if run.recipe.model.output == "point":
        assert np.mean(((truth - points) / unit) ** 2) == pytest.approx(kept, rel=1e-4)


def test_a_backtest_writes_no_filled_value_as_a_truth(trained: Any) -> None:
    run, frame = trained
    run.backtest(frame, stride=1)
    table = pd.read_csv(run.path / "backtest" / "backtest.csv")
    assert set(table["value"]).issubset(set(frame["value"].dropna()))

"""Small changes of a large level are changes: in training, answers and exports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_series import TINY_FORECAST, waves

import seqkit
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs.forecast import ForecastRun
from seqkit.runs.report import Report
from seqkit.tasks.forecast.data import ForecastSeries
from seqkit.tasks.forecast.task import Forecast

LEVEL = 2.0**30
"""Some 1e9, where float32 counts in steps of 64; that is added without rounding."""


def opened(made: Recipe, frame: pd.DataFrame) -> ForecastSeries:
    return Forecast().open(made.data, made.model, FrameSource(frame))


def recipe(**changes: Any) -> Recipe:
    return load_recipe(
        "airline_forecast",
        {**TINY_FORECAST, "model.highway": 6, "train.learning_rate": 0.05, **changes},
    )


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Values that lose nothing when the level is added."""
    return frame.assign(value=(frame["value"] * 1024).round() / 1024)


def raised(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(value=frame["value"] + LEVEL)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The same series trained on as they are and on a level of 2^30."""
    folder, frame = tmp_path_factory.mktemp("levels"), rounded(waves())
    made = recipe(**{"train.epochs": 6})
    with pytest.warns(DataWarning):
        plain = seqkit.fit(made, data=frame, out=folder / "plain")
        high = seqkit.fit(made, data=raised(frame), out=folder / "high")
    yield plain, high, frame


def forecasts(run: Any, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = run.predict(frame)["forecast"].to_numpy()
    return found


def test_a_level_of_a_billion_costs_a_forecast_no_accuracy(
    runs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Report, "pictures", lambda report: {})
    monkeypatch.setattr(ForecastRun, "pictures", lambda run: {})
    plain, high, frame = runs
    low, above = forecasts(plain, frame), forecasts(high, raised(frame))
    spread = frame["value"].std()
    np.testing.assert_allclose(above - LEVEL, low, atol=1e-3 * spread)
    mine, theirs = plain.evaluate(frame), high.evaluate(raised(frame))
    one, other = (report.metrics["mase"][0] for report in (mine, theirs))
    assert other == pytest.approx(one, rel=1e-3)


@pytest.mark.usefixtures("unverified")
def test_the_savedmodel_answers_to_a_millionth_of_the_spread(
    runs: Any, tmp_path: Path
) -> None:
    _, high, frame = runs
    high.export(tmp_path / "model")
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    serve, step = (loaded.signatures[n] for n in ("serving_default", "step"))
    windows = raised(frame).groupby("id", sort=False)["value"].apply(list)
    values = np.array([row[-12:] for row in windows])
    ids = tf.constant(list(windows.index))
    answers = serve(values=tf.constant(values, tf.float64), id=ids)
    wanted = forecasts(high, raised(frame)).reshape(2, 3)
    spread = frame["value"].std()
    found = answers["forecast"].numpy()
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6 * spread)
    state = tf.fill([2, 12], tf.constant(np.nan, tf.float64))
    for place in range(12):
        value = tf.constant(values[:, place], tf.float64)
        streamed = step(value=value, state_values=state, id=ids)
        state = streamed["state_values"]
    found = streamed["forecast"].numpy()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6 * spread)


def test_a_series_that_training_did_not_see_keeps_its_small_changes() -> None:
    made = recipe()
    fitted = (
        Forecast().open(made.data, made.model, FrameSource(waves())).preprocessing()
    )
    from seqkit.training.build import build

    answer = fitted.answering(build(made, signature=fitted.signature))
    wave = np.round(1024 * np.sin(np.arange(12.0))) / 1024

    def asked(values: Any) -> Any:
        return answer(Forecast().raw_inputs(values, fitted))

    np.testing.assert_allclose(asked(wave + LEVEL) - LEVEL, asked(wave), atol=1e-5)
    still = asked(np.full(12, LEVEL + 0.5))[0, :, 0]
    np.testing.assert_allclose(still - LEVEL, asked(np.full(12, 0.5))[0, :, 0])


@pytest.mark.parametrize("keys", [{}, {"data.difference": 1}])
def test_constancy_is_judged_by_the_rounding_of_float64(keys: dict[str, Any]) -> None:
    frame = raised(rounded(waves()))
    assert len(opened(recipe(**keys), frame).series) == 2
    fitted = opened(recipe(**keys), frame).preprocessing()
    assert (fitted.tables.unit > 1).all()
    first = frame["id"] == "series 0"
    still = frame.assign(value=frame["value"].mask(first, LEVEL / 3))
    with pytest.raises(DataError, match="series that never change"):
        opened(recipe(**keys), still)
    noise = np.random.default_rng(0).choice([0.0, 1e-7], len(frame))
    nearly = frame.assign(value=frame["value"].mask(first, LEVEL / 3 + noise))
    with pytest.raises(DataError, match="'series 0' never changes"):
        opened(recipe(**keys), nearly).preprocessing()


def test_a_scale_that_leaves_a_large_level_in_is_noted() -> None:
    frame = raised(waves())
    data = opened(recipe(**{"data.scale": "mean"}), frame)
    with pytest.warns(DataWarning, match="data.scale: mean leaves in"):
        data.preprocessing()


def test_the_terminal_shows_the_digits_in_which_answers_differ(runs: Any) -> None:
    _, high, frame = runs
    answers = high.predict(raised(frame))
    lines = high.task.lines([], answers)
    assert "e+09" not in "".join(lines)
    shown = [float(line.split()[-4]) for line in lines[1:]]
    np.testing.assert_allclose(shown, answers["forecast"], rtol=0, atol=0.06)

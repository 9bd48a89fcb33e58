"""regress_series from rows to an export: numbers in the unit of the data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from cases.regress_series import CASE
from tiny_training import untrained
from tiny_whole_series import tiny_series

import seqkit
from seqkit.data.series.spec import MeasuredSeries
from seqkit.data.sources.sample_adding import adding
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs.run import Run
from seqkit.tasks.regress_series import RegressSeries


def recipe(**overrides: Any) -> Recipe:
    """The recipe of the run that is shared, with changes."""
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    return load_recipe(CASE.recipe, CASE.tiny).with_(changed)


def stacked(frame: pd.DataFrame) -> list[np.ndarray]:
    pairs = zip(frame["warmth"], frame["noise"], strict=True)
    return [np.stack(pair, axis=1).astype(np.float32) for pair in pairs]


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> Run:
    return copy_of("regress_series")


def test_answers_are_in_the_unit_of_the_target(run: Run) -> None:
    frame = tiny_series(200, seed=5)
    answers = run.predict(stacked(frame))
    assert list(answers.columns) == ["prediction"]
    error = answers["prediction"].to_numpy() - frame["level"].to_numpy()
    assert (error**2).mean() < 0.5 * frame["level"].var()


def test_a_report_counts_squared_errors_beside_the_baselines(run: Run) -> None:
    frame = tiny_series(200, seed=5)
    report = run.evaluate(frame)
    answers = run.predict(stacked(frame))["prediction"].to_numpy()
    wanted = ((answers - frame["level"].to_numpy()) ** 2).mean()
    np.testing.assert_allclose(report.metrics["mse"][0], wanted, rtol=1e-9)
    assert report.primary_metric == "mse"
    assert list(report.baselines) == [
        "training mean",
        "10 nearest neighbours",
        "ridge regression on summaries",
        "MiniRocket with ridge",
    ]
    assert report.differences["training mean"][1] > 0


def test_answers_of_a_batch_are_those_of_each_alone(run: Run) -> None:
    series = stacked(tiny_series(30, seed=9))
    alone = np.concatenate([run.outputs([one]) for one in series])
    np.testing.assert_allclose(run.outputs(series), alone, atol=1e-4)


def test_the_scale_of_targets_is_undone(tmp_path: Path) -> None:
    frame = tiny_series(60)
    far = frame.assign(level=1e6 + 1e3 * frame["level"])
    near, moved = (
        seqkit.fit(
            recipe(train__epochs=1),
            data=one,
            out=tmp_path / name,
            progress=False,
        )
        for name, one in (("near", frame), ("far", far))
    )
    series = stacked(frame)
    wanted = 1e6 + 1e3 * near.outputs(series)
    np.testing.assert_allclose(moved.outputs(series), wanted, rtol=1e-6)


def test_without_a_scale_the_model_gives_the_number_itself(tmp_path: Path) -> None:
    with untrained():
        run = seqkit.fit(
            recipe(data__target_scale="none", train__epochs=1),
            data=tiny_series(60),
            out=tmp_path / "run",
            progress=False,
        )
    (one, *_) = stacked(tiny_series(1))
    prepared = run.preprocessing.inputs.encoder(one[None])
    assert run.outputs([one])[0] == np.asarray(run.model(prepared))[0, 0]


def test_the_serving_model_survives_its_file(run: Run, tmp_path: Path) -> None:
    serving = run.preprocessing.serving(run.model)
    serving.save(tmp_path / "serving.keras")
    loaded = keras.saving.load_model(tmp_path / "serving.keras")
    series = stacked(tiny_series(20, seed=9))
    lengths = np.array([len(one) for one in series], np.int32)
    values = np.full((20, lengths.max() + 2, 2), np.nan, np.float32)
    for row, one in enumerate(series):
        values[row, : len(one)] = one
    wanted = run.predict(series)["prediction"]
    for model in (serving, loaded):
        got = model({"values": tf.constant(values), "lengths": tf.constant(lengths)})
        assert list(got) == ["prediction"] and got["prediction"].shape == (20,)
        np.testing.assert_allclose(got["prediction"].numpy(), wanted, rtol=1e-6)


@pytest.mark.usefixtures("unverified")
def test_an_export_answers_with_a_prediction(run: Run, tmp_path: Path) -> None:
    folder = run.export(tmp_path / "export")
    loaded = tf.saved_model.load(folder).signatures["serving_default"]
    assert set(loaded.structured_outputs) == {"prediction"}


@pytest.mark.parametrize(
    ("loss", "wanted"),
    # of the errors 0 and 3
    [("mse", 4.5), ("mae", 1.5), ("huber", 1.25)],
)
def test_the_loss_is_the_one_named(loss: str, wanted: float, tmp_path: Path) -> None:
    changed = recipe(model__loss=loss)
    assert isinstance(changed.data, MeasuredSeries)
    options = RegressSeries().compile_options(changed.model, None)
    found = keras.losses.get(options["loss"])(
        np.array([1.0, 1.0]), np.array([[1.0], [4.0]])
    )
    np.testing.assert_allclose(np.mean(found), wanted)


@pytest.mark.slow
def test_a_gru_solves_a_short_adding_problem(tmp_path: Path) -> None:
    run = seqkit.fit(
        "adding_problem",
        {"data.source": "sample:adding:30", "train.epochs": 2},
        out=tmp_path / "run",
        progress=False,
    )
    report = run.evaluate()
    assert report.rows == len(adding("30")["test"])
    assert report.metrics["mse"][0] < 0.01
    assert report.baselines["training mean"]["mse"][0] > 0.15

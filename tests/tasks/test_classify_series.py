"""classify_series from rows to an export: any length, any layout, one answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from cases.classify_series import CASE
from tiny_training import untrained
from tiny_whole_series import long_rows, tiny_series

import seqkit
from seqkit.data.series.spec import LabelledSeries
from seqkit.errors import DataError
from seqkit.layers.series_padding import PADDING
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs.run import Run

COLUMNS = ["warmth", "noise"]


def recipe(**overrides: Any) -> Recipe:
    """The recipe of the run that is shared, with changes."""
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    return load_recipe(CASE.recipe, CASE.tiny).with_(changed)


@pytest.fixture(scope="module")
def run(copy_of: Callable[[str], Run]) -> Run:
    return copy_of("classify_series")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Series that training did not see."""
    return tiny_series(30, seed=9)


def stacked(frame: pd.DataFrame) -> list[np.ndarray]:
    pairs = zip(frame["warmth"], frame["noise"], strict=True)
    return [np.stack(pair, axis=1).astype(np.float32) for pair in pairs]


# What a run answers


def test_the_model_learns_and_is_scored_beside_its_baselines(run: Run) -> None:
    report = run.evaluate(tiny_series(200, seed=5))
    assert report.metrics["accuracy"][0] > 0.8
    assert list(report.baselines) == [
        "majority class",
        "nearest neighbour",
        "logistic regression on summaries",
        "MiniRocket with ridge",
    ]
    assert 0.3 < report.baselines["majority class"]["accuracy"][0] < 0.7
    assert report.baselines["logistic regression on summaries"]["accuracy"][0] > 0.8
    assert (run.path / "confusion_matrix.png").is_file()


def test_its_own_test_part_is_held_out(run: Run) -> None:
    assert run.facts["rows"] == {"train": 121, "validation": 14, "test": 15}


def test_answers_of_a_batch_are_those_of_each_alone(
    run: Run, frame: pd.DataFrame
) -> None:
    series = stacked(frame)
    together = run.outputs(series)
    alone = np.concatenate([run.outputs([one]) for one in series])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert len(np.unique(together, axis=0)) == len(series)


def test_noise_acts_in_training_alone_and_not_on_padding(tmp_path: Path) -> None:
    model = seqkit.build(recipe(model__noise=0.5))
    steps = np.zeros((1, 4, 2), np.float32)
    steps[:, 2:] = PADDING
    layer = keras.Model(model.input, model.get_layer("noise").output)
    noisy = layer(steps, training=True)
    assert keras.src.backend.get_keras_mask(noisy).numpy().tolist() == [
        [True, True, False, False]
    ]
    assert abs(np.asarray(noisy))[0, :2].max() > 0.01
    assert (np.asarray(layer(steps))[0, :2] == 0).all()


def test_answers_name_label_and_probabilities(run: Run, frame: pd.DataFrame) -> None:
    answers = run.predict(stacked(frame))
    assert list(answers.columns) == ["label", "probability", "p_high", "p_low"]
    np.testing.assert_allclose(answers["p_high"] + answers["p_low"], 1, rtol=1e-6)
    right = (answers["label"] == frame["label"].to_numpy()).mean()
    assert right > 0.8


# What goes in


def test_every_kind_of_input_is_answered_alike(
    run: Run, frame: pd.DataFrame, tmp_path: Path
) -> None:
    series = stacked(frame)
    wanted = run.predict(series)
    for given in (
        [one.tolist() for one in series],
        [pd.DataFrame(one, columns=COLUMNS) for one in series],
        [{"noise": one[:, 1], "warmth": one[:, 0]} for one in series],
        frame[[*COLUMNS]],
        frame[["noise", "label", "warmth"]],
    ):
        pd.testing.assert_frame_equal(run.predict(given), wanted)
    path = tmp_path / "new.parquet"
    frame[COLUMNS].to_parquet(path)
    pd.testing.assert_frame_equal(run.predict(path), wanted)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (
            [[1.0], [2.0]],
            "must be a series of the shape (steps, 2) with the columns war",
        ),
        ([1.0, 2.0], "must be a series of the shape (steps, 2)"),
        ([], "must be a series of the shape (steps, 2)"),
        ([[1.0, 2.0], [3.0]], "must be a series of numbers (steps, 2), got list [[1.0"),
        ("warm", "must be a series of numbers (steps, 2), got str 'warm'."),
        (None, "must be a series"),
        ([[1.0, float("nan")]], "has no finite number in column 'noise', step 1."),
        ({"warmth": [1.0]}, "An input has no column 'noise', only 'warmth'."),
    ],
)
def test_a_bad_input_is_told_in_a_sentence(run: Run, value: Any, told: str) -> None:
    with pytest.raises(DataError) as error:
        run.predict([value])
    assert told in str(error.value) and "\n" not in str(error.value)


def test_columns_of_different_lengths_are_told(run: Run) -> None:
    with pytest.raises(DataError, match="must be as long as each other"):
        run.predict([{"warmth": [1.0, 2.0], "noise": [1.0]}])


def test_a_label_that_training_lacks_is_told(run: Run, frame: pd.DataFrame) -> None:
    other = frame.assign(label="medium")
    with pytest.raises(DataError, match="holds the label 'medium', which the training"):
        run.evaluate(other)


# Preparation


def test_long_rows_train_the_same_model(run: Run, tmp_path: Path) -> None:
    changed = recipe(data__layout="long", data__id="id")
    other = seqkit.fit(
        changed, data=long_rows(tiny_series()), out=tmp_path / "run", progress=False
    )
    for one, two in zip(
        run.model.get_weights(), other.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_loaded_preprocessing_answers_alike(run: Run, frame: pd.DataFrame) -> None:
    series = stacked(frame)
    loaded = seqkit.load(run.path)
    np.testing.assert_array_equal(loaded.outputs(series), run.outputs(series))
    for one in ("inputs", "answer"):
        fitted = (getattr(each.preprocessing, one) for each in (loaded, run))
        assert len({repr(each.plain()) for each in fitted}) == 1
    assert loaded.signature.features == 2


@pytest.mark.parametrize(
    ("scale", "most"),
    [
        ("none", 4),
        ("minmax", None),
        ("series", 4),
        pytest.param("none", None, marks=pytest.mark.slow),
        pytest.param("minmax", 4, marks=pytest.mark.slow),
        pytest.param("series", None, marks=pytest.mark.slow),
    ],
)
def test_the_serving_model_gives_the_runs_answers(
    run: Run, frame: pd.DataFrame, scale: str, most: int | None, tmp_path: Path
) -> None:
    changed = recipe(
        data__scale=scale,
        data__max_timesteps=most,
        data__truncating="pre",
        train__epochs=1,
    )
    with untrained():
        fitted = seqkit.fit(
            changed, data=tiny_series(60), out=tmp_path / "run", progress=False
        )
    check_serving(fitted, frame, tmp_path)


def test_the_serving_model_survives_its_file(
    run: Run, frame: pd.DataFrame, tmp_path: Path
) -> None:
    check_serving(run, frame, tmp_path)


def check_serving(run: Run, frame: pd.DataFrame, folder: Path) -> None:
    serving = run.preprocessing.serving(run.model)
    assert {name: (t.shape, t.dtype) for name, t in serving.input.items()} == {
        "values": ((None, None, 2), "float64"),
        "lengths": ((None,), "int32"),
    }
    serving.save(folder / "serving.keras")
    loaded = keras.saving.load_model(folder / "serving.keras")
    series = stacked(frame)
    lengths = np.array([len(one) for one in series], np.int32)
    values = np.full((len(series), lengths.max() + 3, 2), 777.0)
    for row, one in enumerate(series):
        values[row, : len(one)] = one
    wanted = run.predict(series)
    for model in (serving, loaded):
        got = model({"values": tf.constant(values), "lengths": tf.constant(lengths)})
        assert list(got) == list(wanted.columns)
        assert [t.decode() for t in got["label"].numpy()] == wanted["label"].tolist()
        for name in wanted.columns[1:]:
            np.testing.assert_allclose(got[name].numpy(), wanted[name], atol=1e-6)


def test_samples_name_the_inputs_and_come_back(run: Run, frame: pd.DataFrame) -> None:
    preprocessing = run.preprocessing
    series = stacked(frame)[:3]
    samples = preprocessing.samples(preprocessing.kept(series))
    assert list(samples) == ["values", "lengths"]
    assert len({len(values) for values in samples["values"]}) == 1
    named = preprocessing.named(samples)
    for one, other in zip(named[-3:], series, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.usefixtures("unverified")
def test_an_export_names_its_columns_and_classes(run: Run, tmp_path: Path) -> None:
    folder = run.export(tmp_path / "export")
    card = (folder / "README.md").read_text("utf-8")
    assert "warmth, noise" in card and "Classes: high, low." in card


def test_balanced_classes_weigh_alike(tmp_path: Path) -> None:
    from seqkit.data.sources.frame import FrameSource

    frame = tiny_series(90)
    frame["label"] = ["rare" if row % 6 == 0 else "common" for row in range(90)]
    spec = recipe(data__class_weight="balanced")
    assert isinstance(spec.data, LabelledSeries)
    from seqkit.tasks.classify_series import ClassifySeries

    data = ClassifySeries().open(spec.data, spec.model, FrameSource(frame))
    stores = data.stores(data.preprocessing(), tmp_path)
    train = stores["train"]
    sums = np.bincount(train.targets, train.weights)
    np.testing.assert_allclose(sums, len(train) / 2, rtol=1e-5)
    assert (stores["validation"].weights == 1).all()


def test_gaps_are_filled_in_training_and_in_answers(tmp_path: Path) -> None:
    frame = tiny_series(60)
    frame.at[0, "warmth"] = frame.at[0, "warmth"].copy()
    frame.at[0, "warmth"][1] = np.nan
    changed = recipe(data__missing="interpolate", train__epochs=1)
    with untrained():
        run = seqkit.fit(changed, data=frame, out=tmp_path / "run", progress=False)
    filled = [[1.0, 2.0], [2.0, 2.0], [3.0, 2.0]]
    gap = [[1.0, 2.0], [None, 2.0], [3.0, 2.0]]
    pd.testing.assert_frame_equal(run.predict([gap]), run.predict([filled]))
    with pytest.raises(DataError, match="has no finite number in column 'warmth', st"):
        seqkit.fit(recipe(), data=frame, out=tmp_path / "two", progress=False)


# Real data


@pytest.mark.data
@pytest.mark.slow
def test_real_series_of_different_lengths_are_told_apart(
    data_folder: Path, tmp_path: Path
) -> None:
    path = data_folder / "uea_ucr" / "JapaneseVowels_TRAIN.ts.gz"
    run = seqkit.fit(
        "vowel_classification",
        {"train.epochs": 15},
        data=f"ts:{path}",
        out=tmp_path / "run",
        progress=False,
    )
    report = run.evaluate()
    assert report.rows == 370
    assert report.metrics["accuracy"][0] > 0.9

"""Whole series, and numbers, on a large level: nothing that changes is rounded off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_whole_series import tiny_series

import seqkit
from seqkit.recipe.recipe import Recipe, load_recipe

LEVEL = 2.0**30
"""Some 1e9, where float32 counts in steps of 64; that is added without rounding."""

RECIPE = """
task: TASK
data: {source: frame, values: [warmth, noise], ANSWER}
model: {cell: gru, units: [6], pooling: mean}
train: {epochs: 8, batch_size: 32, learning_rate: 0.05}
"""
ANSWERS = {"classify_series": "label: label", "regress_series": "target: level"}


def recipe(folder: Path, task: str, **keys: Any) -> Recipe:
    path = folder / "levels.yaml"
    path.write_text(RECIPE.replace("TASK", task).replace("ANSWER", ANSWERS[task]))
    return load_recipe(path, keys)


def rounded(rows: int, seed: int) -> pd.DataFrame:
    """Numbers that lose nothing when the level is added."""
    frame = tiny_series(rows, seed)
    for column in ("warmth", "noise", "level"):
        frame[column] = [
            np.round(np.multiply(1024, one)) / 1024 for one in frame[column]
        ]
    return frame


def raised(frame: pd.DataFrame) -> pd.DataFrame:
    columns = {c: frame[c].map(lambda one: one + LEVEL) for c in ("warmth", "noise")}
    return frame.assign(level=frame["level"] + LEVEL, **columns)


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["standard", "series"])
def test_a_level_of_a_billion_costs_a_classifier_nothing(
    scale: str, tmp_path: Path
) -> None:
    made = recipe(tmp_path, "classify_series", **{"data.scale": scale})
    frame, fresh = rounded(150, 0), rounded(60, 5)
    plain = seqkit.fit(made, data=frame, out=tmp_path / "plain", progress=False)
    high = seqkit.fit(made, data=raised(frame), out=tmp_path / "high", progress=False)
    best = high.evaluate(raised(fresh)).metrics["accuracy"][0]
    assert best == pytest.approx(plain.evaluate(fresh).metrics["accuracy"][0], abs=0.1)
    # The same weights and scale: the two runs' training parts are other rows.
    low, above = plain.preprocessing.inputs.encoder, high.preprocessing.inputs.encoder
    above.unit = low.unit
    if scale == "standard":
        above.center = [center + LEVEL for center in low.center]
    one, two = (run.preprocessing.answering(plain.model) for run in (plain, high))
    few = [
        np.stack(pair, 1) for pair in zip(fresh["warmth"], fresh["noise"], strict=True)
    ]
    inputs = plain.task.raw_inputs(few, plain.preprocessing)
    lifted = high.task.raw_inputs([each + LEVEL for each in few], high.preprocessing)
    np.testing.assert_allclose(two(lifted), one(inputs), atol=1e-4)


@pytest.mark.usefixtures("unverified")
def test_numbers_on_a_level_come_back_with_their_digits(tmp_path: Path) -> None:
    frame, fresh = rounded(150, 0), raised(rounded(60, 5))
    made = recipe(tmp_path, "regress_series")
    run = seqkit.fit(made, data=raised(frame), out=tmp_path / "run", progress=False)
    answers = run.predict(fresh.drop(columns="level"))["prediction"].to_numpy()
    error = answers - fresh["level"].to_numpy()
    assert (error**2).mean() < 0.5 * frame["level"].var()
    run.export(tmp_path / "model")
    serve = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    for row in range(5):
        series = np.stack([fresh["warmth"][row], fresh["noise"][row]], axis=1)
        found = serve(
            values=tf.constant(series[None], tf.float64),
            lengths=tf.constant([len(series)]),
        )["prediction"].numpy()
        spread = frame["level"].std()
        np.testing.assert_allclose(found, answers[row], rtol=0, atol=1e-5 * spread)

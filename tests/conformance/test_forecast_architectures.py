"""Every cell x direction x strategy x output of a forecaster: it builds, saves, minds.

What is crossed is read from the tables and types themselves. Quick is each cell under
each strategy, with outputs and directions in turn; the whole cross is slow.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import pytest
import tensorflow as tf
from crossing import DIRECTIONS, HARD, answers, assert_comes_back, with_large_weights

from seqkit.models.forecast.spec import ForecastModel
from seqkit.registry import CELLS
from seqkit.signature import Signature
from seqkit.training.build import build

STRATEGIES = get_args(ForecastModel.model_fields["strategy"].annotation)
OUTPUTS = get_args(ForecastModel.model_fields["output"].annotation)
WIDTHS = {"point": 1, "quantile": 3, "gaussian": 2}
HORIZON = 3

Combination = tuple[str, str, str, str]
QUICK: set[Combination] = {
    (
        cell,
        DIRECTIONS[(4 * i + j) % len(DIRECTIONS)],
        strategy,
        OUTPUTS[(i + j) % len(OUTPUTS)],
    )
    for i, cell in enumerate(CELLS)
    for j, strategy in enumerate(STRATEGIES)
}
EACH = pytest.mark.parametrize(
    "combination",
    [
        pytest.param(
            one, id="-".join(one), marks=[] if one in QUICK else [pytest.mark.slow]
        )
        for one in product(CELLS, DIRECTIONS, STRATEGIES, OUTPUTS)
    ],
)
EACH_HARD = pytest.mark.parametrize(
    ("cell", "strategy"),
    [
        pytest.param(
            cell,
            strategy,
            marks=[] if i == j % len(list(CELLS)) else [pytest.mark.slow],
        )
        for i, cell in enumerate(CELLS)
        for j, strategy in enumerate(STRATEGIES)
    ],
)


@cache
def made(
    cell: str, bidirectional: str, strategy: str, output: str, hard: bool = False
) -> keras.Model:
    """A tiny forecaster that reads every kind of covariate that its strategy can."""
    past = 0 if strategy == "recursive" else 1
    signature = Signature(
        timesteps=5,
        features=1 + past + 2,
        horizon=HORIZON,
        future_features=2,
        static_features=2,
        series=3,
    )
    model = {
        "cell": cell,
        "bidirectional": bidirectional,
        "strategy": strategy,
        "output": output,
        "units": [3],
        # 5 steps and 3 ahead: neither makes whole segments.
        "segment": 2 if hard or strategy == "segments" else 1,
        "window_norm": "standard",
        "highway": 3,
        "series_embedding": 2,
    }
    model |= HARD | {"embedding": 4} if hard else {}
    return with_large_weights(build("airline_forecast", {"model": model}, signature))


def windows(model: keras.Model) -> dict[str, Any]:
    """One row, and for each input a row that differs from it in that alone."""
    draw = np.random.default_rng(1)
    inputs = {}
    for number, (name, tensor) in enumerate(model.input.items()):
        first, other = draw.normal(size=(2, *tensor.shape[1:])).astype(np.float32)
        if tensor.dtype == "int32":
            first, other = np.int32([0, 2])
        inputs[name] = np.stack([first] * (1 + len(model.input)))
        inputs[name][1 + number] = other
    return inputs


@cache
def forecasts(*combination: Any) -> np.ndarray[Any, Any]:
    model = made(*combination)
    return answers(model, windows(model))


def assert_keeps_windows_apart(*combination: Any) -> None:
    """What a window is answered does not depend on those beside it."""
    model = made(*combination)
    rows = [3, 1]
    some = {name: array[rows] for name, array in windows(model).items()}
    together = forecasts(*combination)[rows]
    np.testing.assert_allclose(answers(model, some), together, rtol=1e-5, atol=1e-5)


def test_every_width_is_known() -> None:
    assert set(WIDTHS) == set(OUTPUTS)


@EACH
def test_gives_every_step_and_each_input_tells(combination: Combination) -> None:
    _, _, strategy, output = combination
    steps = 1 if strategy == "recursive" else HORIZON
    assert set(made(*combination).input) == {"steps", "future", "static", "series"}
    (first, *others) = rows = forecasts(*combination)
    assert rows.shape == (5, steps, WIDTHS[output])
    assert np.isfinite(rows).all()
    assert output != "gaussian" or (rows[:, :, 1] > 0).all()
    for name, other in zip(made(*combination).input, others, strict=True):
        assert np.abs(other - first).max() > 1e-5, name


@EACH
def test_a_forecast_does_not_depend_on_its_batch(combination: Combination) -> None:
    assert_keeps_windows_apart(*combination)


@EACH
def test_comes_back_from_a_keras_file(combination: Combination, tmp_path: Path) -> None:
    model = made(*combination)
    assert_comes_back(model, windows(model), tmp_path / "model.keras")


@EACH_HARD
def test_all_options_together_come_back_and_keep_windows_apart(
    cell: str, strategy: str, tmp_path: Path
) -> None:
    combination = (cell, "concat", strategy, "quantile", True)
    assert_keeps_windows_apart(*combination)
    model = made(*combination)
    assert_comes_back(model, windows(model), tmp_path / "model.keras")


@EACH_HARD
def test_gradients_reach_every_weight(cell: str, strategy: str) -> None:
    model = made(cell, "concat", strategy, "quantile", True)
    inputs = windows(model)
    with tf.GradientTape() as tape:
        # Dropout may switch any single path off.
        loss = tf.reduce_sum(model(inputs, training=False) ** 2)
    values = [variable.value for variable in model.trainable_variables]
    for variable, gradient in zip(
        model.trainable_variables, tape.gradient(loss, values), strict=True
    ):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), variable.path
        assert np.abs(gradient).max() > 0, variable.path

"""One step at a time: worked by hand with models that anyone can follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.errors import UsageError
from seqkit.layers.forecast.roll_out import RollOut, roll_out
from seqkit.models.forecast.build import build_forecaster
from seqkit.models.forecast.spec import ForecastModel
from seqkit.signature import Signature


def last_plus_future(inputs: dict[str, Any], training: bool) -> Any:
    """The next value: the last one and the covariate of the step to forecast."""
    return inputs["steps"][:, -1:, :1] + inputs["future"]


def before(lag: int) -> Any:
    """The next value: the one ``lag`` steps before it."""

    def model(inputs: dict[str, Any], training: bool) -> Any:
        steps = inputs["steps"]
        place = steps.shape[1] - lag
        return steps[:, place : place + 1, :1]

    return model


def column(*values: float) -> Any:
    return np.array(values, np.float32).reshape(1, -1, 1)


def ran(model: Any, inputs: dict[str, Any], horizon: int, point: int = 0) -> Any:
    """Eagerly, and the same in a graph."""
    eager = roll_out(model, inputs, horizon, point).numpy()
    graph = tf.function(lambda x: roll_out(model, x, horizon, point))
    np.testing.assert_allclose(graph(inputs), eager, rtol=1e-6)
    return eager


def test_a_step_is_forecast_with_its_own_covariate() -> None:
    steps = np.concatenate([column(5, 10), column(70, 80)], axis=-1)
    inputs = {"steps": steps, "future": column(1, 2, 3, 4)}
    # With the covariate of the step before it would be 10 + 80 first.
    assert ran(last_plus_future, inputs, 4).ravel().tolist() == [11, 13, 16, 20]


def test_the_covariate_of_a_step_stays_with_its_value_in_the_window() -> None:
    def seen(inputs: dict[str, Any], training: bool) -> Any:
        steps, future = inputs["steps"], inputs["future"]
        # Digits: to come, of the last step, of the one before it.
        return 100 * future + 10 * steps[:, -1:, 1:] + steps[:, -2:-1, 1:]

    steps = np.concatenate([column(0, 0, 0), column(7, 8, 9)], axis=-1)
    answers = ran(seen, {"steps": steps, "future": column(1, 2, 3, 4)}, 4)
    assert answers.ravel().tolist() == [198, 219, 321, 432]


@pytest.mark.parametrize(
    ("lag", "expected"),
    [
        (1, [4, 4, 4, 4, 4, 4]),
        (2, [3, 4, 3, 4, 3, 4]),
        (3, [2, 3, 4, 2, 3, 4]),
        (4, [1, 2, 3, 4, 1, 2]),
    ],
)
def test_the_window_moves_one_step_at_a_time(lag: int, expected: list[int]) -> None:
    answers = ran(before(lag), {"steps": column(1, 2, 3, 4)}, 6)
    assert answers.ravel().tolist() == expected


def test_values_and_covariates_move_together() -> None:
    def weighted(inputs: dict[str, Any], training: bool) -> Any:
        oldest = inputs["steps"][:, :1]
        return oldest[..., :1] * oldest[..., 1:]

    steps = np.concatenate([column(2, 3), column(10, 100)], axis=-1)
    answers = ran(weighted, {"steps": steps, "future": column(5, 6, 7, 8)}, 4)
    # 2*10, 3*100, then the forecasts with their own covariates: 20*5, 300*6.
    assert answers.ravel().tolist() == [20, 300, 100, 1800]


def test_rows_do_not_mix() -> None:
    steps = np.concatenate([column(1, 10), column(2, 20), column(3, 30)])
    steps = np.concatenate([steps, np.zeros_like(steps)], axis=-1)
    future = np.concatenate([column(1, 1), column(5, 0), column(0, 7)])
    answers = ran(last_plus_future, {"steps": steps, "future": future}, 2)
    assert answers[..., 0].tolist() == [[11, 12], [25, 25], [30, 37]]


@pytest.mark.parametrize(("point", "expected"), [(0, [3, 2, 1]), (1, [4, 4, 4])])
def test_the_point_alone_is_fed_back(point: int, expected: list[int]) -> None:
    def quantiles(inputs: dict[str, Any], training: bool) -> Any:
        last = inputs["steps"][:, -1:, :1]
        return tf.concat([last - 1, last, last + 5], axis=-1)

    answers = ran(quantiles, {"steps": column(9, 4)}, 3, point)
    assert answers[0, :, point].tolist() == expected
    # Every output of a step comes back, relative to the point before it.
    before = [4, *expected[:-1]]
    assert answers[0, :, 2].tolist() == [value + 5 for value in before]


def test_static_and_series_reach_every_step() -> None:
    def model(inputs: dict[str, Any], training: bool) -> Any:
        told = inputs["static"][:, :1] + tf.cast(inputs["series"], tf.float32)[:, None]
        return inputs["steps"][:, -1:] + told[:, None]

    inputs = {
        "steps": column(1, 2),
        "static": np.array([[10.0]], np.float32),
        "series": np.array([100], np.int32),
    }
    assert ran(model, inputs, 3).ravel().tolist() == [112, 222, 332]


def test_the_model_is_not_in_training() -> None:
    told = []

    def model(inputs: dict[str, Any], training: bool) -> Any:
        told.append(training)
        return inputs["steps"][:, -1:]

    roll_out(model, {"steps": column(1, 2)}, 3)
    assert told == [False, False, False]


def test_a_covariate_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(UsageError, match="2 columns where the value and 0 known"):
        roll_out(before(1), {"steps": np.zeros((1, 3, 2), np.float32)}, 2)


@pytest.mark.parametrize("steps", [2, 4])
def test_a_future_that_is_not_the_horizon_is_an_error(steps: int) -> None:
    inputs = {"steps": np.zeros((1, 3, 2)), "future": np.zeros((1, steps, 1))}
    with pytest.raises(UsageError, match=f"{steps} steps where the horizon has 3"):
        roll_out(last_plus_future, inputs, 3)


# With a model of seqkit

SIGNATURE = Signature(
    timesteps=4,
    features=2,
    horizon=5,
    future_features=1,
    static_features=1,
    series=2,
)
SPEC = ForecastModel(
    strategy="recursive", cell="gru", units=(3,), output="quantile", series_embedding=2
)
RANDOM = np.random.default_rng(0)
INPUTS = {
    "steps": RANDOM.normal(size=(3, 4, 2)).astype(np.float32),
    "future": RANDOM.normal(size=(3, 5, 1)).astype(np.float32),
    "static": RANDOM.normal(size=(3, 1)).astype(np.float32),
    "series": np.array([0, 1, 2], np.int32),
}


def by_hand(core: keras.Model, point: int) -> Any:
    """Windows cut from one growing table, as a person would."""
    table = INPUTS["steps"]
    answers = []
    for step in range(5):
        known = INPUTS["future"][:, step : step + 1]
        inputs = INPUTS | {"steps": table[:, step : step + 4], "future": known}
        answers.append(core(inputs).numpy())
        value = answers[-1][:, :, point : point + 1]
        table = np.concatenate([table, np.concatenate([value, known], -1)], axis=1)
    return np.concatenate(answers, axis=1)


def rolled(core: keras.Model) -> keras.Model:
    shapes = {"steps": (4, 2), "future": (5, 1), "static": (1,), "series": ()}
    inputs = {
        name: keras.Input(shape, name=name, dtype="int32" if name == "series" else None)
        for name, shape in shapes.items()
    }
    return keras.Model(inputs, RollOut(core, 5, SPEC.point_channel)(inputs))


def test_rolled_out_by_a_loop_and_by_hand_it_is_the_same() -> None:
    core = build_forecaster(SPEC, SIGNATURE, "core")
    assert core.output_shape == (None, 1, 3) and SPEC.point_channel == 1
    truth = by_hand(core, 1)
    np.testing.assert_allclose(ran(core, INPUTS, 5, 1), truth, rtol=1e-5, atol=1e-6)
    model = rolled(core)
    assert model.output_shape == (None, 5, 3)
    np.testing.assert_allclose(model(INPUTS), truth, rtol=1e-5, atol=1e-6)
    # The last step hangs on more than the window that was given.
    assert np.abs(truth[:, 4] - truth[:, 3]).max() > 1e-4


def test_it_lives_in_files_of_both_kinds(tmp_path: Path) -> None:
    model = rolled(build_forecaster(SPEC, SIGNATURE, "core"))
    truth = model(INPUTS).numpy()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(INPUTS), truth, rtol=1e-6)
    model.export(tmp_path / "saved", verbose=False)
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    np.testing.assert_allclose(saved.serve(INPUTS), truth, rtol=1e-5, atol=1e-6)
    one = {name: array[:1] for name, array in INPUTS.items()}
    np.testing.assert_allclose(saved.serve(one), truth[:1], rtol=1e-5, atol=1e-6)


def test_a_longer_horizon_makes_no_larger_graph() -> None:
    core = build_forecaster(
        ForecastModel(strategy="recursive", units=(2,)),
        Signature(timesteps=4, features=1, horizon=2),
        "core",
    )

    def size(horizon: int) -> int:
        graph = tf.function(lambda x: roll_out(core, {"steps": x}, horizon))
        traced = graph.get_concrete_function(tf.TensorSpec((None, 4, 1)))
        return len(traced.graph.as_graph_def().SerializeToString())

    assert size(48) < 1.05 * size(2)

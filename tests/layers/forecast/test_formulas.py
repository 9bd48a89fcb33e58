"""Preparing windows and undoing it, against SciPy, hand-computed values and pandas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.layers.forecast import formulas
from seqkit.layers.forecast.calendar import StepOrdinal
from seqkit.layers.forecast.formulas import SeriesTables
from seqkit.layers.forecast.window import PrepareWindow, RestoreForecast

Array = np.ndarray[Any, Any]
LOOKBACK, HORIZON = 14, 9
RANDOM = np.random.default_rng(5)
VALUES = RANDOM.uniform(0.5, 90.0, size=(3, LOOKBACK + HORIZON))
IDS = ("a", "b\u00e9", "[UNK]")
ORDINALS = np.array([474_000, 3, -40])


def tables(decomposed: bool = False, lam: Any = (0.0, -0.7, 1.6)) -> SeriesTables:
    """Of three series, with numbers that no fit would give."""
    return SeriesTables(
        ids=IDS,
        center=np.array([0.3, -2.0, 10.0]),
        unit=np.array([2.0, 0.01, 77.0]),
        lam=np.asarray(lam, np.float64),
        trend=np.array([[5.0, -1e-5], [0.1, 0.02], [0.0, 0.0]]) * decomposed,
        patterns={
            4: RANDOM.normal(size=(3, 4)),
            7: RANDOM.normal(size=(3, 7)),
        }
        if decomposed
        else {},
    )


OPTIONS = st.fixed_dictionaries(
    {
        "transform": st.sampled_from(["none", "log", "log1p", "box_cox"]),
        "difference": st.integers(0, 2),
        "seasonal_difference": st.sampled_from([0, 1, 2, 4, 9, 11]),
    }
)
SCALES = st.sampled_from(["none", "standard", "minmax", "mean"])


@pytest.mark.parametrize("lam", [-1.0, -0.3, 0.0, 1e-9, 0.5, 2.0])
def test_box_cox_is_scipys(lam: float) -> None:
    values = VALUES[0]
    levels = formulas.transformed(values, "box_cox", lam).numpy()
    np.testing.assert_allclose(levels, scipy.special.boxcox(values, lam), rtol=1e-13)
    back = formulas.restored(levels, "box_cox", lam).numpy()
    np.testing.assert_allclose(back, values, rtol=1e-12)


def test_box_cox_has_a_lambda_for_each_row() -> None:
    lam = np.array([[0.0], [1.0], [-0.5]])
    levels = formulas.transformed(VALUES, "box_cox", lam).numpy()
    np.testing.assert_allclose(levels, scipy.special.boxcox(VALUES, lam), rtol=1e-12)


def test_levels_that_no_value_has_become_the_nearest_finite_one() -> None:
    lam = np.array([[0.5], [-0.5], [0.0]])
    levels = np.array([[-2.0, -9.0], [2.0, 9.0], [1e4, 89.0]])
    values = formulas.restored(levels, "box_cox", lam).numpy()
    assert values[0].tolist() == [0.0, 0.0]
    assert (values[1:] == np.exp(88.0)).all()
    assert np.isfinite(values.astype(np.float32)).all()
    assert formulas.restored([[1e4]], "log").numpy().item() == np.exp(88.0)


def test_differences_by_hand() -> None:
    levels = [[1.0, 2.0, 4.0, 8.0, 16.0]]
    assert formulas.differenced(levels, 1, 0).numpy().tolist() == [[1, 2, 4, 8]]
    assert formulas.differenced(levels, 2, 0).numpy().tolist() == [[1, 2, 4]]
    assert formulas.differenced(levels, 0, 3).numpy().tolist() == [[7, 14]]
    assert formulas.differenced(levels, 1, 2).numpy().tolist() == [[3, 6]]


@settings(max_examples=30)
@given(st.integers(1, 20), st.integers(0, 2), st.integers(0, 22))
def test_accumulated_undoes_differenced_after_zeros(
    horizon: int, difference: int, season: int
) -> None:
    """The step-by-step recursion is NumPy's; sums are the closed form."""
    outputs = np.random.default_rng(horizon).normal(size=(2, horizon, 3))
    lost = difference + season
    sums = formulas.accumulated(outputs, difference, season).numpy()
    padded = np.pad(sums, ((0, 0), (lost, 0), (0, 0)))
    found = np.diff(padded, n=difference, axis=1)
    if season:
        found = found[:, season:] - found[:, :-season]
    np.testing.assert_allclose(found, outputs, atol=1e-10)
    flat = formulas.accumulated(outputs[..., 0], difference, season).numpy()
    assert np.array_equal(flat, sums[..., 0])


@settings(max_examples=30)
@given(st.integers(0, 2), st.sampled_from([0, 1, 2, 4, 9, 11]), st.integers(1, 12))
def test_base_goes_on_with_differences_at_the_center(
    difference: int, season: int, horizon: int
) -> None:
    history = VALUES[:, :LOOKBACK]
    center = np.array([[0.0], [0.25], [-3.0]])
    future = formulas.base(history, horizon, difference, season, center).numpy()
    assert future.shape == (3, horizon)
    whole = np.concatenate([history, future], axis=1)
    ahead = np.diff(whole, n=difference, axis=1)
    if season:
        ahead = ahead[:, season:] - ahead[:, :-season]
    truth = np.broadcast_to(center, (3, horizon))
    np.testing.assert_allclose(ahead[:, -horizon:], truth, atol=1e-9)


def test_base_without_differences_is_the_center_and_with_one_the_last_value() -> None:
    window = np.array([[3.0, 1.0, 7.0]])
    assert formulas.base(window, 2, 0, 0, [[4.0]]).numpy().tolist() == [[4, 4]]
    assert formulas.base(window, 2, 1, 0, [[0.5]]).numpy().tolist() == [[7.5, 8]]
    assert formulas.base(window, 3, 0, 2, [[0.0]]).numpy().tolist() == [[1, 7, 1]]


def layer_and_inputs(
    options: dict[str, Any], scale: str, decomposed: bool
) -> tuple[PrepareWindow, dict[str, Any]]:
    layer = PrepareWindow(tables(decomposed), HORIZON, scale=scale, **options)
    inputs = {
        "values": VALUES[:, :LOOKBACK],
        "id": tf.constant(IDS),
        "ordinal": ORDINALS,
    }
    return layer, inputs


@settings(max_examples=30)
@given(OPTIONS, SCALES, st.booleans())
def test_what_is_prepared_is_restored_exactly(
    options: dict[str, Any], scale: str, decomposed: bool
) -> None:
    """Steps of the whole series, told as outputs, give the values of the horizon."""
    layer, inputs = layer_and_inputs(options, scale, decomposed)
    parts = layer(**inputs)
    fitted = layer.tables
    levels = formulas.transformed(VALUES, layer.transform, fitted.lam[:, None])
    if decomposed:
        around = ORDINALS[:, None] + np.arange(1 - LOOKBACK, HORIZON + 1)
        levels -= formulas.offsets(around, fitted.trend, fitted.patterns, [0, 1, 2])
    lags = (layer.difference, layer.seasonal_difference)
    differences = formulas.differenced(levels, *lags).numpy()
    steps = (differences - fitted.center[:, None]) / fitted.unit[:, None]
    lost = sum(lags)
    np.testing.assert_allclose(
        parts["steps"], steps[:, : LOOKBACK - lost], rtol=1e-6, atol=1e-6
    )
    outputs = formulas.accumulated(steps[:, LOOKBACK - lost :], *lags)
    level = parts["base"] + parts["unit"] * outputs + parts["offset"]
    raw = formulas.restored(level, layer.transform, parts["lam"]).numpy()
    np.testing.assert_allclose(raw, VALUES[:, LOOKBACK:], rtol=1e-10, atol=1e-10)
    restored = RestoreForecast(layer.transform)(outputs[..., None], parts)
    assert np.array_equal(restored[..., 0], raw)


def test_prepared_steps_by_hand() -> None:
    layer = PrepareWindow(tables(), 2, difference=1)
    parts = layer(np.array([[1.0, 2.0, 6.0]]), tf.constant(["b\u00e9"]))
    np.testing.assert_allclose(parts["steps"], [[300, 600]], rtol=1e-6)
    np.testing.assert_allclose(parts["base"], [[4, 2]])
    outputs = np.array([[[0.0, 100.0], [1.0, -100.0]]])
    raw = RestoreForecast()(outputs, parts)
    np.testing.assert_allclose(raw, [[[4, 5], [2.01, 1]]], rtol=1e-6)


def test_trend_and_seasons_follow_the_ordinal() -> None:
    fitted = SeriesTables(
        ids=("one",),
        center=np.zeros(1),
        unit=np.ones(1),
        lam=np.ones(1),
        trend=np.array([[100.0, 10.0]]),
        patterns={3: np.array([[1.0, 2.0, 3.0]])},
    )
    layer = PrepareWindow(fitted, 2, scale="none")
    parts = layer(np.full((1, 2), 200.0), ordinal=np.array([4]))
    # At 3 and 4 they add 130 + 1 and 140 + 2; at 5 and 6 150 + 3 and 160 + 1.
    assert parts["steps"].numpy().tolist() == [[69.0, 58.0]]
    assert parts["offset"].numpy().tolist() == [[153.0, 161.0]]


def test_index_counts_the_tables_series_from_1_and_0_is_unknown() -> None:
    layer = PrepareWindow(tables(), 2)
    ids = tf.constant(["[UNK]", "a", "nobody", "b\u00e9", ""])
    index = layer(VALUES[[0] * 5, :5], ids)["index"]
    assert index.numpy().tolist() == [3, 1, 0, 2, 0] and index.dtype == tf.int32
    assert layer(VALUES[:, :5])["index"].numpy().tolist() == [0, 0, 0]


def test_the_only_series_needs_no_id() -> None:
    whole = tables()
    one = SeriesTables(
        ("a",), whole.center[:1], whole.unit[:1], whole.lam[:1], whole.trend[:1], {}
    )
    parts = PrepareWindow(one, 2)(VALUES[:, :5])
    assert parts["index"].numpy().tolist() == [1, 1, 1]
    np.testing.assert_allclose(parts["steps"], (VALUES[:, :5] - 0.3) / 2, rtol=1e-6)


def test_an_unknown_series_is_scaled_by_its_own_window() -> None:
    window = VALUES[:, :LOOKBACK]
    parts = PrepareWindow(tables(), 2, difference=1)(window, tf.constant(["?"] * 3))
    jumps = np.diff(window, axis=1)
    mean, std = jumps.mean(axis=1, keepdims=True), jumps.std(axis=1, keepdims=True)
    np.testing.assert_allclose(parts["steps"], (jumps - mean) / std, rtol=1e-5)
    np.testing.assert_allclose(parts["unit"], std)
    still = PrepareWindow(tables(), 2)(np.full((1, 5), 0.1), tf.constant(["?"]))
    assert still["unit"].numpy().item() == 1.0
    np.testing.assert_allclose(still["steps"], np.zeros((1, 5)), atol=1e-12)


@settings(max_examples=25)
@given(
    st.integers(0, 2),
    st.sampled_from([0, 3]),
    st.sampled_from(["standard", "minmax", "mean"]),
    st.sampled_from([1e-3, 1.0, 1e5]),
    st.sampled_from([0.0, -70.0, 1e4]),
)
def test_a_shifted_and_scaled_series_has_a_shifted_and_scaled_forecast(
    difference: int, seasonal: int, scale: str, factor: float, shift: float
) -> None:
    if scale == "mean" and difference + seasonal == 0:
        shift = 0.0  # the mean absolute value knows no shift
    lags = {"difference": difference, "seasonal_difference": seasonal}
    outputs = np.random.default_rng(1).normal(size=(3, 4, 2))
    ids = tf.constant(["?"] * 3)
    layer = PrepareWindow(tables(), 4, scale=scale, **lags)
    window = VALUES[:, :LOOKBACK]
    plain, moved = layer(window, ids), layer(factor * (window + shift), ids)
    np.testing.assert_allclose(moved["steps"], plain["steps"], atol=2e-5)
    restore = RestoreForecast()
    truth = factor * (restore(outputs, plain).numpy().astype(np.float64) + shift)
    size = factor * (1 + np.abs(truth).max() / factor)
    np.testing.assert_allclose(restore(outputs, moved), truth, atol=1e-6 * size)


@settings(max_examples=5)
@given(OPTIONS, SCALES, st.booleans())
def test_eager_equals_graph(
    options: dict[str, Any], scale: str, decomposed: bool
) -> None:
    layer, inputs = layer_and_inputs(options, scale, decomposed)
    eager, graph = layer(**inputs), tf.function(layer.call)(**inputs)
    assert eager.keys() == graph.keys()
    for name, values in eager.items():
        np.testing.assert_allclose(graph[name], values, rtol=1e-12, err_msg=name)


def serving() -> tuple[keras.Model, dict[str, Any]]:
    """Raw values, ids and timestamps to raw values, with a core that has no weights."""
    values = keras.Input((LOOKBACK,), name="values")
    ids = keras.Input((), dtype="string", name="id")
    stamps = keras.Input((), dtype="string", name="timestamp")
    options = {"difference": 1, "seasonal_difference": 4, "transform": "box_cox"}
    layer = PrepareWindow(tables(True), HORIZON, **options)
    parts = layer(values, ids, StepOrdinal("h")(stamps))
    outputs = keras.ops.expand_dims(parts["steps"], -1)[:, :HORIZON] * 0.01
    raw = RestoreForecast("box_cox")(outputs, parts)
    model = keras.Model(
        {"values": values, "id": ids, "timestamp": stamps},
        {"raw": raw, "steps": parts["steps"], "index": parts["index"]},
    )
    return model, {
        "values": tf.constant(VALUES[:, :LOOKBACK], tf.float32),
        "id": tf.constant(IDS),
        "timestamp": tf.constant(["2024-02-29 13:00", "1970-01-01", "1969-12-31"]),
    }


def test_a_model_of_the_layers_is_the_same_after_saving(tmp_path: Path) -> None:
    model, inputs = serving()
    truth = model(inputs)
    assert np.isfinite(truth["raw"]).all()
    assert model.output["raw"].shape == (None, HORIZON, 1)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")(inputs)
    for name, values in truth.items():
        assert model.output[name].dtype == values.dtype.name
        assert np.array_equal(again[name], values)


@pytest.mark.slow
def test_a_saved_model_answers_in_tensorflow_alone(
    tmp_path: Path, python: Callable[[str], str]
) -> None:
    model, inputs = serving()
    model.export(tmp_path / "saved", verbose=False)
    truth = model(inputs)["raw"].numpy()
    np.savez(tmp_path / "told.npz", values=inputs["values"].numpy(), raw=truth)
    said = python(
        f"""
import sys
import numpy as np
import tensorflow as tf
told = np.load(r"{tmp_path / "told.npz"}")
saved = tf.saved_model.load(r"{tmp_path / "saved"}")
serve = saved.signatures["serving_default"]
def ask(ids):
    return serve(
        values=tf.constant(told["values"]),
        id=tf.constant(ids),
        timestamp=tf.constant(["2024-02-29 13:00", "1970-01-01", "1969-12-31"]),
    )["raw"].numpy()
assert np.array_equal(ask({list(IDS)!r}), told["raw"])
try:
    ask(["a", "a", "nobody"])
except tf.errors.InvalidArgumentError as error:
    print("none of those that the model was trained on" in str(error))
print("seqkit" in sys.modules)
"""
    )
    assert said.split() == ["True", "False"]


@pytest.mark.parametrize(
    ("fitted", "transform"), [(tables(True), "none"), (tables(), "box_cox")]
)
def test_an_unknown_series_is_refused_where_it_needs_parameters(
    fitted: SeriesTables, transform: str
) -> None:
    layer = PrepareWindow(fitted, 2, transform=transform)
    for call in (layer, tf.function(layer.call)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Give one of the ids"):
            call(VALUES[:1], tf.constant(["nobody"]), np.array([5]))


@pytest.mark.parametrize("transform", ["log", "box_cox"])
def test_values_that_have_no_logarithm_are_refused(transform: str) -> None:
    layer = PrepareWindow(tables(), 2, transform=transform)
    with pytest.raises(tf.errors.InvalidArgumentError, match="not above 0"):
        layer(np.array([[1.0, 0.0, 2.0]]), tf.constant(["a"]))


def test_decomposed_series_need_the_ordinal() -> None:
    with pytest.raises(ValueError, match="needs the ordinal"):
        PrepareWindow(tables(True), 2)(VALUES[:1], tf.constant(["a"]))

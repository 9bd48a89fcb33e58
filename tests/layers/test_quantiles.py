"""Outputs of a forecaster as a point and quantiles."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from seqkit.layers.quantiles import Accumulated, ForecastQuantiles

LEVELS = (0.1, 0.5, 0.9)
MOVES = [[-1.0, 0.5, 2.0], [-2.0, 0.0, 3.0]]


def answer(layer: keras.layers.Layer, outputs: list[object]) -> list[object]:
    return np.asarray(layer(np.array(outputs, np.float32))).tolist()


def test_point_has_its_corrections_around_it() -> None:
    layer = ForecastQuantiles("point", LEVELS, MOVES)
    assert answer(layer, [[[10], [20]]]) == [[[10, 9, 10.5, 12], [20, 18, 20, 23]]]


def test_point_without_corrections_has_no_quantiles() -> None:
    layer = ForecastQuantiles("point", LEVELS)
    assert answer(layer, [[[10], [20]]]) == [[[10], [20]]]


def test_quantiles_are_moved_and_sorted_and_the_median_is_the_forecast() -> None:
    layer = ForecastQuantiles("quantile", LEVELS, MOVES)
    assert answer(layer, [[[4, 5, 6], [9, 5, 1]]]) == [[[5, 3, 5.5, 8], [5, 4, 5, 7]]]


def test_gaussian_has_the_normal_quantiles_of_mu_and_sigma() -> None:
    from scipy.stats import norm

    layer = ForecastQuantiles("gaussian", LEVELS)
    (((point, *quantiles),),) = answer(layer, [[[10, 2]]])  # type: ignore[misc]
    assert point == 10
    assert quantiles == pytest.approx(norm.ppf(LEVELS, 10, 2), rel=1e-6)


def test_gaussian_corrections_replace_the_normal_quantiles() -> None:
    layer = ForecastQuantiles("gaussian", LEVELS, MOVES)
    assert answer(layer, [[[10, 2], [0, 1]]]) == [[[10, 8, 11, 14], [0, -2, 0, 3]]]


def test_sums_undo_differences() -> None:
    deltas = [[[1], [2], [3], [4]]]
    assert answer(Accumulated(1, 0), deltas) == [[[1], [3], [6], [10]]]
    assert answer(Accumulated(0, 2), deltas) == [[[1], [2], [4], [6]]]
    assert answer(Accumulated(), deltas) == deltas


@pytest.mark.parametrize(
    "layer", [ForecastQuantiles("point", LEVELS, MOVES), Accumulated(1, 2)]
)
def test_layer_comes_back_from_a_keras_file(
    layer: keras.layers.Layer, tmp_path: Path
) -> None:
    steps = keras.Input((2, 1))
    model = keras.Model(steps, layer(steps))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    rows = np.arange(4, dtype=np.float32).reshape(2, 2, 1)
    assert np.array_equal(loaded(rows), model(rows))

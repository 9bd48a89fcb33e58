"""Outputs of a forecaster as a point and quantiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from seqkit.layers.forecast.quantiles import (
    Accumulated,
    Corrections,
    ForecastQuantiles,
    naive_error,
)

LEVELS = (0.1, 0.5, 0.9)
MOVES = Corrections(((-1.0, 0.5, 2.0), (-2.0, 0.0, 3.0)))


def answer(layer: keras.layers.Layer, outputs: list[object], *more: object) -> Any:
    arrays = [np.array(each, np.float32) for each in (outputs, *more)]
    return np.asarray(layer(*arrays)).tolist()


def test_the_point_is_the_moved_median_and_the_quantiles_lie_around_it() -> None:
    layer = ForecastQuantiles("point", LEVELS, MOVES)
    assert answer(layer, [[[10], [20]]]) == [[[10.5, 9, 10.5, 12], [20, 18, 20, 23]]]


def test_point_without_corrections_has_no_quantiles() -> None:
    layer = ForecastQuantiles("point", LEVELS)
    assert answer(layer, [[[10], [20]]]) == [[[10], [20]]]


def test_a_point_of_another_level_is_that_quantile_where_there_is_one() -> None:
    layer = ForecastQuantiles("point", LEVELS, MOVES, level=0.1)
    assert answer(layer, [[[10], [20]]]) == [[[9, 9, 10.5, 12], [18, 18, 20, 23]]]


@pytest.mark.parametrize(
    ("level", "move", "point"),
    [
        (0.3, 0.2, 10.2),  # between the 10% and the 50% quantile, 9 and 10.5
        (0.3, 5.0, 10.5),
        (0.3, -5.0, 9),
        (0.05, -5.0, 5),  # nothing lies below it
        (None, 1.0, 11),  # a mean may lie above the median
        (None, 9.0, 12),
    ],
)
def test_another_point_has_its_own_correction_and_stays_between_its_quantiles(
    level: float | None, move: float, point: float
) -> None:
    moves = Corrections(MOVES.moves, (move, 0.0))
    layer = ForecastQuantiles("point", LEVELS, moves, level=level)
    assert answer(layer, [[[10], [20]]])[0][0] == pytest.approx([point, 9, 10.5, 12])


def test_quantiles_are_moved_and_sorted_and_the_median_is_the_forecast() -> None:
    layer = ForecastQuantiles("quantile", LEVELS, MOVES)
    found = answer(layer, [[[4, 5, 6], [9, 5, 1]]])
    assert found == [[[5.5, 3, 5.5, 8], [5, 4, 5, 7]]]


def test_gaussian_has_the_normal_quantiles_of_mu_and_sigma() -> None:
    from scipy.stats import norm

    layer = ForecastQuantiles("gaussian", LEVELS)
    (((point, *quantiles),),) = answer(layer, [[[10, 2]]])
    assert point == 10
    assert quantiles == pytest.approx(norm.ppf(LEVELS, 10, 2), rel=1e-6)


def test_gaussian_corrections_replace_the_normal_quantiles() -> None:
    layer = ForecastQuantiles("gaussian", LEVELS, MOVES)
    found = answer(layer, [[[10, 2], [0, 1]]])
    assert found == [[[11, 8, 11, 14], [0, -2, 0, 3]]]


def test_moves_are_as_large_as_the_naive_error_of_the_window() -> None:
    calm, wild, still = [5, 6, 5, 6], [0, 40, 0, 40], [7, 7, 7, 7]
    moves = Corrections(((-1.0, 0.0, 1.0),), power=1.0, typical=10.0)
    layer = ForecastQuantiles("point", LEVELS, moves)
    found = answer(layer, [[[0]]] * 3, [calm, wild, still])
    assert [row[0][1:] for row in found] == [[-1, 0, 1], [-40, 0, 40], [-10, 0, 10]]
    # The root of 40 times the root of 10.
    half = ForecastQuantiles("point", LEVELS, replace(moves, power=0.5))
    assert answer(half, [[[0]]], [wild])[0][0][3] == pytest.approx(20)


def test_the_naive_error_is_that_of_the_season_or_of_the_last_value() -> None:
    steps = np.array([[1.0, 4, 2, 9, 4]])
    assert naive_error(steps, 2).numpy().tolist() == pytest.approx([8 / 3])
    assert naive_error(steps, 1).numpy().tolist() == [(3 + 2 + 7 + 5) / 4]
    assert naive_error(steps, 5).numpy().tolist() == [(3 + 2 + 7 + 5) / 4]
    assert naive_error(steps, 2, differenced=True).numpy().tolist() == [4]
    assert naive_error(steps[:, :1]).numpy().tolist() == [0]


def test_corrections_of_older_runs_are_a_table() -> None:
    assert Corrections.from_dict([[-1.0, 0.5, 2.0], [-2.0, 0.0, 3.0]]) == MOVES
    assert Corrections.from_dict(MOVES.to_dict()) == MOVES
    assert Corrections.from_dict(None) is None


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

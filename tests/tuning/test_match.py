"""Widths are scaled until two models have equal numbers of parameters."""

from __future__ import annotations

import random
from typing import Any

import pytest

from seqkit.errors import UsageError
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.registry import TASKS
from seqkit.signature import Signature
from seqkit.training.build import build
from seqkit.tuning.match import _nearest, matched_units, parameters

SIGNATURE = Signature(features=2)


def recipe(cell: str, units: list[int], **changes: Any) -> Recipe:
    return load_recipe(
        "adding_problem", {"model.cell": cell, "model.units": units, **changes}
    )


def matched(one: Recipe, target: Recipe) -> tuple[tuple[int, ...], float]:
    """The units, and how far the parameters are from the target's, as a share."""
    units = matched_units(one, target, SIGNATURE)
    aim = parameters(target, SIGNATURE)
    found = parameters(one.with_({"model.units": list(units)}), SIGNATURE)
    return units, found / aim - 1


def lstm(units: int, features: int) -> int:
    """Four gates with kernel, recurrent kernel and bias; and a head of one number."""
    return 4 * units * (features + units + 1) + units + 1


def test_parameters_are_those_of_the_formula() -> None:
    assert parameters(recipe("lstm", [64]), SIGNATURE) == lstm(64, 2)


def test_parameters_are_those_of_the_model_that_is_trained() -> None:
    one = load_recipe("sample_sentiment", {"data.vocab_size": 50})
    signature = TASKS.get(one.task)().declared(one.data)
    model = build(one, signature=signature)
    assert parameters(one, signature) == model.count_params()


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("gru", [64]),
        ("simple_rnn", [64, 64]),
        ("lstm", [96, 48]),
        ("gru", [96, 48]),
    ],
)
def test_cells_meet_the_parameters_of_an_lstm(cell: str, units: list[int]) -> None:
    found, apart = matched(recipe(cell, units), recipe("lstm", units))
    assert abs(apart) < 0.02
    assert found[0] / found[-1] == pytest.approx(units[0] / units[-1], rel=0.02)
    if cell == "lstm":
        assert found == tuple(units)
    else:
        assert found[0] > units[0]


def test_no_other_width_comes_nearer() -> None:
    one, target = recipe("gru", [7]), recipe("lstm", [7])
    (found,), _ = matched(one, target)
    aim = parameters(target, SIGNATURE)
    apart = {
        width: abs(parameters(one.with_({"model.units": [width]}), SIGNATURE) - aim)
        for width in range(1, 16)
    }
    assert apart[found] == min(apart.values())


def test_both_directions_count() -> None:
    both = {"model.bidirectional": "concat"}
    _, apart = matched(recipe("gru", [32], **both), recipe("lstm", [32], **both))
    assert abs(apart) < 0.03


def test_a_layer_keeps_one_unit_at_least() -> None:
    assert matched(recipe("lstm", [64, 2]), recipe("simple_rnn", [1, 1]))[0] == (1, 1)


def test_python_s_own_random_numbers_stay_as_they_were() -> None:
    random.seed(1)
    before = random.getstate()
    matched(recipe("gru", [5]), recipe("lstm", [5]))
    assert random.getstate() == before


def test_a_number_that_no_width_meets_is_refused() -> None:
    with pytest.raises(UsageError, match="no model.units up to 65,536 .* 10 param"):
        _nearest(lambda width: 9, 10, first=64)


@pytest.mark.parametrize(("target", "width"), [(0, 1), (1, 1), (12, 3), (13, 4)])
def test_nearest_width_is_found_from_any_first_one(target: int, width: int) -> None:
    for first in (1, 2, 3, 4, 5, 100):
        assert _nearest(lambda width: width**2, target, first) == width


def test_a_model_without_units_is_refused() -> None:
    one = recipe("lstm", [4])
    without = one.model_copy(update={"model": one.train})
    with pytest.raises(UsageError, match="scales model.units.*Set tune.match to none"):
        matched_units(without, one, SIGNATURE)

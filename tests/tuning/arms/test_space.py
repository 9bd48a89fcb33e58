"""Searches go to Keras Tuner's terms, and what is drawn comes back in the recipe's."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.recipe.search import Choice, IntRange, LinearRange, LogRange
from seqkit.recipe.spec import Spec
from seqkit.recipe.yaml import dump, read_value
from seqkit.tuning.arms.space import (
    GRID_STEPS,
    gridded,
    hyperparameters,
    overrides,
    points,
    rounded,
)

VALUES = [[64], [64, 64], None, True, "last", 3, 0.25, {"a": [1]}]


def search(kind: type[Spec], value: Any) -> Spec:
    return kind.model_validate({next(iter(kind.model_fields)): value})


SPACE: dict[str, Spec] = {
    "train.learning_rate": search(LogRange, [0.001, 0.01]),
    "model.units": search(Choice, VALUES),
    "model.noise": search(LinearRange, [-1, 1]),
    "model.highway": search(IntRange, [0, 24]),
}


def drawn(space: dict[str, Spec], probability: float) -> dict[str, Any]:
    parameters = hyperparameters(space).space
    values = {one.name: one.prob_to_value(probability) for one in parameters}
    return overrides(values, space)


def test_keras_tuner_knows_each_search_by_its_kind() -> None:
    parameters = {one.name: one for one in hyperparameters(SPACE).space}
    assert list(parameters) == sorted(SPACE)
    rate = parameters["train.learning_rate"].get_config()
    assert (rate["min_value"], rate["max_value"]) == (0.001, 0.01)
    assert rate["sampling"] == "log"
    noise = parameters["model.noise"].get_config()
    assert (noise["min_value"], noise["max_value"]) == (-1, 1)
    assert noise["sampling"] == "linear"
    assert parameters["model.units"].values == list(range(len(VALUES)))
    assert list(parameters["model.highway"].values) == list(range(25))


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        ([1, 2, 3], True),
        ([0.1, 1, 2.5], True),
        ([2, 1], False),
        ([1, 2, None], False),
        ([False, True], False),
        ([[1], [2]], False),
        (["a", "b"], False),
    ],
)
def test_a_choice_is_ordered_where_its_values_are_numbers_that_rise(
    values: list[Any], ordered: bool
) -> None:
    (parameter,) = hyperparameters({"key": search(Choice, values)}).space
    assert parameter.ordered is ordered


def test_order_of_keys_changes_nothing() -> None:
    turned = dict(reversed(SPACE.items()))
    assert [one.name for one in hyperparameters(turned).space] == sorted(SPACE)


def test_every_value_of_a_choice_comes_back_as_it_was() -> None:
    for place, value in enumerate(VALUES):
        found = overrides({"model.units": place}, SPACE)
        assert found == {"model.units": value}
        assert type(found["model.units"]) is type(value)
        assert json.loads(json.dumps(found)) == found


def test_keys_of_the_tuner_itself_are_no_overrides() -> None:
    assert overrides({"tuner/epochs": 3, "model.highway": 2}, SPACE) == {
        "model.highway": 2
    }


def test_drawn_values_are_within_their_search() -> None:
    draw = random.Random(0)
    for _ in range(500):
        found = drawn(SPACE, draw.random())
        assert 0.001 <= found["train.learning_rate"] <= 0.01
        assert -1 <= found["model.noise"] <= 1
        assert type(found["model.highway"]) is int and 0 <= found["model.highway"] <= 24
        assert found["model.units"] in VALUES


@pytest.mark.parametrize(
    ("kind", "ends", "value", "expected"),
    [
        (LogRange, [0.001, 0.01], 0.0027182818, 0.002718),
        (LogRange, [0.0001, 10], 0.00027182818, 0.0002718),
        (LogRange, [0.001, 10], 3.14159265, 3.142),
        (LogRange, [0.0012342, 0.1], 0.0012342, 0.0012342),
        (LinearRange, [0, 0.5], 0.1234567, 0.1235),
        (LinearRange, [0, 0.5], 0.0001234567, 0.0001),
        (LinearRange, [0, 0.5], 0.4999999, 0.5),
        (LinearRange, [-1, 1], -0.0000001, 0.0),
        (LinearRange, [1000, 1001], 1000.12345, 1000.123),
        (LinearRange, [100, 90000], 12345.678, 12350.0),
    ],
)
def test_numbers_are_rounded_as_people_write_them(
    kind: type[Spec], ends: list[float], value: float, expected: float
) -> None:
    found = rounded(value, search(kind, ends))
    assert found == expected
    assert math.copysign(1, found) == math.copysign(1, expected)


numbers = st.floats(1e-9, 1e9)


@given(
    st.sampled_from([LogRange, LinearRange]),
    st.tuples(numbers, numbers).filter(lambda ends: ends[0] < ends[1]),
    st.floats(0, 1),
)
def test_rounding_stays_near_within_the_ends_and_is_done_once(
    kind: type[Spec], ends: tuple[float, float], share: float
) -> None:
    low, high = ends
    value = min(high, low + share * (high - low))
    one = search(kind, [low, high])
    found = rounded(value, one)
    assert low <= found <= high
    # At most half a unit of the fourth digit of the range's width.
    assert abs(found - value) <= 0.5001e-3 * (high - low) + 1e-15 * high
    assert rounded(found, one) == found


@given(st.floats(0, 1, exclude_max=True))
def test_what_is_drawn_reads_back_from_yaml(probability: float) -> None:
    for value in drawn(SPACE, probability).values():
        assert read_value(dump(value).removesuffix("...\n"), "value") == value


@settings(max_examples=20)
@given(st.floats(0, 1, exclude_max=True))
def test_a_recipe_takes_what_is_drawn(probability: float) -> None:
    recipe: Recipe = load_recipe("adding_problem")
    found = drawn(dict(recipe.tune.space), probability)
    changed = recipe.with_(found).to_dict()
    for key, value in found.items():
        section, name = key.split(".")
        assert changed[section][name] == value


def test_grid_cuts_ranges_evenly_from_end_to_end() -> None:
    cut = {key: list(one.choice) for key, one in gridded(SPACE).items()}
    assert cut["model.units"] == list(SPACE["model.units"].choice)
    rates = cut["train.learning_rate"]
    assert len(rates) == GRID_STEPS
    assert (rates[0], rates[-1]) == (0.001, 0.01)
    ratios = [b / a for a, b in zip(rates[:-1], rates[1:], strict=True)]
    assert ratios == pytest.approx([10 ** (1 / 9)] * 9, rel=1e-3)
    noises = cut["model.noise"]
    assert noises == pytest.approx([-1 + 2 * step / 9 for step in range(10)], abs=1e-3)
    highways = cut["model.highway"]
    assert len(highways) == GRID_STEPS
    assert (highways[0], highways[-1]) == (0, 24)
    assert all(type(value) is int for value in highways)
    assert highways == sorted(set(highways))


def test_grid_takes_each_of_a_few_whole_numbers() -> None:
    cut = gridded({"key": search(IntRange, [3, 7])})
    assert list(cut["key"].choice) == [3, 4, 5, 6, 7]


def test_grid_of_a_range_too_narrow_for_ten_numbers_has_none_twice() -> None:
    low = 1.0
    high = math.nextafter(math.nextafter(low, 2), 2)
    values = gridded({"key": search(LinearRange, [low, high])})["key"].choice
    assert values[0] == low and values[-1] == high
    assert list(values) == sorted(set(values))


def test_points_are_counted_where_they_can_be() -> None:
    few: dict[str, Spec] = {
        "a": search(Choice, [1, 2, 3]),
        "b": search(IntRange, [0, 4]),
    }
    assert points(few) == 15
    assert points({}) == 1
    assert points(SPACE) is None
    assert points(gridded(SPACE)) == 8 * 10 * 10 * 10

"""Keras Tuner's private members that the oracles stand on are still there.

A test that fails names the member that a release has moved or renamed.
"""

from __future__ import annotations

import ast
import inspect
from typing import Any

import keras_tuner
import pytest

from seqkit.recipe.search import Choice, IntRange, LogRange
from seqkit.tuning.arms import oracles

OF_ALL = ("_save_trial", "_random_values", "_duplicate")
METHODS = {
    "RandomSearchOracle": OF_ALL,
    "GridSearchOracle": OF_ALL,
    "BayesianOptimizationOracle": (
        *OF_ALL,
        "_random_populate_space",
        "_vector_to_values",
    ),
    "HyperbandOracle": (
        *OF_ALL,
        "_increment_bracket_num",
        "_get_num_brackets",
        "_get_size",
    ),
}
"""Those that are called, and those that stand in for the oracle's own."""

ATTRIBUTES = {
    "random": ("_max_collisions",),
    "grid": ("_max_collisions", "_populate_next"),
    "bayesian": ("_max_collisions",),
    "hyperband": ("_max_collisions", "_current_bracket"),
}
"""Those that are read or set, of an oracle for each kind of search."""

OWN = {"_trials", "_points", "_most", "_total", "_rounded"}
"""Private names of seqkit's own in that file."""


@pytest.mark.parametrize(
    ("oracle", "name"), [(one, name) for one in METHODS for name in METHODS[one]]
)
def test_method_of_keras_tuner_is_there(oracle: str, name: str) -> None:
    assert callable(getattr(getattr(keras_tuner.oracles, oracle), name))


@pytest.mark.parametrize(
    ("search", "name"), [(one, name) for one in ATTRIBUTES for name in ATTRIBUTES[one]]
)
def test_attribute_of_keras_tuner_is_there(search: str, name: str) -> None:
    plain: Any = {
        "random": keras_tuner.oracles.RandomSearchOracle,
        "grid": keras_tuner.oracles.GridSearchOracle,
        "bayesian": keras_tuner.oracles.BayesianOptimizationOracle,
        "hyperband": keras_tuner.oracles.HyperbandOracle,
    }[search]
    assert hasattr(plain(objective="val_loss"), name)


@pytest.mark.parametrize(
    ("oracle", "name", "parameters"),
    [
        ("HyperbandOracle", "_get_size", ["self", "bracket_num", "round_num"]),
        ("HyperbandOracle", "_get_num_brackets", ["self"]),
        ("HyperbandOracle", "_increment_bracket_num", ["self"]),
        ("BayesianOptimizationOracle", "_vector_to_values", ["self", "vector"]),
        ("RandomSearchOracle", "_random_values", ["self"]),
        ("RandomSearchOracle", "_save_trial", ["self", "trial"]),
        ("RandomSearchOracle", "_duplicate", ["self", "values"]),
    ],
)
def test_method_takes_what_it_took(
    oracle: str, name: str, parameters: list[str]
) -> None:
    method = getattr(getattr(keras_tuner.oracles, oracle), name)
    assert list(inspect.signature(method).parameters) == parameters


SPACE = {
    "model.units": IntRange(int=(4, 64)),
    "train.learning_rate": LogRange(log=(0.001, 0.1)),
}


@pytest.mark.parametrize("search", ATTRIBUTES)
def test_keras_tuner_calls_what_stands_in_for_its_own(
    search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A method that it does not call any more would be replaced in vain."""
    called: set[str] = set()
    replaced = {
        "random": ["_random_values", "_save_trial"],
        "grid": ["_save_trial"],
        "bayesian": ["_random_values", "_vector_to_values", "_save_trial"],
        "hyperband": ["_random_values", "_get_size", "_get_num_brackets"],
    }[search]
    kind = getattr(oracles, f"_{search.capitalize()}")
    for name in replaced:
        monkeypatch.setattr(kind, name, noted(called, name, getattr(kind, name)))
    oracle = oracles.oracle_for(search, space(search), 12, 9, "max", 1)
    for number in range(7):
        trial = oracles.ask(oracle, f"one {number}")
        if trial.status == "STOPPED":
            break
        oracles.tell(oracle, trial.trial_id, float(number))
    assert called == set(replaced)


def noted(called: set[str], name: str, own: Any) -> Any:
    """``own``, which notes that it was called."""

    def method(self: Any, *words: Any, **named: Any) -> Any:
        called.add(name)
        return own(self, *words, **named)

    return method


def space(search: str) -> Any:
    if search != "grid":
        return SPACE
    return {"model.units": Choice(choice=[4, 8, 16])}


def test_every_private_name_in_the_file_is_listed_here() -> None:
    tree = ast.parse(inspect.getsource(oracles))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
    }
    listed = {
        name for names in (*METHODS.values(), *ATTRIBUTES.values()) for name in names
    }
    assert used - OWN <= listed

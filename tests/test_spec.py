"""The base of all sections: frozen all the way down."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from seqkit.spec import SEARCHES, Choice, Frozen, frozen


def test_plain_data_is_frozen_all_the_way_down() -> None:
    still = frozen({"a": [1, {"b": [2]}]})
    assert still == {"a": (1, {"b": (2,)})}
    assert isinstance(hash(still), int)
    for part in (still, still["a"][1]):
        with pytest.raises(TypeError, match="A recipe is frozen"):
            part["b"] = 3


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("__setitem__", ("a", 1)),
        ("__delitem__", ("a",)),
        ("__ior__", ({},)),
        ("clear", ()),
        ("pop", ("a",)),
        ("popitem", ()),
        ("setdefault", ("a", 1)),
        ("update", ({},)),
    ],
)
def test_frozen_mapping_takes_no_change(method: str, words: tuple[Any, ...]) -> None:
    still = Frozen(a=0)
    with pytest.raises(TypeError, match="A recipe is frozen"):
        getattr(still, method)(*words)
    assert still == {"a": 0}


def test_frozen_mapping_is_copied_and_pickled_as_one() -> None:
    still = frozen({"a": [1]})
    for again in (
        copy.deepcopy(still),
        copy.copy(still),
        pickle.loads(pickle.dumps(still)),
    ):
        assert type(again) is Frozen
        assert again == still and hash(again) == hash(still)


def test_choice_cannot_be_changed_through_the_list_it_was_given() -> None:
    values: list[Any] = [[64], {"a": [1]}]
    choice = Choice.model_validate({"choice": values})
    values[0].append(32)
    values[1]["a"].append(2)
    assert choice.choice == ((64,), {"a": (1,)})


def test_each_search_is_called_by_its_one_key() -> None:
    assert {name: list(type_.model_fields) for name, type_ in SEARCHES.items()} == {
        name: [name] for name in SEARCHES
    }

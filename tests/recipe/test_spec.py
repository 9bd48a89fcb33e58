"""The base of all sections: frozen all the way down."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from seqkit.recipe.spec import Frozen, frozen


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

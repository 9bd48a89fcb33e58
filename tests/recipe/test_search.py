"""The typed ``tune`` section: its searches, seeds and competitors."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from seqkit.recipe.search import SEARCHES, Choice, LogRange, TuneSettings, TuneSpec

CELLS = Choice.model_validate({"choice": ["lstm", "gru"]})
RATES = LogRange.model_validate({"log": [0.001, 0.1]})


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


def test_settings_and_searches_stand_side_by_side_as_plain_data() -> None:
    spec = TuneSpec(space={"model.cell": CELLS, "train.learning_rate": RATES})
    plain = spec.model_dump(mode="json")
    assert list(plain) == [
        *TuneSettings.model_fields,
        "model.cell",
        "train.learning_rate",
    ]
    assert plain["model.cell"] == {"choice": ["lstm", "gru"]}
    assert plain["budget"] == {"trials": None, "epochs": None, "seconds": None}


def test_section_is_frozen_and_survives_copies() -> None:
    spec = TuneSpec(space={"model.cell": CELLS})
    with pytest.raises(ValueError, match="frozen"):
        spec.seeds = 3  # type: ignore[misc]
    with pytest.raises(TypeError, match="A recipe is frozen"):
        spec.space["model.units"] = CELLS
    for again in (copy.deepcopy(spec), pickle.loads(pickle.dumps(spec))):
        assert again == spec and hash(again) == hash(spec)
    assert spec != TuneSpec() != TuneSpec(seeds=4)


def test_competitors_are_the_values_of_the_compared_choice() -> None:
    space = {"model.cell": CELLS, "train.learning_rate": RATES}
    assert TuneSpec(space=space).competitors == ("lstm", "gru")
    assert TuneSpec(space=space, compare="model.units").competitors == ()
    assert TuneSpec().competitors == ()


def test_final_seeds_follow_the_recipes_or_are_listed() -> None:
    assert TuneSpec(seeds=3).final_seeds(7) == (8, 9, 10)
    assert TuneSpec(seeds=(1, 30)).final_seeds(7) == (1, 30)
    # No generator takes a seed of more than 31 bits.
    assert TuneSpec(seeds=3).final_seeds(2**31 - 2) == (2**31 - 1, 0, 1)

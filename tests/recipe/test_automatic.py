"""Keys of a recipe that are left to its task."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from recipe_texts import load_text, text_mistakes

from seqkit.errors import RecipeError
from seqkit.recipe.recipe import load_recipe
from seqkit.recipe.schema import recipe_schema
from seqkit.registry import TASKS
from seqkit.tasks.rules.text import TextRule

MIDDLE = TextRule.middle()


def test_a_key_that_is_auto_has_the_value_of_a_middling_case(tmp_path: Path) -> None:
    recipe = load_text(tmp_path, "model: {units: auto}\n", train__batch_size="auto")
    assert recipe.auto == ("model.units", "train.batch_size")
    choices = MIDDLE.choices({})
    assert recipe.model.units == choices["model.units"].value
    assert recipe.train.batch_size == choices["train.batch_size"].value
    assert recipe.train.epochs == 10
    assert "model.units" not in recipe.given() and recipe.given()["train.epochs"] == 10


def test_what_is_given_by_hand_has_a_say(tmp_path: Path) -> None:
    few = load_text(tmp_path, "train: {epochs: auto, batch_size: 4}\n").train.epochs
    many = load_text(tmp_path, "train: {epochs: auto, batch_size: 64}\n").train.epochs
    assert 1 <= few < many


def test_auto_is_written_and_read_back(tmp_path: Path) -> None:
    recipe = load_text(tmp_path, "model: {units: auto}\ntrain: {epochs: auto}\n")
    assert recipe.to_dict()["model"]["units"] == "auto"
    (tmp_path / "again.yaml").write_text(recipe.to_yaml())
    again = load_recipe(tmp_path / "again.yaml").model_copy(update={"name": "r"})
    assert again == recipe


def test_an_override_takes_the_place_of_auto(tmp_path: Path) -> None:
    recipe = load_text(tmp_path, "model: {units: auto}\ntrain: {epochs: auto}\n")
    changed = recipe.with_({"model.units": [3]})
    assert (changed.model.units, changed.auto) == ((3,), ("train.epochs",))
    assert changed.with_({"model.units": "auto"}) == recipe


def test_only_what_the_task_chooses_may_be_auto(tmp_path: Path) -> None:
    (one,) = text_mistakes(tmp_path, "model: {cell: auto, units: auto}\n")
    assert one.startswith("model.cell cannot be auto: the task classify_text chooses")
    assert "It does for: data.level, " in one
    (tmp_path / "t.yaml").write_text(
        "task: transduce\ndata: {source: sample:reverse}\nmodel: {units: auto}\n"
    )
    with pytest.raises(RecipeError, match=r"no value for it\. Write its value\."):
        load_recipe(tmp_path / "t.yaml")


def test_other_mistakes_are_told_beside_auto(tmp_path: Path) -> None:
    found = text_mistakes(
        tmp_path, "model: {units: auto, dropout: 2}\n", train__epochs=0
    )
    assert [one.split()[0] for one in found] == ["model.dropout", "train.epochs"]


def test_a_value_of_the_tasks_own_is_none_of_its_rule(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "task: tag_text\ndata: {source: sample:tags, scheme: auto}\n"
    )
    recipe = load_recipe(tmp_path / "t.yaml")
    assert recipe.data.scheme == "auto" and recipe.auto == ()


@pytest.mark.parametrize("task", [name for name in TASKS if TASKS.get(name).Rule])
def test_rule_has_a_value_and_a_reason_for_each_of_its_keys(task: str) -> None:
    type_ = TASKS.get(task)
    choices = type_.Rule.middle().choices({})
    assert set(choices) == set(type_.Rule.keys)
    assert all(choice.why for choice in choices.values())


def test_schema_takes_auto_where_a_rule_chooses() -> None:
    validator = jsonschema.Draft202012Validator(recipe_schema())
    plain = {"task": "classify_text", "data": {"source": "csv:a.csv"}}
    taken = {"model": {"units": "auto"}, "train": {"epochs": "auto"}}
    assert validator.is_valid({**plain, **taken})
    assert not validator.is_valid({**plain, "model": {"bidirectional": "auto"}})
    assert not validator.is_valid({**plain, "model": {"units": "automatic"}})

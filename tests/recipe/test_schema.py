"""The JSON Schema agrees with the loader about what a recipe is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from seqkit.errors import RecipeError
from seqkit.recipe.files import recipe_files
from seqkit.recipe.recipe import load_recipe
from seqkit.recipe.schema import recipe_schema
from seqkit.recipe.search import TuneSettings
from seqkit.recipe.yaml import dump, read_file
from seqkit.registry import TASKS

SCHEMA = recipe_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DATA = {"source": "sample:reviews"}
BASE: dict[str, Any] = {"task": "classify_text", "data": DATA}


def as_written(path: Path) -> Any:
    return read_file(path, []).plain()


def loads(plain: Any, folder: Path) -> bool:
    """Whether the loader takes what the schema is asked about."""
    path = folder / "r.yaml"
    path.write_text(dump(plain), encoding="utf-8")
    try:
        load_recipe(path)
    except RecipeError:
        return False
    return True


def test_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == VALIDATOR.META_SCHEMA["$id"]


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            found.extend(text for key, text in part.items() if key == "$ref")
        for below in part.values() if isinstance(part, dict) else part:
            if isinstance(below, (dict, list)):
                walk(below)

    walk(SCHEMA)
    assert found
    assert {text.removeprefix("#/$defs/") for text in found} <= set(SCHEMA["$defs"])


@pytest.mark.parametrize("name", list(recipe_files()))
def test_shipped_recipe_is_valid_as_written_and_resolved(name: str) -> None:
    assert list(VALIDATOR.iter_errors(as_written(recipe_files()[name]))) == []
    assert list(VALIDATOR.iter_errors(load_recipe(name).to_dict())) == []


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"train": {"epochs": 3, "learning_rate": 0.1, "clip_norm": None}},
        {"train": {"learning_rate": 1}},
        {"model": {"units": [64, 32], "bidirectional": "concat"}},
        {"tune": {"model.units": {"choice": [[1], [2]]}}},
        {"tune": {"train.learning_rate": {"log": [0.1, 0.2]}}},
        {"tune": {"model.cell": None}},
        {"tune": {"search": "grid", "model.cell": {"choice": ["gru"]}}},
        {"tune": {"budget": {"trials": 3, "epochs": None, "seconds": 0.5}}},
        {"tune": {"budget": {}, "seeds": 2, "match": "none", "stop": "none"}},
        {"tune": {"seeds": [0, 7]}},
        {"tune": {"compare": "model.units"}},
        {"tune": {"search": "gird"}},
        {"tune": {"search": None}},
        {"tune": {"space": {}}},
        {"tune": {"cell": {"choice": ["gru"]}}},
        {"tune": {"budget": 3}},
        {"tune": {"budget": None}},
        {"tune": {"budget": {"trails": 3}}},
        {"tune": {"budget": {"trials": 0}}},
        {"tune": {"budget": {"seconds": 0}}},
        {"tune": {"budget.trials": 3}},
        {"tune": {"seeds": 1}},
        {"tune": {"seeds": 101}},
        {"tune": {"seeds": [1]}},
        {"tune": {"seeds": [1, 1]}},
        {"tune": {"seeds": [1, -1]}},
        {"tune": {"seeds": list(range(101))}},
        {"tune": {"match": "units"}},
        {"tune": {"compare": "model.cel"}},
        {"tune": {"compare": "train.seed"}},
        {"tune": {"compare": 3}},
        {"tune": {"stop": True}},
        {"tune": {"data.text": {"choice": ["a"]}}},
        {"tune": None},
        {"reference": None},
        {"reference": {"metric": "accuracy", "value": 1, "source": "paper"}},
        {"task": "x"},
        {"task": None},
        {"tsak": "classify_text"},
        {"data": {}},
        {"data": {**DATA, "lable": "x"}},
        {"data": {"source": 3}},
        {"data": {"source": "imdb"}},
        {"data": [1]},
        {"model": {"units": 64}},
        {"model": {"units": []}},
        {"model": {"units": [0]}},
        {"model": {"units": [1.5]}},
        {"model": {"bidirectional": "cocnat"}},
        {"model": {"cell": "lsmt"}},
        {"model": {"cell": "gru"}},
        {"model": {"cell": "tcn"}},
        {"model": {"cell": "tcn", "kernel_size": 2, "pooling": "mean"}},
        {"model": {"cell": "tcn", "kernel_size": 1}},
        {"model": {"cell": "tcn", "residual": True}},
        {"model": {"cell": "gru", "kernel_size": 2}},
        {"model": {"cell": "tcn"}, "tune": {"model.kernel_size": {"int": [2, 3]}}},
        {"model": {"lookback": 3}},
        {"model": {"residual": "no"}},
        {"train": {"epochs": "3"}},
        {"train": {"epochs": 0}},
        {"train": {"epochs": True}},
        {"train": {"warmup": 1}},
        {"train": {"learning_rate": 0}},
        {"train": {"clip_norm": "abc"}},
        {"train": None},
        {"decode": {}},
        {"decode": None},
        {"task": "tag_text", "decode": {}},
        {"task": "tag_text", "decode": {"method": "argmax"}},
        {"task": "tag_text", "decode": {"method": "greedy"}},
        {"task": "tag_text", "decode": {"path": "argmax"}},
        {"task": "tag_text", "decode": None},
        {"task": "tag_text", "tune": {"decode.method": {"choice": ["argmax"]}}},
        {"task": "tag_text", "tune": {"compare": "decode.method"}},
        {"tune": {"model.cel": {"choice": ["gru"]}}},
        {"tune": {"train.seed": {"int": [1, 2]}}},
        {"tune": {"model.cell": {"pick": ["gru"]}}},
        {"tune": {"model.cell": {"choice": []}}},
        {"tune": {"train.epochs": {"choice": list(range(1, 1001))}}},
        {"tune": {"train.epochs": {"choice": list(range(1, 1002))}}},
        {"tune": {"train.learning_rate": {"log": [0, 1]}}},
        {"tune": {"train.learning_rate": {"log": [1, 2, 3]}}},
        {"tune": {"train.learning_rate": {"log": [1]}}},
        {"tune": {"train.epochs": {"int": [1, 2], "log": [1, 2]}}},
        {"reference": {"metric": "accuracy"}},
        {"description": 3},
        {"extends": 3},
    ],
)
def test_schema_and_loader_agree(change: dict[str, Any], tmp_path: Path) -> None:
    plain = BASE | change
    assert VALIDATOR.is_valid(plain) == loads(plain, tmp_path)


def test_list_that_may_be_null_must_not_be_empty() -> None:
    data = {"source": "csv:a.csv", "lookback": 2, "horizon": 1}
    plain = {"task": "forecast", "data": data}
    for values, valid in ((None, True), (["y"], True), ([], False)):
        assert VALIDATOR.is_valid({**plain, "data": data | {"values": values}}) is valid


def test_every_setting_of_a_search_is_described_for_the_editor() -> None:
    tune = SCHEMA["properties"]["tune"]["properties"]
    assert set(tune) == set(TuneSettings.model_fields)
    assert all(of.get("description") for of in tune.values())
    budget = SCHEMA["$defs"]["tune.Budget"]["properties"]
    assert all(of.get("description") for of in budget.values())


def test_recipe_must_have_its_task_and_data_unless_it_extends_another() -> None:
    assert not VALIDATOR.is_valid({"data": DATA})
    assert not VALIDATOR.is_valid({"task": "classify_text"})
    assert not VALIDATOR.is_valid({"task": "classify_text", "data": {"text": "x"}})
    assert VALIDATOR.is_valid({"extends": "bilstm_sentiment"})
    assert VALIDATOR.is_valid({"extends": "a", "model": {"cell": "gru"}})
    assert VALIDATOR.is_valid({**BASE, "extends": "a", "data": {"text": "x"}})
    assert not VALIDATOR.is_valid({**BASE, "extends": "a", "data": {"txet": "x"}})
    assert not VALIDATOR.is_valid({"extends": "a", "train": {"epoch": 3}})


@pytest.mark.parametrize("task", list(TASKS))
def test_every_key_of_a_task_is_described_for_the_editor(task: str) -> None:
    for section in ("data", "model.simple_rnn", "model.tcn"):
        keys = SCHEMA["$defs"][f"{task}.{section}"]["properties"]
        assert keys
        assert {key for key, of in keys.items() if not of.get("description")} == set()

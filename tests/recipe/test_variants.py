"""The ``model`` section has the keys of the core that ``cell`` names, and no others."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from recipe_texts import HEAD, load_text, text_mistakes

from seqkit.errors import RecipeError
from seqkit.models.cores.spec import CoreSpec, StackSpec, TcnSpec
from seqkit.models.specs import TaggerModel
from seqkit.recipe.recipe import load_recipe
from seqkit.registry import CELLS, CORES, TASKS

TCN = "model: {cell: tcn, units: [8], kernel_size: 2, embedding: 4}\n"
LSTM = "model: {cell: lstm, residual: true, units: [8, 8], dropout: 0.1}\n"


def test_every_cell_has_a_core() -> None:
    assert list(CORES) == list(CELLS)
    assert all(CORES.get(cell).is_whole for cell in CORES)


@pytest.mark.parametrize("task", list(TASKS))
@pytest.mark.parametrize("cell", list(CORES))
def test_section_has_the_keys_of_its_core_then_those_of_its_task(
    task: str, cell: str
) -> None:
    type_ = TASKS.get(task).Model
    whole, core = list(type_.typed(cell).model_fields), CORES.get(cell).model_fields
    assert whole[: len(core)] == list(core)
    own = [key for key in type_.model_fields if key not in CoreSpec.model_fields]
    assert whole[len(core) :] == own
    assert ("kernel_size" in whole) == (cell == "tcn")
    assert ("bidirectional" in whole) == (cell != "tcn")


def test_recipe_has_the_type_of_its_cell(tmp_path: Path) -> None:
    recipe = load_text(tmp_path, TCN)
    assert isinstance(recipe.model, TcnSpec) and not isinstance(recipe.model, StackSpec)
    assert recipe.to_dict()["model"]["kernel_size"] == 2
    (tmp_path / "again.yaml").write_text(recipe.to_yaml())
    assert load_recipe(tmp_path / "again.yaml").model == recipe.model
    assert isinstance(load_text(tmp_path, "").model, StackSpec)


def test_section_of_a_core_is_pickled_copied_and_made_by_its_tasks_name() -> None:
    model = TaggerModel(cell="tcn", kernel_size=2)
    assert isinstance(model, TcnSpec) and isinstance(model, TaggerModel)
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert again == model and hash(again) == hash(model)
        assert type(again) is type(model)


@pytest.mark.parametrize(
    ("text", "overrides", "expected"),
    [
        (
            "model: {cell: tcn, bidirectional: sum}\n",
            {},
            "model.bidirectional is not a key of tcn. Take it away, or choose a cell "
            "that has it: simple_rnn, lstm, gru.",
        ),
        (
            "model: {kernel_size: 2}\n",
            {},
            "model.kernel_size is not a key of simple_rnn, lstm, gru. Take it away, or "
            "choose a cell that has it: tcn.",
        ),
        (
            LSTM,
            {"model__cell": "tcn", "model__residual": True},
            "model.residual is not a key of tcn. Take it away, or choose a cell that "
            "has it: simple_rnn, lstm, gru.",
        ),
        (
            "model: {cell: tcn, kernel_size: 1}\n",
            {},
            "model.kernel_size must be at least 2, got 1.",
        ),
        (
            TCN + "tune: {model.residual: {choice: [true, false]}}\n",
            {},
            "tune.model.residual is not a key of tcn. Take it away, or choose a cell "
            "that has it: simple_rnn, lstm, gru.",
        ),
    ],
)
def test_key_of_another_core_is_a_mistake(
    tmp_path: Path, text: str, overrides: dict[str, Any], expected: str
) -> None:
    assert text_mistakes(tmp_path, text, **overrides) == [expected]


def test_override_of_the_cell_leaves_behind_what_the_new_core_lacks(
    tmp_path: Path,
) -> None:
    recipe = load_text(tmp_path, LSTM, model__cell="tcn", model__kernel_size=2)
    plain = {key: recipe.to_dict()["model"][key] for key in ("cell", "units")}
    assert plain == {"cell": "tcn", "units": [8, 8]}
    assert (
        recipe.model
        == load_text(tmp_path, LSTM)
        .with_({"model.cell": "tcn", "model.kernel_size": 2})
        .model
    )
    back = recipe.with_({"model.cell": "lstm"})
    assert back.to_dict()["model"]["dropout"] == 0.1
    assert back.to_dict()["model"]["residual"] is False


def test_recipe_that_extends_another_may_have_another_core(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(HEAD + LSTM)
    child = tmp_path / "child.yaml"
    child.write_text("extends: base\nmodel: {cell: tcn}\n")
    recipe = load_recipe(child)
    assert isinstance(recipe.model, TcnSpec) and recipe.model.units == (8, 8)
    child.write_text("extends: base\nmodel: {cell: gru}\n")
    assert load_recipe(child).to_dict()["model"]["residual"] is True
    child.write_text("extends: base\nmodel: {cell: tcn, residual: true}\n")
    with pytest.raises(RecipeError, match="residual is not a key of tcn"):
        load_recipe(child)


CELLS_COMPETE = "tune:\n  model.cell: {choice: [lstm, tcn]}\n"


@pytest.mark.parametrize("model", [LSTM, TCN], ids=["lstm", "tcn"])
def test_search_takes_the_keys_of_all_that_compete(tmp_path: Path, model: str) -> None:
    searches = "  model.kernel_size: {int: [2, 3]}\n"
    searches += "  model.layer_norm: {choice: [true]}\n"
    recipe = load_text(tmp_path, model + CELLS_COMPETE + searches)
    assert list(recipe.tune.space)[1:] == ["model.kernel_size", "model.layer_norm"]
    wrong = CELLS_COMPETE + "  model.kernel_size: {choice: [1]}\n"
    assert text_mistakes(tmp_path, model + wrong) == [
        "tune.model.kernel_size holds a value that must be at least 2, got 1."
    ]


def test_key_of_one_core_is_searched_only_where_the_cores_compete(
    tmp_path: Path,
) -> None:
    text = (
        CELLS_COMPETE + "  model.kernel_size: {int: [2, 3]}\n  compare: model.units\n"
    )
    assert text_mistakes(tmp_path, text) == [
        "tune.model.kernel_size is not a key of lstm, which model.cell tries as well. "
        "Let these compete (compare: model.cell), or take one of the searches away."
    ]

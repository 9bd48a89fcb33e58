"""A recipe is frozen, survives its resolved form, and loading one does no harm."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import RecipeError
from seqkit.recipe.files import recipe_files
from seqkit.recipe.recipe import Recipe, load_recipe

HEAD = "task: classify_text\ndata: {source: sample:reviews}\n"


def load(text: str, overrides: dict[str, Any] | None = None) -> Recipe:
    """Load a recipe from its text, as from the file ``r.yaml``."""
    Path("r.yaml").write_text(text, encoding="utf-8")
    return load_recipe("r.yaml", overrides)


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_recipe_cannot_be_changed_in_place() -> None:
    recipe = load(HEAD + "tune: {model.units: {choice: [[64], [32, 32]]}}\n")
    with pytest.raises(ValueError, match="frozen"):
        recipe.name = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        recipe.train.epochs = 3  # type: ignore[misc]
    with pytest.raises(TypeError, match="A recipe is frozen: recipe.with_"):
        recipe.tune.space["model.cell"] = recipe.train
    with pytest.raises(TypeError, match="frozen"):
        recipe.tune.space.update({})
    with pytest.raises(TypeError, match="frozen"):
        recipe.tune.space |= {}  # type: ignore[misc]
    assert recipe.tune.space["model.units"].model_dump() == {
        "choice": ((64,), (32, 32))
    }


def test_equal_recipes_are_equal_and_hash_alike() -> None:
    text = HEAD + "tune: {model.units: {choice: [[64], [32, 32]]}}\n"
    one, other = load(text), load(text + "train: {epochs: 10}\n")
    assert one == other and hash(one) == hash(other)
    assert one != load(text, {"train.epochs": 11})


def test_copied_and_pickled_recipe_is_equal() -> None:
    recipe = load(HEAD + "tune: {model.units: {choice: [[64], [32, 32]]}}\n")
    assert copy.deepcopy(recipe) == recipe
    assert pickle.loads(pickle.dumps(recipe)) == recipe


@pytest.mark.parametrize("name", list(recipe_files()))
def test_shipped_recipe_reads_back_from_its_resolved_form(name: str) -> None:
    recipe = load_recipe(name)
    Path(f"{name}.yaml").write_text(recipe.to_yaml(), encoding="utf-8")
    again = load_recipe(f"{name}.yaml")
    assert again == recipe
    assert again.to_yaml() == recipe.to_yaml()
    assert recipe.name == name and recipe.description


def test_resolved_recipe_holds_every_key() -> None:
    plain = load(HEAD).to_dict()
    assert list(plain) == [
        "task",
        "description",
        "data",
        "model",
        "train",
        "tune",
        "reference",
    ]
    assert plain["train"]["epochs"] == 10
    assert plain["model"]["units"] == [64]
    assert json.loads(json.dumps(plain)) == plain


TRICKY = st.sampled_from(
    ["no", "1e-3", "12:30", "~", "null", " a", "a: b", "#", "'", "\n"]
)


@given(TRICKY | st.text(), TRICKY | st.text(min_size=1), st.floats(1e-300, 1e300))
def test_any_text_in_a_recipe_survives_its_resolved_form(
    tmp_path_factory: pytest.TempPathFactory, said: str, label: str, rate: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "base.yaml"
    path.write_text(HEAD, encoding="utf-8")
    changes = {
        "description": said,
        "data.text": said,
        "data.class_names": [label, "b"],
        "train.learning_rate": rate,
        "tune.train.learning_rate": {"choice": [rate, 0.5 * rate]},
    }
    try:
        recipe = load_recipe(path, changes)
    except RecipeError as error:  # U+D800 and its like are no text
        assert "Unicode" in str(error) or "lists" in str(error)
        return
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    assert load_recipe(path) == recipe


@given(st.lists(st.sampled_from(HEAD.split("\n")) | st.text(max_size=30), max_size=6))
def test_any_file_gives_a_recipe_or_a_recipe_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(load_recipe(path), Recipe)
    except RecipeError as error:
        assert all(mistake.where.startswith(str(path)) for mistake in error.mistakes)


def test_loading_runs_no_code_and_writes_nothing(python: Callable[[str], str]) -> None:
    told = python(
        """
import sys
from pathlib import Path
import seqkit.recipe.recipe, seqkit.tasks.classify_text
Path("evil.yaml").write_text(
    "task: !!python/object/apply:os.system ['touch owned']\\n"
    "data: {source: 'csv:$(touch owned)', text: !!python/name:os.system }\\n"
    "extends: ../../../../../../etc/passwd\\n"
)
seqkit.recipe.recipe.load_recipe("sample_sentiment")  # imports what loading needs
seen = []
sys.addaudithook(lambda event, args: seen.append((event, args)))
try:
    seqkit.recipe.recipe.load_recipe("evil.yaml")
except seqkit.errors.RecipeError as error:
    print(len(error.mistakes))
watched = {"os.system", "subprocess.Popen", "socket.connect", "exec", "os.remove"}
print(sorted({event for event, _ in seen} & watched))
opened = [args for event, args in seen if event == "open"]
print([args for args in opened if args[1] not in (None, "r", "rb")])
print(sorted(path.name for path in Path().iterdir()))
"""
    ).splitlines()
    assert told == ["3", "[]", "[]", "['evil.yaml']"]


def test_loading_a_recipe_loads_no_tensorflow(python: Callable[[str], str]) -> None:
    heavy = python(
        "import sys, seqkit\n"
        "seqkit.load_recipe('sample_sentiment').to_yaml()\n"
        "print({'tensorflow', 'keras', 'pandas', 'sklearn'} & set(sys.modules))"
    )
    assert heavy == "set()"

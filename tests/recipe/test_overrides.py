"""Dotted overrides, from Python and from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipe_texts import load, mistakes

from seqkit.errors import RecipeError, UsageError
from seqkit.recipe.recipe import load_recipe, parse_overrides
from seqkit.recipe.search import TuneSpec
from seqkit.registry import TASKS

HEAD = "task: classify_text\ndata: {source: sample:reviews}\n"


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("overrides", "path", "value"),
    [
        ({"model.cell": "gru"}, "model.cell", "gru"),
        ({"model.units": [128, 64]}, "model.units", (128, 64)),
        ({"model.units": (128,)}, "model.units", (128,)),
        ({"train.patience": None}, "train.patience", None),
        ({"train": {"epochs": 2}}, "train.epochs", 2),
        ({"train": {"epochs": 2}}, "train.seed", 0),
        ({"train": {"epochs": 2}, "train.epochs": 4}, "train.epochs", 4),
        ({"description": "new"}, "description", "new"),
        ({"reference": None}, "reference", None),
        ({"tune": {}}, "tune", TuneSpec()),
        ({"tune.model.cell": None}, "tune.space", {}),
        ({"tune.model.cell": None}, "tune.search", "grid"),
        ({"tune.search": "bayesian"}, "tune.search", "bayesian"),
        ({"tune.budget.trials": 3}, "tune.budget.trials", 3),
        ({"tune.budget.trials": 3}, "tune.budget.epochs", 2),
        ({"tune.budget": {"trials": 3}}, "tune.budget.epochs", None),
        ({"tune.budget.epochs": None}, "tune.budget.epochs", None),
        ({"tune.budget.seconds": 60}, "tune.budget.seconds", 60.0),
        ({"tune.seeds": [3, 1]}, "tune.seeds", (3, 1)),
    ],
)
def test_override_replaces_a_value_whole(
    overrides: dict[str, Any], path: str, value: Any
) -> None:
    text = HEAD + (
        "train: {seed: 7, patience: 3}\n"
        "tune: {search: grid, budget: {epochs: 2}, model.cell: {choice: [lstm, gru]}}\n"
        "reference: {metric: accuracy, value: 0.9, source: paper}\n"
    )
    for recipe in (load(text, overrides), load(text).with_(overrides)):
        found: Any = recipe
        for part in path.split("."):
            found = getattr(found, part)
        assert found == value


def test_override_of_a_search_takes_the_place_of_the_old_one() -> None:
    text = HEAD + "tune: {train.learning_rate: {choice: [0.1, 0.2]}}\n"
    recipe = load(text, {"tune.train.learning_rate": {"log": [1e-4, 1e-2]}})
    (search,) = recipe.tune.space.values()
    assert search.model_dump(mode="json") == {"log": [1e-4, 1e-2]}


@pytest.mark.parametrize(
    ("overrides", "mistake"),
    [
        ({"model.units": 64}, "model.units must be a list, got 64: write [64]."),
        ({"model.cel": "gru"}, "model.cel is not a known key. Allowed: cell"),
        ({"train.epochs.x": 3}, "train.epochs must be a whole number, got {x: 3}."),
        ({"model": "gru"}, "model must hold keys and values, got 'gru'."),
        ({"extends": "x"}, "'extends' is not a key of a recipe. An override names"),
        ({"": 3}, "'' is not a key of a recipe."),
        ({"model.": 3}, "'model.' is not a key of a recipe."),
        ({"model..cell": 3}, "'model..cell' is not a key of a recipe."),
        ({".model": 3}, "'.model' is not a key of a recipe."),
        ({3: 3}, "'3' is not a key of a recipe."),
        (
            {"cell": "gru"},
            "'cell' is not a key of a recipe. An override names a section",
        ),
        ({"train.epochs": float("nan")}, "train.epochs must be a"),
        (
            {"train.epochs": 10**5000},
            "train.epochs must be less than 2147483648, got a n",
        ),
        ({"train.epochs": object}, "train.epochs must be a whole number, got <class"),
        ({"model.units": {64}}, "model.units must be a list, got {64}."),
        ({"data.text": "\ud800"}, "data.text must be Unicode text, got '\\ud800'."),
        ({"description": "\ud800"}, "description must be Unicode text, got '\\ud800'."),
        ({"data.\ud800": 1}, "data.\\ud800 must be Unicode text, got 1."),
        (
            {"tune.model.cell": "gru"},
            "tune.model.cell must be one of {choice: [...]}, {lo",
        ),
        ({"tune.model.cel": None}, "tune.model.cel is not a key of this recipe."),
        ({"tune.": 3}, "'tune.' is not a key of a recipe."),
        ({"tune.budget.": 3}, "'tune.budget.' is not a key of a recipe."),
        ({"tune.budget.x": 3}, "tune.budget.x is not a known key. Allowed: trials, "),
        ({"tune.search.x": 3}, "tune.search must be one of random, hyperband, bayes"),
        ({"tune.space": {}}, "tune.space is neither a setting (search, budget, seeds"),
        ({"tune": None}, "tune must hold settings and searches, got null."),
        (
            {"task": "x"},
            f"task must be one of {', '.join(TASKS)}, got 'x'.",
        ),
    ],
)
def test_wrong_override_is_refused(overrides: dict[str, Any], mistake: str) -> None:
    (told,) = mistakes(HEAD, overrides)
    assert told.startswith(f"override: {mistake}")
    with pytest.raises(RecipeError) as refusal:
        load(HEAD).with_(overrides)
    assert str(refusal.value) == told


@pytest.mark.parametrize("overrides", ["train.epochs=3", ["train.epochs=3"], 3])
def test_overrides_that_are_no_mapping_are_refused(overrides: Any) -> None:
    with pytest.raises(UsageError, match="Overrides are a mapping such as"):
        load(HEAD, overrides)


def test_words_of_the_command_line_become_overrides() -> None:
    words = ["model.cell=gru", "model.units=[64, 64]", "train.learning_rate=1e-3"]
    words += ["data.source=csv:a=b.csv", "data.text=no", "train.patience=null"]
    assert parse_overrides(words) == {
        "model.cell": "gru",
        "model.units": [64, 64],
        "train.learning_rate": 0.001,
        "data.source": "csv:a=b.csv",
        "data.text": "no",
        "train.patience": None,
    }


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["train.epochs"], "An override is written KEY=VALUE, got 'train.epochs'."),
        (["=3"], "An override is written KEY=VALUE, got '=3'."),
        ([""], "An override is written KEY=VALUE, got ''."),
        (["a=1", "a=2"], "The override a is given twice."),
        (["a=[1"], "override 'a=[1': is not valid YAML: "),
        (
            ["a=@b"],
            "override 'a=@b': is not valid YAML: found character '@' that cannot",
        ),
    ],
)
def test_word_that_is_no_override_is_refused(words: list[str], text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_overrides(words)
    assert str(refusal.value).startswith(text)
    assert "\n" not in str(refusal.value)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, False, 0, -1, 3, 2**40, 1e-3, -0.5, float("nan")])
    | st.sampled_from(
        ["", "gru", "no", "lsmt", "tfds:x", "accuracy", "grid", "[", "\x00"]
    )
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choice", "log", "int", "cell", "epochs", "trials"])
            | st.text(max_size=3),
            inner,
            max_size=2,
        )
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [f"data.{key}" for key in ("source", "text", "class_names", "validation", "x")]
    + [f"model.{key}" for key in ("cell", "units", "residual", "dropout", "x")]
    + [f"train.{key}" for key in ("epochs", "clip_norm", "clip_value", "seed", "x")]
    + [
        f"tune.{key}"
        for key in ("model.cell", "model.units", "train.epochs", "x", "a.b.c")
        + ("search", "budget", "budget.trials", "budget.x", "seeds", "match", "space")
    ]
    + ["task", "description", "data", "model", "train", "tune", "reference", "x", "a.b"]
)


@given(st.dictionaries(KEYS | st.text(max_size=4), VALUES, max_size=4))
def test_any_override_gives_a_recipe_or_a_recipe_error(
    tmp_path_factory: pytest.TempPathFactory, overrides: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "base.yaml"
    path.write_text(HEAD, encoding="utf-8")
    try:
        recipe = load_recipe(path, overrides)
    except RecipeError as error:
        assert all(mistake.text for mistake in error.mistakes)
        assert len(str(error).splitlines()) == len(error.mistakes)
        return
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    assert load_recipe(path) == recipe

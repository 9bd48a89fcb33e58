"""Where recipes are found, and how one extends another."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqkit.errors import RecipeError, UnknownNameError
from seqkit.recipe.files import find_recipe, read_raw, recipe_files, shipped_folder
from seqkit.recipe.recipe import load_recipe

HEAD = "task: classify_text\ndata: {source: sample:reviews}\n"


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**texts: str) -> None:
    """Write recipes by name; ``a__b`` is ``a/b.yaml``."""
    for name, text in texts.items():
        path = Path(name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def refusal(name: str) -> str:
    """The text with which a recipe is refused."""
    with pytest.raises(RecipeError) as error:
        load_recipe(name)
    return str(error.value)


def test_shipped_recipes_are_found_by_name() -> None:
    assert "bilstm_sentiment" in recipe_files()
    assert find_recipe("bilstm_sentiment") == shipped_folder() / "bilstm_sentiment.yaml"


def test_every_shipped_file_is_a_recipe_by_its_own_name() -> None:
    shipped = {path.stem for path in shipped_folder().glob("*.yaml")}
    assert shipped and set(recipe_files()) == shipped
    assert {name: load_recipe(name).name for name in shipped} == {n: n for n in shipped}


def test_recipe_in_the_users_folder_goes_before_the_shipped_one() -> None:
    write(recipes__bilstm_sentiment=HEAD, recipes__mine=HEAD)
    assert find_recipe("bilstm_sentiment") == Path("recipes/bilstm_sentiment.yaml")
    assert load_recipe("mine").name == "mine"
    assert "stacked_gru_sentiment" in recipe_files()


def test_folder_that_is_named_like_a_recipe_is_none() -> None:
    Path("recipes/odd.yaml").mkdir(parents=True)
    assert "odd" not in recipe_files()


@pytest.mark.parametrize("path", ["mine.yaml", "./mine.yml", "sub/../mine.yaml"])
def test_path_is_taken_as_it_is(path: str) -> None:
    Path("sub").mkdir()
    for name in ("mine.yaml", "mine.yml"):
        Path(name).write_text(HEAD, encoding="utf-8")
    assert load_recipe(path) == load_recipe(Path(path).absolute())


def test_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as error:
        find_recipe("BiLSTM-sentiment")
    assert str(error.value).startswith("No recipe 'BiLSTM-sentiment'. Known: ")
    assert str(error.value).endswith("Did you mean 'bilstm_sentiment'?")


def test_name_with_a_suffix_too_many_is_answered_with_the_name() -> None:
    with pytest.raises(UnknownNameError) as error:
        find_recipe("bilstm_sentiment.yaml")
    assert str(error.value) == (
        "No file 'bilstm_sentiment.yaml' here. "
        "Did you mean the recipe 'bilstm_sentiment'?"
    )


def test_missing_path_is_told() -> None:
    assert refusal("sub/mine.yaml") == (
        "sub/mine.yaml: cannot be read: No such file or directory."
    )


def test_recipe_extends_a_chain_by_name_and_by_path() -> None:
    write(
        sub__a=HEAD
        + "train: {epochs: 1, seed: 1, batch_size: 1}\nmodel: {units: [1, 1]}",
        sub__b="extends: a\ntrain: {epochs: 2, seed: 2}\n",
        c="extends: sub/b.yaml\ntrain: {epochs: 3}\nmodel: {units: [3]}\n",
    )
    recipe = load_recipe("c.yaml")
    train = recipe.train
    assert (train.epochs, train.seed, train.batch_size) == (3, 2, 1)
    assert recipe.to_dict()["model"]["units"] == [3]
    assert recipe.name == "c"


def test_recipe_extends_a_shipped_one_by_name() -> None:
    write(mine="extends: bilstm_sentiment\nmodel: {cell: gru}\n")
    shipped = load_recipe("bilstm_sentiment", {"model.cell": "gru"}).to_dict()
    assert load_recipe("mine.yaml").to_dict() == shipped


def test_recipe_extends_the_shipped_one_of_its_own_name() -> None:
    write(recipes__bilstm_sentiment="extends: bilstm_sentiment\ntrain: {epochs: 1}\n")
    recipe = load_recipe("bilstm_sentiment")
    assert recipe.train.epochs == 1
    assert recipe.to_dict()["data"]["source"] == "tfds:imdb_reviews"


def test_sibling_is_extended_before_a_recipe_elsewhere() -> None:
    write(
        recipes__a=HEAD + "train: {epochs: 1}\n",
        sub__a=HEAD + "train: {epochs: 2}\n",
        sub__b="extends: a\n",
    )
    assert load_recipe("sub/b.yaml").train.epochs == 2


def test_search_of_a_child_takes_the_place_of_the_parents() -> None:
    write(
        a=HEAD + "tune:\n  model.cell: {choice: [gru]}\n  search: grid\n"
        "  budget: {trials: 9, epochs: 2}\n  seeds: 3\n"
        "  data.max_timesteps: {int: [1, 2]}\n  train.learning_rate: {choice: [0.1]}\n",
        b="extends: a\ntune:\n  train.learning_rate: {log: [0.1, 0.2]}\n"
        "  model.cell: null\n  budget: {trials: 4}\n  seeds: [1, 2]\n",
    )
    tune = load_recipe("b.yaml").to_dict()["tune"]
    assert {key: found for key, found in tune.items() if "." in key} == {
        "data.max_timesteps": {"int": [1, 2]},
        "train.learning_rate": {"log": [0.1, 0.2]},
    }
    assert (tune["search"], tune["seeds"]) == ("grid", [1, 2])
    # The value of a key is replaced whole, as in other sections.
    assert tune["budget"] == {"trials": 4, "epochs": None, "seconds": None}


def test_null_takes_a_reference_of_the_parent_away() -> None:
    write(b="extends: bilstm_sentiment\nreference: null\n")
    assert load_recipe("bilstm_sentiment").reference is not None
    assert load_recipe("b.yaml").reference is None


def test_mistake_in_a_parent_is_told_with_the_parents_line() -> None:
    write(
        sub__a="task: classify_text\ndata:\n  source: sample:reviews\n  lable: x\n"
        "model: {cell: lsmt}\ntrain:\n  epochs: 0\n  epochs: 1\n",
        b="extends: sub/a.yaml\n\nmodel:\n  units: 64\n  cell: gru\ntrain: {seed: x}\n",
    )
    assert [line.split(" ")[:2] for line in refusal("b.yaml").splitlines()] == [
        ["sub/a.yaml:4:", "data.lable"],
        ["sub/a.yaml:7:", "train.epochs"],
        ["sub/a.yaml:8:", "train.epochs"],
        ["b.yaml:4:", "model.units"],
        ["b.yaml:6:", "train.seed"],
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("extends: mine", "extends names the recipe itself, 'mine'."),
        ("extends: mine.yaml", "extends goes in a circle: mine -> mine."),
        ("extends: ./sub/../mine.yaml", "extends goes in a circle: mine -> mine."),
        ("extends: other.yaml", "extends names no file: 'other.yaml'."),
        (
            "extends: bilstm_sentimnt",
            "extends names no recipe: 'bilstm_sentimnt'. "
            "Did you mean 'bilstm_sentiment'?",
        ),
        (
            "extends: sibbling",
            "extends names no recipe: 'sibbling'. Did you mean 'sibling",
        ),
        (f"extends: {'x' * 300}", "extends names no recipe: 'xxx"),
        (f"extends: {'x' * 300}.yaml", "extends names no file: 'xxx"),
        ("extends: sub", "extends names no recipe: 'sub'."),
        ("extends: [a, b]", "extends must name one recipe, got ['a', 'b']."),
        ("extends:", "extends must name one recipe, got null."),
        ("extends: 3", "extends must name one recipe, got 3."),
        ("extends: ''", "extends must name one recipe, got ''."),
    ],
)
def test_wrong_extends_is_refused_with_its_line(line: str, text: str) -> None:
    write(mine=f"# a comment\n{line}\n", sibling=HEAD, sub__a=HEAD)
    assert refusal("mine.yaml").startswith(f"mine.yaml:2: {text}")


def test_circle_is_told_where_it_closes() -> None:
    write(
        a="extends: b\n",
        b="train: {}\nextends: sub/c.yaml\n",
        sub__c="\n\nextends: ../a.yaml\n",
    )
    assert refusal("a.yaml") == (
        "sub/c.yaml:3: extends goes in a circle: a -> b -> c -> a."
    )


def test_endless_chain_is_refused() -> None:
    for number in range(2000):
        write(**{f"r{number}": f"extends: r{number + 1}\n"})
    assert "extends makes a chain of more than 21 recipes." in refusal("r0.yaml")


def test_circle_through_a_symbolic_link_is_seen() -> None:
    write(a="extends: b.yaml\n")
    Path("b.yaml").symlink_to("a.yaml")
    assert refusal("a.yaml").startswith("a.yaml:1: extends goes in a circle: a -> b.")


def test_broken_parent_does_not_hide_the_childs_own_mistakes() -> None:
    write(a="task: [", b="extends: a\ntrain: {}\ntrain: {}\n")
    assert [line.split(": ")[0] for line in refusal("b.yaml").splitlines()] == [
        "b.yaml:3",
        "a.yaml:1",
    ]


def test_raw_recipe_follows_extends_and_adds_no_defaults() -> None:
    write(a=HEAD, b="extends: a\ntrain: {epochs: 1}\nodd: no\n")
    assert read_raw(Path("b.yaml")) == {
        "task": "classify_text",
        "data": {"source": "sample:reviews"},
        "train": {"epochs": 1},
        "odd": "no",
    }

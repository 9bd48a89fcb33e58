"""The list of recipes: quick, and nothing is hidden because it is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seqkit.recipe.catalog import COLUMNS, catalog_rows, recipes
from seqkit.recipe.recipe import load_recipe


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder ``recipes`` of a user."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "recipes"
    folder.mkdir()
    return folder


def row(name: str) -> dict[str, str]:
    return next(row for row in catalog_rows() if row["name"] == name)


def test_shipped_recipe_is_described_as_it_is(mine: Path) -> None:
    recipe = load_recipe("bilstm_sentiment").to_dict()
    assert row("bilstm_sentiment") == {
        "name": "bilstm_sentiment",
        "task": "classify_text",
        "data": recipe["data"]["source"],
        "model": f"bilstm {recipe['model']['units'][0]}, {recipe['model']['pooling']}",
        "reference": f"accuracy {recipe['reference']['value']}",
        "mistake": "",
    }


def test_model_is_told_in_a_few_words(mine: Path) -> None:
    (mine / "a.yaml").write_text("model: {cell: gru, units: [128, 64], pooling: max}")
    (mine / "b.yaml").write_text("extends: a\nmodel: {bidirectional: sum}")
    (mine / "c.yaml").write_text("task: classify_text")
    assert [row(name)["model"] for name in "abc"] == [
        "gru 128-64, max",
        "bigru 128-64, max",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("task: [", "recipes/broken.yaml:1: is not valid YAML: "),
        ("", "recipes/broken.yaml: is empty."),
        (
            "extends: nothing",
            "recipes/broken.yaml:1: extends names no recipe: 'nothing'.",
        ),
        ("a: 1\na: 2\na: 3", "recipes/broken.yaml:2: a is given twice"),
        ("- a", "recipes/broken.yaml:1: must hold keys and values"),
    ],
)
def test_broken_recipe_is_listed_with_its_first_mistake(
    mine: Path, text: str, mistake: str
) -> None:
    (mine / "broken.yaml").write_text(text)
    broken = row("broken")
    assert broken["mistake"].startswith(mistake) and "\n" not in broken["mistake"]
    assert broken["task"] == ""
    assert len(catalog_rows()) > 1


@pytest.mark.parametrize(
    "text",
    [
        "task: 3\ndata: 4\nmodel: 5\nreference: 6",
        "task: [a]\ndata: {source: {a: b}}\nmodel: {cell: 1, units: no, pooling: [x]}",
        "model: {units: [[1], null], bidirectional: 3}\nreference: {value: .nan}",
    ],
)
def test_nonsense_is_listed_as_it_stands(mine: Path, text: str) -> None:
    (mine / "odd.yaml").write_text(text)
    assert all(isinstance(cell, str) for cell in row("odd").values())


def test_frame_holds_the_same_rows(mine: Path) -> None:
    frame = recipes()
    assert tuple(frame.columns) == COLUMNS
    assert frame.to_dict(orient="records") == catalog_rows()


def test_frame_of_no_recipes_still_has_its_columns(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqkit.recipe.catalog.recipe_files", dict)
    assert tuple(recipes().columns) == COLUMNS and recipes().empty


def test_listing_types_nothing_and_loads_little(python: Callable[[str], str]) -> None:
    heavy = {
        "tensorflow",
        "keras",
        "pandas",
        "numpy",
        "pydantic",
        "matplotlib",
        "sklearn",
    }
    loaded = python(
        "import sys, seqkit.recipe.catalog\n"
        "assert seqkit.recipe.catalog.catalog_rows()\n"
        f"print({heavy!r} & set(sys.modules))"
    )
    assert loaded == "set()"

"""The ``decode`` section: of some tasks alone, optional, and read as strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqkit.errors import RecipeError
from seqkit.recipe.recipe import load_recipe
from seqkit.registry import TASKS

TAGS = """\
task: tag_text
data: {source: "sample:tags"}
"""
TEXT = """\
task: classify_text
data: {source: "sample:reviews"}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_recipe_without_the_section_has_its_defaults(tmp_path: Path) -> None:
    recipe: Any = load_recipe(written(tmp_path, TAGS))
    assert recipe.decode.method == "viterbi"
    assert recipe.to_dict()["decode"] == {"method": "viterbi"}


def test_section_comes_back_from_yaml(tmp_path: Path) -> None:
    text = TAGS + "decode: {method: argmax}\n"
    recipe: Any = load_recipe(written(tmp_path, text))
    assert recipe.decode.method == "argmax"
    again = load_recipe(written(tmp_path, recipe.to_yaml()))
    assert again == recipe != recipe.with_({"decode.method": "viterbi"})


def test_child_changes_the_section_of_its_parent(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(TAGS + "decode: {method: argmax}\n")
    child: Any = load_recipe(written(tmp_path, "extends: parent.yaml\n"))
    assert child.decode.method == "argmax"


def test_recipe_of_a_task_without_the_section_says_nothing_of_it() -> None:
    recipe = load_recipe("sample_sentiment")
    assert recipe.decode is None
    assert "decode" not in recipe.to_dict() and "decode" not in recipe.to_yaml()
    assert {n for n in TASKS if "decode" in TASKS.get(n).sections()} == {
        "tag_text",
        "translate",
        "transduce",
        "summarise",
        "extract_summary",
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            TEXT + "decode: {method: argmax}\n",
            "mine.yaml:3: decode must not be there: the task classify_text has no "
            "decode section. Take it away; tasks that have one: tag_text, translate, "
            "transduce, summarise, extract_summary.",
        ),
        (
            TAGS + "decode:\n  methd: argmax\n",
            "mine.yaml:4: decode.methd is not a known key. Allowed: method. Did you "
            "mean 'method'?",
        ),
        (
            TAGS + "decode: {method: viterby}\n",
            "mine.yaml:3: decode.method must be one of viterbi, argmax, got "
            "'viterby'. Did you mean 'viterbi'?",
        ),
        (
            TAGS + "decode: argmax\n",
            "mine.yaml:3: decode must hold keys and values, got 'argmax'.",
        ),
        (
            TAGS + "model: {method: argmax}\n",
            "It belongs in 'decode'.",
        ),
        (
            TAGS + "tune: {compare: decode.method}\n",
            "tune.compare names decode.method, but a decode key trains nothing. Train "
            "once, and compare run and run.decoded(...); or compare another key.",
        ),
        (
            TEXT + "tune: {decode.method: {choice: [argmax]}}\n",
            "tune.decode.method is not a key of this recipe: its task has no decode "
            "section.",
        ),
        (
            TAGS + "tune: {decode.method: {choice: [argmax, best]}}\n",
            "tune.decode.method holds a value that must be one of viterbi, argmax, "
            "got 'best'.",
        ),
    ],
)
def test_mistakes_are_told(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as refusal:
        load_recipe(written(tmp_path, text))
    assert sentence in str(refusal.value)


def test_override_of_a_task_without_the_section_is_told() -> None:
    with pytest.raises(RecipeError, match="classify_text has no decode section"):
        load_recipe("sample_sentiment", {"decode.method": "argmax"})

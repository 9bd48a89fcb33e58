"""Recipes as text, and the mistakes that they make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqkit.errors import RecipeError
from seqkit.recipe.recipe import Recipe, load_recipe


def load(text: str, overrides: dict[str, Any] | None = None) -> Recipe:
    """Load a recipe from its text, as from the file ``r.yaml``."""
    Path("r.yaml").write_text(text, encoding="utf-8")
    return load_recipe("r.yaml", overrides)


def mistakes(text: str, overrides: dict[str, Any] | None = None) -> list[str]:
    """All mistakes of a recipe that must have some."""
    with pytest.raises(RecipeError) as refusal:
        load(text, overrides)
    return str(refusal.value).splitlines()


HEAD = "task: classify_text\ndata: {source: csv:a.csv}\n"


def load_text(folder: Path, text: str, **overrides: Any) -> Recipe:
    """Load a recipe of texts; ``model__units`` overrides ``model.units``."""
    (folder / "r.yaml").write_text(HEAD + text, encoding="utf-8")
    dotted = {key.replace("__", "."): value for key, value in overrides.items()}
    return load_recipe(folder / "r.yaml", dotted)


def text_mistakes(folder: Path, text: str, **overrides: Any) -> list[str]:
    """Its mistakes, each as its key and what is wrong."""
    with pytest.raises(RecipeError) as refusal:
        load_text(folder, text, **overrides)
    return [f"{mistake.key} {mistake.text}" for mistake in refusal.value.mistakes]


TUNE_HEAD = (
    "task: classify_text\ndata: {source: sample:reviews}\ntrain: {clip_norm: 1}\n"
)


def load_tune(folder: Path, tune: str) -> Recipe:
    """Load a recipe whose ``tune`` begins in line 4."""
    path = folder / "r.yaml"
    path.write_text(f"{TUNE_HEAD}tune:\n  {tune}\n", encoding="utf-8")
    return load_recipe(path)

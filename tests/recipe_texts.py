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


TUNE_HEAD = (
    "task: classify_text\ndata: {source: sample:reviews}\ntrain: {clip_norm: 1}\n"
)


def load_tune(folder: Path, tune: str) -> Recipe:
    """Load a recipe whose ``tune`` begins in line 4."""
    path = folder / "r.yaml"
    path.write_text(f"{TUNE_HEAD}tune:\n  {tune}\n", encoding="utf-8")
    return load_recipe(path)

"""Recipes as text, and the mistakes that they make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqkit.errors import RecipeError
from seqkit.recipe import Recipe, load_recipe


def load(text: str, overrides: dict[str, Any] | None = None) -> Recipe:
    """Load a recipe from its text, as from the file ``r.yaml``."""
    Path("r.yaml").write_text(text, encoding="utf-8")
    return load_recipe("r.yaml", overrides)


def mistakes(text: str, overrides: dict[str, Any] | None = None) -> list[str]:
    """All mistakes of a recipe that must have some."""
    with pytest.raises(RecipeError) as refusal:
        load(text, overrides)
    return str(refusal.value).splitlines()

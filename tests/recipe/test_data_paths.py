"""Data of two files travel with a run's folder as one file does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from seqkit.recipe.data_paths import (
    located,
    portable,
    portable_path,
    two_addresses,
    write_places,
)
from seqkit.recipe.recipe import Recipe, load_recipe


def recipe(source: str) -> Recipe:
    return load_recipe("sample_sentiment", {"data.source": source})


def test_two_files_are_found_again_where_they_moved_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "run").mkdir(parents=True)
    for name in ("x.de", "x.en"):
        (old / name).write_text("a\n")
    whole = recipe(f"parallel:{old}/x.de,{old}/x.en")
    write_places(whole, old / "run")
    written = portable(whole)
    assert written.data.source == "parallel:old/x.de,old/x.en"
    assert located(written, old / "run").data.source == whole.data.source
    shutil.move(old, new)
    moved = located(written, new / "run").data.source
    assert moved == f"parallel:{new}/x.de,{new}/x.en"
    # Elsewhere the recipe's own paths stand, as far as files are not there.
    (new / "run" / "local.json").unlink()
    (new / "x.de").unlink()
    elsewhere: Any = located(recipe("parallel:x.de,x.en"), new / "run").data
    assert elsewhere.source == f"parallel:x.de,{new}/x.en"


def test_two_addresses_part_at_the_comma_in_the_middle() -> None:
    assert two_addresses("a,b/x.de,a,b/x.en") == ("a,b/x.de", "a,b/x.en")
    assert two_addresses("a,b,c") is None
    assert portable_path("/somewhere/else/x.de") == "x.de"

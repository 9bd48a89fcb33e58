"""Names that people give recipes, and names that TensorFlow takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqkit.tasks.names import graph_name
from seqkit.training.build import build

# TensorFlow's own rule for the first of nested name scopes.
SCOPE = r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*"


@pytest.mark.parametrize("name", ["mine", "my récipe (1)", "_", "été", "..", "日本"])
def test_any_recipe_name_makes_a_valid_scope(name: str) -> None:
    assert re.fullmatch(SCOPE, graph_name(name))


def test_a_recipe_of_any_name_builds(tmp_path: Path) -> None:
    path = tmp_path / "my récipe (1).yaml"
    path.write_text("task: classify_text\ndata: {source: sample:reviews}\n")
    assert build(path).name == "my_r_cipe_1"

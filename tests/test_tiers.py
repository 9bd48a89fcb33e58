"""Tiers name tests that there are, and unit tests load no TensorFlow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from tiers import APART, RUN, TESTS, TIERS, UNIT, tier_of, tiers_of


@pytest.mark.parametrize("place", [*UNIT, *APART])
def test_what_a_tier_names_is_there(place: str) -> None:
    assert (TESTS / place).exists()


def test_tests_apart_are_in_their_files() -> None:
    for place, tiers in APART.items():
        tree = ast.parse((TESTS / place).read_text(encoding="utf-8"))
        there = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        assert set(tiers) <= set(TIERS)
        assert {name for names in tiers.values() for name in names} <= there, place


def test_a_test_is_of_its_own_tier_else_of_its_file_s() -> None:
    path = TESTS / "recipe" / "test_safety.py"
    assert tier_of(path, "test_loading_a_recipe_loads_no_tensorflow") == "run"
    assert tier_of(path, "test_something_else") == "unit"
    assert tiers_of(path) == {"unit", "run"}
    assert tier_of(TESTS / "runs" / "test_fit.py") == "run"
    assert tier_of(TESTS / "layers" / "test_layers.py") == "graph"
    assert not set(UNIT) & set(RUN)


@pytest.mark.slow
def test_unit_tests_load_no_tensorflow(root: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--tier", "unit"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]

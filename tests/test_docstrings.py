"""The examples in docstrings of files that load no TensorFlow give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import seqkit

PACKAGE = Path(seqkit.__file__).parent
HEAVY = ("export", "layers", "models", "training")
"""Rooms whose files load TensorFlow."""
LIGHT = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in HEAVY
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", LIGHT)
def test_examples_give_what_they_say(module: str) -> None:
    outcome = doctest.testmod(import_module(module), raise_on_error=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_examples_are_found_where_they_stand() -> None:
    assert {"seqkit.errors", "seqkit.frequency", "seqkit.recipe.nodes"} <= set(LIGHT)

"""Where data lie: by a path on this machine, and as it is written for others.

A recipe in memory holds whole paths. What is written into a run's folder, a winner or a
card holds none: a file below the current folder by its path from there, another by its
name. ``local.json`` beside it keeps the whole paths for this machine; it may be lost or
deleted, and goes into no export.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqkit.recipe.recipe import Recipe
from seqkit.shared.contents import LOCAL
from seqkit.shared.files import read_json, write_json

KEYS = ("source", "data_dir")
"""Keys of ``data`` that may hold a path; a source's comes behind ``KIND:``."""
NO_FILES = ("tfds:", "sample:")
"""Sources that are named, and have no path."""
MOST_PARENTS = 4
"""Data are looked for in the folder of a run, and in so many above it."""

_ABSOLUTE = re.compile(r"(?<![\w./~])(?:~|(?=/))(?:/(?!/)[^\s/'\"`,;:()]+)+/?")
"""An absolute path in a sentence; not the path of an URL."""


def portable_path(address: str) -> str:
    """A path from the current folder where it lies below, else the name alone."""
    path = Path(os.path.abspath(os.path.expanduser(address)))
    here = Path.cwd()
    # Below the root everything lies.
    is_below = path.is_relative_to(here) and here != Path(here.anchor)
    return (path.relative_to(here) if is_below else Path(path.name)).as_posix()


def portable(recipe: Recipe) -> Recipe:
    """A recipe as others may see it: without whole paths."""
    return _changed(recipe, {key: _travelling(v) for key, v in _places(recipe)})


def without_paths(text: str) -> str:
    """A sentence as others may see it: whole paths become portable ones."""
    return _ABSOLUTE.sub(lambda match: portable_path(match[0]) or match[0], text)


def write_places(recipe: Recipe, folder: Path) -> None:
    """Keep in ``folder`` where the data of a recipe lie on this machine."""
    places = {key: v for key, v in _places(recipe) if _travelling(v) != v}
    if places:
        write_json(folder / LOCAL, {"folder": str(folder.absolute()), **places})


def located(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe that was written to ``folder``, with its data's paths from here.

    Data are where they were, or moved along with the folder; else where the recipe
    says, seen from the current folder, the recipe's own and those above it.
    """
    local = _local(folder)
    changes = {}
    for key, written in _places(recipe):
        kind, address = _parted(written)
        if kind in NO_FILES:
            continue
        whole = local.get(key)
        if whole and Path(_parted(whole)[1]).name != Path(address).name:
            whole = None  # another recipe's, in the same folder
        for path in _candidates(address, whole, folder, local.get("folder")):
            if path.exists():
                changes[key] = f"{kind}{path}"
                break
        else:
            changes[key] = whole or written
    return _changed(recipe, changes)


def _places(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for key in KEYS:
        value = getattr(recipe.data, key, None)
        if isinstance(value, str):
            yield key, value


def _changed(recipe: Recipe, changes: dict[str, str]) -> Recipe:
    return recipe.model_copy(update={"data": recipe.data.model_copy(update=changes)})


def _parted(value: str) -> tuple[str, str]:
    """``csv:/a/b`` as ``csv:`` and ``/a/b``; a folder has no kind."""
    kind, colon, address = value.partition(":")
    return (kind + colon, address) if colon and "/" not in kind else ("", value)


def _travelling(value: str) -> str:
    kind, address = _parted(value)
    is_path = os.path.isabs(os.path.expanduser(address))
    return f"{kind}{portable_path(address)}" if is_path else value


def _local(folder: Path) -> dict[str, Any]:
    """What ``write_places`` wrote; a file that is lost or damaged says nothing."""
    try:
        plain = read_json(folder / LOCAL)
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in plain.items() if isinstance(v, str)} if plain else {}


def _candidates(
    address: str, local: str | None, folder: Path, old_folder: str | None
) -> Iterator[Path]:
    """Where a file may lie, the likeliest first; nothing for what is no path."""
    if os.path.isabs(address) or not address:
        return
    if local is not None:
        path = _parted(local)[1]
        if old_folder and old_folder != str(folder.absolute()):
            moved = os.path.join(folder.absolute(), os.path.relpath(path, old_folder))
            yield Path(os.path.normpath(moved))
        yield Path(path)
    elif address == "frame":
        return
    above = folder.absolute().parents[:MOST_PARENTS]
    for start in (Path.cwd(), folder.absolute(), *above):
        yield start / address

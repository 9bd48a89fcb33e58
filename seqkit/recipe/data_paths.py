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

KEYS = {"source": "data", "data_dir": "data", "pretrained_vectors": "model"}
"""Keys that may hold a path, with their sections; a source's comes behind ``KIND:``."""
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


def two_addresses(address: str) -> tuple[str, str] | None:
    """The paths in ``A,B``: at the comma in the middle; None where there is none.

    >>> two_addresses("train.de,train.en"), two_addresses("a.de")
    (('train.de', 'train.en'), None)
    """
    pieces = address.split(",")
    half = len(pieces) // 2
    if len(pieces) % 2:
        return None
    return ",".join(pieces[:half]), ",".join(pieces[half:])


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
        kind, addresses = _parted(written)
        if kind in NO_FILES:
            continue
        wholes = _parted(local[key])[1] if key in local else []
        if [Path(one).name for one in wholes] != [Path(one).name for one in addresses]:
            wholes = [""] * len(addresses)  # another recipe's, in the same folder
        places = []
        for address, whole in zip(addresses, wholes, strict=True):
            candidates = _candidates(address, whole, folder, local.get("folder"))
            there = (str(path) for path in candidates if path.exists())
            places.append(next(there, whole or address))
        changes[key] = kind + ",".join(places)
    return _changed(recipe, changes)


def _places(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for key, section in KEYS.items():
        value = getattr(getattr(recipe, section), key, None)
        if isinstance(value, str):
            yield key, value


def _changed(recipe: Recipe, changes: dict[str, str]) -> Recipe:
    for key, value in changes.items():
        section = getattr(recipe, KEYS[key]).model_copy(update={key: value})
        recipe = recipe.model_copy(update={KEYS[key]: section})
    return recipe


def _parted(value: str) -> tuple[str, list[str]]:
    """``csv:/a/b`` as ``csv:`` and its path; a folder has no kind, ``parallel`` two."""
    kind, colon, address = value.partition(":")
    if not colon or "/" in kind:
        return "", [value]
    both = two_addresses(address) if kind == "parallel" else None
    return kind + colon, list(both or [address])


def _travelling(value: str) -> str:
    kind, addresses = _parted(value)
    return kind + ",".join(
        portable_path(one) if os.path.isabs(os.path.expanduser(one)) else one
        for one in addresses
    )


def _local(folder: Path) -> dict[str, Any]:
    """What ``write_places`` wrote; a file that is lost or damaged says nothing."""
    try:
        plain = read_json(folder / LOCAL)
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in plain.items() if isinstance(v, str)} if plain else {}


def _candidates(
    address: str, whole: str, folder: Path, old_folder: str | None
) -> Iterator[Path]:
    """Where a file may lie, the likeliest first; nothing for what is no path."""
    if os.path.isabs(address) or not address:
        return
    if whole:
        if old_folder and old_folder != str(folder.absolute()):
            moved = os.path.join(folder.absolute(), os.path.relpath(whole, old_folder))
            yield Path(os.path.normpath(moved))
        yield Path(whole)
    elif address == "frame":
        return
    above = folder.absolute().parents[:MOST_PARENTS]
    for start in (Path.cwd(), folder.absolute(), *above):
        yield start / address

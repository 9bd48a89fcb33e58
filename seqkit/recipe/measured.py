"""Whether two recipes measure the same: the same rows, the same truth, the same error.

The keys that decide it are marked on their fields (``seqkit.recipe.spec.MEASURED``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqkit.recipe.files import same_data
from seqkit.recipe.nodes import Node
from seqkit.recipe.spec import frozen, marked_keys
from seqkit.registry import TASKS


def measures_same(one: Node, other: Node) -> bool:
    """Whether two recipes, read but not yet typed, have equal marked keys.

    Sources are equal where they are the same file (``is_same_source``). Of a task that
    is not known, everything in ``data`` counts.
    """
    tasks = [tree.at("task") for tree in (one, other)]
    names = [node.plain() if node else None for node in tasks]
    if names[0] != names[1]:
        return False
    if names[0] not in list(TASKS):
        return same_data(one, other)
    ours, theirs = (_measured(tree, TASKS.get(names[0])) for tree in (one, other))
    sources = [keys.pop("source", None) for keys in (ours, theirs)]
    return ours == theirs and is_same_source(*sources)


def _measured(tree: Node, task: Any) -> dict[str, Any]:
    """The marked keys of ``data`` with their values, or their defaults."""
    data = tree.at("data")
    written = data.plain() if data and isinstance(data.value, dict) else {}
    fields = task.Data.model_fields
    return {
        key: frozen(written.get(key, fields[key].get_default()))
        for key in marked_keys(task.Data, "measured")
    }


def is_same_source(own: Any, other: Any) -> bool:
    """Whether ``other`` is a recipe's ``own`` source, or the same file elsewhere.

    A recipe that travels cannot know where its file lies: where its own path leads
    nowhere, a file of the same kind and name is it, packed (``x.csv.gz``) or not.
    """
    if own == other:
        return True
    if not (isinstance(own, str) and isinstance(other, str)):
        return False
    (kind, _, own_path), (other_kind, _, other_path) = (
        source.partition(":") for source in (own, other)
    )
    if kind != other_kind:
        return False
    try:
        here, there = (Path(p).expanduser() for p in (own_path, other_path))
        if here.exists():
            return there.exists() and here.samefile(there)
    except (OSError, RuntimeError, ValueError):
        return False
    names = sorted((here.name, there.name), key=len)
    return f".{kind}." in f"{names[0]}." and f"{names[1]}.".startswith(f"{names[0]}.")

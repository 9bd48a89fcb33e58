"""Keys of a recipe whose values its task chooses, once the data are known: ``auto``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol, get_args

from seqkit.errors import Mistake
from seqkit.recipe.messages import no_rule
from seqkit.recipe.nodes import Node, node_of, replaced
from seqkit.recipe.spec import Spec
from seqkit.registry import TASKS

AUTO = "auto"
"""What is written for such a key."""
RULED = ("data", "model", "train")
"""Sections whose keys may be chosen."""


class Choice(NamedTuple):
    """A value that a rule has chosen, and why."""

    value: Any
    why: str


class Rule(Protocol):
    """What a task chooses values by."""

    keys: tuple[str, ...]
    """Dotted keys that it has a value for."""

    def choices(self, given: Mapping[str, Any]) -> dict[str, Choice]:
        """A value for each of ``keys``, beside those that are given by hand."""


def automatic_keys(tree: Node) -> dict[str, Node]:
    """The dotted keys of a recipe, read but not typed, that are left at ``auto``."""
    task = tree.at("task")
    if task is None or task.value not in TASKS:
        return {}
    types = TASKS.get(task.value).sections()
    return {
        f"{section}.{key}": node
        for section in RULED
        for key, node in _automatic(tree.at(section))
        if AUTO not in _values(types[section], key)
    }


def check_rule(rule: Rule | None, keys: Mapping[str, Node], task: str) -> list[Mistake]:
    """What is wrong with leaving ``keys`` to a rule."""
    ruled = rule.keys if rule else ()
    return [
        Mistake(node.where, key, no_rule(task, ruled))
        for key, node in keys.items()
        if key not in ruled
    ]


def filled(tree: Node, keys: Mapping[str, Node], choices: Mapping[str, Choice]) -> Node:
    """``tree`` with the value that was chosen for each of ``keys``."""
    for key, node in keys.items():
        value = node_of(choices[key].value, node.where)
        tree = replaced(tree, key.split("."), value)
    return tree


def _automatic(section: Node | None) -> Iterator[tuple[str, Node]]:
    if section is None or not isinstance(section.value, dict):
        return
    for key, node in section.value.items():
        if node.value == AUTO:
            yield key, node


def _values(type_: type[Spec], key: str) -> tuple[Any, ...]:
    """What a key of few values may be, ``auto`` among them where the task has it."""
    field = type_.model_fields.get(key)
    return get_args(field.annotation) if field else ()

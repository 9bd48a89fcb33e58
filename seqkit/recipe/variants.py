"""Sections whose keys depend on what they hold: ``model`` has those of its ``cell``.

See ``Spec.typed_by``. Where another value is laid upon a section, the keys that go
with the old value alone stay behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import create_model

from seqkit.recipe.nodes import Node, replaced
from seqkit.recipe.spec import Spec
from seqkit.registry import TASKS

Types = Mapping[str, type[Spec]]


def written_types(tree: Node, types: Types) -> dict[str, type[Spec]]:
    """The types of a recipe's sections by what is written in them."""
    return {
        name: type_.typed(_value(tree, name, type_)) for name, type_ in types.items()
    }


def searched_types(tree: Node, types: Types) -> dict[str, type[Spec]]:
    """The types of a recipe's sections, with the keys of all that its search tries."""
    return {
        name: with_all_keys(*dict.fromkeys(rivals(tree, name, type_).values()))
        for name, type_ in types.items()
    }


def rivals(tree: Node, section: str, type_: type[Spec]) -> dict[Any, type[Spec]]:
    """The section's types by the values of ``typed_by`` that a recipe's search tries.

    Where it searches none, the one that is written.
    """
    tune = tree.at("tune")
    search = tune.at(f"{section}.{type_.typed_by}") if tune else None
    choice = search.at("choice") if search else None
    values = choice.plain() if choice and isinstance(choice.value, list) else []
    known = [value for value in values if value in list(type_.variants())]
    return {
        value: type_.typed(value) for value in known or [_value(tree, section, type_)]
    }


@cache
def with_all_keys(*types: type[Spec]) -> type[Spec]:
    """A type that has the keys of several."""
    first, *others = types
    return create_model(first.__name__, __base__=types) if others else first


def fitted_base(base: Node, over: Node) -> Node:
    """``base`` without the keys that do not go with what ``over`` says.

    Args:
        base: a recipe, read but not typed.
        over: what will be laid upon it.
    """
    task = over.at("task") or base.at("task")
    if task is None or task.value not in TASKS:
        return base
    for name, type_ in TASKS.get(task.value).sections().items():
        if type_.typed_by and _value(over, name, type_) is not None:
            base = _retyped(base, name, type_, _value(over, name, type_))
    return base


def with_value(tree: Node, section: str, type_: type[Spec], value: Node) -> Node:
    """``tree`` with a value of ``typed_by``, without keys that it lacks."""
    tree = _retyped(tree, section, type_, value.plain())
    return replaced(tree, [section, type_.typed_by], value)


def own_keys(keys: Mapping[str, Any], types: Types) -> dict[str, Any]:
    """Those of some dotted keys that go with the values that stand among them.

    ``model.kernel_size`` is none where ``model.cell`` is ``lstm``.
    """
    own = dict(keys)
    for section, type_ in types.items():
        value = keys.get(f"{section}.{type_.typed_by}")
        for key in keys if isinstance(value, str) else ():
            name, _, field = key.partition(".")
            if name == section and field not in type_.typed(value).model_fields:
                del own[key]
    return own


def _retyped(tree: Node, section: str, type_: type[Spec], value: Any) -> Node:
    node = tree.at(section)
    if node is None or not isinstance(node.value, dict):
        return tree
    before, after = (type_.typed(v) for v in (_value(tree, section, type_), value))
    lost = set(before.model_fields) - set(after.model_fields)
    rest = {key: below for key, below in node.value.items() if key not in lost}
    return replaced(tree, [section], Node(rest, node.where))


def _value(tree: Node, section: str, type_: type[Spec]) -> Any:
    """What is written for ``typed_by``; None where nothing is, or no text."""
    node = tree.at(section)
    value = node.at(type_.typed_by) if node and type_.typed_by else None
    return value.value if value and isinstance(value.value, str) else None

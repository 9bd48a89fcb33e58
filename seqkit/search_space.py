"""The ``tune`` section of a recipe: which keys are searched, among which values."""

from __future__ import annotations

from collections.abc import Mapping

from seqkit.errors import Mistake
from seqkit.messages import typed_section
from seqkit.nodes import Node, node_of, replaced, shown
from seqkit.registry import did_you_mean
from seqkit.spec import SEARCHES, Choice, Frozen, LinearRange, LogRange, Spec

NOT_SEARCHED = ("train.seed", "data.source", "data.test", "data.split_seed")
"""Keys that decide what is measured: to search among them is to search for luck."""


def typed_searches(
    tree: Node, types: Mapping[str, type[Spec]], mistakes: list[Mistake]
) -> Frozen[Spec]:
    """Type the searches, and try each of their values in the section it belongs to.

    A search that is null is left out: so a child recipe takes one of its parent away.

    Args:
        tree: the whole recipe.
        types: the types of its sections; without ``data`` and ``model`` if the task is
            not known.
        mistakes: takes every mistake.
    """
    tune = tree.at("tune") or Node({}, tree.where)
    if not isinstance(tune.value, dict):
        text = f"must map dotted keys to searches, got {shown(tune.plain())}."
        mistakes.append(Mistake(tune.where, "tune", text))
        return Frozen()
    searches: dict[str, Spec] = {}
    for key, node in tune.value.items():
        wrong = _wrong_key(key, types)
        if wrong:
            mistakes.append(Mistake(node.where, f"tune.{key}", wrong))
        elif node.value is not None:
            search = _typed_search(tune, key, mistakes)
            if search is not None:
                searches[key] = search
                _try_values(tree, key, search, types, mistakes)
    return Frozen(searches)


def searched_keys(types: Mapping[str, type[Spec]]) -> list[str]:
    """The dotted keys that may be searched."""
    keys = [
        f"{name}.{key}" for name, type_ in types.items() for key in type_.model_fields
    ]
    return [key for key in keys if key not in NOT_SEARCHED]


def _wrong_key(key: str, types: Mapping[str, type[Spec]]) -> str:
    section = key.partition(".")[0]
    if key in NOT_SEARCHED:
        return "decides what is measured, so it cannot be searched."
    if key in searched_keys(types) or ("data" not in types and section != "train"):
        return ""
    hint = did_you_mean(key, searched_keys(types))
    return f"is not a key of this recipe. {hint}".rstrip()


def _typed_search(tune: Node, key: str, mistakes: list[Mistake]) -> Spec | None:
    node = tune.value[key]
    kinds = list(node.value) if isinstance(node.value, dict) else []
    if len(kinds) == 1 and kinds[0] in SEARCHES:
        return typed_section(SEARCHES[kinds[0]], tune, key, f"tune.{key}", mistakes)
    text = (
        "must be one of {choice: [...]}, {log: [low, high]}, {linear: [low, high]}, "
        f"{{int: [low, high]}}, got {shown(node.plain())}."
    )
    mistakes.append(Mistake(node.where, f"tune.{key}", text))
    return None


def _try_values(
    tree: Node,
    key: str,
    search: Spec,
    types: Mapping[str, type[Spec]],
    mistakes: list[Mistake],
) -> None:
    """Note each value that its section would refuse, alone or beside its other keys.

    Where other keys of the section are searched as well, what one value needs of them
    may come from their searches, so that then only the value alone is judged.
    """
    section, _, field = key.partition(".")
    if section not in types:
        return
    others = [
        k for k in tree.value["tune"].value if k != key and k.startswith(f"{section}.")
    ]
    whole = typed_section(types[section], tree, section, section, []) is not None
    noted: set[str] = set()
    for value in _values(tree.value["tune"].value[key], search):
        changed = replaced(tree, [section, field], value)
        refused: list[Mistake] = []
        typed_section(types[section], changed, section, section, refused)
        for mistake in refused:
            own = mistake.key.partition("[")[0] == key
            text = f"holds a value that {mistake.text}"
            if isinstance(search, (LogRange, LinearRange)) and "whole num" in text:
                text = (
                    "takes whole numbers: search them by {int: ...} or {choice: ...}."
                )
            beside = whole and not others and mistake.key == section
            if (own or beside) and text not in noted:
                noted.add(text)
                mistakes.append(Mistake(value.where, f"tune.{key}", text))


def _values(node: Node, search: Spec) -> list[Node]:
    """The listed values, or the ends of a range as the numbers it will draw."""
    ((kind, listed),) = node.value.items()
    ends = getattr(search, kind)
    if isinstance(search, Choice):
        return list(listed.value)
    return [
        node_of(end, item.where) for end, item in zip(ends, listed.value, strict=True)
    ]

"""Reads a recipe's ``tune`` section: settings, and searches of keys among values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqkit.errors import Mistake
from seqkit.recipe.messages import typed_section
from seqkit.recipe.nodes import Node, node_of, replaced, shown
from seqkit.recipe.search import (
    SEARCHES,
    Budget,
    Choice,
    LinearRange,
    LogRange,
    TuneSettings,
    TuneSpec,
)
from seqkit.recipe.search_keys import searched_keys, wrong_key
from seqkit.recipe.spec import DataSpec, Frozen, Spec
from seqkit.recipe.variants import (
    rivals,
    searched_types,
    with_value,
    written_types,
)
from seqkit.registry import did_you_mean

SETTINGS = tuple(TuneSettings.model_fields)


def typed_tune(
    tree: Node, types: Mapping[str, type[Spec]], mistakes: list[Mistake]
) -> TuneSpec:
    """Type the section, and try each searched value in the section it belongs to.

    A search that is null is left out: so a child recipe takes one of its parent away.

    Args:
        tree: the whole recipe.
        types: the types of its sections; without ``data`` and ``model`` if the task is
            not known.
        mistakes: takes every mistake.
    """
    tune = tree.at("tune") or Node({}, tree.where)
    if not isinstance(tune.value, dict):
        text = f"must hold settings and searches, got {shown(tune.plain())}."
        mistakes.append(Mistake(tune.where, "tune", text))
        return TuneSpec()
    before = len(mistakes)
    settings = _settings(tune, searched_types(tree, types), mistakes)
    space = _space(tree, tune, types, mistakes)
    if len(mistakes) > before:
        return TuneSpec()
    spec = TuneSpec(**settings, space=space)
    for key, text in _conflicts(spec, tree, types):
        mistakes.append(Mistake(_where(tune, key), f"tune.{key}", text))
    return spec


def _where(tune: Node, key: str) -> str:
    """The place of a search, or of a setting, inside ``budget`` too."""
    section, _, below = key.partition(".")
    outer = tune.at(key) or tune.at(section) or tune
    return (outer.at(below) or outer).where


# Settings


def _settings(
    tune: Node, types: Mapping[str, type[Spec]], mistakes: list[Mistake]
) -> dict[str, Any]:
    """The typed values of the keys without dots; empty if one is wrong."""
    settings: dict[str, Node] = {}
    for key, node in tune.value.items():
        if key in SETTINGS:
            settings[key] = node
        elif "." not in key:
            text = _no_setting(key, types)
            mistakes.append(Mistake(node.where, f"tune.{key}", text))
    typed: dict[str, Any] = {}
    if settings.pop("budget", None):
        typed["budget"] = _budget(tune, mistakes)
    holder = Node({"tune": Node(settings, tune.where)}, tune.where)
    section = typed_section(TuneSettings, holder, "tune", "tune", mistakes)
    if section is None:
        return {}
    typed = dict(section) | typed
    wrong = wrong_key(typed["compare"], types)
    if wrong:
        text = f"names {shown(typed['compare'])}, which {wrong}"
        mistakes.append(Mistake(_where(tune, "compare"), "tune.compare", text))
    return typed


def _budget(tune: Node, mistakes: list[Mistake]) -> Spec | None:
    """Typed by itself, so that what is wrong inside is told in its own terms."""
    node = tune.value["budget"]
    if type(node.value) is int:
        text = f"must hold keys and values, got {node.value}: write "
        text += f"{{trials: {node.value}}}."
        mistakes.append(Mistake(node.where, "tune.budget", text))
        return None
    return typed_section(Budget, tune, "budget", "tune.budget", mistakes)


def _no_setting(key: str, types: Mapping[str, type[Spec]]) -> str:
    """What is wrong with a key that has no dot, and what may have been meant."""
    keys = searched_keys(types)
    nearest = [full for full in keys if full.endswith(f".{key}")]
    if key in Budget.model_fields:
        hint = "It belongs in tune.budget."
    elif nearest:
        hint = f"Did you mean {nearest[0]!r}?"
    else:
        hint = did_you_mean(key, [*SETTINGS, *keys])
    return (
        f"is neither a setting ({', '.join(SETTINGS)}) nor a dotted key of this "
        f"recipe. {hint}".rstrip()
    )


def _conflicts(
    spec: TuneSpec, tree: Node, types: Mapping[str, type[Spec]]
) -> Iterator[tuple[str, str]]:
    """Keys of the section that do not go together, each with what is wrong."""
    rival = spec.space.get(spec.compare)
    if rival is not None and not isinstance(rival, Choice):
        (kind,) = type(rival).model_fields
        yield (
            "compare",
            f"names {spec.compare}, which is searched by {kind}, so that its values "
            "cannot compete. Search it by a choice, or compare another key.",
        )
    elif spec.match == "parameters":
        text = _nothing_to_match(spec, types)
        if text:
            yield "match", f"{text} Set match to none."
    if spec.compare.startswith("decode."):
        yield (
            "compare",
            f"names {spec.compare}, but a decode key trains nothing. Train once, and "
            "compare run and run.decoded(...); or compare another key.",
        )
    if "train.epochs" in spec.space:
        if spec.budget.epochs is not None:
            yield (
                "budget.epochs",
                f"must be null where train.epochs is searched, got "
                f"{spec.budget.epochs}. Take one of them away.",
            )
        if spec.search == "hyperband":
            yield (
                "search",
                "is hyperband, which gives each trial its epochs, so that train.epochs "
                "cannot be searched. Take one of them away.",
            )
    yield from _lacking_conflicts(spec, tree, types)
    yield from _data_conflicts(spec, tree, types.get("data"))


def _nothing_to_match(spec: TuneSpec, types: Mapping[str, type[Spec]]) -> str:
    if "model" in types and "units" not in types["model"].model_fields:
        return "is parameters, but the models of this task have no units to scale."
    if spec.compare == "model.units":
        return "is parameters, which scales model.units, but these compete."
    if len(spec.competitors) < 2:
        return (
            f"is parameters, but {spec.compare} (compare) is not searched among two "
            "values or more, so that nothing is to be matched."
        )
    return ""


def _lacking_conflicts(
    spec: TuneSpec, tree: Node, types: Mapping[str, type[Spec]]
) -> Iterator[tuple[str, str]]:
    """Searched keys that are lacking in a part of what is tried, but not by arms."""
    for section, type_ in types.items():
        chooser = f"{section}.{type_.typed_by}"
        tried = rivals(tree, section, type_)
        for key in spec.space if chooser in spec.space else ():
            name, _, field = key.partition(".")
            lacking = [v for v, own in tried.items() if field not in own.model_fields]
            if name == section and lacking and spec.compare != chooser:
                yield (
                    key,
                    f"is not a key of {', '.join(lacking)}, which {chooser} tries as "
                    f"well. Let these compete (compare: {chooser}), or take one of "
                    "the searches away.",
                )


def _data_conflicts(
    spec: TuneSpec, tree: Node, type_: type[Spec] | None
) -> Iterator[tuple[str, str]]:
    """What the task's data say against the searches of their keys."""
    if type_ is None or not issubclass(type_, DataSpec):
        return
    data = tree.at("data")
    written = data.plain() if data and isinstance(data.value, dict) else {}
    keys = [key.partition(".")[2] for key in spec.space if key.startswith("data.")]
    for key, text in type_.search_conflicts(written, keys):
        yield f"data.{key}", text


# Searches


def _space(
    tree: Node,
    tune: Node,
    types: Mapping[str, type[Spec]],
    mistakes: list[Mistake],
) -> Frozen[Spec]:
    searches: dict[str, Spec] = {}
    searched = searched_types(tree, types)
    for key, node in tune.value.items():
        if "." not in key:
            continue
        wrong = wrong_key(key, searched)
        setting, _, below = key.partition(".")
        if setting in SETTINGS:
            wrong = f"is a setting: write {setting}: {{{below}: ...}}."
        if wrong:
            mistakes.append(Mistake(node.where, f"tune.{key}", wrong))
        elif node.value is not None:
            search = _typed_search(tune, key, mistakes)
            if search is not None:
                searches[key] = search
                _try_values(tree, key, search, types, mistakes)
    return Frozen(searches)


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
    type_ = types[section]
    whole = typed_section(type_, tree, section, section, []) is not None
    noted: set[str] = set()
    for value in _values(tree.value["tune"].value[key], search):
        refused: list[Mistake] = []
        changed = _with_value(tree, section, field, type_, value)
        variant = written_types(changed, types)[section]
        typed_section(variant, changed, section, section, refused)
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


def _with_value(
    tree: Node, section: str, field: str, type_: type[Spec], value: Node
) -> Node:
    """The recipe with a searched value, and with what competes that has its key."""
    if field == type_.typed_by:
        return with_value(tree, section, type_, value)
    if field not in type_.model_fields:
        owners = rivals(tree, section, type_).items()
        owner = next(name for name, own in owners if field in own.model_fields)
        tree = with_value(tree, section, type_, Node(owner, value.where))
    return replaced(tree, [section, field], value)


def _values(node: Node, search: Spec) -> list[Node]:
    """The listed values, or the ends of a range as the numbers it will draw."""
    ((kind, listed),) = node.value.items()
    ends = getattr(search, kind)
    if isinstance(search, Choice):
        return list(listed.value)
    return [
        node_of(end, item.where) for end, item in zip(ends, listed.value, strict=True)
    ]

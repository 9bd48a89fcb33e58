"""What is wrong with a value, in one sentence: the rule, what came, the mend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError

from seqkit.errors import Mistake, UnknownNameError
from seqkit.recipe.nodes import Node, shown
from seqkit.recipe.spec import Spec
from seqkit.recipe.yaml import scalar
from seqkit.registry import TASKS, did_you_mean

_RULES = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must hold at least {min_length} value(s)",
    "too_long": "must hold at most {max_length} values",
    "finite_number": "must be a finite number",
    "none_required": "must be null",
    "string_too_short": "must not be empty",
    "string_unicode": "must be Unicode text",
}
_TYPE_RULES = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "dict_type": "must hold keys and values",
}
_BOUNDS = ("gt", "ge", "lt", "le")
_YES_NO = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def typed_section(
    type_: type[Spec],
    tree: Node,
    name: str,
    path: str,
    mistakes: list[Mistake],
    sections: Mapping[str, type[Spec]] | None = None,
) -> Spec | None:
    """Type the section ``name`` of ``tree``; None if it has mistakes, which are noted.

    Args:
        type_: what the section must be.
        tree: where the section stands; a section that is not there is empty.
        name: its key in ``tree``.
        path: its dotted path in the recipe, for messages.
        mistakes: takes one mistake for each key that is wrong.
        sections: all sections of the recipe, to tell where a misplaced key belongs.
    """
    node = tree.at(name) or Node({}, tree.where)
    if not isinstance(node.value, dict):
        text = f"must hold keys and values, got {shown(node.plain())}."
        mistakes.append(Mistake(node.where, path, text))
        return None
    try:
        return type_.model_validate(node.plain())
    except ValidationError as error:
        found: dict[str, Mistake] = {}
        for detail in error.errors(include_url=False):
            key, where = _place(node, detail)
            dot = "." if key and not key.startswith("[") else ""
            text = _sentence(type_, detail, sections or {})
            # A union gives one detail a member; the first will do.
            found.setdefault(key, Mistake(where, f"{path}{dot}{key}", text))
        mistakes.extend(found.values())
        return None


def _place(node: Node, detail: Any) -> tuple[str, str]:
    """The dotted path inside ``node`` that a detail speaks of, and where it stands."""
    key, loc = "", list(detail["loc"])
    if detail["type"] == "missing" and isinstance(loc[-1], int):
        loc.pop()  # a list that is too short: the list is wrong, not its end
    for place, part in enumerate(loc):
        below = node.at(part)
        absent = detail["type"] == "missing" and place == len(loc) - 1
        if below is None and not absent:
            continue  # pydantic's name of a union's member, not a key
        node = below or node
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key, node.where


def _sentence(
    type_: type[Spec], detail: Any, sections: Mapping[str, type[Spec]]
) -> str:
    loc, kind, value = detail["loc"], detail["type"], detail["input"]
    context = detail.get("ctx", {})
    field = type_.model_fields.get(str(loc[0])) if loc else None
    about = (field.description or "").rstrip(".") if field else ""
    if kind == "extra_forbidden":
        key = str(loc[-1])
        return key_of_others(type_, key) or unknown_key(
            key, tuple(type_.model_fields), sections
        )
    if kind == "missing":
        if isinstance(loc[-1], int):
            return f"holds too few values, got {shown(value)}. It takes: {about}."
        return f"is missing{': ' if about else ''}{about}."
    if kind == "value_error":
        error = context["error"]
        if isinstance(error, UnknownNameError) and error.known:
            return one_of(error.known, value)
        return str(error)
    if kind == "literal_error":
        return one_of(re.findall(r"'([^']*)'", context["expected"]), value)
    if kind == "string_pattern_mismatch":
        return f"must be {about}, got {shown(value)}."
    if kind in _TYPE_RULES:
        nullable = field is not None and type(None) in get_args(field.annotation)
        rule = _TYPE_RULES[kind] + (" or null" if nullable and len(loc) == 1 else "")
        return f"{rule}, got {shown(value)}{_mend(kind, value)}."
    numbers = {key: f"{bound:.10g}" for key, bound in context.items() if key in _BOUNDS}
    rule = _RULES.get(kind, detail["msg"].lower()).format(**context | numbers)
    return f"{rule}, got {shown(value)}."


def one_of(allowed: tuple[str, ...] | list[str], value: Any) -> str:
    """``must be one of lstm, gru, got 'lsmt'. Did you mean 'lstm'?``"""
    hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
    rule = f"must be one of {', '.join(allowed)}"
    return f"{rule}, got {shown(value)}. {hint}".rstrip()


def unknown_key(
    name: str, allowed: tuple[str, ...], sections: Mapping[str, type[Spec]]
) -> str:
    """``is not a known key. Allowed: text, label. Did you mean 'text'?``"""
    homes = [key for key, type_ in sections.items() if name in type_.model_fields]
    hint = f"It belongs in {homes[0]!r}." if homes else did_you_mean(name, allowed)
    return f"is not a known key. Allowed: {', '.join(allowed)}. {hint}".rstrip()


def key_of_others(type_: type[Spec], name: str) -> str:
    """What is wrong with a key that a section has under other values of one key alone.

    ``is not a key of tcn. Take it away, or choose a cell that has it: lstm, gru.``
    """
    types = type_.variants()
    others = [value for value, type_ in types.items() if name in type_.model_fields]
    if not others:
        return ""
    own = ", ".join(value for value in types if types[value] is type_)
    return (
        f"is not a key of {own}. Take it away, or choose a {type_.typed_by} that has "
        f"it: {', '.join(others)}."
    )


def no_rule(task: str, ruled: Sequence[str]) -> str:
    """``cannot be auto: the task tag_text chooses no value for it. ...``"""
    mend = f"It does for: {', '.join(ruled)}." if ruled else "Write its value."
    return f"cannot be auto: the task {task} chooses no value for it. {mend}"


def no_section(name: str, task: str) -> str:
    """``must not be there: the task forecast has no decode section. ...``"""
    others = [other for other in TASKS if name in TASKS.get(other).sections()]
    return (
        f"must not be there: the task {task} has no {name} section. Take it away; "
        f"tasks that have one: {', '.join(others)}."
    )


def _mend(kind: str, value: Any) -> str:
    """``: write [64]`` where it is plain what was meant, else an empty string."""
    if kind == "tuple_type" and isinstance(value, (int, float)):
        return f": write [{shown(value)}]"
    if kind == "tuple_type" and re.fullmatch(r"[\w.-]{1,30}", str(value)):
        return f": write [{value}]"
    if kind == "string_type" and isinstance(value, (int, float)):
        return f": write '{shown(value)}'"
    if kind == "bool_type" and str(value).lower() in _YES_NO:
        return f": write {_YES_NO[value.lower()]}"
    if kind in {"int_type", "float_type"}:
        return _mend_number(kind, value)
    return ""


def _mend_number(kind: str, value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[-+0-9_.eE]{1,20}", value):
        try:
            value = scalar(value.replace("_", "").lstrip("+0") or "0")
        except ValueError:
            return ""
    if isinstance(value, float) and kind == "int_type" and value.is_integer():
        value = int(value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = number and (kind == "float_type" or isinstance(value, int))
    return f": write {value}" if fits else ""

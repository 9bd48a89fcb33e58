"""What is wrong with a value, in one sentence: the rule, what came, the mend."""

from __future__ import annotations

from typing import Any

from seqkit.registry import did_you_mean
from seqkit.spec import Spec

_RULES = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text (quote it if it looks like a number)",
    "tuple_type": "must be a list, e.g. [64]",
    "too_short": "must hold at least {min_length} value(s)",
    "too_long": "must hold at most {max_length} values",
    "dict_type": "must hold keys and values",
    "finite_number": "must be a finite number",
    "none_required": "must be null",
    "string_too_short": "must not be empty",
}


def sentence(type_: type[Spec], detail: Any) -> tuple[str, str]:
    """The dotted key and the sentence for one of pydantic's error details."""
    loc, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    key = _key(loc)
    if kind == "extra_forbidden":
        allowed = tuple(type_.model_fields)
        hint = did_you_mean(str(loc[-1]), allowed)
        text = f"is not a known key. {hint} Allowed: {', '.join(allowed)}."
        return key, text.replace("  ", " ")
    if kind == "missing":
        return key, "is missing."
    if kind == "literal_error":
        allowed = tuple(str(context["expected"]).replace("'", "").split(", "))
        allowed = tuple(name for word in allowed for name in word.split(" or "))
        hint = did_you_mean(str(detail["input"]), allowed)
        text = f"must be one of {', '.join(allowed)}, got {detail['input']!r}. {hint}"
        return key, text.strip()
    if kind == "value_error":
        return key, f"{context['error']}"
    rule = _RULES.get(kind, detail["msg"].lower()).format(**context)
    return key, f"{rule}, got {detail['input']!r}."


def _key(loc: tuple[str | int, ...]) -> str:
    """``("units", 0)`` -> ``units[0]``; names of union members are left out."""
    key = ""
    for part in loc:
        if isinstance(part, int):
            key += f"[{part}]"
        elif not _is_union_member(part):
            key += f".{part}" if key else part
    return key


def _is_union_member(part: str) -> bool:
    # pydantic puts the tried member of a union, e.g. "constrained-float", in the path.
    return "[" in part or "-" in part or part in {"int", "float", "str", "bool", "none"}

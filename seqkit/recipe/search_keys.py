"""Which keys of a recipe may be searched, and why another may not."""

from __future__ import annotations

from collections.abc import Mapping

from seqkit.recipe.messages import key_of_others
from seqkit.recipe.spec import Spec, marked_keys
from seqkit.registry import TASKS, did_you_mean


def searched_keys(types: Mapping[str, type[Spec]]) -> list[str]:
    """The dotted keys that may be searched."""
    fixed = fixed_keys(types)
    keys = [
        f"{name}.{key}" for name, type_ in types.items() for key in type_.model_fields
    ]
    return [key for key in keys if key not in fixed]


def compared_keys(types: Mapping[str, type[Spec]]) -> list[str]:
    """Those whose values may compete: what competes is trained."""
    return [key for key in searched_keys(types) if not key.startswith("decode.")]


def fixed_keys(types: Mapping[str, type[Spec]]) -> set[str]:
    """The dotted keys that decide what is measured: rows, truth, parts or error.

    Trials that differ in them could not be compared. They are marked on their fields.
    """
    return {
        f"{name}.{key}"
        for name, type_ in types.items()
        for key in marked_keys(type_, "measured", "fixed")
    }


def fixed_keys_of_all() -> set[str]:
    """The keys that no recipe of any task may search."""
    sections = [TASKS.get(name).sections() for name in TASKS]
    return set[str]().union(*map(fixed_keys, sections))


def wrong_key(key: str, types: Mapping[str, type[Spec]]) -> str:
    """What is wrong with searching a key; empty where nothing is."""
    section = key.partition(".")[0]
    if key in searched_keys(types):
        return ""
    if key in fixed_keys_of_all():
        return "decides what is measured, so it cannot be searched."
    if "data" not in types and section != "train":
        return ""
    if section == "decode" and "decode" not in types:
        return "is not a key of this recipe: its task has no decode section."
    name = key.partition(".")[2]
    if section in types and (text := key_of_others(types[section], name)):
        return text
    hint = did_you_mean(key, searched_keys(types))
    return f"is not a key of this recipe. {hint}".rstrip()

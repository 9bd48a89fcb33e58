"""The JSON Schema of recipe files, from which editors complete keys and values."""

from __future__ import annotations

from typing import Any

from seqkit.recipe.automatic import AUTO
from seqkit.recipe.search import SEARCHES, TuneSettings
from seqkit.recipe.search_keys import compared_keys, searched_keys
from seqkit.recipe.search_space import SETTINGS
from seqkit.recipe.spec import Reference, Spec, TrainSpec
from seqkit.recipe.variants import with_all_keys
from seqkit.registry import BASELINES, TASKS

TASK_SECTIONS = ("data", "model", "decode")
"""Sections whose keys the task decides."""
SECTIONS = (
    "task",
    "description",
    *TASK_SECTIONS,
    "train",
    "baseline",
    "tune",
    "reference",
)
"""What a recipe's file may hold, besides ``extends``."""


def recipe_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of recipe files.

    ``task`` decides which keys ``data``, ``model`` and ``decode`` take. A recipe that
    extends another may leave out whatever the other gives, the task too; then only the
    sections that all tasks share are checked.
    """
    definitions: dict[str, Any] = {}
    branches = [_branch(name, definitions) for name in TASKS]
    summaries = {name: TASKS.get(name).summary for name in TASKS}
    train = _reference_to(TrainSpec, "train", definitions)
    for name in TASKS:
        _allow_auto(TASKS.get(name), definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seqkit recipe",
        "type": "object",
        "properties": {
            "task": {
                "description": " ".join(
                    f"{n}: {text}" for n, text in summaries.items()
                ),
                "enum": list(TASKS),
            },
            "extends": {
                "description": "Start from this recipe: a name, or a path.",
                "type": "string",
                "minLength": 1,
            },
            "description": {"type": "string"},
            **{section: {"type": "object"} for section in TASK_SECTIONS},
            "train": train,
            "baseline": {
                "description": "Ships this plain baseline in place of a network; "
                "null: a network is trained.",
                "enum": [*BASELINES, None],
            },
            "tune": {
                **_defined(TuneSettings, "tune", definitions),
                "description": "How `seqkit tune` searches; and a search for each "
                "dotted key that it changes.",
                "additionalProperties": _search(definitions),
            },
            "reference": {
                "anyOf": [
                    _reference_to(Reference, "reference", definitions),
                    {"type": "null"},
                ]
            },
        },
        "additionalProperties": False,
        "anyOf": [{"required": ["task", "data"]}, {"required": ["extends"]}],
        "allOf": branches,
        "$defs": definitions,
    }


def _branch(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """What a task says of ``data``, ``model``, ``decode`` and ``tune``."""
    task = TASKS.get(name)
    types = task.sections()
    sections = {
        section: section in types
        and _variants(types[section], f"{name}.{section}", definitions)
        for section in TASK_SECTIONS
    }
    whole = {**types, "reference": Reference}
    types = {key: with_all_keys(*_types(type_)) for key, type_ in types.items()}
    required = {
        section: {"required": _required(type_)} for section, type_ in whole.items()
    }
    return {
        "if": {"properties": {"task": {"const": name}}, "required": ["task"]},
        "then": {
            "properties": {
                **sections,
                "tune": {
                    "properties": {"compare": {"enum": compared_keys(types)}},
                    "propertyNames": {"enum": [*SETTINGS, *searched_keys(types)]},
                },
            },
            "anyOf": [{"properties": required}, {"required": ["extends"]}],
        },
    }


def _allow_auto(task: Any, definitions: dict[str, Any]) -> None:
    """Let ``auto`` stand for the values that a task's rule chooses."""
    for key in task.Rule.keys if task.Rule else ():
        section, field = key.split(".")
        own = section if section == "train" else f"{task.name}.{section}"
        for name, definition in definitions.items():
            # A section of several types has one definition for each.
            if name == own or name.startswith(f"{own}."):
                values = definition["properties"].get(field, {"const": AUTO})
                if {"const": AUTO} not in (values, *values.get("anyOf", ())):
                    about = {"description": values.get("description", "")}
                    both = {"anyOf": [values, {"const": AUTO}]}
                    definition["properties"][field] = about | both


def _required(type_: type[Spec]) -> list[str]:
    return [key for key, field in type_.model_fields.items() if field.is_required()]


def _types(type_: type[Spec]) -> dict[type[Spec], list[str]]:
    """The types of a section, each with the values of ``typed_by`` that give it."""
    values: dict[type[Spec], list[str]] = {}
    for value, variant in type_.variants().items():
        values.setdefault(variant, []).append(value)
    return values or {type_: []}


def _variants(
    type_: type[Spec], name: str, definitions: dict[str, Any]
) -> dict[str, Any]:
    """A section of one type, or of one of several by the value of a key."""
    types = _types(type_)
    if len(types) == 1:
        return _reference_to(type_, name, definitions)
    references = []
    for variant, values in types.items():
        own = f"{name}.{values[0]}"
        references.append(_reference_to(variant, own, definitions))
        definitions[own]["properties"][type_.typed_by]["enum"] = values
    return {"anyOf": references}


def _search(definitions: dict[str, Any]) -> dict[str, Any]:
    kinds = []
    for kind, type_ in SEARCHES.items():
        reference = _reference_to(type_, f"search.{kind}", definitions)
        kinds.append({**reference, "required": [kind]})
    return {"anyOf": [*kinds, {"type": "null"}]}


def _reference_to(
    type_: type[Spec], name: str, definitions: dict[str, Any]
) -> dict[str, str]:
    """Define a section under ``name``, with no key required, and refer to it."""
    definitions[name] = _defined(type_, name, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _defined(
    type_: type[Spec], name: str, definitions: dict[str, Any]
) -> dict[str, Any]:
    """A section with no key required; sections inside it are defined under its name."""
    schema = type_.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
    for inner, definition in schema.pop("$defs", {}).items():
        definitions[f"{name}.{inner}"] = definition
    schema.pop("required", None)
    for key in schema["properties"].values():
        for one in (key, *key.get("anyOf", ())):
            _bound_as_list(one)
    return schema


def _bound_as_list(key: dict[str, Any]) -> None:
    """Say how many items a list takes.

    pydantic says minLength of a list behind a BeforeValidator, which JSON Schema reads
    as the length of a text.
    """
    for bound in ("min", "max"):
        if key.get("type") == "array" and f"{bound}Length" in key:
            key[f"{bound}Items"] = key.pop(f"{bound}Length")

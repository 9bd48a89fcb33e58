"""YAML <-> frozen typed recipe; every mistake at once, with its file and line.

A recipe names a task; the task says which keys ``data`` and ``model`` have. Loading a
recipe runs no code of the recipe's and writes nothing.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, SerializeAsAny, TypeAdapter, ValidationError

from seqkit import strict_yaml
from seqkit.errors import Mistake, RecipeError, UnknownNameError, UsageError
from seqkit.messages import sentence
from seqkit.registry import TASKS, did_you_mean
from seqkit.spec import SEARCHES, Reference, Spec, TrainSpec
from seqkit.strict_yaml import Node

SECTIONS = ("task", "description", "data", "model", "train", "tune", "reference")


class Recipe(BaseModel):
    """A task, its data, its architecture and its training: all that makes a run.

    Frozen: change one with ``recipe.with_({"model.cell": "gru"})``, which gives
    another. Two recipes with the same content are equal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    task: str
    description: str = ""
    data: SerializeAsAny[Spec]
    model: SerializeAsAny[Spec]
    train: TrainSpec
    tune: dict[str, SerializeAsAny[Spec]] = {}
    reference: Reference | None = None

    def with_(self, overrides: Mapping[str, Any]) -> Recipe:
        """Return this recipe with dotted keys changed; raise RecipeError on mistakes."""
        tree = strict_yaml.node_of(self.to_dict(), self.name)
        return _typed(_overridden(tree, overrides), self.name)

    def to_dict(self) -> dict[str, Any]:
        """The fully resolved recipe as plain data, every key with its value."""
        return self.model_dump(mode="json", exclude={"name"})

    def to_yaml(self) -> str:
        """The fully resolved recipe as YAML that ``load_recipe`` reads back."""
        return yaml.safe_dump(
            self.to_dict(), sort_keys=False, allow_unicode=True, width=88
        )

    def _repr_html_(self) -> str:
        return (
            f"<b>Recipe {html.escape(self.name)}</b>"
            f"<pre>{html.escape(self.to_yaml())}</pre>"
        )


def load_recipe(
    recipe: str | Path | Recipe, overrides: Mapping[str, Any] | None = None
) -> Recipe:
    """Load a recipe by name or path and apply dotted overrides.

    A path ends in ``.yaml`` or ``.yml``. A name is looked up in ``./recipes`` and then
    among the recipes that ship.

    Raises:
        UnknownNameError: there is no recipe of that name.
        RecipeError: the recipe or the overrides have mistakes; lists all of them.
    """
    if isinstance(recipe, Recipe):
        return recipe.with_(overrides) if overrides else recipe
    path = find_recipe(recipe)
    return _typed(_overridden(_extended(path, ()), overrides or {}), path.stem)


def recipe_files() -> dict[str, Path]:
    """All recipes that can be named, by name; ``./recipes`` goes before the shipped."""
    found: dict[str, Path] = {}
    for folder in (_shipped_folder(), Path("recipes")):
        if folder.is_dir():
            found |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return dict(sorted(found.items()))


def find_recipe(name: str | Path) -> Path:
    """The file of a recipe; raise UnknownNameError with the nearest name if none."""
    if Path(name).suffix in {".yaml", ".yml"}:
        return Path(name)
    known = recipe_files()
    if str(name) not in known:
        hint = did_you_mean(str(name), list(known))
        raise UnknownNameError(
            f"No recipe {str(name)!r}. {hint} Known: {', '.join(known)}; "
            "or give a path that ends in .yaml.".replace("  ", " ")
        )
    return known[str(name)]


def read_raw(path: Path) -> dict[str, Any]:
    """A recipe's keys with ``extends`` followed, but neither typed nor completed."""
    plain: dict[str, Any] = _extended(path, ()).plain()
    return plain


def parse_overrides(words: list[str]) -> dict[str, Any]:
    """Read ``["model.cell=gru", "model.units=[64, 64]"]`` into dotted overrides."""
    overrides = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"An override is written KEY=VALUE, got {word!r}.")
        overrides[key] = strict_yaml.read_value(value, f"override {word!r}")
    return overrides


def recipe_schema() -> dict[str, Any]:
    """The JSON Schema of recipe files, one branch a task, for editors to complete."""
    branches = []
    for name in TASKS:
        task = TASKS.get(name)
        sections = {
            "task": {"const": name, "description": task.summary},
            "extends": {"type": "string", "description": "Start from this recipe."},
            "description": {"type": "string"},
            "data": task.Data.model_json_schema(),
            "model": task.Model.model_json_schema(),
            "train": TrainSpec.model_json_schema(),
            "tune": {
                "type": "object",
                "description": "A search space, keyed by dotted path.",
                "additionalProperties": {
                    "oneOf": [search.model_json_schema() for search in SEARCHES.values()]
                },
            },
            "reference": Reference.model_json_schema(),
        }
        branches.append(
            {"type": "object", "properties": sections, "additionalProperties": False}
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seqkit recipe",
        "anyOf": branches,
    }


def _shipped_folder() -> Path:
    """The package ``seqkit.recipes`` where installed, else ``recipes/`` beside it."""
    package = Path(str(files("seqkit")))
    try:
        shipped = Path(str(files("seqkit.recipes")))
    except ModuleNotFoundError:
        shipped = package / "recipes"
    return shipped if shipped.is_dir() else package.parent / "recipes"


def _extended(path: Path, below: tuple[Path, ...]) -> Node:
    """Read ``path`` and lay it upon the recipe that it extends, if any."""
    if path.resolve() in below:
        chain = " -> ".join(p.stem for p in (*below, path))
        raise RecipeError([Mistake(f"{path}:1", "extends", f"goes in a circle: {chain}.")])
    tree = strict_yaml.read_file(path)
    parent = tree.value.pop("extends", None)
    if parent is None:
        return tree
    if not isinstance(parent.value, str):
        text = f"must name one recipe, got {parent.value!r}."
        raise RecipeError([Mistake(parent.where, "extends", text)])
    try:
        beside = path.parent / parent.value
        base = beside if beside.suffix in {".yaml", ".yml"} else None
        base = base or _sibling(path, parent.value) or find_recipe(parent.value)
    except UnknownNameError as error:
        raise RecipeError([Mistake(parent.where, "extends", f": {error}")]) from None
    return strict_yaml.merge(_extended(base, (*below, path.resolve())), tree)


def _sibling(path: Path, name: str) -> Path | None:
    sibling = path.parent / f"{name}.yaml"
    return sibling if sibling.is_file() else None


def _overridden(tree: Node, overrides: Mapping[str, Any]) -> Node:
    for key, value in overrides.items():
        # The keys of `tune` are dotted paths themselves: split once only.
        parts = key.split(".", 1) if key.startswith("tune.") else key.split(".")
        over = strict_yaml.node_of(value, "override")
        if parts[0] in {"model", "train", "tune", "data"} and len(parts) > 1:
            parent = _at(tree, parts[:-1])
            if parent is not None and isinstance(parent.value, dict):
                # An override replaces a mapping whole, it does not merge into it.
                parent.value.pop(parts[-1], None)
        for part in reversed(parts):
            over = Node({part: over}, "override")
        tree = Node(strict_yaml.merge(tree, over).value, tree.where)
    return tree


def _at(tree: Node, parts: list[str]) -> Node | None:
    node: Node | None = tree
    for part in parts:
        if node is None or not isinstance(node.value, dict):
            return None
        node = node.value.get(part)
    return node


def _typed(tree: Node, name: str) -> Recipe:
    """Check the whole tree against the task's types; raise with every mistake."""
    mistakes = _unknown_sections(tree)
    task_node = tree.value.get("task")
    if task_node is None:
        text = f"is missing. Every recipe names one of: {', '.join(TASKS)}."
        raise RecipeError([*mistakes, Mistake(tree.where, "task", text)])
    try:
        task = TASKS.get(str(task_node.value))
    except UnknownNameError as error:
        raise RecipeError(
            [*mistakes, Mistake(task_node.where, "task", f"is not known. {error}")]
        ) from None
    types = {"data": task.Data, "model": task.Model, "train": TrainSpec}
    parts = {
        section: _section(type_, tree, (section,), mistakes)
        for section, type_ in types.items()
    }
    if "reference" in tree.value and tree.value["reference"].value is not None:
        parts["reference"] = _section(Reference, tree, ("reference",), mistakes)
    parts["description"] = _text(tree, "description", mistakes)
    parts["tune"] = _searches(tree, mistakes)
    if not mistakes:
        _check_candidates(tree, types, parts["tune"], mistakes)
    if mistakes:
        raise RecipeError(mistakes)
    return Recipe.model_construct(name=name, task=task_node.value, **parts)


def _unknown_sections(tree: Node) -> list[Mistake]:
    return [
        Mistake(
            node.where,
            key,
            f"is not a section of a recipe. {did_you_mean(key, SECTIONS)} "
            f"Allowed: extends, {', '.join(SECTIONS)}.".replace("  ", " "),
        )
        for key, node in tree.value.items()
        if key not in SECTIONS
    ]


def _text(tree: Node, key: str, mistakes: list[Mistake]) -> str:
    node = tree.value.get(key, Node("", tree.where))
    if not isinstance(node.value, str):
        mistakes.append(Mistake(node.where, key, f"must be text, got {node.plain()!r}."))
        return ""
    return node.value


def _section(
    type_: type[Spec], tree: Node, path: tuple[str, ...], mistakes: list[Mistake]
) -> Any:
    """Type one section; note each of its mistakes with the line it stands in."""
    node = tree
    for part in path:
        node = node.value.get(part, Node({}, tree.where))
    if not isinstance(node.value, dict):
        text = f"must hold keys and values, got {node.plain()!r}."
        mistakes.append(Mistake(node.where, ".".join(path), text))
        return None
    try:
        return type_.model_validate(node.plain())
    except ValidationError as error:
        seen = set()
        for detail in error.errors(include_url=False):
            key, text = sentence(type_, detail)
            if key not in seen:
                seen.add(key)
                where = node.where_of(tuple(detail["loc"]))
                mistakes.append(Mistake(where, ".".join((*path, key)), text))
        return None


def _searches(tree: Node, mistakes: list[Mistake]) -> dict[str, Spec]:
    node = tree.value.get("tune", Node({}, tree.where))
    if not isinstance(node.value, dict):
        text = f"must map dotted keys to searches, got {node.plain()!r}."
        mistakes.append(Mistake(node.where, "tune", text))
        return {}
    searches = {}
    for key, search in node.value.items():
        kinds = [kind for kind in SEARCHES if kind in (search.value or {})]
        if not isinstance(search.value, dict) or len(kinds) != 1:
            text = (
                f"must be one of {{choice: [...]}}, {{log: [low, high]}}, {{linear: "
                f"[low, high]}} or {{int: [low, high]}}, got {search.plain()!r}."
            )
            mistakes.append(Mistake(search.where, f"tune.{key}", text))
            continue
        searches[key] = _section(SEARCHES[kinds[0]], tree, ("tune", key), mistakes)
    return searches


def _check_candidates(
    tree: Node,
    types: dict[str, type[Spec]],
    searches: dict[str, Spec],
    mistakes: list[Mistake],
) -> None:
    """See that each searched key exists and takes every value it may be given."""
    for key, search in searches.items():
        where = tree.value["tune"].value[key].where
        section, _, field = key.partition(".")
        if section not in types or field not in types[section].model_fields:
            known = [f"{s}.{f}" for s, type_ in types.items() for f in type_.model_fields]
            text = f"is not a key of this recipe. {did_you_mean(key, known)}"
            mistakes.append(Mistake(where, f"tune.{key}", text.strip()))
            continue
        (candidates,) = search.model_dump().values()
        if not isinstance(search, SEARCHES["choice"]) and candidates[0] >= candidates[1]:
            text = f"must go from low to high, got {list(candidates)}."
            mistakes.append(Mistake(where, f"tune.{key}", text))
        info = types[section].model_fields[field]
        adapter: TypeAdapter[Any] = TypeAdapter(
            Annotated[info.annotation, *info.metadata], config=ConfigDict(strict=True)
        )
        for candidate in candidates:
            try:
                adapter.validate_python(candidate)
            except ValidationError as error:
                _, text = sentence(types[section], error.errors(include_url=False)[0])
                mistakes.append(Mistake(where, f"tune.{key}", f"holds a value that {text}"))

"""YAML <-> frozen typed recipe; every mistake at once, with its file and line.

A recipe names a task; the task says which keys ``data`` and ``model`` have, and whether
there is a ``decode`` section. Loading a recipe runs no code of the recipe's and writes
nothing.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SerializeAsAny

from seqkit.errors import Mistake, RecipeError, UsageError
from seqkit.recipe import yaml as strict_yaml
from seqkit.recipe.automatic import (
    AUTO,
    RULED,
    Choice,
    Rule,
    automatic_keys,
    check_rule,
    filled,
)
from seqkit.recipe.files import find_recipe, read_tree, with_own_words
from seqkit.recipe.measured import measures_same
from seqkit.recipe.messages import no_section, one_of, typed_section, unknown_key
from seqkit.recipe.nodes import Node, is_unicode, node_of, replaced, shown
from seqkit.recipe.schema import SECTIONS
from seqkit.recipe.search import TuneSpec
from seqkit.recipe.search_space import SETTINGS, typed_tune
from seqkit.recipe.spec import DataSpec, Reference, Spec, TrainSpec, frozen
from seqkit.recipe.variants import fitted_base, written_types
from seqkit.registry import BASELINES, TASKS, did_you_mean


class Recipe(BaseModel):
    """A task, its data, its architecture and its training: all that makes a run.

    Frozen: change one with ``recipe.with_({"model.cell": "gru"})``, which gives
    another. Two recipes with the same content are equal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    task: str
    description: str = ""
    data: SerializeAsAny[DataSpec]
    model: SerializeAsAny[Spec]
    train: TrainSpec
    decode: SerializeAsAny[Spec] | None = None
    baseline: str | None = None
    """A plain baseline that is shipped in place of a network; None: one is trained."""
    tune: TuneSpec = TuneSpec()
    reference: Reference | None = None
    auto: tuple[str, ...] = ()
    """Dotted keys that are left to the task, which chooses their values by the data.

    Until the data are known, they have those of a middling case.
    """

    def with_(self, overrides: Mapping[str, Any]) -> Recipe:
        """Return this recipe with dotted keys changed.

        A key's value is replaced whole; null (None) for ``tune.KEY`` searches it no
        longer. Another ``model.cell`` leaves behind the keys that it lacks. Where the
        change makes it measure something else (other data, another horizon or test
        part), description and reference stay behind unless they are given as well.

        Raises:
            RecipeError: the changed recipe has mistakes; lists all of them.
            UsageError: its sections do not go together.
        """
        tree, mistakes = node_of(self.to_dict(), self.name), list[Mistake]()
        return _typed(_overridden(tree, overrides, mistakes), self.name, mistakes)

    def to_dict(self) -> dict[str, Any]:
        """The fully resolved recipe as plain data, every key with its value.

        There is no ``decode`` where the task has no such section, and no ``baseline``
        where a network is trained.
        """
        lacking = {key for key in ("decode", "baseline") if getattr(self, key) is None}
        plain = self.model_dump(mode="json", exclude={"name", "auto", *lacking})
        for key in self.auto:
            section, field = key.split(".")
            plain[section][field] = AUTO
        return plain

    def given(self) -> dict[str, Any]:
        """The values of all keys but those that are left at ``auto``, dotted."""
        every = {
            f"{name}.{key}": value
            for name in RULED
            for key, value in getattr(self, name)
        }
        return {key: value for key, value in every.items() if key not in self.auto}

    def to_yaml(self) -> str:
        """The fully resolved recipe as YAML that ``load_recipe`` reads back."""
        return strict_yaml.dump(self.to_dict())

    def __str__(self) -> str:
        return self.to_yaml()

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
        UsageError: the recipe's sections do not go together.
    """
    if isinstance(recipe, Recipe):
        return recipe.with_(overrides) if overrides else recipe
    path, mistakes = find_recipe(recipe), list[Mistake]()
    tree = read_tree(path, mistakes, measures_same, fitted_base)
    tree = _overridden(tree, overrides or {}, mistakes)
    return _typed(tree, path.stem, mistakes)


def parse_overrides(words: Iterable[str]) -> dict[str, Any]:
    """Read ``["model.cell=gru", "model.units=[64, 64]"]`` into dotted overrides.

    Raises:
        UsageError: a word is not ``KEY=VALUE``, or a key is given twice.
        RecipeError: a value is not YAML.
    """
    overrides: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"An override is written KEY=VALUE, got {word!r}.")
        if key in overrides:
            raise UsageError(f"The override {key} is given twice.")
        overrides[key] = strict_yaml.read_value(value, f"override {shown(word)}")
    return overrides


def _overridden(
    tree: Node, overrides: Mapping[str, Any], mistakes: list[Mistake]
) -> Node:
    """Replace what stands at each dotted key; a whole section may be given as well."""
    if not isinstance(overrides, Mapping):
        raise UsageError(
            "Overrides are a mapping such as {'model.cell': 'gru'}, "
            f"got {shown(overrides)}."
        )
    before, sections = tree, set[str]()
    changes: list[tuple[list[str], Node]] = []
    for key, value in overrides.items():
        path = _path(str(key))
        if path[0] not in SECTIONS or "" in path:
            others = [part for part in SECTIONS if part != "task"]
            text = (
                "is not a key of a recipe. An override names a section and a key, "
                f"e.g. train.epochs. {did_you_mean(path[0], others)}".rstrip()
            )
            mistakes.append(Mistake("override", shown(str(key)), text))
            continue
        over = node_of({key: value}, "override")
        if not all(map(is_unicode, over.texts())):
            text = f"must be Unicode text, got {shown(value)}."
            mistakes.append(Mistake("override", shown(str(key))[1:-1], text))
            continue
        changes.append((path, over.value[str(key)]))
        sections.add(path[0])
    tree = fitted_base(tree, _laid(Node({}, "override"), changes))
    tree = _laid(tree, changes)
    return with_own_words(before, tree, sections, measures_same)


def _laid(tree: Node, changes: Iterable[tuple[list[str], Node]]) -> Node:
    for path, node in changes:
        tree = replaced(tree, path, node)
    return tree


def _path(key: str) -> list[str]:
    """Where a dotted key leads: ``tune.model.cell`` to the search of ``model.cell``."""
    section, *below = key.split(".", 1)
    if section == "tune" and below and below[0].split(".")[0] not in SETTINGS:
        return [section, *below]
    return key.split(".")


def _typed(tree: Node, name: str, mistakes: list[Mistake]) -> Recipe:
    """``_checked``, with values of a middling case for keys that are ``auto``."""
    keys = automatic_keys(tree)
    if not keys:
        return _checked(tree, name, mistakes)
    task = TASKS.get(tree.value["task"].value)
    rule: Rule | None = task.Rule.middle() if task.Rule else None
    unruled = check_rule(rule, keys, task.name)
    if unruled or rule is None:
        raise RecipeError(_in_order([*mistakes, *unruled]))

    def with_choices(choices: Mapping[str, Choice]) -> Recipe:
        recipe = _checked(filled(tree, keys, choices), name, mistakes)
        return recipe.model_copy(update={"auto": tuple(sorted(keys))})

    # What is written by hand has a say: at first to go together with, then once it is
    # known to be right.
    first = _first_choices(rule, tree)
    return with_choices(rule.choices(with_choices(first).given()))


def _first_choices(rule: Rule, tree: Node) -> Mapping[str, Choice]:
    """Choices beside what is written, of which nothing is known to be right."""
    written = {
        f"{section}.{key}": frozen(node.plain())
        for section in RULED
        if isinstance(nodes := getattr(tree.at(section), "value", None), dict)
        for key, node in nodes.items()
        if node.value != AUTO
    }
    try:
        return rule.choices(written)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # It is of a wrong kind, which is told when it is typed.
        return rule.choices({})


def _checked(tree: Node, name: str, mistakes: list[Mistake]) -> Recipe:
    """Check the whole tree against the task's types; raise with every mistake.

    Where each section is right by itself, the task sees whether they go together.
    """
    types = _types(tree, mistakes)
    for key, node in tree.value.items():
        if key not in SECTIONS:
            text = unknown_key(key, ("extends", *SECTIONS), types)
            mistakes.append(Mistake(node.where, key, text))
    parts: dict[str, Any] = {"description": _text(tree, "description", mistakes)}
    if "data" in types and (written := tree.at("decode")) and "decode" not in types:
        text = no_section("decode", tree.value["task"].value)
        mistakes.append(Mistake(written.where, "decode", text))
    for section, type_ in types.items():
        parts[section] = typed_section(type_, tree, section, section, mistakes, types)
    parts["baseline"] = _baseline(tree, mistakes)
    parts["tune"] = typed_tune(tree, types, mistakes)
    reference = tree.at("reference")
    if reference is not None and reference.value is not None:
        parts["reference"] = typed_section(
            Reference, tree, "reference", "reference", mistakes
        )
    if mistakes:
        raise RecipeError(_in_order(mistakes))
    recipe = Recipe.model_construct(name=name, task=tree.value["task"].value, **parts)
    task = TASKS.get(recipe.task)()
    task.check(recipe.data, recipe.model)
    if recipe.train.members > 1 and not task.averages(recipe.model):
        raise UsageError(
            f"train.members is {recipe.train.members}, but the outputs of such a model "
            f"of the task {task.name} have no mean. Set train.members to 1."
        )
    return recipe


def _types(tree: Node, mistakes: list[Mistake]) -> dict[str, type[Spec]]:
    """The types of the sections; those of ``train`` alone if the task is not known."""
    node = tree.at("task")
    if node is None:
        text = f"is missing. Every recipe names one of: {', '.join(TASKS)}."
        mistakes.append(Mistake(tree.where, "task", text))
    elif node.value not in TASKS:
        text = one_of(tuple(TASKS), node.plain())
        mistakes.append(Mistake(node.where, "task", text))
    else:
        return written_types(tree, TASKS.get(node.value).sections())
    return {"train": TrainSpec}


def _baseline(tree: Node, mistakes: list[Mistake]) -> str | None:
    node = tree.at("baseline")
    if node is None or node.value is None:
        return None
    if node.value not in BASELINES:
        text = one_of(tuple(BASELINES), node.plain())
        mistakes.append(Mistake(node.where, "baseline", text))
    return str(node.value)


def _text(tree: Node, key: str, mistakes: list[Mistake]) -> str:
    node = tree.at(key) or Node("", tree.where)
    if not isinstance(node.value, str):
        text = f"must be text, got {shown(node.plain())}."
        mistakes.append(Mistake(node.where, key, text))
    return str(node.value)


def _in_order(mistakes: list[Mistake]) -> list[Mistake]:
    """By line within each file, the files in the order of their first mistake."""
    places = [mistake.where.rpartition(":") for mistake in mistakes]
    files = list(dict.fromkeys(file for file, _, _ in places))

    def rank(mistake: Mistake) -> tuple[int, int]:
        file, _, line = mistake.where.rpartition(":")
        return files.index(file), int(line) if line.isdecimal() else 0

    return sorted(mistakes, key=rank)

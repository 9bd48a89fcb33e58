"""The competitors of a search, and what is seen before any of them is trained."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from seqkit.errors import RecipeError, UsageError
from seqkit.recipe.nodes import shown
from seqkit.recipe.recipe import Recipe
from seqkit.recipe.search import Choice, TuneSpec
from seqkit.recipe.spec import Spec
from seqkit.recipe.variants import own_keys
from seqkit.registry import TASKS
from seqkit.tuning.arms.arm import Arm
from seqkit.tuning.arms.space import choices, tried

__all__ = ["Arm", "arms_of", "checked_space", "file_names"]

MOST_COMBINATIONS = 500
"""Of searched values, that are all tried before a search begins."""


def arms_of(recipe: Recipe, direction: str) -> list[Arm]:
    """An arm for each value of ``tune.compare``; one alone where it is not searched.

    An arm searches the keys that it has: those of its own core.

    Args:
        recipe: its ``train.seed`` seeds the search.
        direction: ``max`` if greater scores are better, else ``min``.

    Raises:
        UsageError: the grid has more points than the budget has trials.
    """
    tune = recipe.tune
    rivals = _rivals(tune)
    labels = [rival[tune.compare] for rival in rivals] or [_value(recipe, tune.compare)]
    names = _distinct([x if isinstance(x, str) else shown(x) for x in labels], labels)
    meaning = set(TASKS.get(recipe.task)().loss_keys)
    return [
        Arm(
            name,
            fixed,
            tune,
            recipe.train,
            direction,
            recipe.train.seed,
            rule=not meaning & (set(tune.space) - set(fixed)),
            slug=slug,
            lacking=_lacking(recipe, fixed),
            match=rivals[0] if number and tune.match == "parameters" else None,
        )
        for number, (name, slug, fixed) in enumerate(
            zip(names, file_names(names), rivals or [{}], strict=True)
        )
    ]


def checked_space(recipe: Recipe) -> None:
    """See that the recipe takes what its search may try, before anything is trained.

    Tries all combinations of listed values and ends of ranges, for each competitor; if
    these are more than 500, each value beside the first ones of the other keys.

    Raises:
        UsageError: it does not; names the keys and values that do not go.
    """
    bare = recipe.with_({"tune": {}})
    types = _types(recipe)
    for trial in (own_keys(each, types) for each in _combinations(recipe.tune)):
        mistake = _mistake(bare, trial)
        if mistake is None:
            continue
        for key in list(trial):
            less = {k: v for k, v in trial.items() if k != key}
            rest = _mistake(bare, less)
            if rest is not None:
                trial, mistake = less, rest
        named = " and ".join(f"{key}={shown(value)}" for key, value in trial.items())
        raise UsageError(
            f"tune would try {named}, which this recipe does not take: {mistake} "
            "Take it out of the search."
        )


def file_names(names: list[str]) -> list[str]:
    """``names`` as file names, distinct where capital letters are not: a-z, 0-9, .-_"""
    safe = [re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.")[:40] for name in names]
    return _distinct([name or "arm" for name in safe])


def _distinct(names: list[str], values: list[Any] | None = None) -> list[str]:
    """``names``, where one comes again: the value as YAML shows it, or a number."""
    distinct: list[str] = []
    for place, name in enumerate(names):
        number, base = 2, name
        if values is not None and name.casefold() in map(str.casefold, distinct):
            base = name = shown(values[place])
        while name.casefold() in map(str.casefold, distinct):
            name, number = f"{base}-{number}", number + 1
        distinct.append(name)
    return distinct


def _lacking(recipe: Recipe, fixed: Mapping[str, Any]) -> list[str]:
    """The searched keys that a competitor lacks."""
    own = own_keys({**recipe.tune.space, **fixed}, _types(recipe))
    return [key for key in recipe.tune.space if key not in own]


def _types(recipe: Recipe) -> dict[str, type[Spec]]:
    types: dict[str, type[Spec]] = TASKS.get(recipe.task).sections()
    return types


def _rivals(tune: TuneSpec) -> list[dict[str, Any]]:
    """What makes each competitor; empty where none compete."""
    search = tune.space.get(tune.compare)
    if not isinstance(search, Choice):
        return []
    return [{tune.compare: value} for value in choices(search)]


def _value(recipe: Recipe, key: str) -> Any:
    """What stands at a dotted key; the recipe's name where there is no such key."""
    section, _, field = key.partition(".")
    return recipe.to_dict().get(section, {}).get(field, recipe.name)


def _combinations(tune: TuneSpec) -> Iterator[dict[str, Any]]:
    values = {key: tried(search) for key, search in tune.space.items()}
    if math.prod(map(len, values.values())) <= MOST_COMBINATIONS:
        for combination in product(*values.values()):
            yield dict(zip(values, combination, strict=True))
        return
    first = {key: listed[0] for key, listed in values.items()}
    for rival in _rivals(tune) or [{}]:
        for key, listed in values.items():
            for value in listed:
                yield {**first, key: value, **rival}


def _mistake(recipe: Recipe, trial: Mapping[str, Any]) -> str | None:
    """What is wrong with a trial's recipe; None: nothing."""
    try:
        recipe.with_(trial)
    except RecipeError as error:
        return " ".join(f"{mistake.key} {mistake.text}" for mistake in error.mistakes)
    except UsageError as error:
        return str(error)
    return None

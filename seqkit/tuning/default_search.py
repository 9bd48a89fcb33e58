"""What a search looks at where a recipe leaves its values, and the search, to its task.

It tries the cells, and of the values that the task's rule chose the ones that matter
most: widths, dropout, learning rate, each around what was chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS

MINUTES = 10.0
"""Of the whole search, unless another time is given."""
TRIALS, SEEDS = 3, 3
"""Of each competitor; the seeds are those of its finals."""
FITS = 2 * (TRIALS + SEEDS)
"""Trainings of two competitors, each of which takes its share of the time."""
FURTHER = 3.0
"""The learning rate is searched so many times below and above what was chosen."""
MOST_DROPOUT = 0.8
STEP = 0.2
"""From one dropout that is tried to the next."""


def is_left_open(recipe: Recipe) -> bool:
    """Whether values are left to the task, and what to search is as well."""
    return bool(recipe.auto) and not recipe.tune.space


def shortened(recipe: Recipe, minutes: float, by_hand: Collection[str]) -> Recipe:
    """``recipe`` with so little time for each training that a search takes ``minutes``.

    Args:
        recipe: one that ``is_left_open``.
        minutes: of the whole search.
        by_hand: dotted keys that whoever searches has set.
    """
    changes: dict[str, Any] = {"train.minutes": minutes / FITS}
    # What competes is one model, trained once; that several are better is known.
    plain = {"train.members": 1, "train.folds": False, "train.refit": False}
    changes |= {key: plain[key] for key in plain if key in recipe.auto}
    return recipe.with_({k: v for k, v in changes.items() if k not in by_hand})


def with_default_search(
    recipe: Recipe, minutes: float, by_hand: Mapping[str, Any]
) -> Recipe:
    """``recipe``, whose values have been chosen, with a search around these.

    Args:
        recipe: without ``auto``.
        minutes: of the whole search, of which trials have the share that they need.
        by_hand: dotted keys that whoever searches has set; they are not searched.
    """
    rule = TASKS.get(recipe.task).Rule
    values = recipe.given()
    space = {key: {"choice": list(few)} for key, few in rule.rivals.items()}
    space |= _around(values)
    settings: dict[str, Any] = {
        "tune.budget.trials": TRIALS,
        "tune.budget.seconds": 60 * minutes * TRIALS / (TRIALS + SEEDS),
        "tune.seeds": SEEDS,
    }
    search = {f"tune.{k}": space[k] for k in space if k not in by_hand}
    return recipe.with_(search | {k: settings[k] for k in settings if k not in by_hand})


def _around(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A search of each key that matters, around its value."""
    space: dict[str, dict[str, Any]] = {}
    if units := values.get("model.units"):
        widths = [[max(round(f * one), 1) for one in units] for f in (0.5, 1, 2)]
        space["model.units"] = {"choice": widths}
    dropout = values.get("model.dropout")
    if dropout is not None:
        tried = {round(dropout + step, 2) for step in (-STEP, 0, STEP)}
        tried = {one for one in tried if 0 <= one <= MOST_DROPOUT}
        space["model.dropout"] = {"choice": sorted(tried)}
    rate = values.get("train.learning_rate")
    if rate:
        ends = [float(f"{one:.2g}") for one in (rate / FURTHER, rate * FURTHER)]
        space["train.learning_rate"] = {"log": ends}
    return space

"""A recipe whose ``auto`` values are chosen by the data that it will be trained on."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

from seqkit.data.sources.given import given_source
from seqkit.errors import DataWarning
from seqkit.recipe.automatic import Choice
from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS


class Settled(NamedTuple):
    """A recipe without ``auto``, and what its values were chosen by."""

    recipe: Recipe
    choices: dict[str, Choice]
    """By dotted keys; none where the recipe left nothing to its task."""
    facts: str
    """What is known of the training rows, in a line."""


def settled(recipe: Recipe, data: Any = None) -> Settled:
    """Choose the values that ``recipe`` leaves at ``auto``.

    The training rows are read once for it; what they lack is said when they are opened
    for training.

    Args:
        recipe: any; one without ``auto`` comes back as it is, and nothing is read.
        data: a DataFrame or a file in place of the recipe's source.

    Raises:
        DataError: the data cannot be used.
    """
    if not recipe.auto:
        return Settled(recipe, {}, "")
    task = TASKS.get(recipe.task)()
    source = given_source(data, recipe.data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        rule = task.Rule.of(task, recipe, source)
    choices = rule.choices(recipe.given())
    own = {key: choices[key] for key in recipe.auto}
    values = {key: choice.value for key, choice in own.items()}
    return Settled(recipe.with_(values), own, str(rule))

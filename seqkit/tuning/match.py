"""Widths that give two models equal numbers of parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from seqkit.errors import UsageError
from seqkit.recipe.recipe import Recipe
from seqkit.recipe.spec import Spec
from seqkit.registry import TASKS
from seqkit.signature import Signature
from seqkit.training.build import seeded

WIDEST = 2**16
"""No layer is made wider."""


def matched_units(
    recipe: Recipe, target: Recipe, signature: Signature
) -> tuple[int, ...]:
    """``model.units`` for ``recipe``, so that it has as many parameters as ``target``.

    All layers are widened or narrowed in proportion, to whole units of at least 1; of
    the widths above and below the target's number, those that come nearer.

    Args:
        recipe: whose units are scaled.
        target: whose parameters are to be met.
        signature: the data's shapes, of both.

    Raises:
        UsageError: the model has no units, or no width meets the target.
    """
    units = getattr(recipe.model, "units", None)
    if not units:
        raise UsageError(
            f"tune.match: parameters scales model.units, and {recipe.task} has none. "
            "Set tune.match to none."
        )
    widest = max(units)

    def scaled(width: int) -> tuple[int, ...]:
        return tuple(max(1, round(one * width / widest)) for one in units)

    def count(width: int) -> int:
        changed = recipe.with_({"tune": {}, "model.units": list(scaled(width))})
        return parameters(changed, signature)

    return scaled(_nearest(count, parameters(target, signature), widest))


def parameters(recipe: Recipe, signature: Signature) -> int:
    """How many parameters the model of ``recipe`` has, as built."""
    return _parameters(recipe.task, recipe.model, signature)


@lru_cache(maxsize=512)
def _parameters(task: str, model: Spec, signature: Signature) -> int:
    # As everywhere, Python's own generator comes back as it was.
    with seeded(0):
        built: Any = TASKS.get(task)().network(model, signature, "counted")
    return int(built.count_params())


def _nearest(count: Callable[[int], int], target: int, first: int) -> int:
    """The width whose ``count``, which rises with it, is nearest to ``target``."""
    low, high = 0, first
    while count(high) < target:
        low, high = high, 2 * high
        if high > WIDEST:
            raise UsageError(
                f"tune.match: parameters finds no model.units up to {WIDEST:,} that "
                f"give {target:,} parameters. Set tune.match to none."
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < target else (low, middle)
    if low and target - count(low) <= count(high) - target:
        return low
    return high

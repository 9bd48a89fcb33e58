"""Few combinations that hold every pair of values, in place of the whole product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

Combination = dict[str, Any]
"""A value for each axis."""


def pairwise(
    axes: Mapping[str, Sequence[Any]], first: Iterable[Combination] = ()
) -> list[Combination]:
    """Combinations in which every two values of different axes meet.

    Greedy: each combination begins with a pair that is still missing, and takes for
    every other axis the value that meets most partners which it has not met yet.

    Args:
        axes: the values of each axis; two axes at least.
        first: combinations that the list begins with.
    """
    chosen = list(first)
    # A dict keeps the order, so the same axes give the same combinations.
    missing = {
        frozenset(zip(two, values, strict=True)): dict(zip(two, values, strict=True))
        for two in combinations(axes, 2)
        for values in product(*(axes[axis] for axis in two))
    }
    for combination in chosen:
        _strike(missing, combination)
    while missing:
        begun = dict(next(iter(missing.values())))
        for axis in axes:
            if axis not in begun:
                begun[axis] = _best(axis, axes[axis], begun, missing)
        chosen.append({axis: begun[axis] for axis in axes})
        _strike(missing, begun)
    return chosen


def _best(
    axis: str, values: Sequence[Any], begun: Combination, missing: Mapping[Any, Any]
) -> Any:
    """The value of ``axis`` that forms most missing pairs with what is begun."""

    def formed(value: Any) -> int:
        return sum(frozenset({(axis, value), one}) in missing for one in begun.items())

    return max(values, key=formed)


def _strike(missing: dict[Any, Any], combination: Combination) -> None:
    for two in combinations(combination.items(), 2):
        missing.pop(frozenset(two), None)

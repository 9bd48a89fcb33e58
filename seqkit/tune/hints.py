"""Where another search had better look: best values at the ends of their ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from seqkit.comparison.words import spoken
from seqkit.nodes import shown
from seqkit.spec import Spec
from seqkit.tune.space import tried
from seqkit.tune_spec import Choice, LogRange

EDGE = 0.05
"""A value is at an end that is so near, as a share of the range."""


def hints(
    space: Mapping[str, Spec], finalists: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """A sentence for each end of a range at which a finalist's value lies.

    Args:
        space: the searches by dotted key.
        finalists: for each competitor what its best trial changes in the recipe.
    """
    found = []
    for key, search in space.items():
        if isinstance(search, Choice):
            continue
        low, high = tried(search)
        for end, word in ((low, "lower"), (high, "upper")):
            # Many a key cannot go below zero.
            best = {} if end == 0 else _near(finalists, key, search, (low, high), end)
            if best:
                who = ", ".join(f"{spoken(n)} {shown(v)}" for n, v in best.items())
                found.append(
                    f"{key} was best near the {word} end of its range {shown(low)} to "
                    f"{shown(high)} ({who}): a search beyond it may find better."
                )
    return found


def _near(
    finalists: Mapping[str, Mapping[str, Any]],
    key: str,
    search: Spec,
    ends: tuple[float, float],
    end: float,
) -> dict[str, float]:
    """The competitors whose value lies at this end, with their values."""
    scale = math.log if isinstance(search, LogRange) else float
    width = scale(ends[1]) - scale(ends[0])
    values = {n: each[key] for n, each in finalists.items() if key in each}
    return {
        name: value
        for name, value in values.items()
        if abs(scale(value) - scale(end)) <= EDGE * width
    }

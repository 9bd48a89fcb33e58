"""What a search says of itself: values at the ends of ranges, few validation rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from seqkit.comparison.names import spoken
from seqkit.recipe.nodes import shown
from seqkit.recipe.search import Choice, LogRange
from seqkit.recipe.spec import Spec
from seqkit.tuning.arms.space import choices, tried
from seqkit.tuning.jobs import Result

EDGE = 0.05
"""A value is at an end that is so near, as a share of the range."""

FEW_ROWS = 50
"""Validation rows below which a search says how little they tell."""


def hints(
    space: Mapping[str, Spec], finalists: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """A sentence for each end of a range at which a finalist's value lies.

    A choice has ends where its values are numbers, or lists of numbers of which each
    is larger than the one before: ``[32]``, ``[64]``, ``[64, 64]``.

    Args:
        space: the searches by dotted key.
        finalists: for each competitor what its best trial changes in the recipe.
    """
    sentences = []
    for key, search in space.items():
        values = {n: each[key] for n, each in finalists.items() if key in each}
        if isinstance(search, Choice):
            order = _ordered(choices(search))
            ends, what = (order[:1] + order[-1:]), "choices"
        else:
            ends, what = tried(search), "range"
        for end, word in zip(ends, ("lower", "upper"), strict=False):
            # Many a key cannot go below zero.
            if end == 0:
                continue
            best = {n: v for n, v in values.items() if _is_at(v, search, ends, end)}
            if best:
                who = ", ".join(f"{spoken(n)} {shown(v)}" for n, v in best.items())
                where = "at" if isinstance(search, Choice) else "near"
                sentences.append(
                    f"{key} was best {where} the {word} end of its {what} "
                    f"{shown(ends[0])} to {shown(ends[1])} ({who}): a search beyond it "
                    "may find better."
                )
    return sentences


def lacking(keys: Mapping[str, Sequence[str]]) -> list[str]:
    """A sentence for each searched key that some competitors lack, by these."""
    sentences = []
    for key in dict.fromkeys(key for lacked in keys.values() for key in lacked):
        names = [spoken(name) for name, lacked in keys.items() if key in lacked]
        cores = "its core has" if len(names) == 1 else "their cores have"
        who = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        sentences.append(f"{key} was not searched for {who}: {cores} no such key.")
    return sentences


def few_rows(best: Sequence[Result], measure: str) -> list[str]:
    """A sentence where the validation part is so small that trials are hardly told.

    Args:
        best: the best trial of each competitor.
        measure: what the metric is called.
    """
    counts = [each["rows"] for each in best if "rows" in each]
    if not counts or min(counts) >= FEW_ROWS:
        return []
    text = f"The validation part has {min(counts)} rows"
    errors = [each.get("score_error") for each in best]
    largest = max((error for error in errors if error), default=None)
    if largest is None:
        return [f"{text}: too few to rank trials by. Raise data.validation."]
    return [
        f"{text}: the best trial's {measure} has a standard error of {largest:.2g}, so "
        "that trials which lie nearer to each other were ranked by luck. Raise "
        "data.validation."
    ]


def _ordered(values: Sequence[Any]) -> list[Any]:
    """Numbers, or lists of numbers, in their order; empty where they have none."""
    rows = [value if isinstance(value, list) else [value] for value in values]
    if not all(type(number) in (int, float) for row in rows for number in row):
        return []
    order = sorted(
        zip(rows, values, strict=True), key=lambda each: (len(each[0]), each[0])
    )
    for (one, _), (other, _) in zip(order[:-1], order[1:], strict=True):
        if not all(a <= b for a, b in zip(one, other, strict=False)):
            return []
    return [value for _, value in order] if len(order) > 1 else []


def _is_at(value: Any, search: Spec, ends: Sequence[Any], end: Any) -> bool:
    """Whether a value lies at this end of what was searched."""
    if isinstance(search, Choice):
        return bool(value == end)
    scale = math.log if isinstance(search, LogRange) else float
    width = scale(ends[1]) - scale(ends[0])
    return abs(scale(value) - scale(end)) <= EDGE * width

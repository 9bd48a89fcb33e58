"""The search space in Keras Tuner's terms, and what it draws in the recipe's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from seqkit.recipe.search import Choice, IntRange, LinearRange, LogRange
from seqkit.recipe.spec import Spec

if TYPE_CHECKING:
    import keras_tuner

GRID_STEPS = 10
"""Values of a range in a grid, its ends among them."""

DIGITS = 4
"""A number that is drawn from a range has so many digits, as people would write it."""


def hyperparameters(space: Mapping[str, Spec]) -> keras_tuner.HyperParameters:
    """Keras Tuner's names for the searches of ``space``, each under its dotted key.

    A choice goes by the index of its values, which may be anything; ``ordered`` where
    they are numbers that rise. Keys come in alphabetical order, so that equal spaces
    draw equal values.
    """
    import keras_tuner

    parameters = keras_tuner.HyperParameters()
    for key in sorted(space):
        search = space[key]
        if isinstance(search, Choice):
            indices = list(range(len(search.choice)))
            parameters.Choice(key, indices, ordered=_rises(search.choice))
        elif isinstance(search, IntRange):
            parameters.Int(key, *search.int)
        else:
            kind = "log" if isinstance(search, LogRange) else "linear"
            parameters.Float(key, *_ends(search), sampling=kind)
    return parameters


def overrides(values: Mapping[str, Any], space: Mapping[str, Spec]) -> dict[str, Any]:
    """Keras Tuner's ``values`` as overrides of a recipe, as JSON can hold them.

    What ``space`` does not name (Hyperband's own ``tuner/epochs``) is left out.
    """
    changes: dict[str, Any] = {}
    for key in sorted(set(values) & set(space)):
        search, value = space[key], values[key]
        if isinstance(search, Choice):
            changes[key] = choices(search)[value]
        elif isinstance(search, IntRange):
            changes[key] = int(value)
        else:
            changes[key] = rounded(float(value), search)
    return changes


def choices(search: Choice) -> list[Any]:
    """The values of a choice as plain data: lists, null, and so on."""
    plain: list[Any] = search.model_dump(mode="json")["choice"]
    return plain


def rounded(value: float, search: Spec) -> float:
    """``value`` to 4 digits of the range's width, within its ends.

    On a logarithmic range to 4 digits of its own where these are more.
    """
    low, high = _ends(search)
    places = DIGITS - 1 - math.floor(math.log10(high - low))
    if isinstance(search, LogRange) and value > 0:
        places = max(places, DIGITS - 1 - math.floor(math.log10(value)))
    return min(max(round(value, places) + 0.0, low), high)  # + 0.0: no -0.0


def gridded(space: Mapping[str, Spec]) -> dict[str, Spec]:
    """The space with each range cut into at most 10 values, both ends among them.

    Keras Tuner's own cut of a range leaves out its upper end, and orders the values by
    their hashes.
    """
    return {key: _cut(search) for key, search in space.items()}


def points(space: Mapping[str, Spec]) -> int | None:
    """How many points the space has; None where a range makes them too many to tell."""
    count = 1
    for search in space.values():
        if isinstance(search, Choice):
            count *= len(search.choice)
        elif isinstance(search, IntRange):
            low, high = search.int
            count *= high - low + 1
        else:
            return None
    return count


def tried(search: Spec) -> list[Any]:
    """The values of a choice, or the ends of a range, as plain data."""
    if isinstance(search, Choice):
        return choices(search)
    return list(search.int if isinstance(search, IntRange) else _ends(search))


def decodings(space: Mapping[str, Spec]) -> list[dict[str, Any]]:
    """All combinations of the ``decode`` keys that are searched; none where none is.

    They train nothing, so each trial is scored under all of them. Ranges are cut as in
    a grid.
    """
    decode = {key: space[key] for key in sorted(space) if key.startswith("decode.")}
    values = [choices(_cut(search)) for search in decode.values()]
    return [dict(zip(decode, each, strict=True)) for each in product(*values) if each]


def _ends(search: Spec) -> tuple[float, float]:
    assert isinstance(search, (LogRange, LinearRange))
    return search.log if isinstance(search, LogRange) else search.linear


def _cut(search: Spec) -> Choice:
    if isinstance(search, Choice):
        return search
    shares = [step / (GRID_STEPS - 1) for step in range(GRID_STEPS)]
    values: list[float]
    if isinstance(search, IntRange):
        low, high = search.int
        if high - low < GRID_STEPS:
            values = list(range(low, high + 1))
        else:
            values = [low + round(share * (high - low)) for share in shares]
    else:
        first, last = _ends(search)
        inner = [_between(first, last, share, search) for share in shares[1:-1]]
        values = [first, *(rounded(value, search) for value in inner), last]
    # A range may be so narrow that numbers in it are equal.
    return Choice(choice=tuple(dict.fromkeys(values)))


def _between(low: float, high: float, share: float, search: Spec) -> float:
    if isinstance(search, LogRange):
        return float(low * (high / low) ** share)
    return low + share * (high - low)


def _rises(values: tuple[Any, ...]) -> bool:
    """Whether all values are numbers, each larger than the one before."""
    if not all(type(value) in (int, float) for value in values):
        return False
    return all(one < other for one, other in zip(values[:-1], values[1:], strict=True))

"""A rule: what is known of data, and the values that follow from it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from seqkit.recipe.automatic import Choice

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe

LEAST_SECONDS = 0.02
"""Of a training step, whatever its size."""
SECONDS_A_CELL = 0.00015
"""Of one step of one layer, forwards and backwards, beside its arithmetic."""
OPERATIONS_A_SECOND = 3e10
"""Multiplications and additions that two cores do in a recurrent layer."""
TRAINED_SHARE = 0.7
"""Of the minutes; the rest is reading, validation and baselines."""


class AutoRule(ABC):
    """What is known of some training rows, and the values that follow from it.

    No rule looks at test rows. The same rows give the same values on every machine: how
    long a training takes is computed, not measured.
    """

    keys: ClassVar[tuple[str, ...]]
    """Dotted keys that it has a value for."""
    rivals: ClassVar[Mapping[str, tuple[Any, ...]]] = {"model.cell": ("lstm", "gru")}
    """What competes in a search for which a recipe says nothing else, by dotted key."""

    @classmethod
    @abstractmethod
    def of(cls, task: Any, recipe: Recipe, source: Source) -> Self:
        """Look at the training rows of ``source``.

        Args:
            task: the task of this rule.
            recipe: says how they are read; its automatic keys have values of a
                middling case.
            source: the rows.
        """

    @classmethod
    @abstractmethod
    def middle(cls) -> Self:
        """A middling case, where no data are known."""

    @abstractmethod
    def choices(self, given: Mapping[str, Any]) -> dict[str, Choice]:
        """A value for each of ``keys``, and why.

        Args:
            given: values of other keys, which have a say.
        """

    @abstractmethod
    def __str__(self) -> str:
        """What is known, in a line."""


class Choices(dict[str, Choice]):
    """Choices that follow from each other, and from what is given by hand."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__()
        self.given = given

    def add(self, key: str, value: Any, why: str) -> Any:
        """Choose a value; the one that holds comes back: that by hand, if there is."""
        self[key] = Choice(value, why)
        return self.value(key)

    def value(self, key: str) -> Any:
        """The value of a key: that by hand, else the one that was chosen."""
        return self.given[key] if key in self.given else self[key].value


def between(value: float, least: float, most: float) -> int:
    """A whole number, at least the one and at most the other."""
    return int(min(max(round(value), least), most))


def rounded_up(value: float) -> int:
    """To two figures, upwards.

    >>> rounded_up(137), rounded_up(7.2)
    (140, 8)
    """
    unit = 10 ** max(math.floor(math.log10(max(value, 1))) - 1, 0)
    return math.ceil(value / unit) * unit


def step_seconds(
    batch: int, steps: float, units: tuple[int, ...], ways: int, width: int
) -> float:
    """Seconds of a training step on two cores, roughly.

    Args:
        batch: rows.
        steps: of a row.
        units: of the recurrent layers.
        ways: 2 where they read both ways, else 1.
        width: of what the first one reads.
    """
    seconds = LEAST_SECONDS
    for count in units:
        # Four gates, forwards and twice as much backwards.
        operations = 24 * batch * count * (count + width)
        seconds += ways * steps * (SECONDS_A_CELL + operations / OPERATIONS_A_SECOND)
        width = ways * count
    return seconds


def epochs_within(
    minutes: float, rows: int, batch: int, seconds: float, wanted: int
) -> tuple[int, str]:
    """Epochs that take ``wanted`` steps, or as many as there is time for; and why."""
    a_pass = math.ceil(rows / batch)
    epochs = max(math.ceil(wanted / a_pass), 1)
    most = max(int(60 * minutes * TRAINED_SHARE / (a_pass * seconds)), 1)
    if epochs <= most:
        return epochs, f"about {wanted:,} steps of {batch} rows"
    return most, f"what {minutes:g} minutes are enough for (train.minutes)"

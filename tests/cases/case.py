"""What a task tells of itself so that every contract can be tried on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle, product
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cases.keys import TaskKeys, lacking_keys
from cases.pairs import Combination, pairwise
from seqkit.registry import CELLS, TASKS
from seqkit.signature import Signature

STACK_OPTIONS: dict[str, Any] = {
    "dropout": 0.5,
    "input_dropout": 0.5,
    "recurrent_dropout": 0.5,
    "layer_norm": True,
    "residual": True,
}
"""What every stack can be given besides."""

STACKED: dict[tuple[str, Any], dict[str, Any]] = {
    ("residual", True): {"units": [4, 3]},
    ("dropout", True): {"units": [4, 3]},
}
"""These act between layers."""

LARGE = 0.7
"""Weights so large that every step tells; of many filters smaller ones do."""
SCALES = {"tcn": 0.3}
OF_CELLS: dict[str, dict[str, Any]] = {"tcn": {"units": [8], "kernel_size": 6}}
"""A convolution sees as far as it reaches, and of few filters all may be at 0."""
MERGES = ("sum", "mean", "multiply")
"""Values of ``bidirectional`` that differ in one operation: pairs hold them in turn."""


@dataclass(frozen=True)
class Case:
    """A task: its tiny models, what they read, and a recipe that trains in a second."""

    keys: TaskKeys
    """The keys of its recipes, and where each must show."""

    # Models

    model: Mapping[str, Any]
    """The ``model`` section of tiny models, without what is crossed."""
    options: Mapping[str, Any]
    """Keys that are off in one half of the models, and their values in the other."""
    held: tuple[str, ...]
    """Keys that are the same in all: their contract is that of the keys alone."""
    signature: Callable[[Combination], Signature]
    batch: Callable[[Any], Any]
    """Inputs of a model: three rows or more, the first without any padding."""
    varied: Callable[[Any], Any]
    """Inputs of which each but the first differs from it in one step or one input."""
    check: Callable[[Combination, NDArray[np.float32]], None]
    """Asserts that a model's outputs (rows, ...) are such as the task's must be."""
    tells: Callable[[Combination], bool] = lambda combination: True
    """Whether each step must tell: a maximum need not see every one."""
    sees_ahead: Callable[[Combination], bool] = lambda combination: True
    """Whether an answer may depend on later steps: of each step, one way does not."""
    in_turn: tuple[str, ...] = ()
    """Axes that even the whole product does not cross, but takes in turn."""
    like: str | None = None
    """The task whose models are the same but for their heads."""
    tried: int | None = None
    """How many models with every option on are quick; None: all. Each cell is there."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Overrides of the data section that models are built under."""
    lengths: tuple[int, ...] = ()
    """How many steps of each row of ``batch`` are no padding; (): none is padded."""
    padding: float = 0
    fillings: tuple[float, ...] = ()
    """Values that are no padding."""
    loss: Callable[[Any, Any], Any] | None = None
    """What a model's outputs to ``batch`` cost; None: the sum of their squares."""
    per_step: bool = False
    """Whether a model answers each step (rows, steps, ...)."""
    rtol: float = 0.0
    atol: float = 1e-6
    implied: Mapping[tuple[str, Any], dict[str, Any]] = field(
        default_factory=lambda: STACKED
    )
    """What a key of one value cannot do without."""

    # Runs

    tiny: Mapping[str, Any] = field(default_factory=dict)
    """Overrides of ``keys.recipe`` under which it trains on ``rows`` in a second."""
    rows: Callable[[], pd.DataFrame] = pd.DataFrame
    trained_like: Mapping[str, Any] = field(default_factory=dict)
    """Keys of models that the preprocessing of such a run depends on."""
    combined: bool = False
    """Whether other tasks have its inputs and its answers: what tries runs is slow."""
    exported: tuple[int, ...] = (0,)
    """Which of the models with every option on are exported quickly; slowly all are."""
    formats: tuple[str, ...] = ("savedmodel", "keras")

    @property
    def recipe(self) -> str:
        """The recipe that ships which tiny ones are made of."""
        return self.keys.recipe

    def axes(self, task: str) -> dict[str, tuple[Any, ...]]:
        """The keys that have a fixed choice of values, read from the types."""
        fields = TASKS.get(task).sections()["model"].model_fields
        chosen = {
            key: get_args(field.annotation)
            for key, field in fields.items()
            if get_origin(field.annotation) is Literal and key not in self.held
        }
        return {"cell": tuple(CELLS)} | chosen

    def keys_of(self, combination: Combination) -> dict[str, Any]:
        """The ``model`` section of a combination."""
        implied: dict[str, Any] = {}
        for pair in combination.items():
            implied |= self.implied.get(pair, {})
        values = {
            key: self.options.get(key, value)
            for key, value in combination.items()
            if key not in self.options or value
        }
        own = OF_CELLS.get(combination["cell"], {})
        keys = {**self.model, **implied, **values, **own}
        lacking = lacking_keys(keys["cell"])
        return {key: value for key, value in keys.items() if key not in lacking}

    def _distinct(
        self, task: str, combinations: list[Combination]
    ) -> list[Combination]:
        """Each once, with what its core lacks as where it is off."""
        off = {axis: values[0] for axis, values in self.axes(task).items()}
        off |= dict.fromkeys(self.options, False)
        alike = [
            each | {key: off[key] for key in lacking_keys(each["cell"]) & set(each)}
            for each in combinations
        ]
        return [each for at, each in enumerate(alike) if each not in alike[:at]]

    def whole(self, task: str) -> list[Combination]:
        """A combination or more for each value of the longest axis, every option on.

        Each value of each axis is there.
        """
        axes = self.axes(task)
        combinations = self._distinct(
            task,
            [
                {axis: values[number % len(values)] for axis, values in axes.items()}
                | dict.fromkeys(self.options, True)
                for number in range(max(map(len, axes.values())))
            ],
        )
        for axis, values in axes.items():
            there = {each[axis] for each in combinations}
            # One core may lack the key whose turn it was.
            combinations += [
                combinations[0] | {axis: value}
                for value in values
                if value not in there
            ]
        return combinations

    def quick_whole(self, task: str) -> list[Combination]:
        """Those with every option on that are quick: all, or one of each cell."""
        return self.whole(task)[: self.tried]

    def pairs(self, task: str) -> list[Combination]:
        """Combinations that hold every pair of values, first those with all options.

        The merges of two directions count as one value there. Of models that are like
        another task's, those with all options alone.
        """
        whole = self.quick_whole(task)
        if self.like:
            return whole
        fewer = {"bidirectional": ("none", "concat", MERGES[0])}
        axes = self.axes(task) | dict.fromkeys(self.options, (False, True))
        axes |= {axis: fewer[axis] for axis in fewer.keys() & axes}
        first = self._distinct(task, list(map(_merged_alike, whole)))
        paired = self._distinct(task, pairwise(axes, first))
        # What a core lacks is off, and so it may be missing beside other keys.
        cells = tuple(one for one in axes["cell"] if not lacking_keys(one) & set(axes))
        paired = pairwise(axes | {"cell": cells}, paired)
        return self._distinct(task, whole + _merged_in_turn(paired[len(first) :]))

    def product(self, task: str) -> list[Combination]:
        """All combinations of the axes, without options."""
        axes, off = self.axes(task), dict.fromkeys(self.options, False)
        crossed = [axis for axis in axes if axis not in self.in_turn]
        combinations = [
            dict(zip(crossed, values, strict=True))
            | {axis: axes[axis][number % len(axes[axis])] for axis in self.in_turn}
            | off
            for number, values in enumerate(product(*(axes[a] for a in crossed)))
        ]
        return self._distinct(task, combinations)


def _merged_alike(combination: Combination) -> Combination:
    """The same with one merge in place of any of them."""
    merges = combination.get("bidirectional") in MERGES
    return combination | ({"bidirectional": MERGES[0]} if merges else {})


def _merged_in_turn(paired: list[Combination]) -> list[Combination]:
    """The same with all merges, one after the other."""
    merges = cycle(MERGES)
    return [
        one | {"bidirectional": next(merges)}
        if one.get("bidirectional") == MERGES[0]
        else one
        for one in paired
    ]


def name_of(combination: Combination) -> str:
    """A combination in the words of its values and of the options that are on."""
    return "-".join(
        key if value is True else str(value)
        for key, value in combination.items()
        if value is not False
    )


def are_probabilities(combination: Combination, rows: NDArray[np.float32]) -> None:
    """Each row holds one for each of three classes."""
    assert rows.shape[1:] == (3,)
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-6)


def all_steps_tell(combination: Combination) -> bool:
    """Under all poolings but one."""
    return bool(combination["pooling"] != "max")

"""What recipes for whole series, their classes and their numbers are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from seqkit.models.specs import FILTERS, KERNEL_SIZES
from seqkit.recipe.automatic import Choice
from seqkit.tasks.rules.base import (
    OPERATIONS_A_SECOND,
    AutoRule,
    Choices,
    between,
    epochs_within,
    step_seconds,
)

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe

LOOKED_AT = 1_000
"""Training series that are looked at, at most; they are the first ones."""
FEW = 150
"""Rows of which a validation part says little."""
MANY = 1_000
"""Rows from which a larger network is learnt."""
UNEVEN = 10
"""So many times as many rows as the smallest class the largest one has."""


@dataclass(frozen=True)
class SeriesRule(AutoRule):
    """What is known of series with a number each."""

    rows: int
    """Those that validate as well."""
    steps: int
    """In a series: the mean."""
    longest: int
    columns: int
    own_scale: bool = False
    """Whether the nearest other series tells more for sure where each series is scaled
    by itself."""
    classes: int = 0
    uneven: float = 1.0
    """Rows of the largest class, over those of the smallest."""

    keys: ClassVar[tuple[str, ...]] = (
        "data.scale",
        "data.validation",
        "model.architecture",
        "model.units",
        "model.filters",
        "model.dropout",
        "model.scaling_noise",
        "model.window_warp",
        "model.wide",
        "train.batch_size",
        "train.learning_rate",
        "train.epochs",
        "train.members",
        "train.folds",
        "train.refit",
    )

    @classmethod
    def of(cls, task: Any, recipe: Recipe, source: Source) -> Self:
        data = task.open(recipe.data, recipe.model, source)
        series: list[Any] = []
        truth: list[Any] = []
        for chunk in data.examples("train"):
            room = LOOKED_AT - len(series)
            series += chunk.inputs[:room]
            truth.append(chunk.truth[:room])
            if len(series) >= LOOKED_AT:
                break
        answers, lengths = np.concatenate(truth), [len(one) for one in series]
        classes = len(data.answer.shapes.get("classes", ()))
        counts = np.bincount(answers) if classes else np.ones(1)
        return cls(
            rows=data.count("train") + data.count("validation"),
            steps=round(np.mean(lengths)),
            longest=max(lengths),
            columns=series[0].shape[1],
            own_scale=task.own_scale_tells(series, answers, classes),
            classes=classes,
            uneven=float(counts.max() / max(counts[counts > 0].min(), 1)),
        )

    @classmethod
    def middle(cls) -> Self:
        return cls(rows=300, steps=100, longest=100, columns=1, classes=0)

    def choices(self, given: Mapping[str, Any]) -> dict[str, Choice]:
        made = Choices(given)
        rows, steps = self.rows, self.steps
        size, few = f"{rows:,} rows", rows < FEW
        made.add("data.scale", *self._scale())
        architecture = made.add("model.architecture", *self._architecture())
        # While nothing of a recipe is known, no filters go with any architecture.
        has_filters = architecture == "lstm_fcn" and bool(given)
        many = rows >= MANY
        units = made.add("model.units", (32,) if many else (16,), size)
        filters = made.add(
            "model.filters",
            ((64, 128, 64) if many else (32, 64, 32)) if has_filters else None,
            size if has_filters else "there are no convolutions",
        )
        made.add("model.dropout", 0.5, "few series are overfitted soon")
        made.add("model.scaling_noise", 0.0, "levels may tell")
        made.add("model.window_warp", 0.0, "speeds may tell")
        made.add("model.wide", "kernels", "random kernels are hard to beat")
        batch = made.add("train.batch_size", 32 if many else 8 if few else 16, size)
        made.add("train.learning_rate", 0.003, f"batches of {batch}")
        members = made.add("train.members", 4 if few else 1, size)
        folds = few and members > 1
        why = "a part of them says little" if folds else "a part of them says enough"
        made.add("train.folds", folds, f"{size}: {why}")
        made.add("data.validation", 0.1 if folds else 0.2, f"{size}: {why}")
        why = "members learn other rows" if folds else "what validates is learnt, too"
        refit = made.add("train.refit", not folds, why)
        ways = 1 if given.get("model.bidirectional", "none") == "none" else 2
        seconds = step_seconds(batch, steps, units, ways, self.columns)
        if architecture == "lstm_fcn":
            seconds += convolution_seconds(batch, steps, self.columns, filters)
        minutes = given.get("train.minutes", 10) / (members * (2 if refit else 1))
        wanted = between(50 * rows**0.5, 300, 3000)
        epochs, why = epochs_within(minutes, rows, batch, seconds, wanted)
        made.add("train.epochs", epochs, why)
        return made

    def _architecture(self) -> tuple[str, str]:
        if self.longest < KERNEL_SIZES[0]:
            return (
                "recurrent",
                f"{self.longest} steps at most: there are no long shapes",
            )
        return "lstm_fcn", "convolutions find shapes wherever they stand"

    def _scale(self) -> tuple[str, str]:
        if self.own_scale:
            return "series", "so the nearest series tell more"
        return "standard", "levels may tell"

    def __str__(self) -> str:
        lengths = f"{self.steps:,} steps"
        if self.longest > self.steps:
            lengths += f" (the mean; {self.longest:,} at most)"
        columns = f"{self.columns:,} column{'s' * (self.columns > 1)}"
        classes = f"{self.classes} classes, " if self.classes else ""
        return f"{self.rows:,} rows to learn from, {classes}{columns}, {lengths}"


@dataclass(frozen=True)
class ClassesRule(SeriesRule):
    """What is known of series with a class each."""

    keys = (*SeriesRule.keys, "data.class_weight")

    @classmethod
    def middle(cls) -> Self:
        return cls(rows=300, steps=100, longest=100, columns=1, classes=2)

    def choices(self, given: Mapping[str, Any]) -> dict[str, Choice]:
        uneven = self.uneven > UNEVEN
        why = f"the largest class has {self.uneven:.3g} times the smallest one's rows"
        weight = Choice("balanced" if uneven else "none", why)
        return {**super().choices(given), "data.class_weight": weight}


def convolution_seconds(
    batch: int, steps: float, columns: int, filters: tuple[int, ...] | None
) -> float:
    """Seconds that the convolutions of a training step take on two cores, roughly."""
    operations, width = 0.0, columns
    for count, kernel_size in zip(filters or FILTERS, KERNEL_SIZES, strict=True):
        operations += 6 * batch * steps * kernel_size * width * count
        width = count
    return operations / OPERATIONS_A_SECOND

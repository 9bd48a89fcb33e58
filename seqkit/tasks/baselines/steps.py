"""Plain competitors for tasks that answer each step of a series.

Each answers with an array (steps, answers) for each series: probabilities of classes or
labels, or numbers. What was fitted is plain arrays.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.rows import Values
from seqkit.tasks.base import Baseline, Examples
from seqkit.tasks.baselines.fitting import (
    Floats,
    Weights,
    center_and_unit,
    logistic,
    ridge,
    sampled_part,
    shares,
)

MOST_STEPS = 100_000
"""Training steps that windows are fitted on at most, so that memory has a bound."""
HALF_WINDOW = 6
LAGS = 12


@dataclass(eq=False)
class StepConstant(Baseline):
    """The same answer for each step: shares of classes, or means."""

    kind = "step_constant"
    answer: Floats
    title: str

    def __post_init__(self) -> None:
        self.title = str(self.title)

    def outputs(self, inputs: list[Values]) -> list[Floats]:
        return [np.tile(self.answer, (len(series), 1)) for series in inputs]


@dataclass(eq=False)
class StepWindow(Baseline):
    """A linear model of the steps around each one.

    Columns are standardised by the steps that it is fitted on; what lies before the
    first step and behind the last is their mean, 0.
    """

    offsets: NDArray[np.int64]
    """Which steps it sees, counted from the one that is answered."""
    center: Floats
    unit: Floats
    weights: Floats
    """(answers, offsets x columns)"""
    bias: Floats
    rows: NDArray[np.int64]
    """How many steps it was fitted on, of how many."""
    model: ClassVar[str]
    """What its title begins with."""

    def __post_init__(self) -> None:
        first, last = int(self.offsets[0]), int(self.offsets[-1])
        seen = f"a window of {len(self.offsets)}" if last else f"{-first} lags"
        self.title = f"{self.model} on {seen}{sampled_part(self.rows, 'steps')}"

    @classmethod
    def fit(
        cls, chunks: Iterable[Examples], answers: int, offsets: Iterable[int]
    ) -> Self:
        """Fit on the training series; past MOST_STEPS, on the first of them."""
        series: list[Values] = []
        truth: list[NDArray[Any]] = []
        fitted = every = 0
        for chunk in chunks:
            for one, its in zip(chunk.inputs, chunk.truth, strict=True):
                every += len(one)
                if fitted < MOST_STEPS:
                    series.append(one[: MOST_STEPS - fitted])
                    truth.append(its[: MOST_STEPS - fitted])
                    fitted += len(series[-1])
        steps = np.concatenate(series)
        center, unit = center_and_unit(steps)
        places = np.array(list(offsets), np.int64)
        scaled = [(one - center) / unit for one in series]
        features = np.concatenate([cls.features(one, places) for one in scaled])
        weights, bias = cls.fitted(features, np.concatenate(truth), answers)
        rows = np.array([fitted, every])
        return cls(places, center, unit, weights, bias, rows)

    @classmethod
    def features(cls, scaled: Values, offsets: NDArray[np.int64]) -> Floats:
        """What the model sees of each step (steps, offsets x columns)."""
        steps = len(scaled)
        places = np.arange(steps)[:, np.newaxis] + offsets
        is_there = (places >= 0) & (places < steps)
        windows = scaled[np.clip(places, 0, steps - 1)] * is_there[..., np.newaxis]
        return windows.reshape(steps, -1).astype(np.float32)

    @classmethod
    @abstractmethod
    def fitted(cls, features: Floats, truth: NDArray[Any], answers: int) -> Weights:
        """Weights (answers, features) and bias (answers,)."""

    def linear(self, series: Values) -> Floats:
        """(steps, answers)"""
        scaled = (series - self.center) / self.unit
        return self.features(scaled, self.offsets) @ self.weights.T + self.bias


class StepLogistic(StepWindow):
    """Logistic regression on the values around each step, and on their sizes.

    The size of a standardised value tells a loud passage from a quiet one, which no
    linear model of the values themselves can.
    """

    kind = "step_logistic"
    model = "logistic regression"

    @classmethod
    def features(cls, scaled: Values, offsets: NDArray[np.int64]) -> Floats:
        both = np.concatenate([scaled, np.abs(scaled)], axis=1)
        return super().features(both, offsets)

    @classmethod
    def fitted(cls, features: Floats, truth: NDArray[Any], answers: int) -> Weights:
        is_known = truth >= 0
        return logistic(features[is_known], truth[is_known], answers, iterations=500)

    def outputs(self, inputs: list[Values]) -> list[Floats]:
        return [shares(self.linear(series)) for series in inputs]


class StepLabelLogistic(StepLogistic):
    """The same for each of several labels by itself."""

    kind = "step_label_logistic"

    @classmethod
    def fitted(cls, features: Floats, truth: NDArray[Any], answers: int) -> Weights:
        weights = np.zeros((answers, features.shape[1]), np.float32)
        bias = np.zeros(answers, np.float32)
        for place, labels in enumerate(truth.T):
            is_known = ~np.isnan(labels)
            codes = labels[is_known].astype(int)
            both, start = logistic(features[is_known], codes, 2, iterations=500)
            weights[place] = both[1] - both[0]
            # So sure is a label that training had always, or never.
            bias[place] = np.clip(start[1] - start[0], -20, 20)
        return weights, bias

    def outputs(self, inputs: list[Values]) -> list[Floats]:
        from scipy.special import expit

        return [expit(self.linear(series)) for series in inputs]


class StepRidge(StepWindow):
    """Ridge regression on the values around each step, or on those before it."""

    kind = "step_ridge"
    model = "ridge regression"

    @classmethod
    def fitted(cls, features: Floats, truth: NDArray[Any], answers: int) -> Weights:
        return ridge(features, truth)

    def outputs(self, inputs: list[Values]) -> list[Floats]:
        return [self.linear(series) for series in inputs]


def class_baselines(
    chunks: Callable[[], Iterable[Examples]], classes: int, multi: bool
) -> list[Baseline]:
    """Shares of the training steps, and logistic regression on a window.

    ``chunks`` gives the training part, each time it is called.
    """
    ones, known = np.zeros(classes), np.zeros(classes)
    for truth in (one for chunk in chunks() for one in chunk.truth):
        if multi:
            ones += np.nansum(truth, axis=0)
            known += (~np.isnan(truth)).sum(axis=0)
        else:
            ones += np.bincount(truth[truth >= 0], minlength=classes)
            known += (truth >= 0).sum()
    answer = (ones / np.maximum(known, 1)).astype(np.float32)
    title = "share of each label" if multi else "majority class"
    kind = StepLabelLogistic if multi else StepLogistic
    window = range(-HALF_WINDOW, HALF_WINDOW + 1)
    return [StepConstant(answer, title), kind.fit(chunks(), classes, window)]


def number_baselines(
    chunks: Callable[[], Iterable[Examples]], means: Floats
) -> list[Baseline]:
    """Training means, and ridge regression on a window and on lags."""
    window, lags = range(-HALF_WINDOW, HALF_WINDOW + 1), range(-LAGS, 1)
    return [
        StepConstant(means, "training mean"),
        StepRidge.fit(chunks(), len(means), window),
        StepRidge.fit(chunks(), len(means), lags),
    ]

"""Plain competitors for tasks about whole series: none of them is recurrent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.series.rows import Values
from seqkit.tasks.base import Baseline, Examples, within
from seqkit.tasks.baselines.constant import MajorityClass, TrainingMean
from seqkit.tasks.baselines.fitting import (
    Floats,
    center_and_unit,
    logistic,
    ridge,
    sampled_part,
    shares,
)
from seqkit.tasks.baselines.mini_rocket import MiniRocket
from seqkit.tasks.baselines.nearest_series import NearestNeighbour

MAX_BASELINE_ROWS = 5_000
"""Series that baselines are fitted on at most, so that memory and time have a bound."""


def summary(series: Values) -> NDArray[np.float64]:
    """11 numbers a column and the length (11 columns + 1,): what a glance tells.

    Mean, standard deviation, minimum, maximum, first, last, slope (least squares, a
    step), mean absolute change, and the three quartiles.
    """
    steps = series.astype(np.float64)
    time = np.arange(len(steps)) - (len(steps) - 1) / 2
    slope = time @ steps / max(float(time @ time), 1.0)
    change = np.abs(np.diff(steps, axis=0)).sum(axis=0) / max(len(steps) - 1, 1)
    quartiles = np.quantile(steps, (0.25, 0.5, 0.75), axis=0)
    rows = [
        steps.mean(axis=0),
        steps.std(axis=0),
        steps.min(axis=0),
        steps.max(axis=0),
        steps[0],
        steps[-1],
        slope,
        change,
        *quartiles,
    ]
    return np.append(np.concatenate(rows), len(steps))


@dataclass(eq=False)
class LinearSummary(Baseline):
    """A linear model on summary features of each column; knows no order in time.

    Logistic regression (C = 1) for classes, ridge regression (alpha = 1) for numbers,
    on standardised features.
    """

    kind = "linear_summary"
    weights: Floats
    bias: Floats
    center: Floats
    unit: Floats
    rows: NDArray[np.int64]
    """On how many it was fitted, of how many."""
    classes: int = 0
    """How many there are; 0: the answers are numbers."""

    def __post_init__(self) -> None:
        kind = "logistic" if self.classes else "ridge"
        part = sampled_part(self.rows, "series")
        self.title = f"{kind} regression on summaries{part}"

    @classmethod
    def fit(
        cls, series: list[Values], truth: NDArray[Any], rows: int, classes: int = 0
    ) -> LinearSummary:
        """Fit on ``series``; ``rows`` is of how many they are."""
        features = np.stack([summary(one) for one in series])
        center, unit = center_and_unit(features)
        scaled = (features - center) / unit
        weights, bias = (
            logistic(scaled, truth, classes, iterations=2000, dtype=np.float64)
            if classes
            else ridge(scaled, truth[:, np.newaxis])
        )
        return cls(weights, bias, center, unit, np.array([len(series), rows]), classes)

    def outputs(self, inputs: list[Values]) -> NDArray[np.floating]:
        features = np.stack([summary(one) for one in inputs])
        scores = (features - self.center) / self.unit @ self.weights.T + self.bias
        return shares(scores) if self.classes else np.asarray(scores[:, 0], np.float64)


def sampled(
    chunks: Iterable[Examples], rows: int, seed: int
) -> tuple[list[Values], NDArray[Any]]:
    """An even sample of ``rows`` series in ``chunks`` with their answers, in order."""
    chosen = np.ones(rows, bool)
    if rows > MAX_BASELINE_ROWS:
        order = np.random.default_rng(seed).permutation(rows)
        chosen[order[MAX_BASELINE_ROWS:]] = False
    series: list[Values] = []
    truths: list[NDArray[Any]] = []
    start = 0
    for chunk in chunks:
        mine = np.flatnonzero(chosen[start : start + len(chunk.inputs)])
        start += len(chunk.inputs)
        series += [chunk.inputs[place] for place in mine]
        truths.append(chunk.truth[mine])
    return series, np.concatenate(truths)


def series_baselines(
    chunks: Iterable[Examples], truth: NDArray[Any], seed: int, classes: int = 0
) -> list[Baseline]:
    """Fit the baselines of tasks about whole series on the training part.

    Args:
        chunks: its rows.
        truth: (rows,) their classes, or their numbers.
        seed: seeds which rows are taken where there are many, and random kernels.
        classes: how many there are; 0: the answers are numbers.
    """
    series, answers = sampled(chunks, len(truth), seed)
    return [
        MajorityClass.fit(truth, classes)
        if classes
        else TrainingMean(float(truth.mean())),
        NearestNeighbour.fit(series, answers, len(truth), classes),
        LinearSummary.fit(series, answers, len(truth), classes),
        MiniRocket.fit(series, answers, len(truth), classes, seed),
    ]


def older_baselines(arrays: Mapping[str, NDArray[Any]]) -> list[Baseline]:
    """The three baselines of a task about whole series, as version 0.1 wrote them."""
    constant = arrays["constant"]
    # Of one class alone nothing can be learnt, so a single number is a mean.
    classes = len(constant) if len(constant) > 1 else 0
    return [
        MajorityClass(constant) if classes else TrainingMean(float(constant[0])),
        NearestNeighbour(within(arrays, "nearest_"), classes),
        LinearSummary.from_arrays(
            {**within(arrays, "linear_"), "classes": np.array(classes)}
        ),
    ]

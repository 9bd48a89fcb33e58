"""Scores of a classifier over rows that stream by, each with its 95% interval."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.errors import DataError, UsageError
from seqkit.scores.class_sums import EDGES, ROW, Sums, Values, metric_values
from seqkit.scores.intervals import (
    BLOCK_ROWS,
    Estimate,
    PoissonBootstrap,
    basic_interval,
    percentile_interval,
    wilson,
)
from seqkit.scores.metric import Metric, known_metric, require_same
from seqkit.scores.seeds import Paired

METRICS: dict[str, Metric] = {
    "accuracy": Metric(
        "Accuracy", "share of rows whose top class is right", True, most=1.0
    ),
    "f1": Metric(
        "Macro F1",
        "mean over classes of the harmonic mean of precision and recall, 0 to 1; for "
        "two classes also the mean of both; n/a where the rows are of one class",
        True,
        most=1.0,
    ),
    "log_loss": Metric(
        "Log loss",
        "nats a row: mean of -ln(probability of the true class), at least 1e-7",
        False,
    ),
    "calibration_error": Metric(
        "Calibration error",
        "mean distance between top probability and accuracy over 15 bins, 0 to 1",
        False,
        most=1.0,
    ),
}


@dataclass(frozen=True)
class ClassificationScores:
    """How good a classifier is on ``rows`` rows; all intervals are 95%."""

    metrics: dict[str, Estimate]
    """Name (see METRICS) -> (value, low, high); NaN where it means nothing."""
    confusion: pd.DataFrame
    """A row for each pair of classes: truth, predicted, count, share (of the rows of
    that truth; NaN where there are none), low, high (Wilson)."""
    reliability: pd.DataFrame
    """A row for each of 15 equal bins (bin_low, bin_high] of the top probability that
    is not empty: bin_low, bin_high, count, confidence (mean), accuracy, low, high
    (Wilson, of the accuracy)."""
    rows: int

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The frames by name, as every kind of scores gives them."""
        return {"confusion": self.confusion, "reliability": self.reliability}


class ClassificationScorer:
    """Scores class probabilities, chunk by chunk, in memory that does not grow.

    However the rows are cut into chunks, the result is the same to the last bit: rows
    wait until a whole block of them is there. Where classes tie for the top
    probability, the first is the prediction. Macro F1 is the mean over the classes that
    occur, as truth or as prediction; it is NaN where one class alone occurs as truth.

    The interval of accuracy is Wilson's; those of F1 and log loss are percentiles of a
    Poisson bootstrap; that of calibration error is its basic interval, see
    ``intervals.basic_interval``, and below some 2000 rows holds the truth nearer to 90%
    of the time than to 95%. For a model that is calibrated perfectly it does so only
    half to two thirds of the time: its low end is no evidence of miscalibration.

    Args:
        classes: names of the classes, in the order of the probabilities' columns.
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap; scorers that are compared share it.
    """

    def __init__(
        self, classes: tuple[str, ...], resamples: int = 1000, seed: int = 0
    ) -> None:
        if len(classes) < 2 or len(set(classes)) < len(classes):
            raise UsageError(
                f"classes must be at least two different names, got {list(classes)}."
            )
        self.classes = tuple(classes)
        self.rows = 0
        self._bootstrap = PoissonBootstrap(resamples, seed)
        self._sums = Sums(len(classes), resamples)
        self._waiting = np.empty(0, ROW)
        self._truths = hashlib.blake2b()

    def update(
        self, truth: NDArray[np.integer], probabilities: NDArray[np.floating]
    ) -> None:
        """Count some more rows; on an error none of them is counted.

        Args:
            truth: class numbers (rows,), from 0.
            probabilities: (rows, classes); each row sums to 1.

        Raises:
            UsageError: a wrong shape, or truth that is no class number.
            DataError: probabilities that are not numbers from 0 to 1 with the sum 1.
        """
        truth, probabilities = np.asarray(truth), np.asarray(probabilities)
        self._check(truth, probabilities)
        rows = np.empty(len(truth), ROW)
        rows["truth"] = truth
        rows["predicted"] = probabilities.argmax(axis=1)
        rows["confidence"] = probabilities.max(axis=1)
        rows["likelihood"] = probabilities[np.arange(len(truth)), truth]
        self._truths.update(rows["truth"].tobytes())
        self.rows += len(rows)
        waiting = np.concatenate([self._waiting, rows])
        whole = len(waiting) - len(waiting) % BLOCK_ROWS
        for start in range(0, whole, BLOCK_ROWS):
            weights = self._bootstrap.weights(BLOCK_ROWS)
            self._sums.add(waiting[start : start + BLOCK_ROWS], weights)
        self._waiting = waiting[whole:].copy()

    def result(self) -> ClassificationScores:
        """The scores of all rows so far; more rows may follow.

        Raises:
            DataError: no row has come yet.
        """
        sums = self._sums_so_far()
        metrics = {name: _estimate(name, metric_values(name, sums)) for name in METRICS}
        low, high = wilson(np.trace(sums.confusion), self.rows)
        metrics["accuracy"] = (metrics["accuracy"][0], float(low), float(high))
        confusion = _confusion_frame(self.classes, sums.confusion)
        return ClassificationScores(
            metrics, confusion, _reliability_frame(sums), self.rows
        )

    def _sums_so_far(self) -> Sums:
        """The sums with the rows that still wait for their block to fill."""
        if not self.rows:
            raise DataError("No rows were scored: the part to be scored is empty.")
        sums = deepcopy(self._sums)
        weights = copy(self._bootstrap).weights(len(self._waiting))
        sums.add(self._waiting, weights)
        return sums

    def _check(self, truth: NDArray[Any], probabilities: NDArray[Any]) -> None:
        known = len(self.classes)
        if truth.ndim != 1 or not np.issubdtype(truth.dtype, np.integer):
            raise UsageError(
                "truth must be whole numbers of the shape (rows,), "
                f"got {truth.dtype} of {truth.shape}."
            )
        if probabilities.shape != (len(truth), known):
            raise UsageError(
                "probabilities must have the shape (rows, classes) = "
                f"{(len(truth), known)}, got {probabilities.shape}. "
                "For one sigmoid output p give the columns 1 - p and p."
            )
        if not np.issubdtype(probabilities.dtype, np.floating):
            raise UsageError(
                f"probabilities must be floating-point, got {probabilities.dtype}."
            )
        wrong = (truth < 0) | (truth >= known)
        if wrong.any():
            row = int(wrong.argmax())
            raise UsageError(
                f"truth must be from 0 to {known - 1} ({known} classes), "
                f"got {truth[row]} in row {self.rows + row}."
            )
        wrong = ~np.isfinite(probabilities).all(axis=1)
        if wrong.any():
            raise DataError(
                f"Probabilities must be finite, row {self.rows + int(wrong.argmax())} "
                "holds a NaN or an infinity. Look whether the model's weights do too."
            )
        total = probabilities.sum(axis=1, dtype=np.float64)
        wrong = (probabilities < 0).any(axis=1) | (np.abs(total - 1) > 0.01)
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(
                "Probabilities must be from 0 to 1 and sum to 1 in every row, row "
                f"{self.rows + row} holds {_shown(probabilities[row])}. "
                "Are they logits? Apply softmax first."
            )


def difference(
    a: ClassificationScorer, b: ClassificationScorer, metric: str
) -> Estimate:
    """How much greater a metric is for ``a`` than for ``b``, with its 95% interval.

    Paired: each resample weighs the same rows for both, so that what makes a row hard
    for both cancels. The interval is far narrower than that of two separate samples.
    Errors are those of ``paired``.
    """
    ours, theirs = paired([a, b], metric).values
    return _estimate(metric, ours - theirs, signed=True)


def paired(scorers: Sequence[ClassificationScorer], metric: str) -> Paired:
    """A metric of each scorer, on the rows as they are and on the same resamples.

    Raises:
        UnknownNameError: there is no such metric.
        UsageError: they did not score the same rows with the same bootstrap.
        DataError: no row has come yet, or f1 of rows of one class.
    """
    known_metric(metric, METRICS)
    require_same(
        scorers,
        {
            "classes": lambda scorer: list(scorer.classes),
            "resamples": lambda scorer: scorer._bootstrap.resamples,
            "seed": lambda scorer: scorer._bootstrap.seed,
            "number of rows": lambda scorer: scorer.rows,
        },
    )
    if len({scorer._truths.digest() for scorer in scorers}) > 1:
        raise UsageError(
            "Scorers are compared on the same rows, but these have other labels or "
            "come in another order."
        )
    values = [metric_values(metric, scorer._sums_so_far()) for scorer in scorers]
    if np.isnan([each[0] for each in values]).any():
        raise DataError(f"There is no {metric}: all rows are of one class.")
    return Paired(np.stack(values), scorers[0].rows)


def _estimate(metric: str, values: Values, signed: bool = False) -> Estimate:
    """Value and interval from a value and its replicates (1 + resamples,)."""
    value, replicates = float(values[0]), values[1:]
    if math.isnan(value):
        return value, value, value
    if metric != "calibration_error":
        low, high = percentile_interval(replicates)
        # Where all rows are alike, rounding could leave the value outside.
        return (value, min(low, value), max(high, value))
    low, high = basic_interval(value, replicates)
    return (value, low if signed else max(low, 0.0), high)


def _confusion_frame(
    classes: tuple[str, ...], confusion: NDArray[np.int64]
) -> pd.DataFrame:
    count = confusion.ravel()
    total = np.repeat(confusion.sum(axis=1), len(classes))
    low, high = wilson(count, total)
    share = np.full(count.shape, np.nan)
    np.divide(count, total, out=share, where=total > 0)
    return pd.DataFrame(
        {
            "truth": np.repeat(classes, len(classes)),
            "predicted": np.tile(classes, len(classes)),
            "count": count,
            "share": share,
            "low": low,
            "high": high,
        }
    )


def _reliability_frame(sums: Sums) -> pd.DataFrame:
    full = np.flatnonzero(sums.count)
    count, right = sums.count[full], sums.right[full]
    low, high = wilson(right, count)
    return pd.DataFrame(
        {
            "bin_low": EDGES[full],
            "bin_high": EDGES[full + 1],
            "count": count.astype(np.int64),
            "confidence": sums.confidence[full] / count,
            "accuracy": right / count,
            "low": low,
            "high": high,
        }
    )


def _shown(row: NDArray[Any]) -> str:
    """The first few numbers of a row."""
    numbers = ", ".join(f"{p:.3g}" for p in row[:4])
    return f"[{numbers}{', ...' if len(row) > 4 else ''}]"

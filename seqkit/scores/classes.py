"""Scores of a classifier over rows that stream by, each with its 95% interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.errors import DataError, UsageError
from seqkit.scores.class_sums import (
    EDGES,
    FORMULAS,
    Rows,
    Sums,
    Tallies,
    tallied,
    weighted,
)
from seqkit.scores.intervals import Estimate, basic_interval, wilson
from seqkit.scores.metric import Metric
from seqkit.scores.scorer import RowScorer, Scores, Tables
from seqkit.scores.seeds import Values

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METRICS = {
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


class ClassificationScorer(RowScorer):
    """Scores class probabilities, chunk by chunk, in memory that does not grow.

    Where classes tie for the top probability, the first is the prediction. Macro F1 is
    the mean over the classes that occur, as truth or as prediction; it is NaN where one
    class alone occurs as truth.

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

    metrics = METRICS
    truths = "labels"
    undefined = "all rows are of one class"

    def __init__(
        self, classes: tuple[str, ...], resamples: int = 1000, seed: int = 0
    ) -> None:
        if len(classes) < 2 or len(set(classes)) < len(classes):
            raise UsageError(
                f"classes must be at least two different names, got {list(classes)}."
            )
        super().__init__(resamples, seed)
        self.classes = tuple(classes)

    def alike(self) -> dict[str, Any]:
        return {"classes": list(self.classes)} | super().alike()

    def statistics(
        self, truth: NDArray[np.integer], outputs: NDArray[np.floating]
    ) -> Values:
        """True and predicted class, and their probabilities (rows, 4).

        Args:
            truth: class numbers (rows,), from 0.
            outputs: probabilities (rows, classes); each row sums to 1.

        Raises:
            UsageError: a wrong shape, or truth that is no class number.
            DataError: probabilities that are not numbers from 0 to 1 with the sum 1.
        """
        truth, outputs = np.asarray(truth), np.asarray(outputs)
        self._check(truth, outputs)
        likelihood = outputs[np.arange(len(truth)), truth]
        return np.column_stack(
            [truth, outputs.argmax(axis=1), outputs.max(axis=1), likelihood]
        ).astype(np.float64)

    def weighted(self, statistics: Values, weights: Values) -> Values:
        return weighted(Rows(statistics), len(self.classes), weights)

    def tally(self, statistics: Values) -> Values:
        return tallied(Rows(statistics), len(self.classes))

    def formula(self, metric: str, sums: Values) -> Values:
        return FORMULAS[metric](Sums(sums, len(self.classes)))

    @classmethod
    def estimate(cls, metric: str, values: Values, signed: bool = False) -> Estimate:
        if metric != "calibration_error":
            return super().estimate(metric, values, signed)
        value = float(values[0])
        low, high = basic_interval(value, values[1:])
        return (value, low if signed else max(low, 0.0), high)

    def result(self) -> Scores:
        scores = super().result()
        confusion = Tallies(self.tallies(), len(self.classes)).confusion
        low, high = wilson(np.trace(confusion), self.rows)
        accuracy = (scores.metrics["accuracy"][0], float(low), float(high))
        return replace(scores, metrics=scores.metrics | {"accuracy": accuracy})

    def tables(self) -> dict[str, pd.DataFrame]:
        """``confusion`` and ``reliability``.

        The first has a row for each pair of classes: truth, predicted, count, share (of
        the rows of that truth; NaN where there are none), low, high (Wilson). The
        second has one for each of 15 equal bins (bin_low, bin_high] of the top
        probability that is not empty: bin_low, bin_high, count, confidence (mean),
        accuracy, low, high (Wilson, of the accuracy).
        """
        tallies = Tallies(self.tallies(), len(self.classes))
        return {
            "confusion": confusion_frame(self.classes, tallies.confusion),
            "reliability": _reliability_frame(tallies),
        }

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        from seqkit import pictures

        tables = scores.filled
        figures: dict[str, Figure] = {}
        if "confusion" in tables:
            figures["confusion_matrix"] = pictures.confusion_matrix(tables["confusion"])
        if "reliability" in tables:
            figures["reliability"] = pictures.reliability_diagram(
                tables["reliability"], scores.metrics["calibration_error"]
            )
        return figures

    def _check(self, truth: NDArray[Any], probabilities: NDArray[Any]) -> None:
        classes = len(self.classes)
        if truth.ndim != 1 or not np.issubdtype(truth.dtype, np.integer):
            raise UsageError(
                "truth must be whole numbers of the shape (rows,), "
                f"got {truth.dtype} of {truth.shape}."
            )
        if probabilities.shape != (len(truth), classes):
            raise UsageError(
                "probabilities must have the shape (rows, classes) = "
                f"{(len(truth), classes)}, got {probabilities.shape}. "
                "For one sigmoid output p give the columns 1 - p and p."
            )
        if not np.issubdtype(probabilities.dtype, np.floating):
            raise UsageError(
                f"probabilities must be floating-point, got {probabilities.dtype}."
            )
        wrong = (truth < 0) | (truth >= classes)
        if wrong.any():
            row = int(wrong.argmax())
            raise UsageError(
                f"truth must be from 0 to {classes - 1} ({classes} classes), "
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
                f"{self.rows + row} holds {_numbers(probabilities[row])}. "
                "Are they logits? Apply softmax first."
            )


def confusion_frame(
    classes: tuple[str, ...], confusion: NDArray[np.int64]
) -> pd.DataFrame:
    """The table ``confusion`` of counts (classes, classes) by truth and prediction."""
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


def tag_pairs(
    truth: Sequence[NDArray[np.integer]],
    predicted: Sequence[NDArray[np.integer]],
    tags: int,
) -> NDArray[np.int64]:
    """How many tokens of each truth were answered what (tags, tags)."""
    if not len(truth):
        return np.zeros((tags, tags), np.int64)
    places = np.concatenate(truth).astype(np.int64) * tags + np.concatenate(predicted)
    return np.bincount(places, minlength=tags * tags).reshape(tags, tags)


def _reliability_frame(tallies: Tallies) -> pd.DataFrame:
    full = np.flatnonzero(tallies.count)
    count, right = tallies.count[full], tallies.right[full]
    low, high = wilson(right, count)
    return pd.DataFrame(
        {
            "bin_low": EDGES[full],
            "bin_high": EDGES[full + 1],
            "count": count.astype(np.int64),
            "confidence": tallies.confidence[full] / count,
            "accuracy": right / count,
            "low": low,
            "high": high,
        }
    )


def _numbers(row: NDArray[Any]) -> str:
    """The first few numbers of a row."""
    numbers = ", ".join(f"{p:.3g}" for p in row[:4])
    return f"[{numbers}{', ...' if len(row) > 4 else ''}]"

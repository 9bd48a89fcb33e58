"""Scores of predicted numbers over rows that stream by, with their 95% intervals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from seqkit.errors import DataError, UsageError
from seqkit.scores.metric import Metric
from seqkit.scores.scorer import RowScorer, Scores
from seqkit.scores.seeds import Values

METRICS = {
    "mae": Metric("MAE", "mean absolute error, in the answer's unit", False),
    "rmse": Metric("RMSE", "root of the mean squared error, in its unit", False),
    "mse": Metric("MSE", "mean squared error, in the square of its unit", False),
    "r2": Metric(
        "R²",
        "share of the variance that is explained, at most 1; the mean has 0",
        True,
        least=-math.inf,
        most=1.0,
    ),
}
SAMPLE_ROWS = 1000


class ErrorScorer(RowScorer):
    """Metrics of errors; one that does not exist, as r2 of a truth that does not vary,
    is left out."""

    def result(self) -> Scores:
        scores = super().result()
        metrics = {
            name: interval
            for name, interval in scores.metrics.items()
            if math.isfinite(interval[0])
        }
        return replace(scores, metrics=metrics)


def error_metric(metric: str, sums: Values) -> Values:
    """``mae``, ``mse``, ``rmse`` or ``r2`` of sums (5, ...).

    These are of a count, absolute and squared errors, the truth and its square.
    """
    count, absolute, squared, truth, truth_squared = sums
    if metric == "r2":
        variation = truth_squared - truth**2 / count
        # Less is what rounding leaves of numbers that are all alike.
        varies = variation > 1e-12 * truth_squared
        return np.where(varies, 1 - squared / variation, np.nan)
    mean: Values = (absolute if metric == "mae" else squared) / count
    return np.sqrt(mean) if metric == "rmse" else mean


class RegressionScorer(ErrorScorer):
    """Scores predicted numbers, chunk by chunk, in memory that does not grow.

    A metric that the rows do not have, r2 where the truth does not vary, is left out.

    Args:
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap and the sample; scorers that are compared share it.
    """

    metrics = METRICS
    truths = "true numbers"
    undefined = "all true numbers are alike"

    def __init__(self, resamples: int = 1000, seed: int = 0) -> None:
        super().__init__(resamples, seed)
        self._random = np.random.default_rng(seed)
        self._origin: float | None = None
        self._sample = np.empty((0, 4))

    def update(self, truth: ArrayLike, outputs: ArrayLike) -> None:
        """Count some more rows; on an error none of them is counted.

        Args:
            truth: true numbers (rows,).
            outputs: predicted numbers (rows,) or (rows, 1).

        Raises:
            UsageError: a wrong shape.
            DataError: a NaN or an infinity.
        """
        truth = np.asarray(truth, np.float64)
        outputs = np.asarray(outputs, np.float64)
        self._check(truth, outputs)
        outputs = outputs.reshape(-1)
        number = np.arange(self.rows, self.rows + len(truth))
        super().update(truth, outputs)
        self._draw(np.column_stack([number, truth, outputs]))

    def statistics(self, truth: Values, outputs: Values) -> Values:
        """1, absolute and squared error, truth (less the first) and its square."""
        if self._origin is None and len(truth):
            # Squares of numbers far from 0 would leave no digits for their variance.
            self._origin = float(truth[0])
        error, rest = outputs - truth, truth - (self._origin or 0.0)
        return np.column_stack(
            [np.ones(len(truth)), np.abs(error), error**2, rest, rest**2]
        )

    def formula(self, metric: str, sums: Values) -> Values:
        return error_metric(metric, sums)

    def tables(self) -> dict[str, pd.DataFrame]:
        """``residuals``: truth and predicted of up to 1000 rows, drawn evenly."""
        rows = self._sample[self._sample[:, 1].argsort()]
        return {"residuals": pd.DataFrame(rows[:, 2:], columns=["truth", "predicted"])}

    def _draw(self, rows: Values) -> None:
        """Keep the rows of the smallest random numbers: any row is as likely."""
        keyed = np.column_stack([self._random.random(len(rows)), rows])
        keyed = np.concatenate([self._sample, keyed])
        self._sample = keyed[keyed[:, 0].argsort()[:SAMPLE_ROWS]]

    def _check(self, truth: Values, outputs: Values) -> None:
        if truth.ndim != 1:
            raise UsageError(f"truth must have the shape (rows,), got {truth.shape}.")
        if outputs.shape not in (truth.shape, (len(truth), 1)):
            raise UsageError(
                f"outputs must have the shape {truth.shape} or {(len(truth), 1)}, "
                f"got {outputs.shape}."
            )
        for name, each in (("True", truth), ("Predicted", outputs.reshape(-1))):
            wrong = ~np.isfinite(each)
            if wrong.any():
                row = int(wrong.argmax())
                raise DataError(
                    f"{name} numbers must be finite, got {each[row]} in row "
                    f"{self.rows + row}."
                )

"""Scores of predicted numbers over rows that stream by, with their 95% intervals."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError, UsageError
from seqkit.scores.clusters import estimate
from seqkit.scores.intervals import BLOCK_ROWS, Estimate, PoissonBootstrap
from seqkit.scores.metric import Metric, known_metric, require_same
from seqkit.scores.seeds import Paired

METRICS: dict[str, Metric] = {
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

Values = NDArray[np.float64]


@dataclass(frozen=True)
class RegressionScores:
    """How good predicted numbers are on ``rows`` rows; all intervals are 95%."""

    metrics: dict[str, Estimate]
    """Name (see METRICS) -> (value, low, high); r2 only where the truth varies."""
    rows: int
    tables: dict[str, pd.DataFrame]
    """``residuals``: truth and predicted of up to 1000 rows, drawn evenly."""


class RegressionScorer:
    """Scores predicted numbers, chunk by chunk, in memory that does not grow.

    However the rows are cut into chunks, the result is the same to the last bit: rows
    wait until a whole block of them is there. The intervals are percentiles of a
    Poisson bootstrap over rows.

    Args:
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap and the sample; scorers that are compared share it.
    """

    def __init__(self, resamples: int = 1000, seed: int = 0) -> None:
        self.rows = 0
        self._bootstrap = PoissonBootstrap(resamples, seed)
        self._random = np.random.default_rng(seed)
        self._sums = np.zeros((5, 1 + resamples))
        self._origin: float | None = None
        self._waiting = np.empty((0, 2))
        self._sample = np.empty((0, 4))
        self._truths = hashlib.blake2b()

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
        rows = np.column_stack([truth, outputs.reshape(-1)])
        if not len(rows):
            return
        if self._origin is None:
            # Squares of numbers far from 0 would leave no digits for their variance.
            self._origin = float(truth[0])
        self._truths.update(rows[:, 0].tobytes())
        self._draw(rows)
        self.rows += len(rows)
        waiting = np.concatenate([self._waiting, rows])
        whole = len(waiting) - len(waiting) % BLOCK_ROWS
        for start in range(0, whole, BLOCK_ROWS):
            block = waiting[start : start + BLOCK_ROWS]
            self._sums += self._summed(block, self._bootstrap)
        self._waiting = waiting[whole:].copy()

    def result(self) -> RegressionScores:
        """The scores of all rows so far; more rows may follow.

        Raises:
            DataError: no row has come yet.
        """
        sums = self._sums_so_far()
        values = {name: _metric_values(name, sums) for name in METRICS}
        metrics = {
            name: estimate(each)
            for name, each in values.items()
            if np.isfinite(each[0])
        }
        drawn = self._sample[self._sample[:, 1].argsort()]
        residuals = pd.DataFrame(drawn[:, 2:], columns=["truth", "predicted"])
        return RegressionScores(metrics, self.rows, {"residuals": residuals})

    def _draw(self, rows: Values) -> None:
        """Keep the rows of the smallest random numbers: any row is as likely."""
        number = np.arange(self.rows, self.rows + len(rows))
        drawn = np.column_stack([self._random.random(len(rows)), number, rows])
        drawn = np.concatenate([self._sample, drawn])
        self._sample = drawn[drawn[:, 0].argsort()[:SAMPLE_ROWS]]

    def _summed(self, rows: Values, bootstrap: PoissonBootstrap) -> Values:
        """Weighted sums (5, 1 + resamples): as they are, then each resample's.

        Of 1, absolute and squared error, truth (less the first) and its square.
        """
        error, truth = rows[:, 1] - rows[:, 0], rows[:, 0] - (self._origin or 0.0)
        amounts = np.stack(
            [np.ones(len(rows)), np.abs(error), error**2, truth, truth**2]
        )
        weights = np.vstack([np.ones(len(rows)), bootstrap.weights(len(rows))])
        summed: Values = amounts @ weights.T
        return summed

    def _sums_so_far(self) -> Values:
        """The sums with the rows that still wait for their block to fill."""
        if not self.rows:
            raise DataError("No rows were scored: the part to be scored is empty.")
        return self._sums + self._summed(self._waiting, copy(self._bootstrap))

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


def difference(a: RegressionScorer, b: RegressionScorer, metric: str) -> Estimate:
    """How much greater a metric is for ``a`` than for ``b``, with its 95% interval.

    Paired: each resample weighs the same rows for both. Errors are those of ``paired``.
    """
    ours, theirs = paired([a, b], metric).values
    return estimate(ours - theirs)


def paired(scorers: Sequence[RegressionScorer], metric: str) -> Paired:
    """A metric of each scorer, on the rows as they are and on the same resamples.

    Raises:
        UnknownNameError: there is no such metric.
        UsageError: they did not score the same rows with the same bootstrap.
        DataError: r2 where the truth does not vary; or no row has come yet.
    """
    known_metric(metric, METRICS)
    require_same(
        scorers,
        {
            "resamples": lambda scorer: scorer._bootstrap.resamples,
            "seed": lambda scorer: scorer._bootstrap.seed,
            "number of rows": lambda scorer: scorer.rows,
        },
    )
    if len({scorer._truths.digest() for scorer in scorers}) > 1:
        raise UsageError(
            "Scorers are compared on the same rows, but these have other true numbers "
            "or come in another order."
        )
    values = [_metric_values(metric, scorer._sums_so_far()) for scorer in scorers]
    if not np.isfinite([each[0] for each in values]).all():
        raise DataError(f"There is no {metric}: all true numbers are alike.")
    return Paired(np.stack(values), scorers[0].rows)


def _metric_values(metric: str, sums: Values) -> Values:
    """A metric for the rows as they are and for each resample (1 + resamples,)."""
    n, absolute, squared, truth, truth_squared = sums
    # A resample may hold no row, or rows that are all alike; intervals leave it out.
    with np.errstate(invalid="ignore", divide="ignore"):
        variation = truth_squared - truth**2 / n
        # Less is what rounding leaves of numbers that are all alike.
        varies = variation > 1e-12 * truth_squared
        found: dict[str, Values] = {
            "mae": absolute / n,
            "rmse": (squared / n) ** 0.5,
            "mse": squared / n,
            "r2": np.where(varies, 1 - squared / variation, np.nan),
        }
    return found[metric]

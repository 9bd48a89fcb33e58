"""Scores of numbers a step over series that stream by, with their 95% intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.errors import DataError
from seqkit.scores import numbers
from seqkit.scores.metric import Metric
from seqkit.scores.numbers import ErrorScorer, error_metric
from seqkit.scores.seeds import Values

METRICS = {
    "mae": Metric("MAE", "mean absolute error of a step, in the answer's unit", False),
    "rmse": Metric("RMSE", "root of the mean squared error of a step", False),
    "r2": numbers.METRICS["r2"],
}
COUNTS = ("steps", "absolute", "squared", "truth", "truth_squared")


class StepNumberScorer(ErrorScorer):
    """Scores numbers for each step; series are what is resampled.

    Steps whose truth is not known count nowhere. Of several columns the metrics are the
    means over columns, as in scikit-learn; ``columns`` among the tables has each. A
    metric that the steps do not have, r2 where the truth does not vary, is left out.

    Args:
        columns: their names.
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap; scorers that are compared share it.
    """

    metrics = METRICS
    truths = "true numbers"
    undefined = "no true number is known, or all of a column are alike"

    def __init__(
        self, columns: Sequence[str], resamples: int = 1000, seed: int = 0
    ) -> None:
        super().__init__(resamples, seed)
        self.columns = tuple(columns)
        self._origin: Values | None = None

    def statistics(self, truth: Any, outputs: Any) -> Values:
        """Of each column steps, errors, and the truth less the first and its square."""
        rows = []
        for steps, answers in zip(truth, outputs, strict=True):
            if not np.isfinite(answers).all():
                raise DataError("Answers of steps must be finite numbers.")
            has_truth = ~np.isnan(steps)
            if self._origin is None:
                # Squares of numbers far from 0 would leave no digits for a variance.
                first = np.nan_to_num(steps[has_truth.argmax(axis=0), self._places])
                self._origin = first
            error = np.where(has_truth, answers - steps, 0.0)
            rest = np.where(has_truth, steps - self._origin, 0.0)
            each = (has_truth, np.abs(error), error**2, rest, rest**2)
            rows.append(np.concatenate([one.sum(axis=0) for one in each]))
        return np.array(rows, np.float64).reshape(-1, len(COUNTS) * len(self.columns))

    def formula(self, metric: str, sums: Values) -> Values:
        values: Values = self._of_columns(metric, sums).mean(axis=0)
        return values

    def _of_columns(self, metric: str, sums: Values) -> Values:
        """A metric of each column (columns, m)."""
        shape = (len(COUNTS), len(self.columns), sums.shape[1])
        return error_metric(metric, sums.reshape(shape))

    def tables(self) -> dict[str, pd.DataFrame]:
        """``columns``: how good the answers of each are, and over how many steps."""
        sums = self.sums()[:, :1]
        with np.errstate(invalid="ignore", divide="ignore"):
            each = {name: self._of_columns(name, sums)[:, 0] for name in METRICS}
        steps = sums[: len(self.columns), 0].astype(int)
        return {
            "columns": pd.DataFrame({"column": self.columns, "steps": steps} | each)
        }

    @property
    def _places(self) -> NDArray[np.int64]:
        return np.arange(len(self.columns), dtype=np.int64)

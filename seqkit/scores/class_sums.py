"""What a classifier's scores are made of: sums over rows, and formulas over sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

CALIBRATION_BINS = 15
"""As in Guo et al. 2017."""
LEAST_PROBABILITY = 1e-7
"""Log loss takes no probability as less, so that one sure mistake is not infinite."""

Values = NDArray[np.float64]
"""One number for the data as they are, then one for each resample."""

EDGES = np.linspace(0.0, 1.0, CALIBRATION_BINS + 1)
ROW = np.dtype(
    [("truth", "i8"), ("predicted", "i8"), ("confidence", "f8"), ("likelihood", "f8")]
)


class Sums:
    """What all scores are made of, added up row by row.

    ``truth``, ``predicted`` and ``hits`` are (classes, 1 + resamples), ``gaps`` (bins,
    1 + resamples) and ``loss`` (1, 1 + resamples): first come the rows as they are,
    then every resample of them.
    """

    def __init__(self, classes: int, resamples: int) -> None:
        self.confusion = np.zeros((classes, classes), np.int64)
        self.count = np.zeros(CALIBRATION_BINS)
        self.right = np.zeros(CALIBRATION_BINS)
        self.confidence = np.zeros(CALIBRATION_BINS)
        heights = (classes, classes, classes, CALIBRATION_BINS, 1)
        parts = [np.zeros((height, 1 + resamples)) for height in heights]
        self.truth, self.predicted, self.hits, self.gaps, self.loss = parts

    def add(self, rows: NDArray[np.void], weights: NDArray[np.float64]) -> None:
        """Add rows (n,) of dtype ROW with their weights (resamples, n)."""
        truth, predicted = rows["truth"], rows["predicted"]
        right, confidence = truth == predicted, rows["confidence"]
        n = len(self.confusion)
        pairs = np.bincount(truth * n + predicted, minlength=n * n)
        self.confusion += pairs.reshape(n, n)
        # Bins are open below and closed above: (0.4, 0.467] and so on.
        bins = np.clip(np.searchsorted(EDGES, confidence) - 1, 0, CALIBRATION_BINS - 1)
        self.count += np.bincount(bins, minlength=CALIBRATION_BINS)
        self.right += np.bincount(bins, right, CALIBRATION_BINS)
        self.confidence += np.bincount(bins, confidence, CALIBRATION_BINS)
        loss = -np.log(np.maximum(rows["likelihood"], LEAST_PROBABILITY))
        weights = np.vstack([np.ones(len(rows)), weights]).T
        self.truth += _summed(truth, 1.0, n, weights)
        self.predicted += _summed(predicted, 1.0, n, weights)
        self.hits += _summed(truth, right, n, weights)
        self.gaps += _summed(bins, right - confidence, CALIBRATION_BINS, weights)
        self.loss += loss @ weights


def _summed(
    place: NDArray[np.int64], amount: Any, places: int, weights: Values
) -> Values:
    """Weighted sums (places, m) of rows' amounts (n,); weights are (n, m)."""
    rows = np.arange(len(place))
    amount = np.broadcast_to(np.asarray(amount, np.float64), place.shape)
    table = sparse.csr_array((amount, (place, rows)), shape=(places, len(place)))
    sums: Values = table @ weights
    return sums


def _accuracy(sums: Sums) -> Values:
    share: Values = sums.hits.sum(axis=0) / sums.truth.sum(axis=0)
    return share


def _macro_f1(sums: Sums) -> Values:
    both = sums.truth + sums.predicted
    if (sums.truth[:, 0] > 0).sum() < 2:
        # Of rows of one class, "macro" means nothing: naming it always scores 1.
        return np.full(both.shape[1], np.nan)
    present = both > 0
    each = np.divide(2 * sums.hits, both, out=np.zeros_like(both), where=present)
    mean: Values = each.sum(axis=0) / present.sum(axis=0)
    return mean


def _log_loss(sums: Sums) -> Values:
    mean: Values = sums.loss[0] / sums.truth.sum(axis=0)
    return mean


def _calibration_error(sums: Sums) -> Values:
    mean: Values = np.abs(sums.gaps).sum(axis=0) / sums.truth.sum(axis=0)
    return mean


_FORMULAS: dict[str, Callable[[Sums], Values]] = {
    "accuracy": _accuracy,
    "f1": _macro_f1,
    "log_loss": _log_loss,
    "calibration_error": _calibration_error,
}


def metric_values(metric: str, sums: Sums) -> Values:
    """A metric for the rows as they are and for each resample (1 + resamples,)."""
    # A resample of very few rows may hold none; intervals leave its NaN out.
    with np.errstate(invalid="ignore"):
        return _FORMULAS[metric](sums)

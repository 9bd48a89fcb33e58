"""What a classifier's scores are made of: sums over rows, and formulas over sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

CALIBRATION_BINS = 15
"""As in Guo et al. 2017."""
LEAST_PROBABILITY = 1e-7
"""Log loss takes no probability as less, so that one sure mistake is not infinite."""

Values = NDArray[np.float64]

EDGES = np.linspace(0.0, 1.0, CALIBRATION_BINS + 1)


class Rows(NamedTuple):
    """What is kept of rows (n,): their classes, and two of their probabilities."""

    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: Values
    """Of the predicted class."""
    likelihood: Values
    """Of the true class."""

    @classmethod
    def of(cls, statistics: Values) -> Rows:
        """Rows from their statistics (n, 4)."""
        truth, predicted = statistics[:, :2].astype(np.int64).T
        return cls(truth, predicted, statistics[:, 2], statistics[:, 3])

    @property
    def right(self) -> NDArray[np.bool_]:
        right: NDArray[np.bool_] = self.truth == self.predicted
        return right

    @property
    def bins(self) -> NDArray[np.int64]:
        """Bins of the confidence, open below and closed above: (0.4, 0.467] etc."""
        bins = np.searchsorted(EDGES, self.confidence) - 1
        return np.clip(bins, 0, CALIBRATION_BINS - 1)


class Sums(NamedTuple):
    """Sums over rows, one column as they are and one for each resample."""

    truth: Values
    """Rows of each true class (classes, m)."""
    predicted: Values
    """Rows of each predicted class (classes, m)."""
    hits: Values
    """Rows of each class that are right (classes, m)."""
    gaps: Values
    """Hits less confidence in each bin (bins, m)."""
    loss: Values
    """Log loss (m,)."""

    @classmethod
    def of(cls, sums: Values, classes: int) -> Sums:
        """The parts of what ``weighted`` gives."""
        ends = np.cumsum([classes, classes, classes, CALIBRATION_BINS])
        truth, predicted, hits, gaps, loss = np.split(sums, ends)
        return cls(truth, predicted, hits, gaps, loss[0])


def weighted(rows: Rows, classes: int, weights: Values) -> Values:
    """The parts of ``Sums``, one below the other, under weights (m, n)."""
    n = len(rows.truth)
    bins = rows.bins
    # Each row counts in four of very many sums, so they are one sparse table.
    places = [
        rows.truth,
        classes + rows.predicted,
        2 * classes + rows.truth,
        3 * classes + bins,
    ]
    amounts = [np.ones(n), np.ones(n), rows.right, rows.right - rows.confidence]
    table = sparse.csr_array(
        (np.concatenate(amounts), (np.concatenate(places), np.tile(np.arange(n), 4))),
        shape=(3 * classes + CALIBRATION_BINS, n),
    )
    loss = -np.log(np.maximum(rows.likelihood, LEAST_PROBABILITY))
    return np.vstack([table @ weights.T, loss @ weights.T])


class Tallies(NamedTuple):
    """Sums over rows that are not resampled."""

    confusion: NDArray[np.int64]
    """Rows of each pair of truth and prediction (classes, classes)."""
    rows: Values
    """In each bin (bins,)."""
    right: Values
    """Of these, those whose class is right (bins,)."""
    confidence: Values
    """Of these, added up (bins,)."""

    @classmethod
    def of(cls, tallies: Values, classes: int) -> Tallies:
        """The parts of what ``tallied`` gives."""
        pairs = classes * classes
        confusion = tallies[:pairs].astype(np.int64).reshape(classes, classes)
        return cls(confusion, *tallies[pairs:].reshape(3, CALIBRATION_BINS))


def tallied(rows: Rows, classes: int) -> Values:
    """The parts of ``Tallies``, one after the other."""
    pairs = np.bincount(rows.truth * classes + rows.predicted, None, classes * classes)
    amounts = (None, rows.right, rows.confidence)
    bins = rows.bins
    return np.concatenate(
        [pairs, *(np.bincount(bins, each, CALIBRATION_BINS) for each in amounts)]
    ).astype(np.float64)


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
    mean: Values = sums.loss / sums.truth.sum(axis=0)
    return mean


def _calibration_error(sums: Sums) -> Values:
    mean: Values = np.abs(sums.gaps).sum(axis=0) / sums.truth.sum(axis=0)
    return mean


FORMULAS: dict[str, Callable[[Sums], Values]] = {
    "accuracy": _accuracy,
    "f1": _macro_f1,
    "log_loss": _log_loss,
    "calibration_error": _calibration_error,
}

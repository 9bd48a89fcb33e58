"""What a classifier's scores are made of: sums over rows, and formulas over sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

CALIBRATION_BINS = 15
"""As in Guo et al. 2017."""
LEAST_PROBABILITY = 1e-7
"""Log loss takes no probability as less, so that one sure mistake is not infinite."""

Values = NDArray[np.float64]

EDGES = np.linspace(0.0, 1.0, CALIBRATION_BINS + 1)


class Rows:
    """Rows (n,) by their statistics (n, 4).

    These are true and predicted class, ``confidence`` and ``likelihood``: the
    probability of the predicted class and of the true one.
    """

    def __init__(self, statistics: Values) -> None:
        self.truth, self.predicted = statistics[:, :2].astype(np.int64).T
        self.confidence, self.likelihood = statistics[:, 2:].T
        self.right = self.truth == self.predicted
        # Bins are open below and closed above: (0.4, 0.467] and so on.
        bins = np.searchsorted(EDGES, self.confidence) - 1
        self.bins = np.clip(bins, 0, CALIBRATION_BINS - 1)


class Sums:
    """What metrics are made of, by what ``weighted`` gives.

    ``truth``, ``predicted`` and ``hits`` are (classes, 1 + resamples), ``gaps`` (bins,
    1 + resamples) and ``loss`` (1 + resamples,): first come the rows as they are, then
    every resample of them.
    """

    def __init__(self, sums: Values, classes: int) -> None:
        ends = np.cumsum([classes, classes, classes, CALIBRATION_BINS])
        parts = np.split(sums, ends)
        self.truth, self.predicted, self.hits, self.gaps, loss = parts
        self.loss = loss[0]


def weighted(rows: Rows, classes: int, weights: Values) -> Values:
    """The parts of ``Sums``, one below the other, under weights (m, n)."""
    n = len(rows.truth)
    # Each row counts in four of very many sums, so they are one sparse table.
    places = [
        rows.truth,
        classes + rows.predicted,
        2 * classes + rows.truth,
        3 * classes + rows.bins,
    ]
    amounts = [np.ones(n), np.ones(n), rows.right, rows.right - rows.confidence]
    table = sparse.csr_array(
        (np.concatenate(amounts), (np.concatenate(places), np.tile(np.arange(n), 4))),
        shape=(3 * classes + CALIBRATION_BINS, n),
    )
    loss = -np.log(np.maximum(rows.likelihood, LEAST_PROBABILITY))
    return np.vstack([table @ weights.T, loss @ weights.T])


class Tallies:
    """What tables are made of, by what ``tallied`` gives.

    ``confusion`` (classes, classes) counts rows by truth and prediction. ``count``,
    ``right`` and ``confidence`` (bins,) are sums over the rows of each bin.
    """

    def __init__(self, tallies: Values, classes: int) -> None:
        pairs, bins = np.split(tallies, [classes * classes])
        self.confusion = pairs.astype(np.int64).reshape(classes, classes)
        self.count, self.right, self.confidence = bins.reshape(3, CALIBRATION_BINS)


def tallied(rows: Rows, classes: int) -> Values:
    """The parts of ``Tallies``, one after the other."""
    pairs = np.bincount(rows.truth * classes + rows.predicted, None, classes * classes)
    amounts = (None, rows.right, rows.confidence)
    bins = [np.bincount(rows.bins, each, CALIBRATION_BINS) for each in amounts]
    return np.concatenate([pairs, *bins]).astype(np.float64)


def f1(hits: Values, true: Values, predicted: Values) -> Values:
    """Twice the hits, of what is true and what is answered; NaN where nothing is."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2 * hits / (true + predicted)


def macro_f1(hits: Values, true: Values, predicted: Values) -> Values:
    """The mean F1 (m,) of classes (classes, m) that are true or answered."""
    # A class that is neither true nor answered is no mistake, and no success.
    each = f1(hits, true, predicted)
    is_there = ~np.isnan(each)
    mean: Values = np.where(is_there, each, 0).sum(axis=0) / is_there.sum(axis=0)
    return mean


def _accuracy(sums: Sums) -> Values:
    share: Values = sums.hits.sum(axis=0) / sums.truth.sum(axis=0)
    return share


def _macro_f1(sums: Sums) -> Values:
    if (sums.truth[:, 0] > 0).sum() < 2:
        # Of rows of one class, "macro" means nothing: naming it always scores 1.
        return np.full(sums.truth.shape[1], np.nan)
    return macro_f1(sums.hits, sums.truth, sums.predicted)


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

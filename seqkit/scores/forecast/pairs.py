"""Forecasts against each other: over the windows that all of them answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError, UsageError
from seqkit.scores.clusters import estimate, resampled
from seqkit.scores.forecast.errors import check_metric, forecast_metrics
from seqkit.scores.forecast.tables import means, rooted
from seqkit.scores.forecast.windows import Windows, clustered
from seqkit.scores.intervals import Estimate
from seqkit.scores.metric import require_same
from seqkit.scores.seeds import Paired

if TYPE_CHECKING:
    from seqkit.scores.forecast.scorer import ForecastScorer

SCALED = ("mase", "scaled_pinball")
"""Metrics that are multiples of the series' error of seasonal naive."""


def difference(ours: ForecastScorer, theirs: ForecastScorer, metric: str) -> Estimate:
    """How much greater a metric is for ``ours``, with its 95% interval.

    Over the windows that both answered, and paired: each resample weighs the same
    windows for both. Where ``theirs`` was asked for a part of the windows, the value
    is thus not the difference of the two scorers' metrics. Errors are those of
    ``paired``.
    """
    values = paired([ours, theirs], metric).values
    return estimate(values[0] - values[1])


def paired(scorers: Sequence[ForecastScorer], metric: str) -> Paired:
    """A metric of each scorer, over the windows that all answered.

    On these as they are and on the same resamples of them; the units are their
    clusters.

    Raises:
        UnknownNameError: there is no such metric.
        UsageError: horizons, quantiles, bootstraps, true values or scales differ.
        DataError: there is no window for which all have the metric.
    """
    one = scorers[0]
    check_metric(metric, one.quantiles)
    names = ("horizon", "quantiles", "resamples", "seed")
    require_same(scorers, {name: attrgetter(name) for name in names}, on="with")
    place = list(forecast_metrics(one.quantiles)).index(metric)
    every = _common(scorers)
    known = np.all([windows.counts[:, place] > 0 for windows in every], axis=0)
    if not known.any():
        raise DataError(f"There is no window for which all forecasts have {metric}.")
    every = [_measure(windows, place, np.flatnonzero(known)) for windows in every]
    if metric in SCALED:
        _require_same_scale(every)
    labels, amounts = clustered(every)
    totals = resampled(labels, np.hstack(amounts), one.resamples, one.seed)
    values = rooted(metric, means(totals[:, 0::2], totals[:, 1::2]))
    return Paired(values.T, int(labels.max()) + 1)


def _measure(windows: Windows, place: int, rows: NDArray[np.intp]) -> Windows:
    """Some of the windows with one measure alone."""
    kept = slice(place, place + 1)
    return replace(
        windows,
        totals=windows.totals[:, kept],
        counts=windows.counts[:, kept],
        details=windows.details[..., kept],
    ).take(rows)


def _common(scorers: Sequence[ForecastScorer]) -> list[Windows]:
    """The windows that all answered, in the order of the first's."""
    every = [scorer._windows() for scorer in scorers]
    numbers = scorers[0]._sums.ids
    span = 1 + max(int(windows.origins.max()) for windows in every)
    keys: list[NDArray[np.int64]] = []
    for scorer, windows in zip(scorers, every, strict=True):
        # Series that the first does not have get keys below 0, as none of its has.
        number = np.array([numbers.get(name, -1) for name in scorer._sums.ids])
        keys.append(number[windows.series] * span + windows.origins)
    shared = keys[0][np.isin(keys[0], reduce(np.intersect1d, keys))]
    found: list[Windows] = []
    for windows, own in zip(every, keys, strict=True):
        order = np.argsort(own)
        found.append(windows.take(order[np.searchsorted(own, shared, sorter=order)]))
    if any((windows.truths != found[0].truths).any() for windows in found):
        raise UsageError(
            "Scorers are compared on the same windows, but one of these has other "
            "true values in them."
        )
    return found


def _require_same_scale(every: Sequence[Windows]) -> None:
    if any((windows.scale != every[0].scale).any() for windows in every):
        raise UsageError(
            "Scorers are compared in the same unit, but these take their errors as "
            "multiples of other errors of seasonal naive: the season or the training "
            "time differs."
        )

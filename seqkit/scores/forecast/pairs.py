"""Forecasts against each other: over the windows that all of them answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError, UsageError
from seqkit.scores.clusters import resampled
from seqkit.scores.forecast.tables import means, rooted
from seqkit.scores.forecast.windows import Windows, clustered
from seqkit.scores.seeds import Paired

SCALED = ("mase", "scaled_pinball")
"""Metrics that are multiples of the series' error of seasonal naive."""


class Answered(NamedTuple):
    """The windows that one forecaster answered."""

    ids: Mapping[str, int]
    """Series by name -> number, as ``windows.series`` has it."""
    windows: Windows


def paired_windows(
    every: Sequence[Answered], metric: str, place: int, resamples: int, seed: int
) -> Paired:
    """A metric of each forecaster, over the windows that all answered.

    On these as they are and on the same resamples of them; the units are their
    clusters. ``place`` is the metric's among the measures.

    Raises:
        UsageError: true values or scales differ.
        DataError: there is no window for which all have the metric.
    """
    # The windows that all answered and for which all have the metric.
    shared = _shared(every)
    present = np.all([windows.counts[:, place] > 0 for windows in shared], axis=0)
    if not present.any():
        raise DataError(f"There is no window for which all forecasts have {metric}.")
    rows = np.flatnonzero(present)
    shared = [_measure(windows, place, rows) for windows in shared]
    if metric in SCALED:
        _require_same_scale(shared)
    # Sums and counts of each forecaster, as they are and resampled by cluster.
    labels, amounts = clustered(shared)
    totals = resampled(labels, np.hstack(amounts), resamples, seed)
    values = rooted(metric, means(totals[:, 0::2], totals[:, 1::2]))
    return Paired(values.T, int(labels.max()) + 1)


def _measure(windows: Windows, place: int, rows: NDArray[np.intp]) -> Windows:
    """Some of the windows with one measure alone."""
    one = slice(place, place + 1)
    return replace(
        windows,
        totals=windows.totals[:, one],
        counts=windows.counts[:, one],
        details=windows.details[..., one],
    ).take(rows)


def _shared(every: Sequence[Answered]) -> list[Windows]:
    """The windows that all answered, in the order of the first's."""
    numbers = every[0].ids
    span = 1 + max(int(one.windows.origins.max()) for one in every)
    # A number for each window, which is the same for all forecasters.
    keys: list[NDArray[np.int64]] = []
    for ids, windows in every:
        # Series that the first does not have get keys below 0, as none of its has.
        number = np.array([numbers.get(name, -1) for name in ids])
        keys.append(number[windows.series] * span + windows.origins)
    common = keys[0][np.isin(keys[0], reduce(np.intersect1d, keys))]
    # Each one's windows in the order of ``common``.
    shared: list[Windows] = []
    for (_, windows), own in zip(every, keys, strict=True):
        order = np.argsort(own)
        shared.append(windows.take(order[np.searchsorted(own, common, sorter=order)]))
    if any((windows.truths != shared[0].truths).any() for windows in shared):
        raise UsageError(
            "Scorers are compared on the same windows, but one of these has other "
            "true values in them."
        )
    return shared


def _require_same_scale(every: Sequence[Windows]) -> None:
    if any((windows.scale != every[0].scale).any() for windows in every):
        raise UsageError(
            "Scorers are compared in the same unit, but these take their errors as "
            "multiples of other errors of seasonal naive: the season or the training "
            "time differs."
        )

"""Errors that hang together, resampled together: a bootstrap over clusters.

Forecasts from neighbouring origins share the values that they are compared with, and
series on one clock share their shocks. Taken one by one, such errors look like more
evidence than they are, and their intervals come out several times too narrow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from seqkit.scores.intervals import (
    BLOCK_ROWS,
    Estimate,
    PoissonBootstrap,
    percentile_interval,
)

MANY_SERIES = 20
"""From so many series on, a whole series is a cluster."""
FEWEST_BLOCKS = 10
"""Blocks of time are shortened until there are as many."""


def cluster(
    series: NDArray[np.int64], positions: NDArray[np.int64], horizon: int
) -> NDArray[np.int64]:
    """Which cluster each window belongs to.

    With 20 series or more, a cluster is a whole series. With fewer it is a block of
    consecutive origins, of all series together: those of one frame mostly run on one
    clock. A block is twice the horizon less the distance of neighbouring origins long
    (windows that overlap mostly share it; where none do, it is one horizon), but at
    most a tenth of the time that the origins span. Where this leaves fewer than ten
    blocks, as with one window for each of a few series, each series has blocks of its
    own.

    Args:
        series: number of each window's series (windows,).
        positions: its origin (windows,).
        horizon: steps from an origin whose errors hang together.

    Returns:
        Numbers of clusters (windows,), from 0, in the order of series and time.
    """
    # Many series: each is a cluster.
    names, series = np.unique(series, return_inverse=True)
    if len(names) >= MANY_SERIES:
        return series.astype(np.int64)
    # Few: blocks of time, as long as errors hang together but at least ten.
    since = positions - positions.min()
    reach = 2 * horizon - min(_stride(series, positions), horizon)
    length = max(1, min(reach, int(since.max() + 1) // FEWEST_BLOCKS))
    blocks = since // length
    # Too few of them still: each series has its own.
    distinct, labels = np.unique(blocks, return_inverse=True)
    if len(distinct) < FEWEST_BLOCKS:
        own = series * (blocks.max() + 1) + blocks
        labels = np.unique(own, return_inverse=True)[1]
    return labels.astype(np.int64)


def _stride(series: NDArray[np.int64], positions: NDArray[np.int64]) -> int:
    """The least distance of two origins of one series; huge if none has two."""
    order = np.lexsort((positions, series))
    steps = np.diff(positions[order])[np.diff(series[order]) == 0]
    return int(steps.min(initial=np.iinfo(np.int64).max, where=steps > 0))


def resampled(
    labels: NDArray[np.int64],
    amounts: NDArray[np.floating],
    resamples: int,
    seed: int,
) -> NDArray[np.float64]:
    """Sums (1 + resamples, m) of amounts (n, m): as they are, then each resample's.

    A resample draws every cluster a Poisson(1) number of times. The draws depend on the
    seed and the clusters' numbers alone: equal labels give paired resamples.
    """
    amounts = np.asarray(amounts, np.float64)
    rows, clusters = np.arange(len(labels)), int(labels.max()) + 1
    member = sparse.csr_array(
        (np.ones(len(labels)), (labels, rows)), shape=(clusters, len(labels))
    )
    totals = member @ amounts
    sums = np.zeros((1 + resamples, amounts.shape[1]))
    sums[0] = totals.sum(axis=0)
    bootstrap = PoissonBootstrap(resamples, seed)
    for start in range(0, clusters, BLOCK_ROWS):
        block = totals[start : start + BLOCK_ROWS]
        sums[1:] += bootstrap.weights(len(block)) @ block
    return sums


def estimate(values: NDArray[np.float64]) -> Estimate:
    """The value and its 95% interval from value and replicates (1 + resamples,)."""
    low, high = percentile_interval(values[1:])
    # Where all clusters are alike, rounding could leave the value outside.
    return (float(values[0]), min(low, float(values[0])), max(high, float(values[0])))

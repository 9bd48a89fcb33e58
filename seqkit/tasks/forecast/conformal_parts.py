"""What conformal quantiles are made of: scales, counts, noise and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POWERS = (0.5, 1.0, 0.0)
"""What a window's scale may be raised to."""
FOLDS, FEWEST_SERIES, FEWEST_BLOCKS = 5, 5, 10
"""Folds that choose the power are of series, or else of blocks of time."""
JUDGED = 2000
"""Windows that choose the power."""
MOST_BLOCKS = 50


def evenly_spread(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of ``count`` rows, evenly spread."""
    places = np.linspace(0, count - 1, min(count, most))
    return places.round().astype(np.int64)


def typical(scale: Floats) -> float:
    """The geometric mean of the scales that are positive; 1 where none is."""
    positive = scale[np.isfinite(scale) & (scale > 0)]
    return float(np.exp(np.log(positive).mean())) if len(positive) else 1.0


def chosen_power(residuals: Residuals, levels: Sequence[float], middle: float) -> float:
    """The power of the scale whose quantiles have the least scaled pinball loss.

    Folds of series, or of blocks of time, are judged by the quantiles of the others.
    Where there are too few of both, several series take the root of their scales, and
    one series has nothing to be scaled by.
    """
    rows = evenly_spread(len(residuals), JUDGED)
    values, scale = residuals.middle[rows], residuals.scale[rows]
    group = np.unique(residuals.series[rows], return_inverse=True)[1]
    several = bool(group.max())
    if group.max() + 1 < FEWEST_SERIES:
        group = time_blocks(residuals.origins[rows], values.shape[1])
        if len(np.unique(group)) < FEWEST_BLOCKS:
            return 0.5 if several else 0.0
    losses = [
        _pinball(values, unit_of(scale, power, middle), scale, group % FOLDS, levels)
        for power in POWERS
    ]
    return POWERS[int(np.argmin(losses))]


def _pinball(
    values: Floats,
    unit: Floats,
    scale: Floats,
    fold: NDArray[np.int64],
    levels: Sequence[float],
) -> float:
    """Mean pinball loss over the scale, of quantiles from other folds."""
    present = np.isfinite(scale) & (scale > 0)
    total = 0.0
    for number in range(FOLDS):
        others, own = present & (fold != number), present & (fold == number)
        if not own.any() or not others.any():
            continue
        scaled = values[others] / unit[others, None]
        quantiles = np.nanquantile(scaled, levels, axis=0)  # (levels, horizon)
        for level, quantile in zip(levels, quantiles, strict=True):
            rest = values[own] - quantile * unit[own, None]
            loss = np.maximum(level * rest, (level - 1) * rest)
            total += float(np.nansum(loss / scale[own, None]))
    return total


def effective_windows(
    series: NDArray[np.int64], origins: NDArray[np.int64], horizon: int
) -> Floats:
    """What the windows count as at each step (horizon,).

    Errors h steps ahead hang together over h - 1 steps: of a series' windows, a stride
    apart, each but the first counts as stride / h of one where that is less.
    """
    steps = np.arange(1, horizon + 1)
    counts = np.zeros(horizon)
    for number in np.unique(series):
        own = np.sort(origins[series == number])
        stride = np.diff(own).min(initial=np.iinfo(np.int64).max)
        counts += 1 + (len(own) - 1) * np.minimum(1.0, stride / steps)
    return counts


def step_statistic(values: Floats, level: float | None) -> Floats:
    """The quantile, or the mean, of values (n, horizon) at each step (horizon,).

    Each step is read with its neighbours, so many that twenty values speak.
    """
    windows, steps = values.shape
    reach = min(max(0, -(-20 // max(windows, 1)) // 2), steps)
    if not reach and np.isfinite(values).all():
        every = values.mean(0) if level is None else np.quantile(values, level, axis=0)
        return np.asarray(every)
    result = np.zeros(steps)
    for step in range(steps):
        near = values[:, max(0, step - reach) : step + reach + 1]
        near = near[np.isfinite(near)]
        if len(near):
            result[step] = near.mean() if level is None else np.quantile(near, level)
    return result


class Blocks(NamedTuple):
    """How a statistic differs from one block of time to the next."""

    many: int
    spread: Floats
    """Its variance at each step (horizon,); 0 for a single block."""

    @property
    def noise(self) -> float:
        """The variance of the mean over all blocks; infinite for a single one.

        With few blocks the spread is not well known: as Student's t has it, at the
        share that lies within one standard deviation of the normal distribution.
        """
        if self.many < 2:
            return float("inf")
        from scipy.stats import norm, t

        wider = float(t.ppf(norm.cdf(1.0), self.many - 1)) ** 2
        return float(self.spread.mean()) / self.many * wider


def blocks_of(
    values: Floats, origins: NDArray[np.int64], level: float | None
) -> Blocks:
    """``step_statistic`` by blocks of time, each a horizon long, all series together.

    A few windows of the longest series are no block to compare with others.
    """
    block = time_blocks(origins, values.shape[1])
    sizes = np.bincount(block)
    numbers = np.flatnonzero(sizes >= max(1, sizes.max() / 20))
    statistics = np.stack([step_statistic(values[block == n], level) for n in numbers])
    if len(statistics) < 2:
        return Blocks(1, np.zeros(values.shape[1]))
    return Blocks(len(statistics), statistics.var(axis=0, ddof=1))


def time_blocks(origins: NDArray[np.int64], horizon: int) -> NDArray[np.int64]:
    """Which block of time each origin lies in, counted from the latest on."""
    length = max(horizon, -(-int(np.ptp(origins) + 1) // MOST_BLOCKS))
    return np.asarray((origins.max() - origins) // length)


def outer_quantile(values: Floats, weights: Floats, level: float) -> float:
    """The value that a new one exceeds no more often than the level says.

    With n values of weight 1 it is the one of rank ceil((n + 1) level) above the median
    and of rank floor((n + 1) level) below. Where there is none such, it lies as far out
    as Student's t says, at least at the outermost.
    """
    if not len(values):
        return 0.0
    if level < 0.5:
        return -outer_quantile(-values, weights, 1 - level)
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    needed = (total[-1] + 1) * level
    # A rank that is whole must not be missed by the last digit of a sum.
    place = int(np.searchsorted(total, needed - 1e-9 * needed))
    if place < len(values):
        return float(values[order[place]])
    return max(float(values[order[-1]]), _student_end(values, weights, level))


def _student_end(values: Floats, weights: Floats, level: float) -> float:
    """The end of a prediction interval of normal values whose spread is estimated."""
    from scipy.stats import t

    count = float(weights.sum())
    mean = float(np.average(values, weights=weights))
    spread = float(np.average((values - mean) ** 2, weights=weights)) ** 0.5
    freedom = max(count - 1, 1.0)
    # The weighted mean of squares lacks the freedom that the mean took.
    spread *= max(count / freedom, 1.0) ** 0.5
    return mean + float(t.ppf(level, freedom)) * spread * (1 + 1 / count) ** 0.5


@dataclass(frozen=True)
class Residuals:
    """What came less what was forecast, of n windows; NaN where nothing is known.

    ``values`` are (n, horizon, levels), one residual for each quantile; ``middle``
    (n, horizon) those of the median. ``series``, ``origins`` and ``scale`` are (n,);
    origins of all series count on one clock.
    """

    values: Floats
    middle: Floats
    series: NDArray[np.int64]
    origins: NDArray[np.int64]
    scale: Floats

    def __len__(self) -> int:
        return len(self.middle)

    def known(self) -> Residuals:
        """The windows of which some step is known."""
        rows = np.isfinite(self.middle).any(axis=1)
        if rows.all():
            return self
        parts = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        return Residuals(**parts)

    def over(self, unit: Floats) -> Residuals:
        """The same in units (n,)."""
        return replace(
            self,
            values=self.values / unit[:, None, None],
            middle=self.middle / unit[:, None],
        )


def unit_of(scale: Floats, power: float, middle: float) -> Floats:
    """scale^power times the typical scale^(1 - power); of no scale, the typical one."""
    positive = np.isfinite(scale) & (scale > 0)
    scale = np.where(positive, scale, middle)
    return np.asarray(scale**power * middle ** (1 - power))

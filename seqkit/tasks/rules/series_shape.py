"""How series go: their seasons, levels, spreads and cycles."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOOKED_AT = 60
"""So many series, evenly spread, are looked at closely."""
LAST_STEPS = 4000
"""Of each of them, so many last steps."""
LEAST_CYCLES = 3
"""A season or cycle is looked for where it may have come so often."""
LONGEST_CYCLE = 400
CYCLE_HEIGHT = 0.2
"""Of a cycle's autocorrelation, beyond what chance gives it."""
BLOCK, BLOCKS = 12, 8
"""Steps by which spread and level are compared where there is no season, and how many
such blocks there should be."""
LEVELS_APART = 0.1
"""Levels that vary by a smaller share say little of what grows with them."""


class Shape(NamedTuple):
    """How some series go, each number a mean or median over them."""

    season: float
    """How strong the first season is, from 0 to 1 (Wang, Smith & Hyndman 2006)."""
    unit_root: float
    """Share of the series that wander, by a KPSS test at 5%, their seasons taken
    off (Kwiatkowski et al. 1992)."""
    growth: float
    """By how many percent the spread grows where the level grows by one."""
    skew: float
    """How much more skewed values are than their logarithms, both as sizes."""
    cycle: int
    """Steps of a cycle that no season explains; 0: none."""


def shape_of(series: Sequence[Floats], season: int) -> Shape:
    """How series go, the first season being so many steps long (1: there is none)."""
    chosen = [one[-LAST_STEPS:] for one in series[:: -(-len(series) // LOOKED_AT)]]
    chosen = [one for one in chosen if np.ptp(one) > 0]
    rests, strengths = [], []
    for one in chosen:
        strength, rest = deseasonalised(one, season)
        strengths.append(strength)
        rests.append(rest)
    roots = [wanders(rest) for rest in rests if len(rest) >= 20]
    return Shape(
        float(np.median(strengths)) if strengths else 0.0,
        float(np.mean(roots)) if roots else 0.0,
        spread_growth(chosen, season if season > 1 else BLOCK),
        float(np.median([skew_of(one) for one in chosen])) if chosen else 0.0,
        common_cycle(rests, season),
    )


class NaiveErrors(NamedTuple):
    """What naive forecasts err over a horizon, in units of the least of them."""

    last: float
    """Of the last value."""
    season: float
    """Of the last cycle; without a season as much as the last value."""
    mean: float
    """Of the mean of all that came before."""


def naive_errors(series: Sequence[Floats], horizon: int, season: int) -> NaiveErrors:
    """Mean absolute errors, those of each series in units of its own changes."""
    chosen = series[:: -(-len(series) // LOOKED_AT)]
    errors = [_naive_errors(one[-LAST_STEPS:], horizon, season) for one in chosen]
    errors = [one for one in errors if np.isfinite(one).all()]
    if not errors:
        return NaiveErrors(1.0, 1.0, 1.0)
    means = np.mean(errors, axis=0)
    return NaiveErrors(*(means / max(means.min(), 1e-12)).tolist())


def _naive_errors(values: Floats, horizon: int, season: int) -> list[float]:
    begin = max(season, len(values) // 3, 1)
    origins = np.arange(begin, len(values) - horizon + 1)
    unit = np.abs(np.diff(values)).mean() if len(values) > 1 else 0.0
    if not len(origins) or unit == 0:
        return [np.nan] * 3
    ahead = np.arange(horizon)
    came = values[origins[:, None] + ahead]
    last = values[origins - 1][:, None]
    cycle = values[origins[:, None] - season + ahead % season] if season > 1 else last
    mean = (np.cumsum(values)[origins - 1] / origins)[:, None]
    return [float(np.abs(came - one).mean() / unit) for one in (last, cycle, mean)]


def deseasonalised(values: Floats, season: int) -> tuple[float, Floats]:
    """The strength of a season, and the values without it.

    The strength is 0 where the values hold fewer than three seasons.
    """
    if season < 2 or len(values) < LEAST_CYCLES * season:
        return 0.0, values
    from statsmodels.tsa.seasonal import STL

    jump = max(season // 10, 1)
    jumps = {"seasonal_jump": 1, "trend_jump": jump, "low_pass_jump": jump}
    # A stiff season: one that bends follows noise.
    parts = STL(values, period=season, seasonal=35, **jumps).fit()
    both = np.var(parts.seasonal + parts.resid)
    strength = max(0.0, 1 - np.var(parts.resid) / both) if both > 0 else 0.0
    return float(strength), values - parts.seasonal


def wanders(values: Floats) -> bool:
    """Whether values have a unit root, as far as a test of their level can tell."""
    from statsmodels.tsa.stattools import kpss

    with warnings.catch_warnings():
        # It warns of values beyond its tables.
        warnings.simplefilter("ignore")
        try:
            return bool(kpss(values, regression="c", nlags="auto")[1] < 0.05)
        except (ValueError, OverflowError):
            return False


def spread_growth(series: Sequence[Floats], block: int) -> float:
    """How the spread of blocks grows with their level: 0 not, 1 in proportion.

    The slope of the logarithm of the one on that of the other, within series.
    """
    apart, square = 0.0, 0.0
    for values in series:
        width = max(min(block, len(values) // BLOCKS), 3)
        count = len(values) // width
        blocks = values[len(values) - count * width :].reshape(count, width)
        level = blocks.mean(axis=1)
        steps = np.diff(blocks, axis=1)
        spread = np.abs(steps - steps.mean(axis=1, keepdims=True)).mean(axis=1)
        fine = (level > 0) & (spread > 0)
        if fine.sum() < 4:
            continue
        x, y = np.log(level[fine]), np.log(spread[fine])
        x, y = x - x.mean(), y - y.mean()
        apart += float(x @ y)
        square += float(x @ x) + len(x) * LEVELS_APART**2
    return apart / square if square else 0.0


def skew_of(values: Floats) -> float:
    """The skewness of values less that of their logarithms, both as sizes; 0 where
    some values have no logarithm."""
    from scipy.stats import skew

    if values.min() <= -1 or np.ptp(values) == 0:
        return 0.0
    return float(abs(skew(values)) - abs(skew(np.log1p(values))))


def common_cycle(series: Sequence[Floats], season: int) -> int:
    """Steps of a cycle that most of some series have; 0: there is none."""
    cycles = sorted(cycle_of(one, season) for one in series)
    return cycles[len(cycles) // 2] if cycles else 0


def cycle_of(values: Floats, season: int) -> int:
    """Steps of a cycle beyond the season, by the first high peak of autocorrelation.

    The autocorrelation falls below 0 before a cycle's peak, as that of a trend or of a
    random walk does not, which fall slowly.
    """
    most = min(len(values) // LEAST_CYCLES, LONGEST_CYCLE)
    least = max(4, 2 * season if season > 1 else 4)
    if most <= least or np.ptp(values) == 0:
        return 0
    steps = np.arange(len(values))
    line = np.polynomial.polynomial.polyfit(steps, values, 1)
    rest = values - line[0] - line[1] * steps
    from statsmodels.tsa.stattools import acf

    rho = smoothed(acf(rest, nlags=most, fft=True), max(season, 1))
    below = np.flatnonzero(rho < 0)
    if not len(below):
        return 0
    start = max(int(below[0]), least)
    if start >= most - 1:
        return 0
    peak = start + int(np.argmax(rho[start:]))
    # At the edge it still rises: no peak was seen.
    height = CYCLE_HEIGHT + 1.65 / math.sqrt(len(values))
    return peak if peak < most and rho[peak] > height * (1 - peak / len(values)) else 0


def smoothed(values: Floats, width: int) -> Floats:
    """Running means, so that no cycle is seen at a season's multiples."""
    if width < 2:
        return values
    width += 1 - width % 2
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, mode="valid")

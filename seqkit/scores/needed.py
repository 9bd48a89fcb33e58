"""What it would take to decide a comparison that is undecided.

A difference ``d`` with the variance ``v_seeds + v_rows`` (see ``seeds``) is decided
once its interval lies clear of zero or within the margin ``m``, whichever comes first:
once it reaches no farther than ``h = max(|d|, m - |d|)`` to either side. If the
difference stays as it is, that comes about four times in five with S' seeds in place of
S and f times the test rows where

    (t + 0.84)^2 (v_seeds S / S' + v_rows / f) <= h^2

with t the quantile of the interval (its degrees of freedom grow along) and 0.84 the 80%
quantile of the normal distribution, as in any plan for a power of 80% (Cohen 1988).
What is looked for is the least S' at f = 1, the least f at S' = S, and the least factor
of both. Where one of the variances alone is too large, no number of the other helps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from seqkit.scores.seeds import Part, Spread, freedom_of, quantile

POWER = 0.8
MOST = 100.0
"""Of factors beyond this nothing is told: nobody can have so many."""


@dataclass(frozen=True)
class Needed:
    """Factors by which seeds, test rows or both must grow; None: that cannot tell."""

    seeds: float | None
    rows: float | None
    both: float | None


def needed(spread: Spread, margin: float, level: float) -> Needed:
    """What would decide a difference, if it stays as it is.

    Args:
        spread: the difference with its variances.
        margin: within which two are equivalent; 0: never.
        level: of the interval.
    """
    gap = abs(spread.mean)
    reach = max(gap, margin - gap)

    def decides(seeds: float, rows: float) -> bool:
        parts = [_grown(part, seeds) for part in spread.seeds]
        parts.append(_grown(spread.rows, rows))
        total = sum(part.variance for part in parts)
        if not total:
            return reach > 0
        ends = quantile((1 + level) / 2, freedom_of(parts)) + quantile(POWER, math.inf)
        return ends * math.sqrt(total) <= reach

    return Needed(
        _least(lambda factor: decides(factor, 1)),
        _least(lambda factor: decides(1, factor)),
        _least(lambda factor: decides(factor, factor)),
    )


def _grown(part: Part, factor: float) -> Part:
    """The variance of a mean of so many times the seeds or rows."""
    return Part(part.variance / factor, (part.freedom + 1) * factor - 1)


def _least(decides: Callable[[float], bool]) -> float | None:
    """The least factor above 1 that decides; None: ``MOST`` does not."""
    if not decides(MOST):
        return None
    low, high = 1.0, MOST
    while high - low > 0.01 * low:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high

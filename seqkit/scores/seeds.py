"""How sure a score is over seeds and test rows at once.

Train a model again with another seed and its score moves; score it on other rows and it
moves again. All seeds share the test rows, so the two are crossed: the difference of
two models for seed s and row i is ``D_si = mu + a_s + b_i + c_si``. Over S seeds and n
rows the variance of its mean is ``var(a)/S + var(b)/n + var(c)/(S n)``. It is estimated
by the sum of

    v_seeds / S    the sample variance of the S differences, each over all rows:
                   var(a)/S + var(c)/(S n)
    v_rows         the variance over a bootstrap of rows (or of clusters of rows) of the
                   mean over seeds: var(b)/n + var(c)/(S n)

which holds var(c) twice and is thus never too small (so is the pigeonhole bootstrap of
Owen 2007). The interval is ``mean +- t sqrt(v_seeds / S + v_rows)``, with the degrees
of freedom of Satterthwaite 1946 for a sum of variances. In simulation
(``benchmarks/verdict_coverage.py``) this calls a difference real that is not 0.5% to
5.6% of the time, while a test over seeds alone, or over rows alone, may do so always.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError, UsageError
from seqkit.scores.intervals import LEVEL, Estimate

Values = NDArray[np.float64]


class Paired(NamedTuple):
    """A metric of several models on the same rows, under the same resamples of them."""

    values: Values
    """(models, 1 + resamples): on the rows as they are, then on each resample."""
    units: int
    """How many rows or clusters of rows the resamples draw from."""


class Part(NamedTuple):
    """One of the variances that add up, with its degrees of freedom."""

    variance: float
    freedom: float


class Spread(NamedTuple):
    """A mean over seeds with the variances that leave it open."""

    mean: float
    seeds: tuple[Part, ...]
    """Of the luck of seeds: one part, or one for each side that is not paired."""
    rows: Part
    """Of the luck of test rows."""

    def interval(self, level: float = LEVEL) -> Estimate:
        """The mean with its interval over seeds and rows."""
        return _interval(self.mean, [*self.seeds, self.rows], level)


def over_seeds(
    replicates: ArrayLike, level: float = LEVEL, units: int | None = None
) -> Estimate:
    """The mean over seeds with its interval over seeds and rows.

    With one seed the interval is over rows alone: what another seed would change, it
    does not tell. With fewer than two units it is over seeds alone.

    Args:
        replicates: (seeds, 1 + resamples): a score, or a paired difference of scores,
            for each seed, on the rows as they are and on each resample.
        level: how often the interval is to hold the truth.
        units: rows or clusters that the resamples draw from; None: very many.

    Raises:
        UsageError: a wrong shape or level.
        DataError: a score does not exist, or hardly any resample holds a row.
    """
    return _spread_over(_checked(replicates), units).interval(level)


def _spread_over(scores: Values, units: int | None) -> Spread:
    rows = _rows(scores.mean(axis=0), units)
    return Spread(float(scores[:, 0].mean()), (_seeds(scores[:, 0]),), rows)


def between(
    first: ArrayLike,
    second: ArrayLike,
    level: float = LEVEL,
    units: int | None = None,
    paired: bool = True,
) -> Estimate:
    """The mean difference, first less second, with its interval over seeds and rows.

    The rows are paired always. With ``paired`` the seeds are too: row s of both is one
    seed. Else the variances of both add up, ``v_1 / S_1 + v_2 / S_2`` (Welch 1947); a
    side of a single seed is taken to vary as the other does (Student's pooled
    variance). Arguments and errors are those of ``over_seeds``.
    """
    return spread_between(first, second, units, paired).interval(level)


def spread_between(
    first: ArrayLike,
    second: ArrayLike,
    units: int | None = None,
    paired: bool = True,
) -> Spread:
    """The mean difference with its variances; ``between`` has the arguments."""
    one, other = _checked(first), _checked(second)
    if one.shape[1] != other.shape[1] or (paired and len(one) != len(other)):
        raise UsageError(
            "Paired scores must have the same shape (seeds, 1 + resamples), got "
            f"{one.shape} and {other.shape}."
        )
    if paired:
        return _spread_over(one - other, units)
    sides = [_seeds(one[:, 0]), _seeds(other[:, 0])]
    if min(len(one), len(other)) == 1:
        measured = sides[len(one) == 1]
        sides = [measured, Part(measured.variance * max(len(one), len(other)), 1.0)]
        # Both rest on the one variance that is known, so they are one part.
        sides = [Part(sum(part.variance for part in sides), measured.freedom)]
    gap = one.mean(axis=0) - other.mean(axis=0)
    return Spread(float(gap[0]), tuple(sides), _rows(gap, units))


def around_mean(
    values: Sequence[float], intervals: Sequence[Estimate], level: float = LEVEL
) -> Estimate:
    """The mean of a score over seeds, with what seeds and rows leave open of it.

    The t interval over seeds and the scores' own intervals over rows, put together side
    by side: ``low = mean - sqrt(h_seeds^2 + h_rows^2)`` with h_rows the mean distance
    of ``intervals`` below their values, and likewise above (the method of variance
    estimates recovery, Zou & Donner 2008). It leans as these do, and for a single seed
    it is the score's own.

    Args:
        values: the score of each seed.
        intervals: the same scores with their intervals over rows, of the same level.
        level: that level.
    """
    mean = float(np.mean(values))
    _, low, _ = _interval(0.0, [_seeds(np.asarray(values, np.float64))], level)
    below = float(np.mean([value - end for value, end, _ in intervals]))
    above = float(np.mean([end - value for value, _, end in intervals]))
    return mean, mean - math.hypot(low, below), mean + math.hypot(low, above)


def together(level: float, statements: int) -> float:
    """The level at which so many intervals hold at ``level`` all at once (Dunn 1961).

    >>> round(together(0.95, 5), 6)
    0.99
    """
    return 1 - (1 - level) / max(statements, 1)


def hedges_g(first: Sequence[float], second: Sequence[float]) -> float | None:
    """How many standard deviations over seeds the first lies above the second.

    ``J (mean_1 - mean_2) / s`` with the pooled standard deviation s and the correction
    for small samples ``J = 1 - 3 / (4 (n_1 + n_2 - 2) - 1)`` (Hedges 1981). None where
    there is no spread to measure by: a single seed, or scores that do not vary.
    """
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if min(len(one), len(other)) < 2:
        return None
    freedom = len(one) + len(other) - 2
    squares = ((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum()
    spread = math.sqrt(squares / freedom)
    gap = float(one.mean() - other.mean())
    # Less is what rounding leaves of scores that are all alike.
    if spread <= 1e-12 * max(abs(one).max(), abs(other).max()):
        return None
    return (1 - 3 / (4 * freedom - 1)) * gap / spread


def superiority(first: Sequence[float], second: Sequence[float]) -> float | None:
    """The probability that a new run of the first scores above one of the second.

    The share of all pairs of runs in which it does, ties counting half (the A of Vargha
    & Delaney 2000). None with a single seed on a side.
    """
    if min(len(first), len(second)) < 2:
        return None
    gap = np.subtract.outer(np.asarray(first), np.asarray(second))
    return float((gap > 0).mean() + (gap == 0).mean() / 2)


def _checked(replicates: ArrayLike) -> Values:
    scores = np.asarray(replicates, np.float64)
    if scores.ndim != 2 or not len(scores) or scores.shape[1] < 3:
        raise UsageError(
            "Scores over seeds must have the shape (seeds, 1 + resamples) with 2 "
            f"resamples or more, got {scores.shape}."
        )
    if not np.isfinite(scores[:, 0]).all():
        raise DataError("A score that does not exist (NaN) cannot be compared.")
    return scores


def _seeds(scores: Values) -> Part:
    """The variance of a mean over seeds; of a single seed nothing is known."""
    seeds = len(scores)
    if seeds < 2:
        return Part(0.0, 1.0)
    return Part(float(scores.var(ddof=1)) / seeds, seeds - 1.0)


def _rows(mean: Values, units: int | None) -> Part:
    """The variance over resamples of a mean over seeds (1 + resamples,)."""
    if units is not None and units < 2:
        return Part(0.0, 1.0)
    # Resamples in which the statistic does not exist are left out.
    present = mean[1:][np.isfinite(mean[1:])]
    if len(present) < 2:
        raise DataError(
            "No resample holds a row, so there is no interval. Score more rows."
        )
    freedom = math.inf if units is None else units - 1.0
    return Part(float(present.var(ddof=1)), freedom)


def _interval(mean: float, parts: Sequence[Part], level: float) -> Estimate:
    """``mean +- t sqrt(sum of variances)`` with Satterthwaite's degrees of freedom."""
    if not 0 < level < 1:
        raise UsageError(f"level must lie between 0 and 1, got {level}.")
    total = sum(part.variance for part in parts)
    if not total:
        return (mean, mean, mean)
    half = quantile((1 + level) / 2, freedom_of(parts)) * math.sqrt(total)
    return (mean, mean - half, mean + half)


def freedom_of(parts: Sequence[Part]) -> float:
    """Degrees of freedom of a sum of variances (Satterthwaite 1946)."""
    total = sum(part.variance for part in parts)
    # Shares, since squares of tiny variances would vanish.
    inverse = sum((part.variance / total) ** 2 / part.freedom for part in parts)
    return 1 / inverse if inverse else math.inf


def quantile(share: float, freedom: float) -> float:
    """Of Student's t distribution; of the normal one for infinite freedom."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(share) if math.isinf(freedom) else stdtrit(freedom, share))

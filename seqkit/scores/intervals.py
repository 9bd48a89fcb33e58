"""How sure a number is: intervals for shares, and a bootstrap over a stream of rows.

No row is kept: memory is the same for a thousand rows and for a billion.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError, UsageError

Estimate = tuple[float, float, float]
"""A value and the low and high ends of its interval."""

LEVEL = 0.95
BLOCK_ROWS = 1024
"""Rows whose weights are drawn together; 1 MB of them for 1000 resamples."""


def shown(estimate: Estimate) -> str:
    """``0.8817 [0.8779, 0.8856]``; the larger the value, the fewer decimals.

    ``n/a`` where there is no such value: NaN, or None as JSON has it.

    >>> shown((0.88174, 0.87792, 0.88561))
    '0.8817 [0.8779, 0.8856]'
    >>> shown((1234.4, 1200.0, 1270.5))
    '1,234.4 [1,200.0, 1,270.5]'
    """
    value, low, high = estimate
    if value is None or math.isnan(value):
        return "n/a"
    places = decimals(estimate)
    return f"{value:z,.{places}f} [{low:z,.{places}f}, {high:z,.{places}f}]"


def decimals(estimate: Estimate) -> int:
    """How many decimals a value and its interval need.

    Four, and fewer for large values; more for small ones, so that the largest of the
    three keeps two digits and the value one, where that takes no more than two further
    decimals.
    """
    value = estimate[0]
    sizes = [abs(one) for one in estimate if math.isfinite(one) and one]
    if not sizes:
        return 4
    largest = math.floor(math.log10(max(sizes)))
    own = math.floor(math.log10(abs(value))) if abs(value) in sizes else largest
    small = max(1 - largest, min(-own, 3 - largest))
    return max(min(4, max(0, 4 - own)), small)


def wilson(
    successes: ArrayLike, n: ArrayLike, level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of a share, ``successes`` of ``n``; arrays of any shapes that broadcast.

    The score interval of Wilson 1927 ("Probable inference, the law of succession, and
    statistical inference"): it stays within 0 and 1 and holds for small ``n`` and for
    shares near the ends. Where ``n`` is 0 nothing is known and it goes from 0 to 1.

    Returns:
        low, high: float arrays of the broadcast shape.

    Raises:
        UsageError: successes are not from 0 to n, or the level is not within 0 and 1.
    """
    _check_level(level)
    k, n = np.asarray(successes, np.float64), np.asarray(n, np.float64)
    if not np.all((k >= 0) & (k <= n)):
        raise UsageError("successes must be from 0 to n; some are not.")
    z = NormalDist().inv_cdf((1 + level) / 2)
    variance = k * (n - k) / np.maximum(n, 1)
    half = z * np.sqrt(variance + z**2 / 4)
    centre = k + z**2 / 2
    # Rounding alone could leave 0 or 1 by the last digit.
    low = np.where(k == 0, 0.0, np.clip((centre - half) / (n + z**2), 0, 1))
    high = np.where(k == n, 1.0, np.clip((centre + half) / (n + z**2), 0, 1))
    return low, high


def percentile_interval(
    replicates: NDArray[np.float64], level: float = LEVEL
) -> tuple[float, float]:
    """The middle ``level`` of a statistic's bootstrap replicates (resamples,).

    Resamples in which the statistic does not exist (NaN) are left out.
    """
    _check_level(level)
    present = replicates[np.isfinite(replicates)]
    if not present.size:
        raise DataError(
            "No resample holds a row, so there is no interval. Score more rows."
        )
    low, high = np.quantile(present, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def basic_interval(
    value: float, replicates: NDArray[np.float64], level: float = LEVEL
) -> tuple[float, float]:
    """The percentile interval mirrored at ``value``, and widened to hold it.

    For statistics that noise pushes one way. Calibration error is one: noise only adds
    to it, and resampling adds noise once more, so that the percentile interval of a
    well calibrated model lies wholly above the truth. Mirrored, it takes that
    shift back (Davison & Hinkley 1997, "Bootstrap Methods", section 5.2).
    """
    low, high = percentile_interval(replicates, level)
    return min(2 * value - high, value), max(2 * value - low, value)


class PoissonBootstrap:
    """A bootstrap over a stream: how often each resample draws each row.

    Drawing n rows with replacement needs all rows at once. Giving every row in every
    resample an independent Poisson(1) count instead needs just the row at hand, and
    agrees with it for large n (Hanley & MacGibbon 2006; Chamandy et al. 2012,
    "Estimating uncertainty for massive data streams"). A statistic made of weighted
    sums is then added up chunk by chunk, once for each resample.

    The weights of a row depend on the seed and the row's place in the stream alone, not
    on how the stream is cut: rows 1024 b to 1024 b + 1023 are drawn together, from
    a generator of their own seeded by (seed, b). Two scorers with the same seed that
    see the same rows thus get the same weights, which makes their comparison paired.

    Below some 30 rows the intervals of any bootstrap come out too narrow.

    Args:
        resamples: how many resamples there are.
        seed: seeds all weights.
    """

    def __init__(self, resamples: int = 1000, seed: int = 0) -> None:
        if resamples < 2:
            raise UsageError(f"resamples must be at least 2, got {resamples}.")
        if seed < 0:
            raise UsageError(f"seed must be at least 0, got {seed}.")
        self.resamples = resamples
        self.seed = seed
        self.rows = 0
        self._block = -1
        self._counts = np.empty((0, resamples), np.uint8)

    def weights(self, n_rows: int) -> NDArray[np.float64]:
        """Weights (resamples, n_rows) of the next ``n_rows`` rows of the stream.

        They are whole numbers of mean 1. Ask for chunks, not for all rows at once.
        """
        end = self.rows + n_rows
        parts = [np.empty((0, self.resamples), np.uint8)]
        while self.rows < end:
            block, first = divmod(self.rows, BLOCK_ROWS)
            last = min(BLOCK_ROWS, first + end - self.rows)
            parts.append(self._counts_of(block)[first:last])
            self.rows += last - first
        return np.concatenate(parts).astype(np.float64).T

    def _counts_of(self, block: int) -> NDArray[np.uint8]:
        """Counts (BLOCK_ROWS, resamples) of one block; the latest is remembered."""
        if block != self._block:
            seed = np.random.SeedSequence(self.seed, spawn_key=(block,))
            # Raw bits are the same in every NumPy, unlike Generator.poisson (NEP 19),
            # and a table of 65,536 entries is 15 times faster.
            words = np.random.PCG64(seed).random_raw(BLOCK_ROWS * self.resamples // 4)
            counts = _POISSON[words.view(np.uint16)]
            self._counts = counts.reshape(BLOCK_ROWS, self.resamples)
            self._block = block
        return self._counts


def _poisson_table(entries: int = 2**16) -> NDArray[np.uint8]:
    """Poisson(1) counts by equally likely entries: mean 1 exactly, variance 0.99997."""
    share = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(12)])
    ends = np.round(share * entries)
    return np.searchsorted(ends, np.arange(entries), side="right").astype(np.uint8)


_POISSON = _poisson_table()


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise UsageError(f"level must lie between 0 and 1, got {level}.")

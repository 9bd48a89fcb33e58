"""How often a verdict calls a difference real that is not; for several sources of luck.

python benchmarks/verdict_coverage.py [REPETITIONS]

Differences of two models are drawn with crossed effects of known variance: of the seed,
of the row and of both together, all with the mean 0. The shares below are those of
``var(a)/S``, ``var(b)/n`` and ``var(c)/(S n)`` in the variance of the mean. A method is
right if it calls 5% of the differences real, and careful if fewer. Given are, in
percent, ``seeds.over_seeds``; a t interval over seeds alone; a bootstrap of rows alone;
and in standard deviations of the mean the half width of the first.

With 4,000 repetitions (2 minutes on two cores; 0.3 points of error) it gave

    3 seeds, 200 rows (or clusters)
    what varies      seqkit  seeds alone  rows alone  half width
    seeds               4.5          4.5       100.0        3.88
    rows                4.9        100.0         5.6        1.96
    both together       1.2          5.2         5.4        3.24
    seeds, rows         5.2          8.8        17.1        2.33
    rows, both          2.1          9.0         5.3        2.59
    seeds, both         3.4          4.7        17.6        3.14
    all three           2.9          6.6        11.9        2.66

    5 seeds, 200 rows (or clusters)
    what varies      seqkit  seeds alone  rows alone  half width
    seeds               4.8          4.8       100.0        2.59
    rows                5.6        100.0         6.2        1.96
    both together       0.8          4.7         5.5        2.96
    seeds, rows         5.0         11.8        17.8        2.09
    rows, both          2.2         12.3         5.8        2.48
    seeds, both         2.4          5.1        17.9        2.68
    all three           3.1          8.7        12.4        2.41

    10 seeds, 200 rows (or clusters)
    what varies      seqkit  seeds alone  rows alone  half width
    seeds               4.8          4.8       100.0        2.19
    rows                5.0        100.0         5.7        1.96
    both together       0.5          5.0         5.8        2.84
    seeds, rows         5.0         14.3        18.1        2.01
    rows, both          1.7         14.6         5.3        2.43
    seeds, both         1.6          4.7        18.1        2.52
    all three           2.5          9.4        11.9        2.33

    3 seeds, 10 rows (or clusters)
    what varies      seqkit  seeds alone  rows alone  half width
    seeds               4.3          4.3       100.0        3.84
    rows                5.2        100.0         9.6        2.16
    both together       1.1          4.6         8.7        3.43
    seeds, rows         5.5          9.3        23.2        2.42
    rows, both          2.3          9.3         9.8        2.76
    seeds, both         2.9          4.8        21.0        3.26
    all three           3.5          7.8        17.1        2.79

    5 seeds, 10 rows (or clusters)
    what varies      seqkit  seeds alone  rows alone  half width
    seeds               4.4          4.4       100.0        2.61
    rows                5.3        100.0        10.2        2.17
    both together       1.0          5.8         9.5        3.08
    seeds, rows         5.2         11.6        20.8        2.18
    rows, both          1.9         12.4         8.9        2.62
    seeds, both         2.5          5.1        21.1        2.77
    all three           2.7          8.5        15.7        2.52

    10 seeds, 10 rows (or clusters)
    what varies      seqkit  seeds alone  rows alone  half width
    seeds               5.0          5.0       100.0        2.20
    rows                5.2        100.0         9.7        2.16
    both together       0.6          4.7         9.3        2.93
    seeds, rows         4.8         14.2        21.3        2.07
    rows, both          1.8         13.7         8.9        2.54
    seeds, both         1.6          4.2        20.8        2.56
    all three           2.2          8.7        15.7        2.39

    one classifier under two names, 5 seeds each, accuracy on 300 rows:
    5.2 with paired seeds, 4.6 without

    equal cells that are called different, any of them, in percent
    cells  seeds  Bonferroni  Tukey's range
        3      3         4.7            7.7
        3      5         4.7            6.6
        3     10         4.6            5.8
        5      3         4.9           15.0
        5      5         4.8           10.1
        5     10         4.4            7.1
"""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
from scipy.stats import studentized_range
from scipy.stats import t as student

from seqkit.scores.classes import ClassificationScorer
from seqkit.scores.seeds import between, over_seeds, together

MIXES = {
    "seeds": (1, 0, 0),
    "rows": (0, 1, 0),
    "both together": (0, 0, 1),
    "seeds, rows": (1 / 2, 1 / 2, 0),
    "rows, both": (0, 1 / 2, 1 / 2),
    "seeds, both": (1 / 2, 0, 1 / 2),
    "all three": (1 / 3, 1 / 3, 1 / 3),
}
"""What varies -> its shares of the variance of the mean difference."""
RESAMPLES = 300


def crossed(
    draw: np.random.Generator, seeds: int, rows: int, mix: tuple[float, float, float]
) -> np.ndarray:
    """Differences (seeds, rows) whose mean has the mean 0 and the variance 1."""
    of_seed, of_row, of_both = mix
    return (
        draw.normal(size=(seeds, 1)) * (of_seed * seeds) ** 0.5
        + draw.normal(size=(1, rows)) * (of_row * rows) ** 0.5
        + draw.normal(size=(seeds, rows)) * (of_both * seeds * rows) ** 0.5
    )


def false_alarms(
    seeds: int, rows: int, mix: tuple[float, float, float], repetitions: int
) -> tuple[float, ...]:
    """Percent called real by the three methods, and the half width of the first."""
    draw = np.random.default_rng(0)
    weights = draw.poisson(1, (rows, RESAMPLES)).astype(float)
    weights /= weights.sum(axis=0)
    # Rows weigh the same as they are.
    weights = np.column_stack([np.full(rows, 1 / rows), weights])
    found = np.empty((repetitions, 4))
    quantile = student.ppf(0.975, seeds - 1)
    for number in range(repetitions):
        replicates = crossed(draw, seeds, rows, mix) @ weights
        mean, low, high = over_seeds(replicates, units=rows)
        alone = quantile * replicates[:, 0].std(ddof=1) / seeds**0.5
        ends = np.quantile(replicates.mean(axis=0)[1:], [0.025, 0.975])
        found[number] = (
            100 * (not low <= 0 <= high),
            100 * (abs(mean) > alone),
            100 * (not ends[0] <= 0 <= ends[1]),
            (high - low) / 2,
        )
    return tuple(found.mean(axis=0))


def two_names(seeds: int, rows: int, repetitions: int) -> tuple[float, float]:
    """Percent called real between two groups of seeds of one and the same classifier.

    Each row has a difficulty, each run a skill, and each run is lucky with rows of its
    own. Paired by place, and not paired.
    """
    draw = np.random.default_rng(1)
    alarms = np.zeros(2)
    for _ in range(repetitions):
        ease = draw.normal(1.2, 1.5, rows)
        truth = draw.integers(0, 2, rows)
        scorers = []
        for _ in range(2 * seeds):
            logit = ease + draw.normal(0, 0.2) + draw.normal(0, 0.7, rows)
            right = 1 / (1 + np.exp(-logit))
            of_one = np.where(truth == 1, right, 1 - right)
            scorer = ClassificationScorer(("a", "b"), resamples=RESAMPLES)
            scorer.update(truth, np.column_stack([1 - of_one, of_one]))
            scorers.append(scorer)
        values, units = ClassificationScorer.paired(scorers, "accuracy")
        for place, is_paired in enumerate((True, False)):
            one, other = values[:seeds], values[seeds:]
            _, low, high = between(one, other, units=units, paired=is_paired)
            alarms[place] += 100 * (not low <= 0 <= high) / repetitions
    return float(alarms[0]), float(alarms[1])


def family(cells: int, seeds: int, repetitions: int) -> tuple[float, float]:
    """Percent of searches in which any two of so many equal cells seem to differ.

    By intervals that hold together after Bonferroni, as verdicts have them; and with
    the quantile of Tukey's studentized range. That one is made for a variance that all
    pairs share; here, where cells are paired by seed, each pair has its own.
    """
    draw = np.random.default_rng(2)
    scores = draw.normal(size=(repetitions, cells, seeds))
    pairs = list(combinations(range(cells), 2))
    gaps = np.stack([scores[:, one] - scores[:, other] for one, other in pairs])
    t = abs(gaps.mean(-1)) / (gaps.std(-1, ddof=1) / seeds**0.5)
    share = (1 + together(0.95, len(pairs))) / 2
    bonferroni = student.ppf(share, seeds - 1)
    tukey = studentized_range.ppf(0.95, cells, seeds - 1) / 2**0.5
    most = t.max(axis=0)
    return 100 * (most > bonferroni).mean(), 100 * (most > tukey).mean()


def main(repetitions: str = "4000") -> None:
    """Print a table for each number of seeds and of rows."""
    count = int(repetitions)
    for rows in (200, 10):
        for seeds in (3, 5, 10):
            print(f"{seeds} seeds, {rows} rows (or clusters)")
            print("what varies      seqkit  seeds alone  rows alone  half width")
            for name, mix in MIXES.items():
                ours, alone, boot, half = false_alarms(seeds, rows, mix, count)
                print(f"{name:<16}{ours:>7.1f}{alone:>13.1f}{boot:>12.1f}{half:>12.2f}")
            print()
    paired_, welch = two_names(5, 300, max(count // 4, 1))
    print("one classifier under two names, 5 seeds each, accuracy on 300 rows:")
    print(f"{paired_:.1f} with paired seeds, {welch:.1f} without\n")
    print("equal cells that are called different, any of them, in percent")
    print("cells  seeds  Bonferroni  Tukey's range")
    for cells in (3, 5):
        for seeds in (3, 5, 10):
            ours, tukey = family(cells, seeds, 10 * count)
            print(f"{cells:>5}{seeds:>7}{ours:>12.1f}{tukey:>15.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Contests drawn from known variances of seeds and rows, and what verdicts say of them.

python benchmarks/planted_contests.py [REPETITIONS]

Score of competitor k, seed s, row i: ``mu_k + a_ks + b_i + c_ki + d_ksi``, a baseline's
``mu_0 + b_i + c_0i``. The standard error of a difference of two competitors is 1 in
every contest; a, c and d take the shares of its variance that ``verdict_coverage``
has. Given is, in percent, how often the verdict is "better", "equivalent" or
"undecided", where the true difference is ``gap`` and the margin is stated (``margin``)
or a tenth of the lead over the baseline that is sure (``lead``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from verdict_coverage import MIXES

from seqkit.scores.contest import (
    Group,
    Plain,
    competitors,
    differences,
    lead,
    margin_of,
    ruling,
)
from seqkit.scores.metric import Metric

SCORE = Metric("Score", "made up", True, least=-np.inf)
RESAMPLES = 300
SEEDS, ROWS = (3, 5, 10), (200, 20)


@dataclass(frozen=True)
class Planted:
    """What is true of a contest, in standard errors of a difference."""

    gap: float
    """How much the first is better than each other one."""
    margin: float | None = None
    lead: float = 0.0
    """Of the first over the baseline."""
    names: tuple[str, ...] = ("one", "two")


class Setting:
    """So many seeds and rows, and how they share the variance."""

    def __init__(self, seeds: int, rows: int, mix: tuple[float, float, float]) -> None:
        self.seeds, self.rows = seeds, rows
        # A difference has twice the variance of each of its sides.
        self.of_seed = (mix[0] * seeds / 2) ** 0.5
        self.of_row = (mix[1] * rows / 2) ** 0.5
        self.of_both = (mix[2] * seeds * rows / 2) ** 0.5
        draw = np.random.default_rng(0)
        weights = draw.poisson(1, (rows, RESAMPLES)).astype(float)
        weights = np.column_stack([np.ones(rows), weights])
        self.weights = weights / weights.sum(axis=0)

    def scores(
        self, draw: np.random.Generator, mean: float, shared: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """A competitor's scores (seeds, 1 + resamples)."""
        rows = mean + shared + draw.normal(size=(1, self.rows)) * self.of_row
        rows = rows + draw.normal(size=(self.seeds, 1)) * self.of_seed
        rows = rows + draw.normal(size=(self.seeds, self.rows)) * self.of_both
        return rows @ self.weights


def settings() -> Iterator[tuple[str, Setting]]:
    """Every mix of variances with every number of seeds and rows, by name."""
    for (name, mix), seeds, rows in product(MIXES.items(), SEEDS, ROWS):
        yield f"{name}, {seeds} seeds, {rows} rows", Setting(seeds, rows, mix)


def outcome(setting: Setting, truth: Planted, draw: np.random.Generator) -> str:
    """The verdict on one contest; ``worse`` where it names the wrong one better."""
    shared = draw.normal(size=(1, setting.rows)) * setting.rows**0.5
    means = [0.0, *[-truth.gap] * (len(truth.names) - 1)]
    groups = {
        name: Group(
            tuple(range(setting.seeds)),
            setting.scores(draw, mean, shared),
            tuple((0.0, 0.0, 0.0) for _ in range(setting.seeds)),
            100, 1.0, 400,
        )
        for name, mean in zip(truth.names, means, strict=True)
    }  # fmt: skip
    ranked = competitors(groups, SCORE)
    plain = setting.scores(draw, -truth.lead, shared)[:1]
    leads = tuple(
        lead(one.name, "plain", groups[one.name].scores - plain, SCORE, len(ranked),
             setting.rows)
        for one in ranked
    )  # fmt: skip
    known = (Plain("plain", float(plain[0, 0]), 0.0, 0.0),)
    within = margin_of(truth.margin, ranked, leads, known, SCORE)
    assert within
    found = differences(groups, ranked, SCORE, setting.rows, within.value)
    result = ruling(ranked, found, leads)
    wrong = result.outcome == "better" and result.take.name != truth.names[0]
    return "worse" if wrong else str(result.outcome)


def shares(truth: Planted, repetitions: int) -> dict[str, dict[str, float]]:
    """Percent of each outcome, by setting; the same contests for the same numbers."""
    table = {}
    for number, (name, setting) in enumerate(settings()):
        draw = np.random.default_rng([1, number])
        found = [outcome(setting, truth, draw) for _ in range(repetitions)]
        table[name] = {
            each: 100 * found.count(each) / repetitions
            for each in ("better", "worse", "equivalent", "undecided")
        }
    return table


def overall(table: dict[str, dict[str, float]], *outcomes: str) -> tuple[float, float]:
    """Percent of some outcomes over all settings, and in the worst of them."""
    each = [sum(row[name] for name in outcomes) for row in table.values()]
    return float(np.mean(each)), max(each)


THREE = ("one", "two", "three")
NO_DIFFERENCE = {
    "no difference, two": Planted(0.0, margin=4.0),
    "no difference, three": Planted(0.0, margin=4.0, names=THREE),
}
"""Where a "better" is false."""
AT_MARGIN = {
    "at the margin of 4": Planted(4.0, margin=4.0),
    "at the margin of 6, three": Planted(6.0, margin=6.0, names=THREE),
    "just beyond the margin of 8": Planted(8.08, margin=8.0),
    "at a tenth of a lead of 60": Planted(6.0, lead=60.0),
    "at a tenth of a lead of 30": Planted(3.0, lead=30.0),
}
"""Where an "equivalent" is false."""
POWER = {
    "no difference, margin 3": Planted(0.0, margin=3.0),
    "no difference, margin 4": Planted(0.0, margin=4.0),
    "no difference, margin 6": Planted(0.0, margin=6.0),
    "no difference, a lead of 60": Planted(0.0, lead=60.0),
    "a difference of 3, margin 1": Planted(3.0, margin=1.0),
    "a difference of 4, margin 1": Planted(4.0, margin=1.0),
    "a difference of 6, margin 1": Planted(6.0, margin=1.0),
}
"""Where a decision is right."""


def main(repetitions: str = "500") -> None:
    """Print a line for each planted truth, over all settings."""
    print(f"{'what is planted':<30}{'better':>8}{'worse':>8}{'equiv.':>8}{'undec.':>8}")
    for name, truth in {**NO_DIFFERENCE, **AT_MARGIN, **POWER}.items():
        table = shares(truth, int(repetitions))
        cells = [
            f"{overall(table, each)[0]:8.1f}"
            for each in ("better", "worse", "equivalent", "undecided")
        ]
        print(f"{name:<30}{''.join(cells)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Who wins: competitors trained with several seeds, against each other and baselines.

All differences are signed so that positive is better, whichever way the metric counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from seqkit.scores.intervals import LEVEL, Estimate
from seqkit.scores.metric import Metric
from seqkit.scores.seeds import (
    Values,
    around_mean,
    between,
    hedges_g,
    over_seeds,
    superiority,
    together,
)

SAME_SIZE = 1.05
"""Up to this ratio two numbers of parameters are as good as equal."""


@dataclass(frozen=True)
class Group:
    """Runs of one competitor: the same but for their seeds, which rise."""

    seeds: tuple[int, ...]
    scores: Values
    """(seeds, 1 + resamples): the metric on all rows, then on each resample."""
    intervals: tuple[Estimate, ...]
    """The metric of each seed with its interval over rows."""
    parameters: int
    seconds: float
    """Median of the training times."""
    bytes: int


@dataclass(frozen=True)
class Competitor:
    """How good a competitor is over its seeds, and what it costs."""

    name: str
    mean: float
    low: float
    high: float
    sd: float | None
    """Standard deviation over seeds; None for a single one."""
    values: tuple[float, ...]
    """One for each of ``seeds``."""
    seeds: tuple[int, ...]
    parameters: int
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Plain:
    """A baseline's score."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """How much better the first is than the second."""

    first: str
    second: str
    value: float
    low: float
    high: float
    g: float | None
    """Hedges' g; None where the seeds show no spread to measure by."""
    superiority: float | None
    """Probability that a new run of the first beats a new run of the second."""
    significant: bool
    """The interval lies above zero."""

    def turned(self) -> Difference:
        """How much better the second is than the first."""
        return Difference(
            self.second,
            self.first,
            -self.value,
            -self.high,
            -self.low,
            None if self.g is None else -self.g,
            None if self.superiority is None else 1 - self.superiority,
            self.high < 0,
        )


@dataclass(frozen=True)
class Lead:
    """How much better a competitor is than a baseline."""

    name: str
    baseline: str
    value: float
    low: float
    high: float


def competitors(groups: Mapping[str, Group], metric: Metric) -> tuple[Competitor, ...]:
    """The competitors, the best mean first; where means are equal, the smaller one."""
    found = [_competitor(name, group, metric) for name, group in groups.items()]
    sign = _sign(metric)
    return tuple(sorted(found, key=lambda one: (-sign * one.mean, one.parameters)))


def differences(
    groups: Mapping[str, Group],
    ranked: Sequence[Competitor],
    metric: Metric,
    units: int,
) -> tuple[Difference, ...]:
    """Every pair, the better mean first; the intervals hold at 95% all together.

    ``units`` are the rows or clusters of rows that the resamples draw from.
    """
    pairs = list(combinations([one.name for one in ranked], 2))
    level = together(LEVEL, len(pairs))
    return tuple(
        _difference(name, other, groups, metric, level, units) for name, other in pairs
    )


def lead(
    name: str, baseline: str, gaps: Values, metric: Metric, rivals: int, units: int
) -> Lead:
    """A competitor's lead over a baseline; of ``rivals`` competitors all hold together.

    ``gaps`` (seeds, 1 + resamples) are the metric less the baseline's on the same rows.
    """
    level = together(LEVEL, rivals)
    found = over_seeds(_sign(metric) * gaps, level, units)
    return Lead(name, baseline, *metric.possible_gap(found))


def winner(
    ranked: Sequence[Competitor], found: Sequence[Difference]
) -> tuple[Competitor, tuple[Competitor, ...]]:
    """Which competitor to take, and all that are not worse than the best for sure.

    Of these contenders the one with the fewest parameters wins; among those that have
    at most 5% more than it, the best mean. Training times do not decide: they change
    from one machine, and from one hour, to the next.
    """
    best = ranked[0]
    worse = {one.second for one in found if one.first == best.name and one.significant}
    contenders = tuple(one for one in ranked if one.name not in worse)
    fewest = min(one.parameters for one in contenders)
    small = [one for one in contenders if one.parameters <= SAME_SIZE * fewest]
    return small[0], contenders


def _competitor(name: str, group: Group, metric: Metric) -> Competitor:
    values = group.scores[:, 0]
    interval = metric.possible(around_mean(values.tolist(), group.intervals))
    return Competitor(
        name,
        *interval,
        float(values.std(ddof=1)) if len(values) > 1 else None,
        tuple(map(float, values)),
        group.seeds,
        group.parameters,
        group.seconds,
        group.bytes,
    )


def _difference(
    name: str,
    other: str,
    groups: Mapping[str, Group],
    metric: Metric,
    level: float,
    units: int,
) -> Difference:
    one, two, sign = groups[name], groups[other], _sign(metric)
    first, second = sign * one.scores, sign * two.scores
    # Runs of one seed saw their batches in the same order.
    paired = one.seeds == two.seeds
    interval = metric.possible_gap(between(first, second, level, units, paired))
    return Difference(
        name,
        other,
        *interval,
        hedges_g(first[:, 0].tolist(), second[:, 0].tolist()),
        superiority(first[:, 0].tolist(), second[:, 0].tolist()),
        interval[1] > 0,
    )


def _sign(metric: Metric) -> int:
    return 1 if metric.greater_is_better else -1

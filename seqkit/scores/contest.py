"""Who wins: competitors trained with several seeds, against each other and baselines.

All differences are signed so that positive is better, whichever way the metric counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from seqkit.scores.intervals import LEVEL, Estimate
from seqkit.scores.metric import Metric
from seqkit.scores.needed import Needed, needed
from seqkit.scores.seeds import (
    Values,
    around_mean,
    hedges_g,
    over_seeds,
    spread_between,
    superiority,
    together,
)

SAME_SIZE = 1.05
"""Up to this ratio two numbers of parameters are as good as equal."""
LEAD_SHARE = 0.1
"""Of the lead over the best baseline that is sure: a margin that nobody states."""
RANGE_SHARE = 0.02
"""Of what the metric can range over: such a margin is no wider."""

Outcome = Literal["better", "worse", "equivalent", "undecided"]


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
    outcome: Outcome = "undecided"
    """``better`` or ``worse``: the interval is clear of zero; ``equivalent``: it lies
    within the margin; else ``undecided``."""
    needed: Needed | None = None
    """What would decide it, where it is undecided."""

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
            _TURNED.get(self.outcome, self.outcome),
            self.needed,
        )


_TURNED: dict[Outcome, Outcome] = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class Margin:
    """Within what two competitors are equivalent, in the units of the metric."""

    value: float
    baseline: str | None = None
    """It is ``LEAD_SHARE`` of the sure lead over this one; None: it was stated."""


@dataclass(frozen=True)
class Lead:
    """How much better a competitor is than a baseline."""

    name: str
    baseline: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Ruling:
    """What comes of a contest, and which competitor to take."""

    take: Competitor
    outcome: Outcome | None
    """Of the best mean against all others: ``better`` than each; ``equivalent`` to all
    that are not worse; else ``undecided``. None: there is nobody else."""
    equivalents: tuple[Competitor, ...]
    """The best mean, and all that are equivalent to it."""
    undecided: tuple[Competitor, ...]
    """Those of which it is not known whether the best mean is better."""


def competitors(groups: Mapping[str, Group], metric: Metric) -> tuple[Competitor, ...]:
    """The competitors, the best mean first; where means are equal, the smaller one."""
    every = [_competitor(name, group, metric) for name, group in groups.items()]
    sign = _sign(metric)
    return tuple(sorted(every, key=lambda one: (-sign * one.mean, one.parameters)))


def differences(
    groups: Mapping[str, Group],
    ranked: Sequence[Competitor],
    metric: Metric,
    units: int,
    margin: float = 0.0,
) -> tuple[Difference, ...]:
    """Every pair, the better mean first; the intervals hold at 95% all together.

    ``units`` are the rows or clusters of rows that the resamples draw from; ``margin``
    is within what two are equivalent, 0: never.
    """
    pairs = list(combinations([one.name for one in ranked], 2))
    level = together(LEVEL, len(pairs))
    return tuple(
        _difference(name, other, groups, metric, level, units, margin)
        for name, other in pairs
    )


def outcome_of(low: float, high: float, margin: float) -> Outcome:
    """What an interval of a difference says (interval inclusion, Schuirmann 1987)."""
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    # Runs that are the same in every row need no margin.
    if low == high == 0 or -margin < low <= high < margin:
        return "equivalent"
    return "undecided"


def margin_of(
    stated: float | None,
    ranked: Sequence[Competitor],
    leads: Sequence[Lead],
    baselines: Sequence[Plain],
    metric: Metric,
) -> Margin | None:
    """The margin that is stated, or a share of the best competitor's sure lead.

    The share is taken of the low end of the lead over the best baseline, so that it is
    hardly ever more than that share of the true lead (as in trials of non-inferiority
    with a fixed margin); where no lead is sure it is 0. It is at most ``RANGE_SHARE``
    of the metric's range. None: there is no baseline that could tell.
    """
    if stated is not None:
        return Margin(stated)
    lead_of = {one.baseline: one for one in leads if one.name == ranked[0].name}
    rivals = [one for one in baselines if one.name in lead_of]
    if not rivals:
        return None
    best = max(rivals, key=lambda one: _sign(metric) * one.value)
    share = LEAD_SHARE * max(lead_of[best.name].low, 0.0)
    return Margin(min(share, RANGE_SHARE * (metric.most - metric.least)), best.name)


def lead(
    name: str, baseline: str, gaps: Values, metric: Metric, rivals: int, units: int
) -> Lead:
    """A competitor's lead over a baseline; of ``rivals`` competitors all hold together.

    ``gaps`` (seeds, 1 + resamples) are the metric less the baseline's on the same rows.
    """
    level = together(LEVEL, rivals)
    interval = over_seeds(_sign(metric) * gaps, level, units)
    return Lead(name, baseline, *metric.possible_gap(interval))


def ruling(
    ranked: Sequence[Competitor], pairs: Sequence[Difference], leads: Sequence[Lead]
) -> Ruling:
    """Which competitor to take.

    It is the best mean; where others are equivalent to it, the one of them with the
    fewest parameters (among those that have at most 5% more than it, the best mean)
    that every baseline is behind for sure that the best mean is ahead of. Training
    times do not decide: they change from one machine, and from one hour, to the next.
    """
    best, *others = ranked
    against = {one.second: one.outcome for one in pairs if one.first == best.name}
    equal = tuple(one for one in others if against[one.name] == "equivalent")
    unclear = tuple(one for one in others if against[one.name] == "undecided")
    outcome: Outcome | None = "better" if others else None
    if equal:
        outcome = "equivalent"
    if unclear:
        outcome = "undecided"
    beaten = _beaten(best, leads)
    able = [best, *(one for one in equal if _beaten(one, leads) >= beaten)]
    fewest = min(one.parameters for one in able)
    small = [one for one in able if one.parameters <= SAME_SIZE * fewest]
    return Ruling(small[0], outcome, (best, *equal), unclear)


def _beaten(one: Competitor, leads: Sequence[Lead]) -> set[str]:
    """The baselines that a competitor is better than, for sure."""
    return {lead.baseline for lead in leads if lead.name == one.name and lead.low > 0}


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
    margin: float,
) -> Difference:
    one, two, sign = groups[name], groups[other], _sign(metric)
    first, second = sign * one.scores, sign * two.scores
    # Runs of one seed saw their batches in the same order.
    paired = one.seeds == two.seeds
    spread = spread_between(first, second, units, paired)
    interval = metric.possible_gap(spread.interval(level))
    # Of single runs nobody knows how far apart other seeds would be.
    single = max(len(first), len(second)) == 1
    outcome = outcome_of(*interval[1:], 0.0 if single else margin)
    return Difference(
        name,
        other,
        *interval,
        hedges_g(first[:, 0].tolist(), second[:, 0].tolist()),
        superiority(first[:, 0].tolist(), second[:, 0].tolist()),
        interval[1] > 0,
        outcome,
        needed(spread, margin, level)
        if outcome == "undecided" and not single
        else None,
    )


def _sign(metric: Metric) -> int:
    return 1 if metric.greater_is_better else -1

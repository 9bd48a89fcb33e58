"""Competitors, their differences and the baselines: who wins, before any words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from seqkit.comparison.names import MEND, metric_name, spoken
from seqkit.registry import TASKS
from seqkit.scores.contest import (
    Competitor,
    Difference,
    Lead,
    Margin,
    Outcome,
    Plain,
    Ruling,
    ruling,
)

TRIVIAL = ("majority class", "training mean")
"""Baselines that have learnt nothing of the inputs."""


@dataclass(frozen=True)
class Ranking:
    """How good competitors are, each trained with several seeds, and which to take.

    ``competitors`` come with the best mean first, ``differences`` are all pairs of them
    (the better mean first), ``leads`` those of each competitor over each baseline; both
    are signed so that positive is better, and each kind holds at 95% all together.
    ``reference`` is the published figure of the recipe, if it has one. ``settings``
    tells what else than their names differs between competitors, by dotted key.
    ``margin`` is within what two are equivalent. ``steps`` holds each competitor's
    seconds a step, round by round, where they were measured side by side.
    """

    task: str
    data: str
    rows: int
    metric: str
    greater_is_better: bool
    competitors: tuple[Competitor, ...]
    baselines: tuple[Plain, ...]
    differences: tuple[Difference, ...]
    leads: tuple[Lead, ...]
    reference: Mapping[str, Any] | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    margin: Margin | None = None
    kind: str = "model"
    steps: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @cached_property
    def ruling(self) -> Ruling:
        """What comes of it, with the competitors that are equivalent or undecided."""
        return ruling(self.competitors, self.differences, self.leads)

    @property
    def outcome(self) -> Outcome | None:
        """``better``, ``equivalent`` or ``undecided``; None: a single competitor.

        It is of competitors against each other; whether any is better than the
        baselines, ``unbeaten_baseline`` says.
        """
        return self.ruling.outcome

    @property
    def taken(self) -> str:
        """Of the competitors the one to take: the best mean, or a cheaper equivalent.

        Whether it has won, and whether a baseline had better be taken, is another
        question: see ``winner``.
        """
        return self.ruling.take.name

    @property
    def winner(self) -> str | None:
        """The one to take, where it won: None where it is undecided who is better.

        None, too, where it is not better than every baseline for sure.
        """
        is_decided = self.outcome != "undecided"
        sure = all(one.low > 0 for one in self.leads if one.name == self.taken)
        return self.taken if is_decided and sure else None

    @property
    def significant(self) -> bool:
        """Whether one competitor is better than every other, for sure."""
        return self.outcome == "better"

    @property
    def unlearnt(self) -> Plain | None:
        """The majority class or the mean, where no competitor is better for sure."""
        for one in self.ranked_baselines:
            trivial = one.name in TRIVIAL
            if trivial and all(lead.low <= 0 for lead in self.leads_over(one.name)):
                return one
        return None

    @property
    def advice(self) -> str:
        """What to do: whom to take, or what to mend."""
        if self.unlearnt:
            return MEND
        if rival := self.unbeaten_baseline:
            return f"take the baseline, {rival.name}, or {MEND}"
        name = spoken(self.taken)
        return f"in the meantime take {name}" if self._is_open else f"take {name}"

    @property
    def _is_open(self) -> bool:
        return self.outcome == "undecided"

    @property
    def measure(self) -> str:
        """The metric as a sentence calls it: accuracy, MASE."""
        return metric_name(TASKS.get(self.task)().metric(self.metric).title)

    def difference(self, first: str, second: str) -> Difference:
        """How much better the first is than the second, whichever stands first here.

        Raises:
            KeyError: there is no such pair.
        """
        for one in self.differences:
            if (one.first, one.second) == (first, second):
                return one
            if (one.second, one.first) == (first, second):
                return one.turned()
        raise KeyError((first, second))

    def leads_over(self, baseline: str) -> tuple[Lead, ...]:
        """The leads of all competitors over one baseline."""
        return tuple(one for one in self.leads if one.baseline == baseline)

    @property
    def ranked_baselines(self) -> tuple[Plain, ...]:
        """The baselines that somebody leads or trails, the best first."""
        sign = 1 if self.greater_is_better else -1
        rivals = [one for one in self.baselines if self.leads_over(one.name)]
        return tuple(sorted(rivals, key=lambda one: -sign * one.value))

    @property
    def winning_baseline(self) -> Plain | None:
        """The best baseline that is better than every competitor, for sure."""
        for one in self.ranked_baselines:
            if all(lead.high < 0 for lead in self.leads_over(one.name)):
                return one
        return None

    @property
    def unbeaten_baseline(self) -> Plain | None:
        """The best baseline that no competitor is better than, for sure."""
        for one in self.ranked_baselines:
            if all(lead.low <= 0 for lead in self.leads_over(one.name)):
                return one
        return None

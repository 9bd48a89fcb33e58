"""Where a report's other metrics contradict its headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from seqkit.errors import DataError
from seqkit.scores.intervals import shown
from seqkit.scores.metric import Metric

MODEL = "the model"


class Scoring(Protocol):
    """What is asked of a task."""

    @property
    def primary_metric(self) -> str: ...

    def metric(self, name: str) -> Metric: ...

    def lead(
        self, ours: Any, theirs: Any, metric: str
    ) -> tuple[float, float, float]: ...


def contradictions(
    task: Scoring, ours: Any, theirs: Mapping[str, Any], metrics: Sequence[str]
) -> list[str]:
    """A sentence for each of ``metrics`` by which the winner is worse for sure.

    The headline compares the model with the baseline of the smallest lead in the
    primary metric. Where the model wins, any baseline may be the better one by another
    metric; where that baseline wins, the model alone is looked at. Leads are paired,
    and sure where their 95% interval leaves out 0.

    Args:
        task: whose metrics they are.
        ours: the model's scorer.
        theirs: the baselines' scorers by title, of the same rows.
        metrics: names of other metrics than the primary one.
    """
    if not theirs:
        return []
    primary = task.primary_metric
    leads = {title: task.lead(ours, one, primary) for title, one in theirs.items()}
    nearest = min(leads, key=lambda title: leads[title][0])
    _, low, high = leads[nearest]
    scorers = {MODEL: ours, **theirs}
    found = []
    for metric in metrics:
        try:
            others = {
                title: task.lead(ours, one, metric) for title, one in theirs.items()
            }
        except DataError:
            continue  # These rows have no such score.
        ahead = min(others, key=lambda title: others[title][0])
        if low > 0 and others[ahead][2] < 0:
            winner, better = MODEL, ahead
        elif high < 0 < others[nearest][1]:
            winner, better = nearest, MODEL
        else:
            continue
        values = {
            title: shown(scorers[title].result().metrics[metric])
            for title in (winner, better)
        }
        found.append(
            f"By {metric} {better} is better for sure, {values[better]} against "
            f"{values[winner]}, though {winner} wins by {primary}."
        )
    return found

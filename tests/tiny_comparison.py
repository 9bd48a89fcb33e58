"""Comparisons made up from the numbers that a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seqkit.comparison import Comparison
from seqkit.registry import TASKS
from seqkit.scores.contest import (
    Group,
    Plain,
    competitors,
    differences,
    lead,
    margin_of,
)

UNITS = 500


def tiny_comparison(
    scores: Mapping[str, Sequence[float]],
    baselines: Mapping[str, float] | None = None,
    parameters: Sequence[int] = (),
    steps: Sequence[float] = (),
    task: str = "classify_text",
    metric: str = "accuracy",
    rows: float = 0.001,
    reference: Mapping[str, object] | None = None,
    margin: float | None = None,
    kind: str = "cell",
) -> Comparison:
    """Scores of each competitor's seeds, and what a baseline has.

    ``rows`` is the standard deviation over resamples that each score has of its own;
    ``steps`` are the seconds a step of each competitor, which vary by 1% over rounds.
    """
    draw = np.random.default_rng(0)
    known = TASKS.get(task)().metric(metric)

    def resampled(values: Sequence[float]) -> np.ndarray:
        noise = draw.normal(0, rows, (len(values), 401))
        noise[:, 0] = 0
        return np.array(values, float)[:, np.newaxis] + noise

    groups = {
        name: Group(
            tuple(range(8, 8 + len(values))),
            resampled(values),
            tuple((each, each - 2 * rows, each + 2 * rows) for each in values),
            (*parameters, *[100] * len(scores))[place],
            1.0,
            1000,
        )
        for place, (name, values) in enumerate(scores.items())
    }
    plain = {name: resampled([value]) for name, value in (baselines or {}).items()}
    ranked = competitors(groups, known)
    baselines_ = tuple(
        Plain(name, float(each[0, 0]), each[0, 0] - rows, each[0, 0] + rows)
        for name, each in plain.items()
    )
    leads = tuple(
        lead(one.name, name, groups[one.name].scores - each, known, len(ranked), 9)
        for name, each in plain.items()
        for one in ranked
    )
    within = margin_of(margin, ranked, leads, baselines_, known)
    rounds = np.array([0.99, 1.01, 1.0, 1.0, 1.0])
    return Comparison(
        task=task,
        data="csv:x.csv, test part",
        rows=UNITS,
        metric=metric,
        greater_is_better=bool(known.greater_is_better),
        competitors=ranked,
        baselines=baselines_,
        differences=differences(
            groups, ranked, known, UNITS, within.value if within else 0.0
        ),
        leads=leads,
        reference=reference,
        margin=within,
        kind=kind,
        steps={
            name: tuple(each * np.roll(rounds, place))
            for place, (name, each) in enumerate(zip(scores, steps, strict=False))
        },
    )


def around(mean: float, sd: float = 0.003) -> list[float]:
    """Five seeds of just this mean and standard deviation."""
    steps = np.array([-1.5, -0.5, 0.0, 0.5, 1.5])
    return list(mean + sd * steps / steps.std(ddof=1))

"""Many runs and the baselines, scored on the same test rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit.comparison.rows import rows_to_compare
from seqkit.errors import DataError, UsageError
from seqkit.recipe.spec import marked_keys
from seqkit.runs.evaluate import count_rows
from seqkit.scores.contest import Group, Plain
from seqkit.scores.intervals import Estimate
from seqkit.scores.seeds import Values

if TYPE_CHECKING:
    from seqkit.runs.run import Run
    from seqkit.scores.scorer import Scorer
    from seqkit.tasks.base import Task


@dataclass(frozen=True)
class Scored:
    """The primary metric of runs and baselines on the same rows."""

    data: str
    """What the rows are of, in words."""
    rows: int
    groups: Mapping[str, Group]
    units: int
    """Rows or clusters of rows that the resamples draw from."""
    baselines: tuple[Plain, ...]
    gaps: Mapping[str, tuple[Mapping[str, Values], int]]
    """Baseline -> for each group the metric less the baseline's (seeds, 1 + resamples)
    on the rows that all of them answered, and their units."""


def score_runs(groups: Mapping[str, Sequence[Run]], data: Any, frame: Any) -> Scored:
    """Score every run of every group, and the first run's baselines.

    The rows are read once for all runs that read them alike; only a chunk of them is in
    memory at a time. Arguments and errors are those of ``comparison.compared``.
    """
    ordered = {
        name: sorted(group, key=lambda run: run.recipe.train.seed)
        for name, group in groups.items()
    }
    _check_groups(ordered, rows_given=data is not None)
    # The rows are read once for all runs that read them alike.
    runs = [run for group in ordered.values() for run in group]
    task, metric = runs[0].task, runs[0].task.primary_metric
    rivals = {one.title: one for one in runs[0].baselines()}
    plain = {title: task.scorer(runs[0].preprocessing) for title in rivals}
    every = [task.scorer(run.preprocessing) for run in runs]
    alike = _read_alike(runs)
    shared = rows_to_compare([runs[places[0]] for places in alike], data, frame)
    for number, (places, rows) in enumerate(zip(alike, shared.examples, strict=True)):
        scoring = [(every[place], runs[place].scored) for place in places]
        if not number:
            scoring += [(plain[t], rival.scored) for t, rival in rivals.items()]
        # A task of its own: it may remember series, which others read otherwise.
        count_rows(runs[places[0]].task, rows, scoring)
    if not all(scorer.rows for scorer in every):
        raise DataError(f"{shared.name} holds no rows to compare on.")
    return _scored(shared.name, ordered, task, metric, every, plain)


def _scored(
    name: str,
    ordered: Mapping[str, Sequence[Run]],
    task: Task,
    metric: str,
    every: Sequence[Scorer],
    plain: Mapping[str, Scorer],
) -> Scored:
    paired = task.paired(every, metric)
    intervals = iter([scorer.result().metrics[metric] for scorer in every])
    groups = {
        group: _group(ordered[group], scores, intervals)
        for group, scores in _parted(ordered, paired.values)
    }
    # A baseline may answer no row at all.
    plain = {title: scorer for title, scorer in plain.items() if scorer.rows}
    results = {title: scorer.result().metrics for title, scorer in plain.items()}
    plain_scores = {
        title: scores[metric] for title, scores in results.items() if metric in scores
    }
    gaps: dict[str, tuple[Mapping[str, Values], int]] = {}
    for title in plain_scores:
        beside = task.paired([*every, plain[title]], metric)
        less = beside.values[:-1] - beside.values[-1]
        gaps[title] = dict(_parted(ordered, less)), beside.units
    baselines = tuple(Plain(title, *score) for title, score in plain_scores.items())
    rows = min(scorer.rows for scorer in every)
    return Scored(name, rows, groups, paired.units, baselines, gaps)


def _parted(
    ordered: Mapping[str, Sequence[Run]], values: Values
) -> Iterator[tuple[str, Values]]:
    """Each group's rows of values (runs, ...)."""
    ends = np.cumsum([len(group) for group in ordered.values()])
    yield from zip(ordered, np.split(values, ends[:-1]), strict=True)


def _group(runs: Sequence[Run], scores: Values, intervals: Iterator[Estimate]) -> Group:
    costs = [run.facts["cost"] for run in runs]
    return Group(
        tuple(run.recipe.train.seed for run in runs),
        scores,
        tuple(islice(intervals, len(runs))),
        costs[0]["parameters"],
        float(median(cost["seconds"] for cost in costs)),
        round(median(cost["bytes"] for cost in costs)),
    )


def _read_alike(runs: Sequence[Run]) -> list[list[int]]:
    """Places of runs, together where their recipes read the same data alike."""
    alike: dict[Any, list[int]] = {}
    for place, run in enumerate(runs):
        # Where the data lie matters not; what is in them does.
        read = run.recipe.data.model_copy(update={"source": "", "data_dir": None})
        alike.setdefault((read, run.facts["fingerprint"]), []).append(place)
    return list(alike.values())


def _check_groups(ordered: Mapping[str, Sequence[Run]], rows_given: bool) -> None:
    """Raise UsageError where runs cannot be compared."""
    if not ordered or not all(ordered.values()):
        raise UsageError("A comparison needs runs: at least one for each competitor.")
    for name, group in ordered.items():
        seeds = [run.recipe.train.seed for run in group]
        twice = next(
            (s for s, t in zip(seeds, seeds[1:], strict=False) if s == t), None
        )
        if twice is not None:
            raise UsageError(
                f"{name} has two runs of the seed {twice}, and the same seed gives the "
                "same run. Leave one out, or train with another seed."
            )
    first, one = next((name, group[0]) for name, group in ordered.items())
    for name, group in ordered.items():
        for run in group:
            _check_pair((first, one), (name, run), rows_given)


def _check_pair(
    first: tuple[str, Run], second: tuple[str, Run], rows_given: bool
) -> None:
    (name, run), (other, its) = first, second
    if its.recipe.task != run.recipe.task:
        raise UsageError(
            f"Runs are compared on the same task, but that of {name} is "
            f"{run.recipe.task} and that of {other} {its.recipe.task}."
        )
    ours, theirs = run.recipe.data, its.recipe.data
    same = run.facts["fingerprint"] == its.facts["fingerprint"]
    # The same source read otherwise, such as with other columns, has the same rows.
    same = same or (ours.source == theirs.source and ours != theirs)
    if not rows_given and not same:
        raise UsageError(
            f"Runs are compared on the same test rows, but {name} was trained on "
            f"{_source_words(ours.source)} and {other} on "
            f"{_source_words(theirs.source)}, and these hold other rows. Name rows "
            "that none was trained on: --data FILE"
        )
    for key in marked_keys(type(ours), "asked" if rows_given else "parted"):
        one, two = getattr(ours, key), getattr(theirs, key)
        if one != two:
            raise UsageError(
                f"Runs are compared on the same test rows, but data.{key} is {one} for "
                f"{name} and {two} for {other}. Train them with the same."
            )
    if run.signature.classes != its.signature.classes:
        raise UsageError(
            f"Runs are compared on the same classes, but {name} knows "
            f"{', '.join(run.signature.classes)} and {other} "
            f"{', '.join(its.signature.classes)}."
        )


def _source_words(source: str) -> str:
    return "a DataFrame" if source == "frame" else source

"""The rows that runs are compared on: the same for all, seen by no training."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit.runs.held_out import own_rows, part_name, trained_on

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.runs.run import Run
    from seqkit.tasks.base import Examples

PART_KEYS = ("horizon", "test", "split_seed", "test_stride")
"""Keys of ``data`` that say which rows are the test part."""


@dataclass(frozen=True)
class SharedRows:
    """The same rows as each of some runs reads them, and what they are of, in words."""

    examples: Sequence[Iterable[Examples]]
    name: str


def rows_to_compare(runs: Sequence[Run], data: Any, frame: Any) -> SharedRows:
    """The rows that runs of different reading are compared on.

    Args:
        runs: one of each kind of reading.
        data: rows that are given; None for the runs' own test part.
        frame: the runs' own data, where these are a DataFrame at hand.

    Raises:
        DataError: the rows cannot be read.
        RunError: the runs' own data have changed, or have no test part.
    """
    from seqkit.data.sources.given import given_source

    if data is None:
        own = [own_rows(run, run.recipe, frame) for run in runs]
        return SharedRows([rows.examples for rows in own], own[0].name)
    sources = [given_source(data, run.recipe.data) for run in runs]
    opened = [
        trained_on(run, run.recipe, source)
        for run, source in zip(runs, sources, strict=True)
    ]
    parts = [one.examples("test") for one in opened if one and one.count("test")]
    if len(parts) == len(runs) and len(set(map(_parting, runs))) == 1:
        return SharedRows(parts, f"{sources[0].name}, test part")
    return _unseen_by_all(runs, sources)


def _parting(run: Run) -> tuple[Any, ...]:
    """What says which rows of its own data are a run's test part."""
    return tuple(getattr(run.recipe.data, key, None) for key in PART_KEYS)


def _unseen_by_all(runs: Sequence[Run], sources: Sequence[Source]) -> SharedRows:
    """Other data without what the training of any of the runs saw."""
    name, unit = part_name(runs[0], sources[0]), runs[0].task.unit
    places: set[Hashable] = set()
    for run, source in zip(runs, sources, strict=True):
        seen = run.seen()
        rows = 0
        for chunk in _labelled(run, source):
            here = run.task.places(chunk, rows)
            rows += len(here)
            if seen is not None:
                saw = run.task.saw(seen, chunk, run.preprocessing)
                places |= {here[place] for place in np.flatnonzero(saw).tolist()}
    if places:
        name += f" ({len(places):,} {unit} left out, which training saw)"
    examples = [
        _without(places, run, source) for run, source in zip(runs, sources, strict=True)
    ]
    return SharedRows(examples, name)


def _labelled(run: Run, source: Source) -> Iterator[Examples]:
    recipe = run.recipe
    return run.task.labelled(recipe.data, recipe.model, run.preprocessing, source)


def _without(places: set[Hashable], run: Run, source: Source) -> Iterator[Examples]:
    start = 0
    for chunk in _labelled(run, source):
        here = run.task.places(chunk, start)
        start += len(here)
        yield chunk.taken(np.array([place not in places for place in here], np.bool_))

"""Compare runs that exist already: which is better, by how much, how sure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import UsageError
from seqkit.recipe.data_paths import portable, portable_path
from seqkit.runs.run import Run, load
from seqkit.shared.files import write_json
from seqkit.shared.outputs import check_outputs, save_picture

if TYPE_CHECKING:
    from seqkit.comparison import Comparison

COMPARISON, PICTURE = "comparison.json", "comparison.png"
CELL, SEED, SOURCE = "model.cell", "train.seed", "data.source"
UNNAMED = ("description", "reference", "tune")
"""Sections that change nothing of a run."""
MOST_KEYS = 3
"""Up to so many keys that differ make a name."""


def compare(
    *runs: str | Path | Run,
    data: Any = None,
    out: str | Path | None = None,
    margin: float | None = None,
    overwrite: bool = False,
) -> Comparison:
    """Compare finished runs on the same test rows, with their baselines.

    Runs that differ in ``train.seed`` alone are one competitor; five seeds each tell
    what luck does. Competitors are named by what differs: by their cells, ``lstm`` and
    ``gru``, where nothing else does; else they are runs, and named by their recipes,
    by a few keys (``gru model.units=[32]``) or by their folders. A run may come again
    as ``run.decoded(...)``: that is another competitor.

    Args:
        runs: folders of runs, or Runs; two at least.
        data: labelled rows, as for ``Run.evaluate``: what any of the runs was trained
            on is left out. None for the test part of the data that they were trained
            on.
        out: a folder for ``comparison.json`` and ``comparison.png``; None: no files.
        margin: within what two are equivalent, in the units of the metric; None: the
            ``tune.margin`` of the runs' recipes, where all have the same.
        overwrite: replace files there that no earlier comparison wrote.

    Raises:
        UsageError: a margin that is no positive number, fewer than two runs, the same
            run twice, or runs of other tasks, data or test rows; or a file is in the
            way.
        RunError: a folder is no finished run's, or its data have changed.
        DataError: the data cannot be read.
    """
    from seqkit.comparison import compared

    if len(runs) < 2:
        raise UsageError(
            f"compare needs at least two runs, got {len(runs)}. One is scored by: "
            "seqkit evaluate RUN"
        )
    if margin is not None and not 0 < margin < math.inf:
        raise UsageError(f"margin must be a positive number, got {margin:g}.")
    if out is not None:
        keys = ("competitors", "sentence")
        check_outputs(Path(out), (COMPARISON, PICTURE), overwrite, COMPARISON, keys)
    loaded = [run if isinstance(run, Run) else load(run) for run in runs]
    groups = grouped(loaded)
    comparison = compared(
        groups,
        data,
        settings=settings(groups),
        margin=_margin(loaded) if margin is None else margin,
        kind=kind(groups),
    )
    if out is not None:
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / COMPARISON, comparison.to_dict())
        save_picture(comparison.plot(), folder / PICTURE)
    return comparison


def _margin(runs: Sequence[Run]) -> float | None:
    """The margin that the recipes of all runs have, if it is one."""
    margins = {run.recipe.tune.margin for run in runs}
    return margins.pop() if len(margins) == 1 else None


def grouped(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by the name of their competitor: those that differ in the seed alone.

    Raises:
        UsageError: a run comes twice.
    """
    places = [(run.path.resolve(), run.recipe.decode) for run in runs]
    twice = next((p for i, p in enumerate(places) if p in places[:i]), None)
    if twice is not None:
        raise UsageError(f"The run {twice[0]} is given twice. Give each run once.")
    groups: dict[str, list[Run]] = {}
    for run in runs:
        # A copy elsewhere of the same data is no other data.
        data = {SOURCE: run.facts["fingerprint"], "data.data_dir": None}
        groups.setdefault(json.dumps(_keys(run) | data), []).append(run)
    members = list(groups.values())
    return dict(zip(_names(members), members, strict=True))


def _keys(run: Run) -> dict[str, Any]:
    """All that makes a run but its seed, by dotted key."""
    plain = portable(run.recipe).to_dict()
    keys: dict[str, Any] = {}
    for section, value in plain.items():
        if section in UNNAMED:
            continue
        if isinstance(value, Mapping):
            keys |= {f"{section}.{key}": each for key, each in value.items()}
        else:
            keys[section] = value
    del keys[SEED]
    return keys


def settings(groups: Mapping[str, Sequence[Run]]) -> dict[str, dict[str, Any]]:
    """What competitors differ in whose names do not tell it, by dotted key."""
    keys, other = _differing([runs[0] for runs in groups.values()])
    by_keys = [_key_name(each, other) for each in keys]
    if kind(groups) == "cell" or by_keys == list(groups):
        return {}
    values = [{key: each.get(key) for key in other} for each in keys]
    return dict(zip(groups, values, strict=True))


def kind(groups: Mapping[str, Sequence[Run]]) -> str:
    """``cell`` where competitors differ in their cell alone, else ``run``."""
    _, other = _differing([runs[0] for runs in groups.values()])
    return "cell" if other == [CELL] else "run"


def _differing(runs: Sequence[Run]) -> tuple[list[dict[str, Any]], list[str]]:
    """The keys of each run, and those in which they differ."""
    keys = [_keys(run) for run in runs]
    every = dict.fromkeys(key for each in keys for key in each)
    other = [key for key in every if len({json.dumps(k.get(key)) for k in keys}) > 1]
    if len({run.facts["fingerprint"] for run in runs}) == 1 and SOURCE in other:
        other.remove(SOURCE)
    return keys, other


def _names(groups: Sequence[Sequence[Run]]) -> list[str]:
    """A name for each group, no two alike."""
    runs = [group[0] for group in groups]
    keys, other = _differing(runs)
    cells = [str(each.get(CELL)) for each in keys]
    if other == [CELL]:
        return cells
    folders = [str(run.report_folder) for run in runs]
    paths = list(map(portable_path, folders))
    choices = [
        [run.recipe.name for run in runs],
        [_key_name(each, other) for each in keys] if len(other) <= MOST_KEYS else paths,
        paths,
        folders,
    ]
    return next(names for names in choices if len(set(names)) == len(names))


def _key_name(keys: Mapping[str, Any], other: Sequence[str]) -> str:
    """``gru model.units=[32]``"""
    words = [keys[CELL]] if CELL in other else []
    words += [f"{key}={json.dumps(keys.get(key))}" for key in other if key != CELL]
    return " ".join(words).replace('"', "")

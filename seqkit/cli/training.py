"""The verb that trains a recipe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from seqkit.cli.asked import (
    DataDir,
    DataFile,
    Json,
    Overrides,
    RecipeName,
    Seed,
    asked_recipe,
    interruptible,
)
from seqkit.cli.printing import print_json
from seqkit.shared.escape import say as print


def fit(
    name: RecipeName = None,
    overrides: Overrides = None,
    data: DataFile = None,
    data_dir: DataDir = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder.")] = None,
    seed: Seed = None,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Ship this plain baseline, no network."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Continue this unfinished run.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a recipe; gives a run's folder."""
    from seqkit.runs.fit import fit as train

    name, changes = asked_recipe(name, overrides, data_dir)
    options: dict[str, Any] = {
        "data": data,
        "out": out,
        "seed": seed,
        "baseline": baseline,
        "resume": resume,
    }
    with interruptible():
        run = train(name, changes, progress=not as_json, **options)
    if as_json:
        history = run.history.to_dict(orient="records")
        print_json({"run": run.path, **run.facts, "history": history})
        return
    for note in run.notes:
        print(f"note: {note}", file=sys.stderr)
    columns = run.preprocessing.value_columns
    if len(columns) > 1:
        more = f" and {len(columns) - 8:,} more" if columns[8:] else ""
        print(f"Values were read from {', '.join(columns[:8])}{more}")
    print(f"The run is in {run.path}")
    print(f"Next: seqkit evaluate {run.path}")

"""The verb that searches a recipe's space."""

from __future__ import annotations

import json
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
from seqkit.errors import UsageError
from seqkit.shared.escape import say as print


def tune(
    name: RecipeName = None,
    overrides: Overrides = None,
    data: DataFile = None,
    data_dir: DataDir = None,
    out: Annotated[Path | None, typer.Option(help="The search's folder.")] = None,
    search: Annotated[
        str | None, typer.Option(help="random, hyperband, bayesian or grid.")
    ] = None,
    seed: Seed = None,
    workers: Annotated[int, typer.Option(help="Trials side by side.")] = 1,
    chief: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Hand trials to workers elsewhere."),
    ] = None,
    worker: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Do trials of the chief there."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="SEARCH", help="Continue this search.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Search a recipe's space; gives a verdict: which cell, by how much, how sure."""
    from seqkit.tuning import search as searching

    name, changes = asked_recipe(name, overrides, data_dir)
    given: dict[str, Any] = {"data": data, "search": search, "seed": seed}
    if worker:
        if name is None:
            raise UsageError("A worker needs the chief's recipe: tune NAME.")
        with interruptible():
            jobs = searching.work(worker, name, changes, **given)
        print(json.dumps({"jobs": jobs}) if as_json else f"{jobs} jobs done")
        return
    options: dict[str, Any] = {"workers": workers, "chief": chief, "resume": resume}
    with interruptible():
        verdict = searching.tune(
            name, changes, out=out, progress=not as_json, **given, **options
        )
    if as_json:
        print_json({"search": verdict.path, **verdict.to_dict()})
        return
    print(verdict)
    if verdict.path:
        print(f"The page is {verdict.path / 'verdict.html'}")
        print(f"Next: {verdict.next_step}")

"""The verb that searches a recipe's space."""

from __future__ import annotations

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
    minutes: Annotated[
        float | None, typer.Option(help="After which no new trials begin.")
    ] = None,
    seed: Seed = None,
    workers: Annotated[int, typer.Option(help="Trials side by side.")] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="tls://HOST:PORT", help="A Dask scheduler to work on."),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Take a cluster that nothing protects.")
    ] = False,
    chief: Annotated[str | None, typer.Option(hidden=True)] = None,
    worker: Annotated[str | None, typer.Option(hidden=True)] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="SEARCH", help="Continue this search.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Search a recipe's space; gives a verdict: which cell, by how much, how sure."""
    from seqkit.tuning import search as searching

    name, changes = asked_recipe(name, overrides, data_dir)
    if chief or worker:
        raise UsageError(
            "--chief and --worker are gone: searches run on Dask. Start a scheduler "
            "and workers by its own commands, then: seqkit tune NAME --cluster "
            "tls://HOST:PORT. docs/tune_cluster.md shows how."
        )
    options: dict[str, Any] = {
        "data": data,
        "out": out,
        "search": search,
        "minutes": minutes,
        "seed": seed,
        "workers": workers,
        "cluster": cluster,
        "insecure": insecure,
        "resume": resume,
    }
    with interruptible():
        verdict = searching.tune(name, changes, progress=not as_json, **options)
    if as_json:
        print_json({"search": verdict.path, **verdict.to_dict()})
        return
    print(verdict)
    if verdict.path:
        print(f"The page is {verdict.path / 'verdict.html'}")
        print(f"Next: {verdict.next_step}")

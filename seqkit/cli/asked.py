"""What verbs are asked: options that several take, and the recipe that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqkit.errors import Interrupted, TrainingError, UsageError

if TYPE_CHECKING:
    from seqkit.runs.run import Run

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
RecipeName = Annotated[str | None, typer.Argument(help="A recipe's name or path.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Dotted keys, e.g. model.cell=gru."),
]
DataFile = Annotated[
    str | None,
    typer.Option("--data", metavar="FILE", help="csv, parquet or jsonl (packed too)."),
]
DataDir = Annotated[str | None, typer.Option(help="Folder of prepared TFDS data sets.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that are there already.")
]
Decode = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="decode.KEY=VALUE", help="Read answers off it otherwise."
    ),
]
Seed = Annotated[int | None, typer.Option(help="In place of train.seed.")]


def asked_recipe(
    name: str | None, overrides: list[str] | None, data_dir: str | None
) -> tuple[str | None, dict[str, Any]]:
    """A recipe's name and what is changed in it; beside --resume no name is needed."""
    from seqkit.recipe.recipe import parse_overrides

    words = list(overrides or [])
    if name is not None and "=" in name and not name.endswith(".yaml"):
        words.insert(0, name)
        name = None
    changes = parse_overrides(words)
    return name, changes | ({"data.data_dir": data_dir} if data_dir else {})


def asked_run(folder: Path, words: list[str] | None) -> Run:
    """The run in a folder, its answers read off as ``--set`` says."""
    from seqkit.recipe.recipe import parse_overrides
    from seqkit.runs.run import load

    changes = parse_overrides(words or [])
    other = next((key for key in changes if not key.startswith("decode.")), None)
    if other is not None:
        raise UsageError(
            f"--set takes keys of the decode section, got {other}. Other keys are set "
            f"when a run is trained: seqkit fit NAME {other}=..."
        )
    run = load(folder)
    keys = {key.partition(".")[2]: value for key, value in changes.items()}
    return run.decoded(**keys) if keys else run


@contextmanager
def interruptible() -> Iterator[None]:
    """Keep the sentence of Ctrl-C: as a KeyboardInterrupt it would lose it outside."""
    try:
        yield
    except Interrupted as stopped:
        raise TrainingError(str(stopped)) from None

"""What verbs are asked: options that several take, and the recipe that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from seqkit.errors import Interrupted, TrainingError

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


@contextmanager
def interruptible() -> Iterator[None]:
    """Keep the sentence of Ctrl-C: as a KeyboardInterrupt it would lose it outside."""
    try:
        yield
    except Interrupted as stopped:
        raise TrainingError(str(stopped)) from None

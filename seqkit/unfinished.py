"""A folder while something is made in it: new, logged, withdrawn, resumable."""

from __future__ import annotations

import logging
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqkit import run as run_folder
from seqkit.checkpoints import Checkpoints
from seqkit.errors import DataError, Interrupted, RunError, UsageError
from seqkit.files import read_json
from seqkit.recipe import Recipe, load_recipe

log = logging.getLogger("seqkit")


def new_folder(base: Path, out: str | Path | None, kind: str, verb: str) -> Path:
    """Where something new goes: ``out``, or ``base`` with a number where that is there.

    Raises:
        UsageError: it is in use; the text says how to continue a ``kind`` that is there
            by ``verb``.
    """
    folder = Path(out) if out else base
    number = 2
    while out is None and folder.exists():
        folder = base.with_name(f"{base.name}-{number}")
        number += 1
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} exists and is not empty. Choose another folder, or continue a "
            f"{kind} that is there with: seqkit {verb} --resume {folder}"
        )
    return folder


def now() -> str:
    """This second, as a folder's name has it."""
    return time.strftime("%Y-%m-%dT%H-%M-%S")


def resumable(
    folder: Path, recipe: Any, overrides: Any, seed: int | None
) -> tuple[Path, Recipe]:
    """The folder of an unfinished run with the recipe that it began with.

    Raises:
        RunError: there is no run to resume.
        UsageError: what else was given would make another run.
    """
    for name in (run_folder.RECIPE, run_folder.FACTS):
        if not (folder / name).is_file():
            raise RunError(
                f"There is no run to resume in {folder}: {name} is missing. Start it "
                "anew: seqkit fit NAME"
            )
    facts = read_json(folder / run_folder.FACTS)
    kept = load_recipe(folder / run_folder.RECIPE).model_copy(
        update={"name": facts["name"]}
    )
    if overrides or seed is not None:
        raise UsageError(
            "A run is resumed with the recipe that it began with; overrides and a seed "
            "would make another run. Leave them out, or start anew."
        )
    if recipe is not None and load_recipe(recipe).name != kept.name:
        raise UsageError(f"{folder} is a run of {kept.name!r}, not of {str(recipe)!r}.")
    return folder, kept


@contextmanager
def withdrawn(folder: Path, has_results: Callable[[], bool]) -> Iterator[None]:
    """Leave nothing of a new folder whose recipe or data prove unusable.

    What is known of them only once series are prepared or a model is built comes when
    files are there already. With results it is worth something, and stays.
    """
    stood = [parent for parent in (folder, *folder.parents) if parent.exists()]
    try:
        yield
    except (UsageError, DataError):
        if has_results():
            raise
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for made in (folder, *folder.parents):
            if made in stood or any(made.iterdir()):
                break
            made.rmdir()
        raise


@contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Write what happens, warnings too, to ``log.txt`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(folder / "log.txt", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.setLevel(logging.INFO)
    # TensorFlow's libraries give the root logger a handler that prints.
    propagate, log.propagate = log.propagate, False
    log.addHandler(handler)
    show = warnings.showwarning

    def show_and_log(message: Any, category: Any, *place: Any, **options: Any) -> None:
        log.warning("%s", message)
        show(message, category, *place, **options)

    warnings.showwarning = show_and_log
    try:
        yield
    except BaseException as error:
        log.error("%s: %s", type(error).__name__, error)
        raise
    finally:
        warnings.showwarning = show
        log.removeHandler(handler)
        log.propagate = propagate
        handler.close()


@contextmanager
def interruptible(folder: Path) -> Iterator[None]:
    """Turn Ctrl-C into a sentence that says how to continue."""
    try:
        yield
    except KeyboardInterrupt:
        epochs = len(Checkpoints(folder / "checkpoints").history())
        raise Interrupted(
            f"Stopped; {epochs} finished epoch(s) are kept. Continue with: "
            f"seqkit fit --resume {folder}"
        ) from None

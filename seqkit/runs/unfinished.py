"""A folder while something is made in it: new, logged, withdrawn, resumable."""

from __future__ import annotations

import logging
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqkit.errors import DataError, Interrupted, RunError, UsageError
from seqkit.recipe.data_paths import without_paths
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs.folder import FACTS, RECIPE, facts_of, recipe_of
from seqkit.shared.files import NO_ROOM, PARTS
from seqkit.shared.locks import LOCK, in_use, is_locked, locked
from seqkit.training.checkpoints import Checkpoints

log = logging.getLogger("seqkit")

CACHE = ".cache-"
"""So begins the name of a folder, in a run's, of rows that are prepared to train on."""


@contextmanager
def new_folder(
    base: Path,
    out: str | Path | None,
    kind: str,
    verb: str,
    has_results: Callable[[Path], bool],
) -> Iterator[Path]:
    """Make the folder of something new, and hold its lock: ``out``, or ``base``.

    Where ``base`` is there already it gets a number; of two processes in one second
    each has a folder of its own. Nothing is left of it where the recipe or the data
    prove unusable before there are results.

    Raises:
        UsageError: it is in use; the text says how to continue a ``kind`` that is there
            by ``verb``.
        RunError: another process works in it at this moment.
    """
    wanted = Path(out) if out is not None else base
    stood = [parent for parent in (wanted, *wanted.parents) if parent.exists()]
    folder = _numbered(base) if out is None else _asked_for(wanted, kind, verb)
    try:
        with locked(folder, kind):
            # Another process may have ended just before the lock was free.
            _check_unused(folder, kind, verb)
            with withdrawn(folder, lambda: has_results(folder)):
                yield folder
    finally:
        _remove_empty(folder, stood)


def _numbered(base: Path) -> Path:
    """Make ``base``, or the first of ``base-2``, ``base-3``, ... that is not there."""
    folder, number = base, 1
    while True:
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1
            folder = base.with_name(f"{base.name}-{number}")
        except FileNotFoundError:  # another process has just withdrawn the parent
            continue


def _asked_for(folder: Path, kind: str, verb: str) -> Path:
    """Make the folder that a person named, unless something is there."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError(f"{folder} exists and is no folder. Choose another one.")
    if folder.exists():
        _check_unused(folder, kind, verb)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _check_unused(folder: Path, kind: str, verb: str) -> None:
    if all(path.name == LOCK for path in folder.iterdir()):
        return
    if is_locked(folder):
        raise in_use(folder, kind)
    raise UsageError(
        f"{folder} exists and is not empty. Choose another folder, or continue a "
        f"{kind} that is there with: seqkit {verb} --resume {folder}"
    )


def _remove_empty(folder: Path, stood: Sequence[Path]) -> None:
    """Remove a folder, and those above it that were made for it, while empty."""
    for made in (folder, *folder.parents):
        if made in stood:
            return
        try:
            made.rmdir()
        except OSError:
            return


def clear_leftovers(folder: Path) -> None:
    """Remove what processes that were killed had begun to write in ``folder``."""
    leftovers = [*folder.glob(f"{CACHE}*"), *folder.glob(PARTS)]
    for path in leftovers:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


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
    for name in (RECIPE, FACTS):
        if not (folder / name).is_file():
            raise RunError(
                f"There is no run to resume in {folder}: {name} is missing. Start it "
                "anew: seqkit fit NAME"
            )
    begun = recipe_of(folder, facts_of(folder))
    if overrides or seed is not None:
        raise UsageError(
            "A run is resumed with the recipe that it began with; overrides and a seed "
            "would make another run. Leave them out, or start anew."
        )
    if recipe is not None and load_recipe(recipe).name != begun.name:
        raise UsageError(
            f"{folder} is a run of {begun.name!r}, not of {str(recipe)!r}."
        )
    return folder, begun


@contextmanager
def withdrawn(folder: Path, has_results: Callable[[], bool]) -> Iterator[None]:
    """Leave nothing of a new folder whose recipe or data prove unusable.

    What is known of them only once series are prepared or a model is built comes when
    files are there already. With results it is worth something, and stays.
    """
    try:
        yield
    except (UsageError, DataError):
        if has_results():
            raise
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


class _Portable(logging.Formatter):
    """Lines that may travel with the folder: none holds a whole path."""

    def format(self, record: logging.LogRecord) -> str:
        return without_paths(super().format(record))


@contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Write what happens, warnings too, to ``log.txt`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(folder / "log.txt", encoding="utf-8")
    handler.setFormatter(_Portable("%(asctime)s %(levelname)s %(message)s"))
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
    """Turn Ctrl-C, or a disk that is full, into a sentence that says how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise RunError(
            f"There is no room to write in {folder}; what is finished is kept. Free "
            f"some space, and continue with: seqkit fit --resume {folder}"
        ) from error
    except KeyboardInterrupt:
        epochs = len(Checkpoints(folder / "checkpoints").history())
        raise Interrupted(
            f"Stopped; {epochs} finished epoch(s) are kept. Continue with: "
            f"seqkit fit --resume {folder}"
        ) from None

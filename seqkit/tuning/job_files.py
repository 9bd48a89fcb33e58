"""The files that jobs need and leave: weights that are gone on from, finals' runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from seqkit.errors import TrainingError
from seqkit.tuning.jobs import Job

FINALS, WEIGHTS = "finals", "weights"
"""Folders of a search: finished runs, weights that Hyperband goes on from."""

Files = dict[str, bytes]
"""Contents by path within one folder."""


def input_folder(job: Job) -> str | None:
    """The folder, in that of the search, of the weights that a job goes on from."""
    return None if job["resume"] is None else f"{WEIGHTS}/{job['resume']}"


def output_folder(job: Job) -> str | None:
    """The folder, in that of the search, that a job leaves; None: it leaves none."""
    if job["kind"] == "final":
        return f"{FINALS}/{job['id']}"
    return f"{WEIGHTS}/{job['id']}" if job["keep"] else None


def read_files(out: Path, folder: str | None) -> Files:
    """All files of a folder of the search; none where it is not there."""
    if folder is None:
        return {}
    top = out / folder
    paths = sorted(path for path in top.rglob("*") if path.is_file())
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in paths}


def place_files(files: Files, out: Path, folder: str | None) -> None:
    """Write a folder of the search as a whole, unless it is there already.

    Raises:
        TrainingError: a file would lie outside of it.
    """
    if folder is None or not files:
        return
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise TrainingError(
                f"A worker left a file outside {folder}: {name!r}. Install the same "
                "seqkit on all machines."
            )
    with placed(out / folder) as new:
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)


@contextmanager
def placed(folder: Path) -> Iterator[Path]:
    """A new folder that gets its name when it is whole; the first one there stays."""
    new = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        if not folder.exists():
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)

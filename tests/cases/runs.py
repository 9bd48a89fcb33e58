"""A trained tiny run of each task, made once a test run and shared by its processes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import seqkit
from cases.table import CASES
from seqkit.errors import DataWarning
from seqkit.runs.run import Run


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock at ``path``, and hold it."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fitted(task: str, folder: Path, **changes: Any) -> Run:
    """Train the tiny run of a task."""
    case = CASES[task]
    options = {"data": case.rows(), "progress": False} | changes
    with warnings.catch_warnings():
        # What so few rows lack is no matter here.
        warnings.simplefilter("ignore", DataWarning)
        return seqkit.fit(case.recipe, case.tiny, out=folder, **options)


class SharedRuns:
    """The runs that all tests of a test run read and none may change.

    ``path`` makes the run that is asked for first; a process that asks for it in the
    meantime waits.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[Path, str] = {}

    def path(self, task: str) -> Path:
        """The folder of a task's run."""
        place = self._folder / task
        self._folder.mkdir(exist_ok=True)
        with locked(self._folder / f"{task}.lock"):
            if not place.exists():
                # A name of its own while it is made: what stopped halfway is no run.
                part = self._folder / f"{task}.part"
                shutil.rmtree(part, ignore_errors=True)
                fitted(task, part).path.rename(place)
        self._digests.setdefault(place, digest(place))
        return place

    def changed(self) -> list[str]:
        """The runs that somebody has written to after all."""
        return [
            place.name
            for place, before in self._digests.items()
            if digest(place) != before
        ]


def digest(folder: Path) -> str:
    """What tells a folder's files and what they hold from others."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        whole.update(str(path.relative_to(folder)).encode())
        if path.is_file():
            whole.update(path.read_bytes())
    return whole.hexdigest()


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a test run share."""
    base = factory.getbasetemp()
    # Each worker of xdist has a folder of its own below the one that they share.
    is_worker = base.name.startswith("popen-")
    return (base.parent if is_worker else base) / "shared-runs"

"""Where an export goes: written beside its place, then moved there by a rename."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from seqkit.errors import UsageError
from seqkit.shared.locks import held

MARKER = "export.json"
_HERE, _EXCHANGE = -100, 2
"""Linux's AT_FDCWD and RENAME_EXCHANGE."""


def check_place(folder: Path, overwrite: bool) -> None:
    """Raise UsageError if an export may not go to ``folder``.

    Only a folder that is empty or holds an export, and nothing but that export, may be
    overwritten: no one loses a home directory.
    """
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder of its own, so no export goes there. Choose "
            "another folder."
        )
    if not overwrite:
        raise UsageError(
            f"{folder} exists. Choose another folder, or overwrite it (--overwrite)."
        )
    strangers = sorted(files_below(folder) - _exported_files(folder))
    if strangers:
        raise UsageError(
            f"{folder} holds files that no export wrote ({', '.join(strangers[:3])}"
            f"{', ...' if len(strangers) > 3 else ''}), so it is not overwritten. "
            "Move them, or choose another folder."
        )


def files_below(folder: Path) -> set[str]:
    """Paths of all files and links below ``folder``, less Python's caches."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir())
        and path.parent.name != "__pycache__"
    }


def _exported_files(folder: Path) -> set[str]:
    """The files that an export wrote there by its own account; none if it is none."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        if marker["made_by"] != "seqkit":
            return set()
        return {MARKER, *marker["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


@contextmanager
def placed(folder: Path, overwrite: bool) -> Iterator[Path]:
    """Give an empty folder beside ``folder``; move it there when all went well.

    An old export is whole until then, and comes back should the move itself fail; what
    a kill keeps from coming back, ``recover`` brings back.
    """
    part = _beside(folder, "part")
    try:
        part.mkdir(parents=True)
        with held(part):
            yield part
            _flush(part)
            check_place(folder, overwrite)
            _move(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put right what exports to ``folder`` left that were killed.

    An old export that was moved away, and no new one came in its place, comes back.
    What they had begun to write is removed. Those of exports that are going on are
    locked, and stay.
    """
    if not folder.parent.is_dir():
        return
    beside = sorted(folder.parent.iterdir())
    for path in filter(lambda path: _is_left(path, folder, "old"), beside):
        with held(path) as abandoned:
            if abandoned and not os.path.lexists(folder):
                path.rename(folder)
            elif abandoned:
                shutil.rmtree(path, ignore_errors=True)
    for path in filter(lambda path: _is_left(path, folder, "part"), beside):
        with held(path) as abandoned:
            if abandoned:
                shutil.rmtree(path, ignore_errors=True)


def _is_left(path: Path, folder: Path, suffix: str) -> bool:
    """Whether ``_beside`` made this folder for ``folder``."""
    pattern = rf"\.{re.escape(folder.name)}\.[0-9a-f]{{8}}\.{suffix}"
    is_folder = path.is_dir() and not path.is_symlink()
    return is_folder and re.fullmatch(pattern, path.name) is not None


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}.{uuid4().hex[:8]}.{suffix}")


def _flush(folder: Path) -> None:
    """Have all files on the disk; here a disk that is full says so at the latest."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())


def _move(part: Path, folder: Path) -> None:
    """Put ``part`` in the place of ``folder``, which is there or not."""
    if not folder.exists():
        part.rename(folder)
        return
    if _exchanged(part, folder):
        return  # and what was there lies in ``part``, which is removed
    old = _beside(folder, "old")
    # Held, so that another export does not take it for one that a kill left.
    with held(folder):
        try:
            folder.rename(old)
            part.rename(folder)
        finally:
            if old.exists() and not folder.exists():
                old.rename(folder)
            shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot.

    Between two renames there would be none for a moment, and none after a kill.
    """
    # Python has no function for it: Linux has, and its C library.
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    names = [os.fsencode(path) for path in (one, other)]
    return not rename(_HERE, names[0], _HERE, names[1], _EXCHANGE)

"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqkit.errors import RunError

LOCK = ".lock"

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EINVAL}
"""What file systems say that know no such locks."""


@contextmanager
def locked(folder: Path, kind: str) -> Iterator[None]:
    """Hold the lock of a run's or a search's folder, by a file in it.

    Args:
        folder: is there already.
        kind: ``run`` or ``search``, for the message.

    Raises:
        RunError: another process holds it, or this one does already.
    """
    path = folder / LOCK
    descriptor = _opened(path)
    try:
        if not _taken(descriptor):
            raise in_use(folder, kind)
        try:
            yield
        finally:
            # While it is held: whoever waits at this file sees that it is gone.
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def in_use(folder: Path, kind: str) -> RunError:
    """What is said of a folder that another process works in."""
    return RunError(
        f"The {kind} in {folder} is going on in another process. Wait for it, or stop "
        "it first."
    )


def is_locked(folder: Path) -> bool:
    """Whether a process works in ``folder``; a lock that a kill left is none."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _taken(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Lock a folder itself while it is written and moved; gives whether that went.

    It writes no file there, so that the folder can be moved to its place as it is.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield _taken(descriptor, otherwise=False)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    """A descriptor of the lock's file that is still there once it is locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        _taken(descriptor)
        try:
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


def _taken(descriptor: int, otherwise: bool = True) -> bool:
    """Try to lock; ``otherwise`` is the answer where the file system knows no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return otherwise
        return False
    return True

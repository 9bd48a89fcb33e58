"""Files that are whole or not there at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from seqkit.shared.escape import for_spreadsheet

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What a disk says that is full, or lets nothing as large be written."""

PARTS = ".*.part*"
"""What ``written_whole`` calls a file that is not whole yet; a kill leaves it."""


_DESCRIPTOR = re.compile(r"/dev/(?:stdout|stderr|fd/\d+)|/proc/self/fd/\d+")
_STANDARD = {"stdout": 1, "stderr": 2}


def is_stream(path: Path) -> bool:
    """Whether what is written to ``path`` goes on: a device, a pipe, an open file."""
    if _DESCRIPTOR.fullmatch(os.path.abspath(path)):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _opened_stream(path: Path) -> BinaryIO:
    if not _DESCRIPTOR.fullmatch(os.path.abspath(path)):
        return path.open("wb")
    # Opened anew, a file that the shell has opened would be cut and written over.
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    number = _STANDARD.get(path.name)
    return os.fdopen(os.dup(int(path.name) if number is None else number), "wb")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; move it there when all went well.

    A link stays one: its file is replaced. Devices and pipes are never replaced, but
    written to.
    """
    if is_stream(path):
        with TemporaryDirectory(prefix="seqkit-") as folder:
            temporary = Path(folder, path.name)
            yield temporary
            with temporary.open("rb") as whole, _opened_stream(path) as stream:
                shutil.copyfileobj(whole, stream)
        return
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def appended_csv(path: Path) -> Iterator[Callable[[Any], None]]:
    """Give a function that appends DataFrames to a csv file; whole or not at all.

    Texts that a spreadsheet would take for formulas get an apostrophe.
    """
    with written_whole(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:

            def append(frame: Any) -> None:
                escaped = for_spreadsheet(frame)
                escaped.to_csv(file, index=False, header=file.tell() == 0)

            yield append


def json_text(plain: Any) -> str:
    """Plain data as ``write_json`` writes them."""
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    # UTF-8 has no halves of surrogate pairs; JSON has, as \udXXX.
    return text.encode("utf-8", "backslashreplace").decode()


def write_json(path: Path, plain: Any) -> None:
    """Write plain data as JSON, whole or not at all."""
    write_text(path, json_text(plain))


@contextmanager
def read_arrays(path: Path) -> Iterator[Any]:
    """Open what ``numpy.savez`` wrote; a file that is damaged is closed too."""
    import numpy as np

    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        yield arrays


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))

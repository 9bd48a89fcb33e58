"""Standard streams as they come: closed, full, or of few characters."""

from __future__ import annotations

import codecs
import json
import os
import sys
from typing import Any


def open_streams() -> None:
    """Open streams that are closed on nothing; let no character stop what is told.

    A character that the terminal's encoding lacks is written as ``\\xe9``.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def json_text(plain: Any, indent: int | None = None) -> str:
    """JSON as standard output can hold it: escapes, where it is not Unicode."""
    encoding = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name
    ascii_only = not encoding.startswith("utf")
    return json.dumps(plain, indent=indent, ensure_ascii=ascii_only, default=str)

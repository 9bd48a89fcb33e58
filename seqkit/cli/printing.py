"""What verbs print: answers, errors and notes."""

from __future__ import annotations

import os
import sys
from typing import Any

from seqkit.errors import DataWarning

# Whatever a verb prints may hold what others wrote: labels, ids, names of columns.
from seqkit.shared.escape import say
from seqkit.shared.terminal import json_text


def fail(text: str, status: int) -> None:
    if "--json" in sys.argv:
        print_json({"error": text})
    else:
        say(f"seqkit: {text}", file=sys.stderr)
    sys.exit(status)


def show_warning(message: Any, category: Any, *place: Any, **options: Any) -> None:
    if issubclass(category, DataWarning):
        say(f"note: {message}", file=sys.stderr)


def print_json(plain: Any) -> None:
    say(json_text(plain, indent=2))


def print_nothing_more() -> None:
    """What could not be written would fail once more when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

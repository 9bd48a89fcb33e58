"""Values and messages of any length, as a person wants to read them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST_MESSAGE = 1500
"""Characters of a message; of a longer one the middle is left out."""

DEEPEST = 3
"""Lists in lists in lists are shown, and no deeper."""


def shortened(value: Any, limit: int = 60) -> str:
    """A value as a message shows it: on one line, text in quotes, a long end left out.

    >>> shortened("word " * 100, limit=20)
    "'word word word w..."
    >>> shortened([0.5, 10**400])
    '[0.5, 100000... (401 digits)]'
    """
    return cut(" ".join(_written(value, limit, 0).split()), limit)


def cut(text: str, limit: int) -> str:
    """The first ``limit`` characters of a text, the last three of them dots."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def short_message(text: str) -> str:
    """A message without its middle, if it is long: both rule and mend stay."""
    if len(text) <= LONGEST_MESSAGE:
        return text
    end = LONGEST_MESSAGE // 3
    return f"{text[: LONGEST_MESSAGE - end - 5]} ... {text[-end:]}"


def _written(value: Any, limit: int, depth: int) -> str:
    """About the first ``limit`` characters; never all of a value that may be huge."""
    if isinstance(value, (str, bytes)):
        return repr(value[: 2 * limit])
    if isinstance(value, int) and abs(value) >= 10**30:
        # Python may refuse to print it.
        digits = int(math.log10(abs(value))) + 1
        first = abs(value) // 10 ** (digits - 6)
        return f"{'-' if value < 0 else ''}{first}... ({digits:,} digits)"
    if isinstance(value, Mapping):
        return f"{{{_items(value, limit, depth, value)}}}"
    if isinstance(value, Sequence):
        return f"[{_items(value, limit, depth)}]"
    if hasattr(value, "tolist"):  # an array, or a number of NumPy's
        few = value[:limit] if getattr(value, "ndim", 0) else value
        return _written(few.tolist(), limit, depth)
    return str(value)


def _items(values: Any, limit: int, depth: int, of: Any = None) -> str:
    if depth >= DEEPEST:
        return "..."
    written: list[str] = []
    for item in values:
        text = _written(item, limit, depth + 1)
        if of is not None:
            text = f"{text}: {_written(of[item], limit, depth + 1)}"
        written.append(text)
        if sum(map(len, written)) > limit:
            break
    return ", ".join(written)

"""Texts that others wrote (labels, ids, names of columns) where they could act.

Escape codes steer a terminal, HTML and Markdown a page, formulas a spreadsheet. Each
function leaves harmless text as it is.
"""

from __future__ import annotations

import html
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import pandas as pd

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Controls, less tab and newline, and marks that turn the direction of writing."""

_MARKDOWN = re.compile(r"([\\`*\[\]|~]|(?<!\w)_|_(?!\w))")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is computed by a spreadsheet, unless it is a number."""


def for_terminal(text: str) -> str:
    r"""Controls as ``\x1b``, so that a terminal shows them and does not obey.

    Those that JSON text may hold become ``\u009b``, which reads back as they were.
    """
    return _CONTROLS.sub(lambda match: _escaped(ord(match[0])), text)


class OutputLost(Exception):
    """Nothing can be printed: the disk behind the output is full, or it is closed."""


def say(
    *words: Any, file: TextIO | None = None, end: str = "\n", flush: bool = False
) -> None:
    """``print`` for a terminal: what others wrote in it cannot steer it.

    Raises:
        OutputLost: it cannot be written; of a pipe that is closed, BrokenPipeError.
    """
    text = " ".join(map(str, words))
    try:
        print(for_terminal(text), file=file or sys.stdout, end=end, flush=flush)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLost(error.strerror or str(error)) from None


def for_markdown(text: str) -> str:
    r"""Text that a page shows as it is, in one line: no HTML, no code, no table.

    >>> print(for_markdown("a <b>bold</b> name | `code`"))
    a &lt;b&gt;bold&lt;/b&gt; name \| \`code\`
    """
    line = " ".join(for_terminal(text).split())
    return _MARKDOWN.sub(r"\\\1", html.escape(line, quote=False))


def in_code(text: str) -> str:
    """Text in one line of a page, set as code."""
    return f"`{' '.join(for_terminal(text).replace('`', chr(39)).split())}`"


def without_html(text: str) -> str:
    """Markdown as it is, but for HTML: that is shown, not obeyed."""
    return for_terminal(text).replace("<", "&lt;")


def fenced(code: str, language: str) -> str:
    """A block of code in Markdown that nothing in the code can end."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{for_terminal(code)}\n{fence}"


def for_spreadsheet(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts no spreadsheet computes: formulas get an apostrophe.

    Numbers stay numbers, negative ones too, and those that are written as text.
    """
    import pandas as pd

    columns = [
        frame.iloc[:, place].astype(object).map(_no_formula)
        if _may_hold_text(dtype)
        else frame.iloc[:, place]
        for place, dtype in enumerate(frame.dtypes)
    ]
    escaped = pd.concat(columns, axis=1) if columns else frame.copy()
    escaped.columns = [_no_formula(name) for name in frame.columns]
    return escaped


def _may_hold_text(dtype: Any) -> bool:
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        return _may_hold_text(dtype.categories.dtype)
    types = pd.api.types
    return types.is_object_dtype(dtype) or types.is_string_dtype(dtype)


def _no_formula(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(FORMULAS):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 32 else f"\\u{code:04x}"

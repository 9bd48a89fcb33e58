"""Pictures of tags: what is confused with what, and sentences with their spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from seqkit.errors import UsageError
from seqkit.pictures.scores import confusion_matrix
from seqkit.shared.escape import for_terminal

COLOURS = (
    "0,114,178", "213,94,0", "0,158,115", "204,121,167", "230,159,0", "86,180,233",
    "148,103,189", "140,86,75",
)  # fmt: skip
"""Red, green, blue of each type in turn; the first six are of Okabe & Ito 2008."""

MOST_TOKENS = 2000
"""So many tokens of a sentence are shown at most."""

SpanOf = tuple[int, int, str]
"""Start, end and type."""


class Line(NamedTuple):
    """One reading of a sentence: what it is called, and its spans."""

    name: str
    spans: Sequence[SpanOf]


MOST_CLASSES = 30
"""Of more classes no picture of a confusion can be read."""


def confusion_pictures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """The picture of a table ``confusion``, if there is one that can be read."""
    confusion = tables.get("confusion")
    if confusion is None or confusion["truth"].nunique() > MOST_CLASSES:
        return {}
    return {"confusion_matrix": confusion_matrix(confusion, "tokens")}


def sentence_html(
    tokens: Sequence[str],
    lines: Sequence[Line],
    types: Sequence[str] = (),
    separator: str = " ",
) -> str:
    """A sentence with its spans in colour, once for each reading of it, as HTML.

    Every style stands within; colours are half transparent, so that it can be read on
    light and dark pages alike. A span's type stands behind it in small letters, so
    that colour is never needed.

    Args:
        tokens: of the sentence.
        lines: e.g. the truth and an answer. A name is shown where there are several.
        types: all types, in the order of their colours; those of the lines where empty.
        separator: what stands between tokens: "" for letters.

    Raises:
        UsageError: a span is not within the sentence, or overlaps another.
    """
    line_types = {type_ for line in lines for *_, type_ in line.spans}
    order = [*types, *sorted(line_types - set(types))]
    colours = {
        type_: COLOURS[place % len(COLOURS)] for place, type_ in enumerate(order)
    }
    rows = [_line(tokens, line, colours, separator, len(lines) > 1) for line in lines]
    return (
        '<div style="line-height:2;color:inherit;overflow-wrap:anywhere">'
        f"{''.join(rows)}</div>"
    )


def _line(
    tokens: Sequence[str],
    line: Line,
    colours: dict[str, str],
    separator: str,
    with_name: bool,
) -> str:
    parts: list[str] = []
    place = 0
    count = min(len(tokens), MOST_TOKENS)
    for start, end, type_ in sorted(line.spans):
        if not place <= start < end <= len(tokens):
            raise UsageError(
                f"Spans must lie within the sentence ({len(tokens)} tokens) and not "
                f"overlap, got {(start, end, type_)} of {line.name!r}."
            )
        if start >= count:
            break
        parts += [_plain(token) for token in tokens[place:start]]
        parts.append(_span(tokens[start:end], type_, colours[type_], separator))
        place = end
    parts += [_plain(token) for token in tokens[place:count]]
    if count < len(tokens):
        parts.append(f"<i>... and {len(tokens) - max(count, place):,} more tokens</i>")
    name = f"<small>{_plain(line.name)}</small> " if with_name else ""
    return f'<div dir="auto">{name}{separator.join(parts)}</div>'


def _span(tokens: Sequence[str], type_: str, colour: str, separator: str) -> str:
    text = separator.join(map(_plain, tokens))
    label = f" <small><b>{_plain(type_)}</b></small>" if type_ else ""
    return (
        f'<span style="background:rgba({colour},.25);border-bottom:2px solid '
        f'rgb({colour});border-radius:3px;padding:1px 3px">{text}{label}</span>'
    )


def _plain(text: str) -> str:
    """Text that a page shows as it is."""
    return escape(for_terminal(text))

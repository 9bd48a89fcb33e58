"""A look at labels: too many classes, or classes that are written almost alike."""

from __future__ import annotations

import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Sequence

from seqkit.data.rows.labels import LabelSpec
from seqkit.errors import DataError, DataWarning

MOST_CLASSES = 0.5
"""Classes a row: more are no classes but numbers or names."""

MOST_FRACTIONS = 10
"""Labels with fractions: more look like measured numbers."""

FEWEST_ROWS = 20
"""Of fewer rows nothing is concluded."""

SHOWN = 3
"""So many groups of like labels are named."""


def look_at_labels(
    values: Sequence[str],
    rows: int,
    spec: LabelSpec,
    source: str,
    numbers_task: str = "",
) -> None:
    """Warn of labels that are alike; refuse labels that are no classes.

    Args:
        values: the distinct labels.
        rows: how many rows have one.
        spec: says which column holds them. Where it names the classes they are such.
        source: its source's name.
        numbers_task: the task that learns numbers from such rows, if one does.

    Raises:
        DataError: there are nearly as many different labels as rows.
    """
    column = spec.label
    numbers = [_number(value) for value in values]
    fractions = [n for n in numbers if n is not None and n % 1]
    mend = "Name the column of classes in data.label"
    if numbers_task and None not in numbers:
        mend += f", or learn the numbers with the task {numbers_task}"
    many = rows >= FEWEST_ROWS and len(values) > MOST_CLASSES * rows
    if many and spec.class_names is None:
        raise DataError(
            f"Column {column!r} of {source} holds {len(values):,} different labels in "
            f"{rows:,} rows: these are numbers or names, not classes. {mend}."
        )
    if len(fractions) > MOST_FRACTIONS and spec.class_names is None:
        warnings.warn(
            f"Column {column!r} of {source} holds {len(values):,} labels, of which "
            f"{len(fractions):,} are numbers such as {fractions[0]:g}. If they are "
            f"measured, they are no classes. {mend}.",
            DataWarning,
            stacklevel=2,
        )
    alike = like_labels(values)
    if alike:
        groups = "; ".join(", ".join(map(repr, group)) for group in alike[:SHOWN])
        more = f" and {len(alike) - SHOWN:,} more such groups" * (len(alike) > SHOWN)
        warnings.warn(
            f"Column {column!r} of {source} holds labels that differ in spaces, case "
            f"or the form of a number alone, and count as classes of their own: "
            f"{groups}{more}. If they are the same, write them alike.",
            DataWarning,
            stacklevel=2,
        )


def like_labels(values: Sequence[str]) -> list[tuple[str, ...]]:
    """Groups of labels that are one but for spaces, case or the form of a number."""
    groups: dict[str, list[str]] = defaultdict(list)
    for value in values:
        number = _number(value)
        plain = " ".join(unicodedata.normalize("NFKC", value).split()).casefold()
        groups[plain if number is None else repr(number)].append(value)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _number(value: str) -> float | None:
    """The number that a text is; None where it is none."""
    try:
        number = float(value)
    except ValueError:
        return None
    return None if number != number else number + 0.0

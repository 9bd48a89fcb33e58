"""Labels: as text, as codes, and as the names of classes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.missing import is_missing
from seqkit.errors import DataError
from seqkit.recipe.nodes import is_unicode
from seqkit.shortened import cut, shortened


class LabelSpec(Protocol):
    """What the ``data`` section of a classifier says of its labels."""

    @property
    def label(self) -> str: ...

    @property
    def class_names(self) -> tuple[str, ...] | None: ...


def label_text(value: Any) -> str:
    """A label as text.

    >>> label_text(1), label_text(1.0), label_text("1"), label_text(True)
    ('1', '1', '1', 'True')
    """
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value)


def label_texts(values: Iterable[Any], column: str, name: str) -> list[str]:
    """Labels as text.

    Raises:
        DataError: one is a list or mapping; names it, its column and its source.
    """
    labels = []
    for value in values:
        if isinstance(value, (list, tuple, dict, set, np.ndarray)):
            raise DataError(
                f"Column {column!r} of {name} must hold a label in each row, text or a "
                f"number, got the {_kind(value)} {shortened(value)}. Mend it, or name "
                "another column."
            )
        text = label_text(value)
        if not is_unicode(text):
            raise DataError(
                f"Column {column!r} of {name} holds half a character (U+D800 to "
                f"U+DFFF) in {shortened(text)}. Write it anew."
            )
        labels.append(text)
    return labels


def _kind(value: Any) -> str:
    return "mapping" if isinstance(value, dict) else "list"


def checked_labels(
    answers: Sequence[Any], column: str, name: str, thing: str
) -> list[str]:
    """Answers as labels; raise DataError where one is missing or no label.

    Args:
        answers: what stands in ``column`` of the source called ``name``.
        thing: what has a label each.
    """
    if any(map(is_missing, answers)):
        raise DataError(
            f"Column {column!r} of {name} has a {thing} without a label. Label it or "
            "leave it out."
        )
    return label_texts(answers, column, name)


class LabelCodes:
    """Labels that stream by, kept as a number each."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._codes: list[NDArray[np.int64]] = []

    def add(self, labels: list[str]) -> None:
        """Take some more."""
        seen = self._seen
        codes = [seen.setdefault(label, len(seen)) for label in labels]
        self._codes.append(np.array(codes, np.int64))

    def result(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Each label's position (rows,) among the values in sorted order, and these."""
        seen = self._seen
        values = sorted(seen, key=_numbers_first)
        position = np.empty(len(seen), np.int64)
        position[[seen[value] for value in values]] = np.arange(len(seen))
        codes = np.concatenate(self._codes or [np.zeros(0, np.int64)])
        return position[codes], tuple(values)


def _numbers_first(value: str) -> tuple[int, float, str]:
    """Sorts "2" before "10" before "a"."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    # "nan" reads as a number, but has no place among them.
    return (1, 0.0, value) if math.isnan(number) else (0, number, value)


def class_names(spec: LabelSpec, values: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The classes' names for their values; raise DataError where they do not fit."""
    if len(values) < 2:
        raise DataError(
            f"Column {spec.label!r} of {name} holds one label only "
            f"({shortened(values[0])}). A classifier needs rows of at least two "
            "classes."
        )
    if spec.class_names and len(set(spec.class_names)) < len(spec.class_names):
        raise DataError(
            f"data.class_names must differ from each other, got "
            f"{', '.join(spec.class_names)}. Give each class a name of its own."
        )
    if spec.class_names is None or set(spec.class_names) == set(values):
        return values
    if len(spec.class_names) != len(values):
        shown = ", ".join(cut(value, 60) for value in values[:10])
        shown += ", ..." if len(values) > 10 else ""
        raise DataError(
            f"data.class_names has {len(spec.class_names)} names, but column "
            f"{spec.label!r} of {name} holds {len(values)} labels ({shown}). Name them "
            "all in that order, or set data.class_names to null."
        )
    return spec.class_names


def label_codes(
    labels: list[str], values: tuple[str, ...], name: str
) -> NDArray[np.int32]:
    """Positions of ``labels`` among the training ``values``, (rows,) int32."""
    code = {value: position for position, value in enumerate(values)}
    unknown = next((label for label in labels if label not in code), None)
    if unknown is not None:
        raise DataError(
            f"{name} holds the label {shortened(unknown)}, which the training data do "
            f"not have (they have {', '.join(cut(v, 60) for v in values[:20])}). Mend "
            "the labels or train with them."
        )
    return np.array([code[label] for label in labels], np.int32)


def balanced_weights(counts: NDArray[Any]) -> NDArray[np.float32]:
    """Of each class all / (classes x its count), so that all classes weigh the same.

    >>> balanced_weights(np.array([1, 4])).tolist()
    [2.5, 0.625]
    """
    weights = counts.sum() / (len(counts) * np.maximum(counts, 1))
    return weights.astype(np.float32)

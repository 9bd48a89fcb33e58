"""Rows of text, read and checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from seqkit.data.rows.hashes import hash_text
from seqkit.data.rows.labels import label_texts
from seqkit.data.rows.missing import tell_dropped
from seqkit.data.rows.reading import AnsweredRows, Reading
from seqkit.data.sources.base import Source
from seqkit.data.text.spec import TextData
from seqkit.errors import DataError
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd


class TextReading(Reading[str]):
    """Reads texts as a recipe's ``data`` section says."""

    spec: TextData
    thing, things = "text", "texts"
    inputs_key = "text"
    hash = staticmethod(hash_text)

    def rows(
        self, source: Source, part: str, answers: bool = True, tell: bool = False
    ) -> Iterator[AnsweredRows[str]]:
        answer = self.answer if answers else None
        return read_rows(source, part, self.spec, answer, tell)

    def is_empty(self, raw: str) -> bool:
        return not raw.strip()

    def empty_note(self, count: int, name: str) -> str:
        return (
            f"{count:,} texts of {name} are empty; each is taken as one unknown token."
        )


def read_rows(
    source: Source,
    part: str,
    spec: TextData,
    label: str | None = None,
    tell: bool = False,
) -> Iterator[AnsweredRows[str]]:
    """Read a part of ``source`` in chunks, its text and label columns checked.

    Args:
        source: where they come from.
        part: which of its parts.
        spec: names the text column, and says what happens where a text is missing.
        label: the column of labels; None: not asked for.
        tell: say in a DataWarning how many rows were left out.

    Raises:
        DataError: a text is missing and ``spec.missing`` is ``error``, or a label is.
    """
    columns = [spec.text] + ([label] if label else [])
    start = dropped = 0
    for frame in source.chunks(part, columns):
        rows = len(frame)
        frame = frame.reset_index(drop=True)
        frame = without_missing(frame, spec.text, start, source.name, spec.missing)
        dropped += rows - len(frame)
        if label:
            _refuse_missing_labels(frame, start, source, label)
        start += rows
        if frame.empty:
            continue
        texts = [text if isinstance(text, str) else "" for text in frame[spec.text]]
        labels = label_texts(frame[label], label, source.name) if label else []
        yield AnsweredRows(texts, labels)
    if tell:
        tell_dropped(dropped, start, "rows", source.name, "text")


def without_missing(
    frame: pd.DataFrame,
    column: str,
    start: int,
    name: str,
    missing: str,
    key: str = "data.text",
) -> pd.DataFrame:
    """Rows with their texts in ``column`` checked, and left out as ``missing`` says.

    Args:
        frame: rows of the source called ``name``, numbered from 0.
        column: holds the texts.
        start: rows of the source before these.
        name: the source's.
        missing: ``error``, ``drop`` or ``empty``.
        key: the recipe's, which names the column.

    Raises:
        DataError: a text is missing and ``missing`` is ``error``, or one is no text.
    """
    texts = frame[column]
    absent = texts.isna().to_numpy()
    if absent.any() and missing == "error":
        row = start + int(frame.index[int(np.argmax(absent))]) + 1
        raise DataError(
            f"Column {column!r} of {name} has no value in row {row:,}. Mend it, or set "
            "data.missing to drop (leave such rows out) or empty (take them as empty)."
        )
    if missing == "drop":
        frame = frame[~absent]
    wrong = [v for v in texts[~absent] if not isinstance(v, str)][:1]
    if wrong:
        raise DataError(
            f"Column {column!r} of {name} must hold text, got {shortened(wrong[0])} of "
            f"type {type(wrong[0]).__name__}. Name the column: {key}=COLUMN."
        )
    return frame


def _refuse_missing_labels(
    frame: pd.DataFrame, start: int, source: Source, label: str
) -> None:
    unlabelled = frame.index[frame[label].isna()]
    if len(unlabelled):
        raise DataError(
            f"Column {label!r} of {source.name} has no label in row "
            f"{start + unlabelled[0] + 1:,}. Label the row or leave it out."
        )

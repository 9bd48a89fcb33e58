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
        frame = _without_missing(frame, start, source, spec)
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


def _without_missing(
    frame: pd.DataFrame, start: int, source: Source, spec: TextData
) -> pd.DataFrame:
    texts = frame[spec.text]
    missing = texts.isna().to_numpy()
    if missing.any() and spec.missing == "error":
        row = start + int(np.argmax(missing)) + 1
        raise DataError(
            f"Column {spec.text!r} of {source.name} has no value in row {row:,}. Mend "
            "it, or set data.missing to drop (leave such rows out) or empty (take them "
            "as empty)."
        )
    if spec.missing == "drop":
        frame = frame[~missing]
    wrong = [v for v in texts[~missing] if not isinstance(v, str)][:1]
    if wrong:
        raise DataError(
            f"Column {spec.text!r} of {source.name} must hold text, got "
            f"{shortened(wrong[0])} of type {type(wrong[0]).__name__}. Name the "
            "column: data.text=COLUMN."
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

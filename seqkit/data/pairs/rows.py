"""Rows of two texts, read and checked, and what all their outputs tell."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.pairs.spec import TextPairs
from seqkit.data.rows.hashes import hash_text, hash_texts
from seqkit.data.rows.labels import label_text
from seqkit.data.rows.missing import is_missing, tell_dropped
from seqkit.data.rows.reading import AnsweredRows, AnswerScan, Reading
from seqkit.data.sources.base import Source, missing_column
from seqkit.data.text.rows import without_missing
from seqkit.errors import DataError, DataWarning
from seqkit.recipe.nodes import is_unicode
from seqkit.registry import did_you_mean
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

MANY_COPIES = 0.5
"""Where a larger share of outputs are their inputs, columns may be mixed up."""

Output = str | list[str]
"""What stands in the column of outputs: a text, or several references."""


def references(output: Output) -> list[str]:
    """All texts that count as right; the first one is learnt."""
    return output if isinstance(output, list) else [output]


class PairReading(Reading[str]):
    """Reads inputs as text, and outputs as a text or a list of references each.

    An input that is a list of sentences has one in each line; a title is the first
    line.
    """

    thing, things = "input", "inputs"

    def rows(
        self, source: Source, part: str, answers: bool = True, tell: bool = False
    ) -> Iterator[AnsweredRows[str]]:
        spec = self.spec
        texts = [spec.input, *([spec.title] if spec.title else [])]
        columns = [*texts, *([spec.output] if answers else [])]
        grouped = [spec.groups] if answers and spec.groups else []
        asked = list(dict.fromkeys([*columns, *grouped]))
        self._check_columns(source, asked)
        counts = _Counts(source.name, spec)
        for frame in source.chunks(part, asked):
            rows, start = len(frame), counts.read
            frame = frame.reset_index(drop=True)
            for column in columns:
                plain = _joined if column in texts else _listed
                frame[column] = _objects(map(plain, frame[column]))
            for column in columns:
                frame = _checked(frame, column, start, source.name, spec)
            inputs = [_text(text) for text in frame[spec.input]]
            if spec.title:
                titles = [_text(title) for title in frame[spec.title]]
                inputs = [
                    f"{' '.join(title.split())}\n{text}"
                    for title, text in zip(titles, inputs, strict=True)
                ]
            outputs = [_output(cell) for cell in frame[spec.output]] if answers else []
            groups = [_group(cell) for name in grouped for cell in frame[name]]
            counts.add(rows, inputs, outputs)
            if inputs:
                yield AnsweredRows(inputs, outputs, groups)
        if tell:
            counts.tell()

    def _check_columns(self, source: Source, columns: list[str]) -> None:
        """See that the source has the columns, and tell the keys that name them."""
        names = source.columns()
        for column in columns:
            if column not in names:
                key = _key(column, self.spec)
                others = [name for name in names if name not in columns]
                mend = did_you_mean(column, others) or f"Name it: {key}=COLUMN."
                raise missing_column(source.name, column, names, key, mend)

    @staticmethod
    def hash(raw: str) -> int:
        return hash_text(raw)

    def as_frame(self, inputs: Sequence[str], answers: Sequence[Any]) -> pd.DataFrame:
        import pandas as pd

        cells = {self.spec.input: list(inputs)}
        if self.spec.title:
            cut = [text.partition("\n") for text in inputs]
            cells = {
                self.spec.title: [title for title, _, _ in cut],
                self.spec.input: [text for _, _, text in cut],
            }
        return pd.DataFrame({**cells, self.answer: _objects(answers)})

    def is_empty(self, raw: str) -> bool:
        return not raw.strip()

    def empty_note(self, count: int, name: str) -> str:
        return (
            f"{count:,} inputs of {name} are empty; each is taken as one unknown token."
        )


class _Counts:
    """What is said of all rows of a part, once they are read."""

    def __init__(self, name: str, spec: TextPairs) -> None:
        self.name, self.spec = name, spec
        self.read = self.rows = self.answered = self.empty = self.copies = 0

    def add(self, read: int, inputs: list[str], outputs: list[Output]) -> None:
        """Take the rows that are left of ``read``."""
        self.read += read
        self.rows += len(inputs)
        self.answered += len(outputs)
        for text, output in zip(inputs, outputs, strict=bool(outputs)):
            first = references(output)[0].strip()
            self.empty += not first
            self.copies += bool(first) and first == text.strip()

    def tell(self) -> None:
        """Warn of rows left out, of empty outputs, and of outputs that are inputs."""
        dropped = self.read - self.rows
        tell_dropped(dropped, self.read, "rows", self.name, "text")
        if self.empty:
            warnings.warn(
                f"{self.empty:,} of {self.answered:,} outputs of {self.name} are "
                "empty; a model learns to write nothing there. Mend them, or leave "
                "such rows out.",
                DataWarning,
                stacklevel=3,
            )
        if self.copies > MANY_COPIES * self.answered:
            warnings.warn(
                f"In {self.copies:,} of {self.answered:,} rows of {self.name} column "
                f"{self.spec.output!r} equals column {self.spec.input!r}: is this a "
                "translation? Look at data.input and data.output.",
                DataWarning,
                stacklevel=3,
            )


def _key(column: str, spec: TextPairs) -> str:
    """The recipe's key that names a column."""
    keys = ("input", "output", "title", "groups")
    return "data." + next(key for key in keys if getattr(spec, key) == column)


def _objects(values: Any) -> pd.Series[Any]:
    """A column of texts or lists, as they are."""
    import pandas as pd

    return pd.Series(list(values), dtype=object)


def _listed(cell: Any) -> Any:
    """A cell with the arrays of parquet and TFDS as lists."""
    if isinstance(cell, np.ndarray) and cell.ndim == 1:
        cell = cell.tolist()
    if isinstance(cell, tuple):
        cell = list(cell)
    if isinstance(cell, list):
        texts = [one.decode() if isinstance(one, bytes) else one for one in cell]
        return texts or None
    return cell


def _joined(cell: Any) -> Any:
    """A list of sentences as lines."""
    cell = _listed(cell)
    if isinstance(cell, list) and all(isinstance(one, str) for one in cell):
        return "\n".join(" ".join(one.split()) for one in cell)
    return cell


def _checked(
    frame: pd.DataFrame, column: str, start: int, name: str, spec: TextPairs
) -> pd.DataFrame:
    """Rows whose ``column`` holds text, or a list of texts where it has outputs."""
    texts = frame[column]
    if column == spec.output:
        for row, cell in zip(frame.index.tolist(), texts, strict=True):
            where = f"Row {start + row + 1:,}, column {column!r}, of {name}"
            _check_references(cell, where)
        texts = texts.map(lambda cell: references(cell)[0])
    checked = frame.assign(**{column: texts})
    key = _key(column, spec)
    left = without_missing(checked, column, start, name, spec.missing, key)
    return frame.loc[left.index]


def _check_references(cell: Any, where: str) -> None:
    for text in references(cell):
        if isinstance(cell, list) and not isinstance(text, str):
            raise DataError(
                f"{where} holds {shortened(text)} among its references. Give each as "
                "text."
            )
        if isinstance(text, str) and not is_unicode(text):
            raise DataError(
                f"{where} holds half a character (U+D800 to U+DFFF) in "
                f"{shortened(text)}. Write it anew."
            )


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else ""


def _group(cell: Any) -> str:
    """What keeps rows together, as text; "" where it is missing."""
    first = references(cell)[0]
    return "" if is_missing(first) else label_text(first)


def _output(cell: Any) -> Output:
    return cell if isinstance(cell, list) else _text(cell)


class PairScan(AnswerScan):
    """Hashes of outputs; the parts are drawn from all rows alike.

    Args:
        spec: names the column of outputs.
        name: the source's.
    """

    def __init__(self, spec: TextPairs, name: str) -> None:
        self._spec, self._name = spec, name
        self._hashes: list[NDArray[np.uint64]] = []

    def note(self, rows: AnsweredRows[str]) -> None:
        hashes = [hash_texts(references(one)) for one in rows.answers]
        self._hashes.append(np.array(hashes, np.uint64))

    def finish(self) -> None:
        """See that outputs differ.

        Raises:
            DataError: there is one output alone.
        """
        self._answers = np.concatenate(self._hashes)
        if len(self._answers) > 1 and (self._answers == self._answers[0]).all():
            raise DataError(
                f"Column {self._spec.output!r} of {self._name} holds the same text in "
                f"all {len(self._answers):,} rows. Name the column of outputs: "
                "data.output=COLUMN."
            )

    @property
    def answers(self) -> NDArray[np.uint64]:
        return self._answers

    @property
    def strata(self) -> NDArray[np.int64]:
        return np.zeros(len(self._answers), np.int64)

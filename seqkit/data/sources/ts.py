"""``ts:PATH``: the .ts files of timeseriesclassification.com (the format of sktime).

    # a comment
    @problemName JapaneseVowels
    @classLabel true 1 2 3
    @data
    1.86,1.89,1.93:-0.20,-0.19,?:1

After ``@data`` a line is a series: its dimensions separated by ``:``, the values of
each by ``,``, a missing one as ``?``, and its label or target last. They become the
columns dim_0, dim_1, ... (lists of numbers) and label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from numpy.typing import NDArray

from seqkit.data.sources.base import CHUNK_ROWS, Source, check_request, some_rows
from seqkit.data.sources.paths import checked_encoding, checked_path, open_text, reading
from seqkit.errors import DataError
from seqkit.recipe.data_paths import portable_path
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.recipe.spec import DataSpec

LABEL = "label"
TRAIN, TEST = "_TRAIN", "_TEST"

CHUNK_NUMBERS = 2**22
"""Numbers that are in memory at one time: 32 MB, or a single series."""

Record = tuple[list[NDArray[np.float64]], str]
"""The dimensions of one series, and its label."""


class TsSource(Source):
    """Series of one .ts file, packed (``.gz``, ...) or not.

    Where the file's name holds ``_TRAIN`` and one with ``_TEST`` instead lies beside
    it, that one is the official test part.

    Args:
        address: path of the file; ``~`` is the home folder.
        spec: ``encoding`` says how it is encoded.

    Raises:
        DataError: the file is missing, empty or cannot be opened.
    """

    def __init__(self, address: str, spec: DataSpec) -> None:
        self.name = f"ts:{portable_path(address)}"
        path = checked_path(address)
        self._paths = {"train": path}
        beside = path.with_name(path.name.replace(TRAIN, TEST))
        if TRAIN in path.name and beside.is_file():
            self._paths["test"] = checked_path(str(beside))
        self.parts = tuple(self._paths)
        self.encoding = checked_encoding(spec.encoding)
        self._columns: tuple[str, ...] | None = None

    def columns(self) -> tuple[str, ...]:
        if self._columns is None:
            path = self._paths["train"]
            with reading(path, self.encoding), open_text(path, self.encoding) as file:
                labelled, lines = _header(file, path)
                dimensions, _ = next(_records(lines, labelled, path), ([], ""))
            names = [f"dim_{number}" for number in range(len(dimensions))]
            if not names:
                raise DataError(
                    f"{path} holds no series after @data. Give at least one."
                )
            self._columns = (*names, LABEL) if labelled else tuple(names)
        return self._columns

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return some_rows(self.name, self._read(self._paths[part], list(columns)))

    def _read(self, path: Path, columns: list[str]) -> Iterator[pd.DataFrame]:
        rows: list[list[Any]] = []
        held = 0
        with reading(path, self.encoding), open_text(path, self.encoding) as file:
            labelled, lines = _header(file, path)
            known = self.columns()
            if labelled != (LABEL in known):
                raise DataError(
                    f"{path} and {self._paths['train']} must both have labels or both "
                    "have none. Mend their @classLabel."
                )
            width = len(known) - labelled
            for dimensions, label in _records(lines, labelled, path, width):
                rows.append([_named(name, dimensions, label) for name in columns])
                held += sum(map(len, dimensions))
                if len(rows) == CHUNK_ROWS or held >= CHUNK_NUMBERS:
                    yield _frame(rows, columns)
                    rows, held = [], 0
        if rows:
            yield _frame(rows, columns)


def _frame(rows: list[list[Any]], columns: list[str]) -> pd.DataFrame:
    """Cells as they are: a list of arrays of one length would become a block."""
    import pandas as pd

    cells = np.empty((len(rows), len(columns)), object)
    for row, values in enumerate(rows):
        for place, value in enumerate(values):
            cells[row, place] = value
    return pd.DataFrame(cells, columns=columns)


def _named(name: str, dimensions: list[NDArray[np.float64]], label: str) -> Any:
    if name == LABEL:
        return label or None
    return dimensions[int(name.removeprefix("dim_"))]


Lines = Iterator[tuple[int, str]]
"""The lines of a file that say something, with their numbers from 1."""


def _header(file: TextIO, path: Path) -> tuple[bool, Lines]:
    """Read up to ``@data``; whether lines end in a label, and the lines that follow."""
    lines = (
        (number, line.strip())
        for number, line in enumerate(file, 1)
        if line.strip() and not line.startswith("#")
    )
    labelled = False
    for number, line in lines:
        key, _, value = line.partition(" ")
        key, said = key.lower(), value.split()[:1]
        if key == "@data":
            return labelled, lines
        if not key.startswith("@"):
            raise DataError(
                f"Line {number:,} of {path} comes before @data, but is neither a "
                f"comment (#) nor a tag (@): {shortened(line)}. Is it a .ts file?"
            )
        if key in ("@classlabel", "@targetlabel"):
            labelled = said == ["true"]
        if key == "@timestamps" and said == ["true"]:
            raise DataError(
                f"{path} holds timestamps (line {number:,}), which are not read. Write "
                "the series as a csv, parquet or jsonl file."
            )
    raise DataError(f"{path} has no line @data, so it is no .ts file.")


def _records(
    lines: Lines, labelled: bool, path: Path, width: int | None = None
) -> Iterator[Record]:
    """The series of a file, each with ``width`` dimensions: those of the first."""
    for number, line in lines:
        parts = line.split(":")
        label = parts.pop().strip() if labelled else ""
        width = width or len(parts)
        if len(parts) != width or not parts:
            raise DataError(
                f"Line {number:,} of {path} has {len(parts)} dimensions where "
                f"{width or 'at least one'} must be, separated by ':'"
                f"{', and the label last' if labelled else ''}. Mend the line."
            )
        yield [_numbers(part, number, path) for part in parts], label


def _numbers(text: str, number: int, path: Path) -> NDArray[np.float64]:
    words = text.split(",") if text.strip() else []
    if "?" in text:
        words = ["nan" if word.strip() == "?" else word for word in words]
    try:
        return np.array(words, np.float64)
    except ValueError:
        wrong = next(word for word in words if not _is_number(word))
        raise DataError(
            f"Line {number:,} of {path} holds {shortened(wrong.strip())}, which is no "
            "number. Separate values by ',' and dimensions by ':', and write a "
            "missing value as ?."
        ) from None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True

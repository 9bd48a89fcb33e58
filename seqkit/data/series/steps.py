"""Series with an answer for each step: nested (a row a series) or long (a row a step).

Labels that are missing are None, numbers that are missing NaN: such steps are read, and
weigh nothing wherever answers count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.labels import label_texts
from seqkit.data.rows.missing import is_missing
from seqkit.data.rows.numbers import number_column
from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.series.groups import Found, Grouping
from seqkit.data.series.rows import (
    Values,
    cell_list,
    cell_numbers,
    complete_rows,
    nested_series,
)
from seqkit.data.series.spec import SteppedSeries
from seqkit.data.series.whole import SeriesReading
from seqkit.data.sources.base import Source
from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

StepAnswers = NDArray[Any]
"""What each step is answered (steps, columns): float64, or text and None."""


class StepsReading(SeriesReading):
    """Reads series with an answer a step as a recipe's ``data`` section says."""

    spec: SteppedSeries

    def rows(
        self, source: Source, part: str, answers: bool = True, tell: bool = False
    ) -> Iterator[AnsweredRows[Values]]:
        spec, columns = self.spec, self.columns
        named = spec.answers if answers else ()

        def stacked(cells: tuple[Any, ...], steps: int, where: str) -> StepAnswers:
            each = [
                _answer_cell(cell, steps, where, column, source, spec)
                for cell, column in zip(cells, named, strict=True)
            ]
            return np.stack(each, axis=1)

        if spec.layout == "nested":
            chunks = nested_series(source, part, spec, columns, named, stacked)
        else:
            chunks = _long(source, part, spec, columns, named)
        return complete_rows(source, chunks, spec, columns, answers, tell)

    def identity(self, values: tuple[str, ...]) -> Any:
        return values, self.columns, self.spec.answers

    def as_frame(
        self, inputs: Sequence[Values], answers: Sequence[StepAnswers]
    ) -> pd.DataFrame:
        cells = {
            column: [one[:, place].tolist() for one in answers]
            for place, column in enumerate(self.spec.answers)
        }
        return self._frame(inputs, cells, self.spec.answers)


def _answer_cell(
    cell: Any, steps: int, where: str, column: str, source: Source, spec: SteppedSeries
) -> StepAnswers:
    """The answers of one column (steps,); all missing where the cell is."""
    place = f"{where}, column {column!r},"
    answers: StepAnswers | None
    if spec.has_texts:
        answers = _label_cell(cell, place, column, source.name)
    else:
        answers = cell_numbers(cell, place)
        _refuse_infinite(answers, place)
    if answers is None:
        empty: Any = None if spec.has_texts else np.nan
        return np.full(steps, empty, object if spec.has_texts else np.float64)
    if len(answers) != steps:
        raise DataError(
            f"{where} has {len(answers):,} answers in column {column!r}, but {steps:,} "
            "steps. Give one for each step, and null where there is none."
        )
    return answers


def _label_cell(
    cell: Any, place: str, column: str, name: str
) -> NDArray[np.object_] | None:
    """A list of labels, or a JSON text of one; None where it is missing."""
    mend = "Put a label for each step into it"
    labels = cell_list(cell, place, "labels", '["walk", "run"]', mend)
    return None if labels is None else _labels(list(labels), column, name)


def _labels(values: list[Any], column: str, name: str) -> NDArray[np.object_]:
    labels = np.full(len(values), None, object)
    places = [place for place, value in enumerate(values) if not is_missing(value)]
    labels[places] = label_texts([values[place] for place in places], column, name)
    return labels


def _refuse_infinite(numbers: NDArray[np.float64] | None, place: str) -> None:
    if numbers is not None and np.isinf(numbers).any():
        step = int(np.isinf(numbers).argmax()) + 1
        raise DataError(
            f"{place} holds an infinite number in step {step:,}. Mend it, or leave it "
            "out: missing answers weigh nothing."
        )


def _long(
    source: Source,
    part: str,
    spec: SteppedSeries,
    columns: tuple[str, ...],
    answers: tuple[str, ...],
) -> Iterator[list[Found]]:
    assert spec.id
    grouping = Grouping(source.name, spec.id, None)
    kind = object if spec.has_texts else np.float64
    step = np.dtype(
        [("values", np.float64, (len(columns),)), ("answers", kind, (len(answers),))]
    )
    start = 0
    for frame in source.chunks(part, [spec.id, *columns, *answers]):
        steps = np.zeros(len(frame), step)
        for place, column in enumerate(columns):
            numbers = number_column(frame[column], column, source.name, start)
            steps["values"][:, place] = numbers
        for place, column in enumerate(answers):
            cells = _answer_column(frame[column], column, source.name, start, spec)
            steps["answers"][:, place] = cells
        yield _parted(grouping.add(frame, steps, start), bool(answers))
        start += len(frame)
    yield _parted(grouping.finish(), bool(answers))


def _answer_column(
    cells: pd.Series[Any], column: str, name: str, start: int, spec: SteppedSeries
) -> StepAnswers:
    if spec.has_texts:
        return _labels(cells.tolist(), column, name)
    numbers = number_column(cells, column, name, start)
    wrong = np.isinf(numbers)
    if wrong.any():
        raise DataError(
            f"Column {column!r} of {name} holds an infinite number in row "
            f"{start + int(wrong.argmax()) + 1:,}. Mend it, or leave it out: missing "
            "answers weigh nothing."
        )
    return numbers


def _parted(grouped: list[Any], has_answers: bool) -> list[Found]:
    """Values and answers of each series, which its steps hold side by side."""
    return [
        (
            where,
            steps["values"].copy(),
            steps["answers"].copy() if has_answers else None,
        )
        for where, steps, _ in grouped
    ]

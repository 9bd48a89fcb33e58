"""Whole series read from rows: nested (a row a series) or long (a row a step)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.column_choice import choose_columns
from seqkit.data.rows.missing import is_missing, tell_dropped
from seqkit.data.rows.numbers import NoNumber, floats, number_column
from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.series.groups import Found, Grouping
from seqkit.data.series.spec import SeriesSpec
from seqkit.data.sources.base import Source
from seqkit.errors import DataError
from seqkit.shortened import shortened

Values = NDArray[np.float64]
"""A whole series (steps, columns) in its own units, see ``narrowed``."""

COARSE = 2.0**-12
"""Changes within this share of a level have 12 of float32's 24 bits."""


def value_columns(source: Source, spec: SeriesSpec, *answers: str) -> tuple[str, ...]:
    """The columns of numbers: those that ``spec`` names, or all that nothing else is.

    What counts rows, tells times or names rows is left out, and told in a DataWarning.

    Raises:
        DataError: there are none.
    """
    if spec.values:
        return tuple(spec.values)
    columns = tuple(c for c in source.columns() if c not in (spec.id, *answers))
    if not columns:
        raise DataError(
            f"{source.name} has no column of numbers beside "
            f"{', '.join(repr(c) for c in (spec.id, *answers) if c)}. Add one, or name "
            "the columns in data.values."
        )
    choice = choose_columns(source, "train", columns, spec.layout, spec.id)
    choice.tell(source.name)
    return choice.taken


def read_series(
    source: Source,
    part: str,
    spec: SeriesSpec,
    columns: tuple[str, ...],
    answer: str | None = None,
    tell: bool = False,
) -> Iterator[AnsweredRows[Values]]:
    """Read a part of ``source`` in chunks of whole series.

    Args:
        source: where they come from.
        part: which of its parts.
        spec: the layout, and what happens where values are missing.
        columns: the columns of numbers.
        answer: the column with the label or number; None: not asked for.
        tell: say in a DataWarning how many series were left out.

    Raises:
        DataError: a series has no steps, columns of different lengths, text that is no
            number, or missing values under ``missing: error``; or the rows of a series
            are not together.
    """
    answers = (answer,) if answer else ()
    if spec.layout == "nested":
        chunks = nested_series(source, part, spec, columns, answers, _first)
    else:
        chunks = _long(source, part, spec, columns, answer)
    return complete_rows(source, chunks, spec, columns, answer is not None, tell)


def _first(cells: tuple[Any, ...], steps: int, where: str) -> Any:
    return cells[0]


def complete_rows(
    source: Source,
    chunks: Iterable[list[Found]],
    spec: SeriesSpec,
    columns: tuple[str, ...],
    answers: bool,
    tell: bool,
) -> Iterator[AnsweredRows[Values]]:
    """The series without gaps, chunk by chunk; ``tell`` warns of those left out."""
    total = dropped = 0
    for chunk in chunks:
        series: list[Values] = []
        answered: list[Any] = []
        for where, values, answer in chunk:
            if values is not None:
                values = complete(values, where, columns, spec)
            if values is not None:
                series.append(values)
                answered += [answer] if answers else []
        total += len(chunk)
        dropped += len(chunk) - len(series)
        if series:
            yield AnsweredRows(series, answered)
    if tell:
        tell_dropped(dropped, total, "series", source.name, "value")


def complete(
    values: NDArray[np.float64], where: str, columns: tuple[str, ...], spec: SeriesSpec
) -> Values | None:
    """Values (steps, columns) without gaps; None where the series is left out."""
    plain = narrowed(values)
    gaps = ~np.isfinite(plain)
    if not gaps.any():
        return plain
    if spec.missing == "drop":
        return None
    step, column = (int(place[0]) for place in np.nonzero(gaps))
    if spec.missing == "error":
        raise DataError(
            f"{where} has no finite number in column {columns[column]!r}, step "
            f"{step + 1:,}. Mend it, or set data.missing to drop (leave such series "
            "out) or interpolate."
        )
    empty = gaps.all(axis=0)
    if empty.any():
        raise DataError(
            f"{where} has no finite number at all in column "
            f"{columns[int(empty.argmax())]!r}: nothing to interpolate from. Leave it "
            "out, or set data.missing to drop."
        )
    return narrowed(interpolated(plain))


def narrowed(values: NDArray[np.float64]) -> Values:
    """Values (steps, columns) as float32 has them, but where that costs their changes.

    A column that changes by little beside its level keeps float64. What is beyond
    float32 becomes infinite.
    """
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32).astype(np.float64)
    finite = np.isfinite(narrow)
    if (narrow == values).all() or not finite.any(axis=0).all():
        return narrow
    low = np.where(finite, values, np.inf).min(axis=0)
    high = np.where(finite, values, -np.inf).max(axis=0)
    largest, spread = np.maximum(abs(low), abs(high)), high - low
    coarse = (spread > 0) & (spread < COARSE * largest)
    return np.where(coarse & finite, values, narrow)


def interpolated(values: Values) -> Values:
    """Fill gaps (NaN or infinite) linearly; at the ends with the nearest number."""
    filled = values.copy()
    steps = np.arange(len(values))
    for column in filled.T:
        known = np.isfinite(column)
        column[~known] = np.interp(steps[~known], steps[known], column[known])
    return filled


def nested_series(
    source: Source,
    part: str,
    spec: SeriesSpec,
    columns: tuple[str, ...],
    answers: tuple[str, ...],
    answer: Callable[[tuple[Any, ...], int, str], Any],
) -> Iterator[list[Found]]:
    """Series of rows whose cells are lists.

    ``answer`` makes the answer of the cells of ``answers``, the steps and the place.
    """
    start = 0
    for frame in source.chunks(part, [*columns, *answers]):
        chunk: list[Found] = []
        lists = (frame[column].tolist() for column in (*columns, *answers))
        for row, cells in enumerate(zip(*lists, strict=True), start + 1):
            where = f"Row {row:,} of {source.name}"
            values = row_values(cells[: len(columns)], where, columns, spec)
            one = None
            if values is not None and answers:
                one = answer(cells[len(columns) :], len(values), where)
            chunk.append((where, values, one))
        start += len(frame)
        yield chunk


def row_values(
    cells: tuple[Any, ...], where: str, columns: tuple[str, ...], spec: SeriesSpec
) -> NDArray[np.float64] | None:
    series = []
    for cell, column in zip(cells, columns, strict=True):
        values = cell_numbers(cell, f"{where}, column {column!r},")
        if values is None and spec.missing == "drop":
            return None
        if values is None:
            raise DataError(
                f"{where} has nothing in column {column!r}. Give it a list of numbers, "
                "or set data.missing to drop."
            )
        series.append(values)
    lengths = [len(values) for values in series]
    if len(set(lengths)) > 1:
        other = next(i for i, length in enumerate(lengths) if length != lengths[0])
        raise DataError(
            f"{where} has {lengths[other]} steps in column {columns[other]!r}, but "
            f"{lengths[0]} in {columns[0]!r}. Give all columns of a series the same "
            "number of steps."
        )
    if not lengths[0]:
        raise DataError(f"{where} is a series without steps. Leave it out.")
    return np.stack(series, axis=1)


def cell_numbers(cell: Any, where: str) -> NDArray[np.float64] | None:
    """One cell as numbers (steps,); None where it is missing."""
    mend = "Put a whole series in each cell"
    cells = cell_list(cell, where, "numbers", "[0.5, 1.25]", mend)
    return None if cells is None else _list(cells, where)


def cell_list(cell: Any, where: str, things: str, example: str, mend: str) -> Any:
    """A list or array of ``things``, or a JSON text of one; None where it is missing.

    Raises:
        DataError: the cell is anything else; gives an ``example`` or the ``mend``.
    """
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            raise DataError(
                f"{where} holds the text {shortened(cell)}, which is no list of "
                f"{things}. Write it as in {example}."
            ) from None
    if isinstance(cell, (list, tuple, np.ndarray)):
        return cell
    if is_missing(cell):
        return None
    raise DataError(
        f"{where} holds {shortened(cell)} where a list of {things} belongs. {mend}, "
        "or, if each row is one step, set data.layout to long and data.id."
    )


def _list(cell: Any, where: str) -> NDArray[np.float64]:
    try:
        values = floats(cell)
    except NoNumber as error:
        raise DataError(f"{where} holds {error}. Mend it.") from None
    if values.ndim != 1:
        raise DataError(
            f"{where} holds a list of lists. Give each column of numbers a column of "
            "its own."
        )
    return values


def _long(
    source: Source,
    part: str,
    spec: SeriesSpec,
    columns: tuple[str, ...],
    answer: str | None,
) -> Iterator[list[Found]]:
    assert spec.id
    grouping = Grouping(source.name, spec.id, answer)
    start = 0
    for frame in source.chunks(
        part, [spec.id, *columns, *([answer] if answer else [])]
    ):
        values = np.stack(
            [number_column(frame[c], c, source.name, start) for c in columns], axis=1
        )
        yield grouping.add(frame, values, start)
        start += len(frame)
    yield grouping.finish()

"""Series to forecast, read from a source's rows as a recipe's data section says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import SeriesSet, Static
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.forecast.static import read_static
from seqkit.data.forecast.step_rows import Steps
from seqkit.data.forecast.steps import make_series
from seqkit.data.forecast.time_zones import steady_stamps
from seqkit.data.forecast.timestamps import last_second, read_stamps, read_steps
from seqkit.data.rows.column_choice import ColumnChoice, choose_columns
from seqkit.data.rows.numbers import CLASSES_MEND, NUMBERS_MEND, read_numbers
from seqkit.data.sources.base import Source, missing_column
from seqkit.errors import DataError
from seqkit.frequency import Frequency, Stamps
from seqkit.recipe.nodes import is_unicode
from seqkit.registry import did_you_mean
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

_DATE_PARTS = ("year", "month", "day", "hour", "minute", "second")


def read_series(
    source: Source,
    part: str,
    spec: ForecastData,
    trained: ColumnChoice | None = None,
) -> SeriesSet:
    """Read all series of ``part`` in their own units, in the order of their first rows.

    Timestamps are naive: as they came or, with ``spec.timezone``, the zone's standard
    time all year round (``time_zones.steady_stamps``). Numbers of years count from 1000
    to 2999. Whatever is mended is told in a DataWarning.

    Where ``spec.future`` names covariates, a series' last rows without a value say what
    is known of the time to come. In the layout ``rows``, empty cells at the end of a
    row end its series. Covariates are mended as values are, but for duplicates that
    are summed: theirs are averaged.

    Raises:
        UnknownNameError: pandas or seqkit knows no such frequency.
        DataError: the rows are not what ``spec`` says; the text names the first place
            that is wrong and the mend.
    """
    step = Frequency.of(spec.frequency) if spec.frequency else None
    choice = chosen_columns(source, part, spec, trained)
    if trained is None:
        choice.tell(source.name)
    values = choice.taken
    frame = read_rows(source, part, spec, values)
    if spec.layout == "rows":
        steps, static = _from_rows(frame, source.name, spec, values)
    else:
        steps, static = _from_steps(frame, source.name, spec, values, step)
    return replace(make_series(steps, static, spec), choice=choice)


def read_rows(
    source: Source, part: str, spec: ForecastData, values: tuple[str, ...]
) -> pd.DataFrame:
    """All rows of ``part`` as they are, with the columns that ``spec`` reads."""
    columns = [c for c in (spec.timestamp, spec.id) if c]
    columns += [*values, *spec.static, *spec.past, *spec.future]
    return _read(source, part, columns)


def chosen_columns(
    source: Source,
    part: str,
    spec: ForecastData,
    trained: ColumnChoice | None = None,
) -> ColumnChoice:
    """The columns to forecast; raise DataError where a column that is named lacks."""
    columns = source.columns()
    by_key = {"timestamp": (spec.timestamp,), "id": (spec.id,), "values": spec.values}
    by_key |= {"static": spec.static, "past": spec.past, "future": spec.future}
    if spec.layout == "long" and spec.values is None:
        by_key["values"] = ("value",)
    for key, names in by_key.items():
        for column in names or ():
            if column is not None and column not in columns:
                mend = _column_mend(key, column, columns)
                raise missing_column(source.name, column, columns, f"data.{key}", mend)
    if by_key["values"]:
        return ColumnChoice(tuple(c for c in by_key["values"] if c), {})
    others = {column for names in by_key.values() for column in names or ()}
    values = tuple(column for column in columns if column not in others)
    if not values:
        raise DataError(
            f"{source.name} has no column but those that other keys of data name. Name "
            "the columns to forecast in data.values."
        )
    return choose_columns(source, part, values, spec.layout, trained=trained)


def _column_mend(key: str, column: str, columns: tuple[str, ...]) -> str:
    """What to do where a source lacks a column that ``data.KEY`` names."""
    parts = [name for name in columns if name.lower() in _DATE_PARTS]
    if key == "timestamp" and len(parts) > 1:
        return (
            f"Make one column of {', '.join(parts)}: "
            f"pandas.to_datetime(frame[{parts}])."
        )
    mend = did_you_mean(column, columns) or f"Name the right one in data.{key}."
    if key == "timestamp":
        mend += " Where there is none, set data.timestamp to null: rows a step apart."
    return mend


def _read(source: Source, part: str, columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    frames = list(source.chunks(part, columns))
    if not sum(map(len, frames)):
        raise DataError(f"{source.name} holds no rows. Give at least one.")
    return pd.concat(frames, ignore_index=True)


def _ids(frame: pd.DataFrame, source: str, spec: ForecastData) -> NDArray[np.object_]:
    """The name of each row's series, text (rows,)."""
    assert spec.id
    missing = frame[spec.id].isna().to_numpy()
    if missing.any():
        raise DataError(
            f"{source} holds in column {spec.id!r} {missing.sum():,} rows that name no "
            f"series, first row {int(missing.argmax()) + 1:,}. Fill them in, or leave "
            "these rows out."
        )
    ids = [str(value) for value in frame[spec.id]]
    wrong = next((id for id in ids if not is_unicode(id)), None)
    if wrong is not None:
        raise DataError(
            f"{source} holds in column {spec.id!r} half a character (U+D800 to U+DFFF) "
            f"in {shortened(wrong)}. Write it anew."
        )
    return np.array(ids, object)


def _from_steps(
    frame: pd.DataFrame,
    source: str,
    spec: ForecastData,
    values: tuple[str, ...],
    step: Frequency | None,
) -> tuple[Steps, list[tuple[Static, ...]]]:
    """Layouts long and wide: a row a step."""
    import pandas as pd

    # Which series each row is of: one of column ``id``, or all are of one.
    ids, codes = values, np.zeros(len(frame), np.int64)
    if spec.id:
        codes, names = pd.factorize(_ids(frame, source, spec))
        ids, codes = tuple(map(str, names)), codes.astype(np.int64)
    # When each row is: numbers that count steps, or times up to ``until``.
    stamps: Stamps | None = None
    counted = read_steps(frame[spec.timestamp]) if spec.timestamp else None
    if counted is not None:
        _check_counted(counted, source, spec)
        stamps = counted.astype("datetime64[s]")
    elif spec.timestamp:
        read = read_stamps(frame[spec.timestamp], source)
        stamps = steady_stamps(read, codes, spec.timezone, step, source)
        if spec.until:
            in_time = stamps <= last_second(spec.until)
            frame, codes, stamps = frame[in_time], codes[in_time], stamps[in_time]
            if not len(frame):
                raise DataError(
                    f"{source} holds no timestamp up to data.until, {spec.until}. Set "
                    "data.until to a later one."
                )
    rows = frame.index.to_numpy() + 1

    def numbers(column: str, mend: str) -> NDArray[np.float64]:
        def place(row: int) -> str:
            of = f" (series {ids[codes[row]]!r})" if spec.id else ""
            return f"column {column!r}, row {rows[row]:,}{of}"

        return read_numbers(frame[column], source, place, mend)

    # The numbers. A wide row is a step of several series with the same covariates.
    mend = NUMBERS_MEND
    if spec.values is None and spec.layout == "wide":
        mend += " Or name the columns to forecast in data.values."
    targets = [numbers(column, mend) for column in values]
    covariates = [numbers(c, CLASSES_MEND) for c in (*spec.past, *spec.future)]
    several = len(values)
    table = np.column_stack(
        [np.concatenate(targets)] + [np.tile(c, several) for c in covariates]
    )
    if several > 1:
        codes = np.repeat(np.arange(several), len(frame))
        stamps = None if stamps is None else np.tile(stamps, several)
    # What holds for a whole series.
    columns = [read_static(frame[c], codes, ids, source) for c in spec.static]
    static = [tuple(column[code] for column in columns) for code in range(len(ids))]
    rows = np.tile(rows, several)
    steps = Steps(source, ids, codes, rows, stamps, table, counted is not None)
    return steps.by_series(), static


def _check_counted(numbers: NDArray[np.int64], source: str, spec: ForecastData) -> None:
    """See that nothing asks for dates where the timestamps count steps."""
    needs_dates = {
        "calendar": bool(spec.calendar),
        "decompose": spec.decompose != "none",
        "frequency": spec.frequency is not None,
        "timezone": spec.timezone is not None,
        "until": spec.until is not None,
    }
    key = next((key for key, needed in needs_dates.items() if needed), None)
    if key:
        raise DataError(
            f"{source} counts steps in column {spec.timestamp!r} ({numbers.min()} to "
            f"{numbers.max()}), but data.{key} needs dates. Give the dates, or leave "
            f"data.{key} out."
        )


def _from_rows(
    frame: pd.DataFrame, source: str, spec: ForecastData, values: tuple[str, ...]
) -> tuple[Steps, list[tuple[Static, ...]]]:
    """Layout rows: a row a series, which ends with its last cell that is not empty."""
    import pandas as pd

    ids = tuple(str(row) for row in range(1, len(frame) + 1))
    if spec.id:
        ids = tuple(map(str, _ids(frame, source, spec)))
        again = pd.Series(ids).duplicated()
        if again.any():
            row = int(again.to_numpy().argmax())
            raise DataError(
                f"{source} holds the series {ids[row]!r} twice, again in row "
                f"{row + 1:,}. Give each series a row and a name of its own."
            )

    def place(cell: int) -> str:
        row, column = divmod(cell, len(values))
        return f"column {values[column]!r}, row {row + 1:,} (series {ids[row]!r})"

    cells = pd.Series(frame[list(values)].to_numpy(object).ravel(), dtype=object)
    table = read_numbers(cells, source, place, NUMBERS_MEND).reshape(len(frame), -1)
    ends = np.where(np.isnan(table), 0, np.arange(1, len(values) + 1)).max(axis=1)
    codes, places = np.nonzero(np.arange(len(values)) < ends[:, np.newaxis])
    one_each = np.arange(len(ids))
    columns = [read_static(frame[c], one_each, ids, source) for c in spec.static]
    static = [tuple(column[code] for column in columns) for code in range(len(ids))]
    steps = Steps(source, ids, codes, codes + 1, None, table[codes, places, np.newaxis])
    return steps, static

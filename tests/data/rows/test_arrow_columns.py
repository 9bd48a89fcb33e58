"""Columns in Arrow come back just as they were, or are refused."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exact_frames import CELLS, OBJECTS, TEXTS, assert_same_column, exact, in_cells
from hypothesis import example, given
from hypothesis import strategies as st

from seqkit.data.rows.arrow_columns import Unholdable, decoded, encoded


def again(column: pd.Series) -> pd.Series:
    """A column from Arrow; a chunk is written to a file in between, see test_spool."""
    return decoded(*encoded(column))


def of_one_kind(cell: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(cell | st.none(), max_size=5)


JSON_COLUMNS = st.one_of(
    *map(of_one_kind, (TEXTS, st.floats(), st.integers(), st.booleans())),
    of_one_kind(st.lists(st.floats(), max_size=4)),
    of_one_kind(st.lists(st.integers() | st.none(), max_size=4)),
    of_one_kind(st.lists(TEXTS, max_size=4)),
    of_one_kind(st.lists(st.floats() | st.integers(), max_size=4)),
    st.lists(CELLS, max_size=5),
)


@given(JSON_COLUMNS)
@example([1, 1.0, True, None, -0.0, float("nan")])
@example([[1, 2.5], [], None, ["1"]])
@example([2**64, -(2**70)])
def test_cells_of_json_come_back_as_they_were(cells: list[Any]) -> None:
    column = in_cells(cells)
    assert_same_column(column, again(column))


@given(st.lists(OBJECTS | CELLS, max_size=4))
@example(["\ud83d\ude00"])
@example([["\ud83d\ude00", 1]])
@example([(1, 2)])
@example([np.float64(1)])
@example([[np.str_("a")], None])
@example([10**5000])
def test_other_objects_come_back_as_they_were_or_are_refused(cells: list[Any]) -> None:
    column = in_cells(cells)
    try:
        read = again(column)
    except Unholdable:
        return
    assert_same_column(column, read)


@given(st.lists(st.dates() | st.none(), max_size=4))
def test_dates_are_held(cells: list[Any]) -> None:
    column = in_cells(cells)
    assert_same_column(column, again(column))


NUMBERS = [f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)]
TIMES = [f"{kind}8[{unit}]" for kind in "mM" for unit in ("s", "ms", "us", "ns")]


@given(st.data(), st.sampled_from([*NUMBERS, "f2", "f4", "f8", "?", *TIMES]))
def test_numbers_and_times_of_numpy_come_back_bit_for_bit(
    data: st.DataObject, dtype: str
) -> None:
    size = np.dtype(dtype).itemsize
    raw = data.draw(st.lists(st.binary(min_size=size, max_size=size), max_size=5))
    values = np.frombuffer(b"".join(raw), f"u{size}")
    values = values % 2 > 0 if dtype == "?" else values.view(dtype)
    column = pd.Series(values)
    read = again(column)
    assert read.dtype == column.dtype
    assert read.to_numpy().tobytes() == column.to_numpy().tobytes()


EXTENSIONS = {
    "Int8": [1, None, -128],
    "Int64": [2**62 + 1, None, -1],
    "UInt64": [2**64 - 1, None],
    "Float32": [0.5, None, -0.0],
    "boolean": [True, None, False],
    "string": ["a", None, "\u00e9"],
    "str": ["a", None, ""],
    "datetime64[ns, Europe/Vienna]": ["2024-03-31 01:59", None, "2024-10-27 01:30"],
    "datetime64[s, UTC]": ["1700-01-01", None],
    "category": ["b", None, "a", "b"],
}


@pytest.mark.parametrize("dtype", EXTENSIONS)
@pytest.mark.parametrize("rows", [0, 2, 5])
def test_types_of_pandas_come_back_as_they_were(dtype: str, rows: int) -> None:
    column = pd.Series((EXTENSIONS[dtype] * 5)[:rows], dtype=dtype)
    assert_same_column(column, again(column))


def test_order_of_categories_comes_back_with_those_that_no_row_has() -> None:
    dtype = pd.CategoricalDtype([3, 1, 2], ordered=True)
    column = pd.Series([1, None, 3], dtype=dtype)
    assert_same_column(column, again(column))
    assert again(column).cat.ordered


STRANGE = {
    "complex": np.array([1j]),
    "other byte order": np.array([1, 2], ">i4"),
    "periods": pd.period_range("2024", periods=2, freq="M"),
    "intervals": pd.interval_range(0, 2),
    "sparse": pd.array([0, 0, 1], pd.SparseDtype(int)),
    "decimals": np.array([decimal.Decimal("1.50")], object),
    "timestamps in cells": pd.Series([datetime.datetime(2024, 1, 1)], dtype=object),
    "arrays of two axes": in_cells([np.zeros((2, 2))]),
    "arrays of two types": in_cells([np.zeros(2), np.zeros(2, int)]),
    "one array": in_cells([np.zeros(2), [0.0, 0.0]]),
}


@pytest.mark.parametrize("values", STRANGE.values(), ids=STRANGE)
def test_what_arrow_would_change_is_refused(values: Any) -> None:
    with pytest.raises(Unholdable):
        encoded(pd.Series(values))


@given(
    st.sampled_from(["f8", "f4", "i8", "u2", "?"]),
    st.lists(st.lists(st.integers(0, 9), max_size=4) | st.none(), max_size=5),
)
def test_arrays_in_cells_come_back_with_their_type(
    dtype: str, cells: list[list[int] | None]
) -> None:
    column = in_cells([None if c is None else np.array(c, dtype) for c in cells])
    read = again(column)
    assert exact(read.tolist()) == exact(column.tolist())
    assert all(cell is None or cell.flags.writeable for cell in read)


def test_arrays_of_text_come_back() -> None:
    texts = np.array(["EU", "rejects", None], object)
    column = in_cells([texts, None, np.array([], object)])
    read = again(column)
    assert exact(read.tolist()) == exact(column.tolist())

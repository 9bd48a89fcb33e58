"""Cells of any kind, and frames that are equal only where every bit of them is."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
SCALARS = (
    TEXTS
    | st.floats()
    | st.integers(-(2**63), 2**63 - 1)
    | st.integers(2**64, 2**70)
    | st.booleans()
    | st.none()
)
CELLS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=6,
)


HALVES = st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2)
OBJECTS = st.one_of(
    HALVES,
    st.tuples(st.integers()),
    st.sampled_from([pd.NA, pd.NaT, np.float64(1), np.str_("a"), np.bool_(True)]),
    st.decimals(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.binary(max_size=3),
    st.dictionaries(st.integers(), st.none(), max_size=2),
    st.lists(HALVES, max_size=2),
    st.sets(st.integers(), max_size=2),
)


def in_cells(cells: list[Any]) -> pd.Series:
    """Cells as they are: pandas takes some lists apart."""
    column = np.empty(len(cells), object)
    for row, cell in enumerate(cells):
        column[row] = cell
    return pd.Series(column, dtype=object)


def exact(value: Any) -> Any:
    """A value as plain data that are equal only where all of it is the same.

    ``1 == 1.0 == True`` and ``nan != nan``; here types and bits are compared.
    """
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return "array", value.shape, [exact(one) for one in value.ravel()]
        return "array", value.shape, str(value.dtype), value.tobytes()
    if isinstance(value, float):
        bits = struct.pack("d", value)
        return type(value), "nan" if value != value else bits
    if isinstance(value, (list, tuple)):
        return type(value), [exact(one) for one in value]
    if isinstance(value, dict):
        return dict, [(exact(key), exact(one)) for key, one in value.items()]
    return type(value), repr(value)


def assert_same_column(one: pd.Series, other: pd.Series) -> None:
    assert one.dtype == other.dtype
    assert one.index.equals(other.index)
    assert exact(one.tolist()) == exact(other.tolist())
    if isinstance(one.dtype, pd.CategoricalDtype):
        assert one.cat.categories.equals(other.cat.categories)
    pd.testing.assert_series_equal(one, other, check_exact=True)


def assert_same_frames(
    one: Sequence[pd.DataFrame], other: Sequence[pd.DataFrame]
) -> None:
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        pd.testing.assert_index_equal(left.columns, right.columns, exact=True)
        pd.testing.assert_index_equal(left.index, right.index, exact="equiv")
        for place in range(left.shape[1]):
            assert_same_column(left.iloc[:, place], right.iloc[:, place])

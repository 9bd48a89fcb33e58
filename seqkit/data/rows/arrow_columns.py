"""Columns of a chunk as Arrow arrays that give back just what was there.

Arrow's own conversions change some columns on the way: whole numbers beside fractions,
lists, categories. So each column takes the first of a few forms that is known to hold
it, and one that no form holds is refused.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_JSON_SCALARS = {str, int, float, bool, type(None)}


class Unholdable(Exception):
    """A column holds what no form gives back as it was."""


@dataclass(frozen=True)
class Form:
    """How a column lies in Arrow.

    ``numbers``: NumPy's own numbers and times. ``extension``: a type of pandas.
    ``categories``: positions among the categories. ``cells``: Python objects of one
    type, or lists of such. ``arrays``: a NumPy array in each cell. ``json``: text of
    what JSON can write.
    """

    kind: str
    dtype: Any = None
    """Of the column, or of the arrays in its cells."""


def encoded(column: pd.Series) -> tuple[Form, pa.Array]:
    """A column as an Arrow array, and how ``decoded`` reads it.

    Raises:
        Unholdable: no form gives it back as it was.
    """
    import pyarrow as pa

    try:
        return _encoded(column)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        # Half a character, a number beyond 64 bits, an object of another library.
        raise Unholdable(str(error)) from None
    except RecursionError as error:
        raise Unholdable("lists in lists without end") from error


def decoded(form: Form, array: pa.Array) -> pd.Series:
    """The column that ``encoded`` was given."""
    import pandas as pd

    if form.kind == "numbers":
        return pd.Series(array.to_numpy(zero_copy_only=False))
    if form.kind == "extension":
        return pd.Series(form.dtype.__from_arrow__(array))
    if form.kind == "categories":
        return pd.Series(pd.Categorical.from_codes(array.to_numpy(), dtype=form.dtype))
    if form.kind == "arrays":
        cells = _arrays(array, form.dtype)
    else:
        cells = array.to_pylist()
    if form.kind == "json":
        cells = [None if text is None else json.loads(text) for text in cells]
    return pd.Series(_objects(cells), dtype=object)


def _objects(cells: list[Any]) -> NDArray[np.object_]:
    """Cells as they are: NumPy would make a block of lists of one length."""
    column = np.empty(len(cells), object)
    for place, cell in enumerate(cells):
        column[place] = cell
    return column


def _encoded(column: pd.Series) -> tuple[Form, pa.Array]:
    import pandas as pd
    import pyarrow as pa

    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return Form("categories", dtype), pa.array(column.cat.codes.to_numpy())
    if not isinstance(dtype, np.dtype):
        return Form("extension", dtype), _extension(column)
    if dtype.kind == "O":
        return _cells(column.tolist())
    array = pa.array(column.to_numpy())
    if array.to_numpy(zero_copy_only=False).dtype != dtype:
        raise Unholdable(f"Arrow has no type for {dtype}")
    return Form("numbers"), array


def _extension(column: pd.Series) -> pa.Array:
    """A column of one of pandas' own types, which is read back to be sure."""
    import pyarrow as pa

    array = pa.array(column.array)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    # Some of these types read back only where pandas has told Arrow of them.
    if isinstance(array.type, pa.BaseExtensionType):
        raise Unholdable(f"Arrow has no type of its own for {column.dtype}")
    dtype: Any = column.dtype
    again = dtype.__from_arrow__(array)
    if again.dtype != dtype or not again.equals(column.array):
        raise Unholdable(f"Arrow changes {dtype}")
    return array


def _cells(cells: list[Any]) -> tuple[Form, pa.Array]:
    import pyarrow as pa

    kinds = set(map(type, cells)) - {type(None)}
    # Whole numbers beyond 64 bits are left to JSON.
    with suppress(OverflowError, pa.ArrowInvalid):
        scalar = _scalar_type(kinds)
        if scalar is not None:
            return Form("cells"), pa.array(cells, scalar)
        scalar = _scalar_type(_kinds_in(cells)) if kinds == {list} else None
        if scalar is not None:
            return Form("cells"), pa.array(cells, pa.large_list(scalar))
    if kinds == {np.ndarray}:
        return _array_cells(cells)
    if not all(map(_is_json, cells)):
        raise Unholdable(f"cells of {', '.join(sorted(k.__name__ for k in kinds))}")
    # Halves of characters must fail here: written as \ud83d two would become one.
    texts = [None if c is None else json.dumps(c, ensure_ascii=False) for c in cells]
    return Form("json"), pa.array(texts, pa.large_string())


def _scalar_type(kinds: set[type]) -> pa.DataType | None:
    """Arrow's type for Python objects of these types; None where it has none."""
    import pyarrow as pa

    if not kinds:
        return pa.null()
    types = {
        str: pa.large_string(),
        float: pa.float64(),
        int: pa.int64(),
        bool: pa.bool_(),
        datetime.date: pa.date32(),
    }
    return types.get(next(iter(kinds))) if len(kinds) == 1 else None


def _kinds_in(cells: Iterable[Any]) -> set[type]:
    """The types of what lists or arrays hold, but for None."""
    every = chain.from_iterable(cell for cell in cells if cell is not None)
    return set(map(type, every)) - {type(None)}


def _array_cells(cells: list[Any]) -> tuple[Form, pa.Array]:
    """Arrays (steps,) of one type, a cell each, or None."""
    import pyarrow as pa

    arrays = [cell for cell in cells if cell is not None]
    dtype = arrays[0].dtype
    if any(array.ndim != 1 or array.dtype != dtype for array in arrays):
        raise Unholdable("arrays of several types or axes")
    if dtype.kind == "O":
        scalar = _scalar_type(_kinds_in(arrays))
        if scalar is None:
            raise Unholdable("arrays of several types of objects")
        lists = [None if cell is None else cell.tolist() for cell in cells]
        return Form("arrays", dtype), pa.array(lists, pa.large_list(scalar))
    values = pa.array(np.concatenate(arrays))
    if values.to_numpy(zero_copy_only=False).dtype != dtype:
        raise Unholdable(f"Arrow has no type for {dtype}")
    missing = np.array([cell is None for cell in cells])
    lengths = [0 if cell is None else len(cell) for cell in cells]
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    lists = pa.LargeListArray.from_arrays(offsets, values, mask=pa.array(missing))
    return Form("arrays", dtype), lists


def _arrays(array: pa.Array, dtype: np.dtype[Any]) -> list[Any]:
    """The arrays that ``_array_cells`` laid end to end, each with memory of its own."""
    if dtype.kind == "O":
        return [None if c is None else _objects(c) for c in array.to_pylist()]
    values = array.values.to_numpy(zero_copy_only=False)
    offsets = array.offsets.to_numpy().tolist()
    missing = array.is_null().to_numpy(zero_copy_only=False)
    return [
        None if missing[row] else values[offsets[row] : offsets[row + 1]].copy()
        for row in range(len(array))
    ]


def _is_json(cell: Any) -> bool:
    """Whether JSON gives a cell back as it was: tuples would become lists."""
    kind = type(cell)
    if kind in _JSON_SCALARS:
        return True
    if kind is list:
        return _JSON_SCALARS.issuperset(map(type, cell)) or all(map(_is_json, cell))
    if kind is dict:
        return set(map(type, cell)) <= {str} and all(map(_is_json, cell.values()))
    return False

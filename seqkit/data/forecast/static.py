"""Columns that say something of a whole series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import Static
from seqkit.data.rows.numbers import parsed_numbers
from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def read_static(
    column: pd.Series, codes: NDArray[np.int64], ids: tuple[str, ...], source: str
) -> list[Static]:
    """One value of ``column`` a series: numbers where all of it are, else text.

    Args:
        column: (rows,) what holds for the series that a row is of.
        codes: (rows,) positions of the rows' series in ``ids``.
        ids: the series' names.
        source: its name, for messages.

    Raises:
        DataError: a value is missing or infinite, or changes within a series.
    """
    import pandas as pd

    opening = f"{source} holds in the static column {column.name!r}"
    missing = column.isna().to_numpy()
    if missing.any():
        first = int(missing.argmax())
        raise DataError(
            f"{opening} {missing.sum():,} missing values, first for series "
            f"{ids[codes[first]]!r}. Fill them in."
        )
    numbers, wrong = parsed_numbers(column)
    as_numbers = not wrong.any() and not np.isnan(numbers).any()
    if as_numbers and np.isinf(numbers).any():
        raise DataError(f"{opening} infinite values. Put numbers in their place.")
    texts = np.array([str(value) for value in column], object)
    values = numbers if as_numbers else texts
    firsts = np.zeros(len(ids), np.int64)
    series_codes, rows = np.unique(codes, return_index=True)
    firsts[series_codes] = rows
    same = pd.factorize(values)[0]
    changed = same != same[firsts][codes]
    if changed.any():
        row = int(changed.argmax())
        before, after = values[firsts[codes[row]]], values[row]
        raise DataError(
            f"{opening} values that change within series {ids[codes[row]]!r}: "
            f"{before}, then {after}. A column that changes belongs in data.past or "
            "data.future."
        )
    return [float(v) if as_numbers else str(v) for v in values[firsts]]

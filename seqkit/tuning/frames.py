"""A DataFrame on its way to another process, through a parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write ``frame`` so that ``read_frame`` gives the same values, or not at all.

    Raises:
        DataError: parquet cannot hold it, or would change it.
    """
    import pyarrow

    try:
        frame.to_parquet(path)
    except (ValueError, TypeError, OverflowError, pyarrow.ArrowException) as error:
        path.unlink(missing_ok=True)
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"The DataFrame cannot be handed to other processes ({reason}). Give every "
            "column a name and one type, or search with one worker."
        ) from None
    came = read_frame(path)
    for place, name in enumerate(frame.columns):
        if not _same(frame.iloc[:, place], came.iloc[:, place]):
            path.unlink()
            raise DataError(
                f"The column {name!r} of the DataFrame ({frame.dtypes.iloc[place]}) "
                "would change on its way to other processes. Give it one type, such "
                "as 'Int64' or 'string', or search with one worker."
            )


def read_frame(path: Path) -> pd.DataFrame:
    """Read what ``write_frame`` wrote."""
    import pandas as pd

    return pd.read_parquet(path)


def _same(one: pd.Series[Any], other: pd.Series[Any]) -> bool:
    """Equal values of equal types; all that is missing is equal, and so are lists."""
    if one.dtype == other.dtype and one.dtype != object:
        return bool(one.array.equals(other.array))
    return all(map(_equal, map(_plain, one), map(_plain, other)))


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _plain(value: Any) -> Any:
    """Arrays and tuples as lists, NumPy's scalars as Python's, None for missing."""
    import numpy as np
    import pandas as pd

    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return list(map(_plain, value))
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value

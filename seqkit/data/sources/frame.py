"""Rows of a DataFrame that is given from Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seqkit.data.sources.base import CHUNK_ROWS, Source, check_request, some_rows
from seqkit.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


TIMESTAMP = "timestamp"
"""The column that an index of timestamps without a name becomes."""


class FrameSource(Source):
    """Rows of a DataFrame, in its order.

    An index of timestamps, alone or beside other levels, is read as columns: a level's
    name is the column's, and one of timestamps without a name is ``timestamp``. A
    column of that name goes before it. Any other index plays no part.

    Args:
        frame: the rows. It is not copied: leave it as it is while it is read.
        name: what messages call it.

    Raises:
        UsageError: ``frame`` is not a DataFrame.
        DataError: it holds no rows.
    """

    def __init__(self, frame: pd.DataFrame, name: str = "frame") -> None:
        import pandas as pd

        if not isinstance(frame, pd.DataFrame):
            raise UsageError(
                f"Data given from Python must be a pandas DataFrame, got "
                f"{type(frame).__name__}. Wrap it: pandas.DataFrame(...)."
            )
        self.name = name
        self.frame = _with_index(frame)
        next(some_rows(name, [frame]))

    def columns(self) -> tuple[str, ...]:
        return tuple(map(str, self.frame.columns))

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return self._read(columns)

    def _read(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        names = self.columns()
        places = [names.index(column) for column in columns]
        for start in range(0, len(self.frame), CHUNK_ROWS):
            chunk = self.frame.iloc[start : start + CHUNK_ROWS, places]
            chunk.columns = list(columns)
            yield chunk.reset_index(drop=True)


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its index as first columns, if that holds timestamps."""
    import pandas as pd

    index = frame.index
    levels = [index.get_level_values(place) for place in range(index.nlevels)]
    timed = [isinstance(level, (pd.DatetimeIndex, pd.PeriodIndex)) for level in levels]
    if not any(timed):
        return frame
    known = set(map(str, frame.columns))
    whole = frame.copy(deep=False)
    for level, is_time in zip(reversed(levels), reversed(timed), strict=True):
        name = TIMESTAMP if is_time and level.name is None else level.name
        if name is not None and str(name) not in known:
            whole.insert(0, name, level.array)
    return whole

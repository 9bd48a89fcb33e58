"""Rows of a DataFrame that is given from Python."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from seqkit.data.sources.base import (
    CHUNK_ROWS,
    Source,
    check_request,
    refuse_far_dates,
    some_rows,
)
from seqkit.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


TIMESTAMP = "timestamp"
"""The column that an index of timestamps without a name becomes."""


class FrameSource(Source):
    """Rows of a DataFrame, in its order.

    The levels of a MultiIndex, an index of timestamps, and one whose name is ``named``
    are read as columns: a level's name is the column's, and one of timestamps without a
    name is ``timestamp``. A column of that name goes before it. Any other index plays
    no part.

    Args:
        frame: the rows. It is not copied: leave it as it is while it is read.
        name: what messages call it.
        named: the columns that a recipe names.

    Raises:
        UsageError: ``frame`` is not a DataFrame.
        DataError: it holds no rows.
    """

    in_memory = True

    def __init__(
        self,
        frame: pd.DataFrame,
        name: str = "frame",
        named: Collection[str] = (),
    ) -> None:
        import pandas as pd

        if not isinstance(frame, pd.DataFrame):
            raise UsageError(
                f"Data given from Python must be a pandas DataFrame, got "
                f"{type(frame).__name__}. Wrap it: pandas.DataFrame(...)."
            )
        self.name = name
        self.frame = _with_index(frame, named)
        next(some_rows(name, [frame]))

    def columns(self) -> tuple[str, ...]:
        return tuple(map(str, self.frame.columns))

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return self._read(columns)

    def _read(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        names = self.columns()
        place_of = {name: place for place, name in enumerate(names)}
        places = [place_of[column] for column in columns]
        for start in range(0, len(self.frame), CHUNK_ROWS):
            chunk = self.frame.iloc[start : start + CHUNK_ROWS, places]
            chunk.columns = list(columns)
            refuse_far_dates(chunk, self.name, start)
            yield chunk.reset_index(drop=True)


def _with_index(frame: pd.DataFrame, named: Collection[str]) -> pd.DataFrame:
    """``frame`` with the levels of its index as first columns, where they play a part.

    They do in a MultiIndex, where they are timestamps, and where they are ``named``.
    """
    import pandas as pd

    index = frame.index
    levels = [index.get_level_values(place) for place in range(index.nlevels)]
    names = [
        TIMESTAMP
        if level.name is None and isinstance(level, (pd.DatetimeIndex, pd.PeriodIndex))
        else level.name
        for level in levels
    ]
    if isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex, pd.MultiIndex)):
        named = {str(name) for name in names}
    columns = set(map(str, frame.columns))
    whole = frame.copy(deep=False)
    for level, name in zip(reversed(levels), reversed(names), strict=True):
        if name is not None and str(name) in named and str(name) not in columns:
            whole.insert(0, name, level.array)
    return whole

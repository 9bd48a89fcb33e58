"""Rows of a DataFrame that is given from Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seqkit.data.sources.base import CHUNK_ROWS, Source, check_request, some_rows
from seqkit.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


class FrameSource(Source):
    """Rows of a DataFrame, in its order; its index plays no part.

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
        self.frame = frame
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

"""Steps of whole series in long rows, put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.labels import label_texts
from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Found = tuple[str, NDArray[np.float64] | None, Any]
"""Where a series stands, for messages; its values, None: left out; its answer."""


class Grouping:
    """Puts the steps of each series together; a series may span chunks."""

    def __init__(self, name: str, id: str, answer: str | None) -> None:
        self.name, self.id, self.answer = name, id, answer
        self._seen: set[str] = set()
        self._current: str | None = None
        self._said: Any = None
        self._pieces: list[NDArray[Any]] = []

    def add(self, frame: pd.DataFrame, values: NDArray[Any], start: int) -> list[Found]:
        """Take a chunk; give the series that have ended."""
        missing = frame[self.id].isna().to_numpy()
        if missing.any():
            raise DataError(
                f"Column {self.id!r} of {self.name} has no value in row "
                f"{start + int(missing.argmax()) + 1:,}. Say which series it is of."
            )
        ids = np.array(label_texts(frame[self.id], self.id, self.name), object)
        said = frame[self.answer].tolist() if self.answer else [None] * len(ids)
        cuts = np.flatnonzero(ids[1:] != ids[:-1]) + 1
        ended: list[Found] = []
        for rows in np.split(np.arange(len(ids)), cuts):
            first = int(rows[0])
            if ids[first] != self._current:
                ended += self.finish()
                self._begin(ids[first], said[first], start + first)
            self._check_answers(said, rows, start)
            self._pieces.append(values[rows])
        return ended

    def finish(self) -> list[Found]:
        """The series that is open, if there is one."""
        if not self._pieces:
            return []
        where = f"Series {self._current!r} of {self.name}"
        found = (where, np.concatenate(self._pieces), self._said)
        self._pieces = []
        return [found]

    def _begin(self, id: str, said: Any, row: int) -> None:
        if id in self._seen:
            raise DataError(
                f"The rows of series {id!r} of {self.name} are not together: it begins "
                f"again in row {row + 1:,}. Sort the rows by {self.id!r}, and by time "
                "within it."
            )
        self._seen.add(id)
        self._current, self._said = id, said

    def _check_answers(
        self, said: list[Any], rows: NDArray[np.int64], start: int
    ) -> None:
        for row in rows:
            if str(said[row]) != str(self._said):
                raise DataError(
                    f"Series {self._current!r} of {self.name} has {self._said!r} in "
                    f"column {self.answer!r}, but {said[row]!r} in row "
                    f"{start + int(row) + 1:,}. Give all its rows the same."
                )

"""``tsv:PATH``: fields between tabs, nothing quoted; packed (``.gz``, ...) or not."""

from __future__ import annotations

from collections.abc import Iterator

from seqkit.data.sources.files import CsvSource
from seqkit.data.sources.paths import text_lines
from seqkit.errors import DataError


class TsvSource(CsvSource):
    """Tab-separated rows below a header line; every value is text or missing.

    Nothing is quoted: a quotation mark is text, a tab or a line break within a field
    cannot be. Lines end at ``\\n`` alone (``\\r\\n`` too).
    """

    kind = "tsv"

    def _read_columns(self) -> tuple[str, ...]:
        header = next(self._records(), [])
        if not header or "\0" in "".join(header):
            holds = "null characters" if header else "nothing"
            raise DataError(
                f"{self.path} holds {holds} where its header line belongs. Name its "
                "columns there, with tabs between them."
            )
        return tuple(header)

    def _records(self) -> Iterator[list[str]]:
        width = 0
        for line, text in enumerate(text_lines(self.path, self.encoding), 1):
            fields = text.split("\t")
            if not text.strip(" ") and width != 1:
                continue
            width = width or len(fields)
            if len(fields) != width:
                raise self._ragged(line, len(fields), width)
            yield fields

    def _ragged(self, line: int, fields: int, width: int) -> DataError:
        return DataError(
            f"Line {line:,} of {self.path} has {fields} fields where the header has "
            f"{width}. Separate fields by one tab each; nothing is quoted."
        )

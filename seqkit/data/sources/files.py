"""Rows in files: csv, parquet and JSON lines, read a chunk at a time.

csv and JSON lines may be packed: ``.gz``, ``.bz2``, ``.xz``, ``.zst``, ``.zip``.
"""

from __future__ import annotations

import csv
import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO

from seqkit.data.sources.base import (
    CHUNK_ROWS,
    Source,
    check_request,
    refuse_far_dates,
    some_rows,
)
from seqkit.data.sources.paths import checked_encoding, checked_path, open_text, reading
from seqkit.errors import DataError
from seqkit.recipe.data_paths import portable_path
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from seqkit.recipe.spec import DataSpec

LONGEST_FIELD = 100_000_000
"""Characters of one csv field; a longer one is a quote that was never closed."""

READ_BYTES = 1 << 20
"""Bytes of a parquet column that are read at one time."""


class FileSource(Source):
    """Rows of one file.

    Args:
        address: path of the file; ``~`` is the home folder.
        spec: ``encoding`` says how text files are encoded.

    Raises:
        DataError: the file is missing, empty, not a file or cannot be opened.
    """

    kind: str

    def __init__(self, address: str, spec: DataSpec) -> None:
        self.name = f"{self.kind}:{portable_path(address)}"
        self.path = checked_path(address)
        self.encoding = checked_encoding(spec.encoding)
        self._columns: tuple[str, ...] | None = None

    def columns(self) -> tuple[str, ...]:
        if self._columns is None:
            with reading(self.path, self.encoding):
                self._columns = self._read_columns()
        return self._columns

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return some_rows(self.name, self._guarded(tuple(columns)))

    def _guarded(self, columns: tuple[str, ...]) -> Iterator[pd.DataFrame]:
        with reading(self.path, self.encoding):
            yield from self._read(columns)

    @abstractmethod
    def _read_columns(self) -> tuple[str, ...]: ...

    @abstractmethod
    def _read(self, columns: tuple[str, ...]) -> Iterator[pd.DataFrame]: ...


class CsvSource(FileSource):
    """Comma-separated rows below a header line; every value is text or missing.

    A field is missing where it is empty; ``NA``, ``null`` and ``None`` are text. Values
    stay as they are written, so that a label is the same text in every chunk.

    Python's own reader, in its strict mode, is as fast here as pandas and finds what
    pandas passes over: pandas takes a row's surplus field for an index or, with
    ``usecols``, drops it, and fills up rows that are too short.
    """

    kind = "csv"

    def _read_columns(self) -> tuple[str, ...]:
        header = next(self._records(), [])
        if not header:
            raise DataError(f"{self.path} holds no header line. Name its columns.")
        if any("\0" in name for name in header):
            raise DataError(
                f"{self.path} is no text file: its first line holds null characters. "
                "Save what it holds as csv; for Excel pandas.read_excel helps."
            )
        for separator in (";", "\t", "|"):
            if len(header) == 1 and separator in header[0]:
                raise DataError(
                    f"{self.path} seems to be separated by {separator!r}. Write it "
                    "with commas, and numbers with decimal points."
                )
        if len(header) == 1:
            self._check_preamble(header[0])
        return tuple(header)

    def _check_preamble(self, first: str) -> None:
        """Raise DataError where lines stand before the header of several columns."""
        try:
            with open_text(self.path, self.encoding) as file:
                widths = [len(fields) for fields in islice(csv.reader(file), 20)]
        except csv.Error:
            return
        wider = [place for place, width in enumerate(widths) if width > 1]
        # Below a true header of one column a line may hold a comma by mistake.
        marked = first.lstrip().startswith(("#", "%", "//"))
        late = bool(wider) and (marked or wider[0] > 1)
        if late and len(set(widths[wider[0] :])) == 1:
            raise DataError(
                f"{self.path} begins with other lines than its header: line 1 has one "
                f"field ({shortened(first, 44)}), line {wider[0] + 1} has "
                f"{widths[wider[0]]}. Remove the lines before the header."
            )

    def _read(self, columns: tuple[str, ...]) -> Iterator[pd.DataFrame]:
        import pandas as pd

        records = self._records()
        header = next(records)
        place_of = {name: place for place, name in enumerate(header)}
        places = [place_of[column] for column in columns]
        while chunk := list(islice(records, CHUNK_ROWS)):
            rows = [[fields[place] or None for place in places] for fields in chunk]
            yield pd.DataFrame(rows, columns=list(columns), dtype=object)

    def _records(self) -> Iterator[list[str]]:
        """The fields of the header and then of each row; blank lines are left out."""
        with open_text(self.path, self.encoding) as file:
            yield from self._fields(file)

    def _fields(self, file: TextIO) -> Iterator[list[str]]:
        # The limit is the module's own, so it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_FIELD))
        reader = csv.reader(file, strict=True)
        width, line = 0, 1
        try:
            for fields in reader:
                if not _is_blank(fields, width):
                    width = width or len(fields)
                    if len(fields) != width:
                        raise self._ragged(line, len(fields), width)
                    yield fields
                line = reader.line_num + 1
        except csv.Error as error:
            raise DataError(
                f"{self.path} is malformed in the row that begins in line {line:,}: "
                f"{error}. Put a field with commas, quotes or line breaks in quotes, "
                'and write a quote within it twice ("").'
            ) from None

    def _ragged(self, line: int, fields: int, width: int) -> DataError:
        return DataError(
            f"Line {line:,} of {self.path} has {fields} fields where the header has "
            f"{width}. Put a field that holds a comma in quotes, and leave an empty "
            "one where a value is missing."
        )


def _is_blank(fields: list[str], width: int) -> bool:
    # A file of one column may hold an empty text: it is written as "".
    return not fields or (width != 1 and len(fields) == 1 and not fields[0].strip())


class JsonlSource(FileSource):
    """One JSON object a line; a key that a line lacks is missing there.

    Columns are the keys of the first CHUNK_ROWS rows.
    """

    kind = "jsonl"

    def _read_columns(self) -> tuple[str, ...]:
        with open_text(self.path, self.encoding) as file:
            rows = islice(self._records(file), CHUNK_ROWS)
            columns = tuple(dict.fromkeys(key for row in rows for key in row))
        if not columns:
            raise DataError(f"{self.path} holds no rows. Give at least one.")
        return columns

    def _read(self, columns: tuple[str, ...]) -> Iterator[pd.DataFrame]:
        import pandas as pd

        with open_text(self.path, self.encoding) as file:
            records = self._records(file)
            while chunk := list(islice(records, CHUNK_ROWS)):
                rows = [[row.get(column) for column in columns] for row in chunk]
                # Left as objects, or a chunk without a value turns 1 into 1.0.
                yield pd.DataFrame(rows, columns=list(columns), dtype=object)

    def _records(self, file: TextIO) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise self._malformed(
                    number, f"{error.msg} at column {error.colno}"
                ) from None
            except (ValueError, RecursionError) as error:
                raise self._malformed(number, str(error)) from None
            if not isinstance(row, dict):
                raise self._malformed(number, f"it holds a {type(row).__name__}")
            yield row

    def _malformed(self, line: int, reason: str) -> DataError:
        return DataError(
            f"Line {line:,} of {self.path} is not a JSON object: {reason}. Write one "
            'object a line, e.g. {"text": "good", "label": 1}.'
        )


class ParquetSource(FileSource):
    """The columns of a parquet file, with the types that they have there."""

    kind = "parquet"

    def _read_columns(self) -> tuple[str, ...]:
        with self._file() as file:
            return tuple(file.schema_arrow.names)

    def _read(self, columns: tuple[str, ...]) -> Iterator[pd.DataFrame]:
        import pyarrow as pa

        start = 0
        try:
            with self._file() as file:
                for batch in file.iter_batches(CHUNK_ROWS, columns=list(set(columns))):
                    yield self._frame(_plain(batch), start)[list(columns)]
                    start += len(batch)
        except pa.ArrowException as error:
            raise self._broken(error) from None

    def _frame(self, batch: pa.RecordBatch, start: int) -> pd.DataFrame:
        import pyarrow as pa

        types = _whole_number_types()
        try:
            frame = batch.to_pandas(types_mapper=types.get, ignore_metadata=True)
        except pa.ArrowException:
            raise
        except (ValueError, OverflowError, NotImplementedError) as error:
            # Python's dates and times are narrower than parquet's.
            raise self._unreadable(batch, start, error) from None
        refuse_far_dates(frame, self.name, start)
        return frame

    def _unreadable(
        self, batch: pa.RecordBatch, start: int, error: Exception
    ) -> DataError:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            for row in range(len(column)):
                try:
                    column.slice(row, 1).to_pandas()
                except (ValueError, OverflowError, NotImplementedError) as wrong:
                    return DataError(
                        f"Column {name!r} of {self.name} holds in row "
                        f"{start + row + 1:,} a {column.type} that Python cannot: "
                        f"{wrong}. Mend it, or write the column as text."
                    )
        return DataError(f"{self.name} cannot be read: {error}. Write it again.")

    def _file(self) -> pq.ParquetFile:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        try:
            # Without a buffer a whole column of a row group is read at once.
            return ParquetFile(self.path, buffer_size=READ_BYTES, pre_buffer=False)
        except pa.ArrowException as error:
            raise self._broken(error) from None

    def _broken(self, error: Exception) -> DataError:
        reason = str(error).splitlines()[0].rstrip(".")
        return DataError(
            f"{self.path} is not a whole parquet file: {reason}. Write it again."
        )


def _whole_number_types() -> dict[pa.DataType, Any]:
    """Types that keep whole numbers whole where values are missing."""
    import pandas as pd
    import pyarrow as pa

    return {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.uint8(): pd.UInt8Dtype(),
        pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(),
        pa.uint64(): pd.UInt64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Categories become their values, and bytes the UTF-8 text they stand for."""
    import pyarrow as pa

    arrays = []
    for array in batch.columns:
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
            array = array.cast(pa.string())
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)

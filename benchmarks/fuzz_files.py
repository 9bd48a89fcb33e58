"""Tables written as csv, jsonl, parquet and ts, now and then not quite well; packed."""

from __future__ import annotations

import bz2
import csv
import decimal
import gzip
import io
import json
import lzma
import random
import zipfile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fuzz_tables import Row


def as_csv(rows: list[Row], chance: random.Random) -> bytes:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(k for row in rows for k in row))
    if columns and chance.random() < 0.05:
        columns.append(columns[0])
    separator = ";" if chance.random() < 0.03 else ","
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(columns)
    for row in rows:
        cells = [row.get(column) for column in columns]
        writer.writerow([_text(cell) for cell in cells])
    if chance.random() < 0.05:
        out.write(chance.choice(['"', "a,b,c,d,e,f\n", "\n\n", '"x"y\n', "\x00\n"]))
    encodings = ["utf-8"] * 12 + ["utf-16", "utf-8-sig", "utf-32", "cp1252"]
    encoding = chance.choice(encodings)
    errors = "surrogatepass" if encoding.startswith("utf") else "replace"
    return out.getvalue().encode(encoding, errors)


def _text(cell: Any) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    try:
        return json.dumps(cell)
    except (TypeError, ValueError):
        return f"{cell!r:.2000}" if not isinstance(cell, int) else "1" + "0" * 5000


def as_jsonl(rows: list[Row], chance: random.Random) -> bytes:
    lines = []
    for row in rows:
        cells = [f"{json.dumps(key)}: {_json(value)}" for key, value in row.items()]
        lines.append("{" + ", ".join(cells) + "}")
    if lines and chance.random() < 0.1:
        odd = [
            "[]",
            "1",
            "{",
            "null",
            '{"a": }',
            "{}",
            '{"a": 1e999}',
            "[" * 9000,
            "NaN",
        ]
        lines.insert(chance.randrange(len(lines)), chance.choice(odd))
    return "\n".join(lines).encode()


def _json(cell: Any) -> str:
    if isinstance(cell, int) and abs(cell) > 2**64:
        return "1" + "0" * (400 if cell < 10**401 else 5000)
    if isinstance(cell, list) and cell == [10**400]:
        return "[1" + "0" * 400 + "]"
    try:
        return json.dumps(cell)
    except TypeError:
        return json.dumps(str(cell))


TYPES = [
    pa.null(), pa.bool_(), pa.int8(), pa.uint64(), pa.float16(), pa.float32(),
    pa.string(), pa.large_string(), pa.binary(), pa.binary(4), pa.date32(), pa.date64(),
    pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("us", "UTC"), pa.time64("us"),
    pa.timestamp("ms", "Europe/Berlin"), pa.duration("s"), pa.decimal128(2, 1),
    pa.decimal256(60, 2), pa.list_(pa.float64()), pa.list_(pa.decimal128(2, 1)),
    pa.list_(pa.list_(pa.int64())), pa.list_(pa.string()), pa.list_(pa.float32(), 3),
    pa.struct([("a", pa.int64())]), pa.map_(pa.string(), pa.int64()),
    pa.dictionary(pa.int8(), pa.string()), pa.month_day_nano_interval(),
    pa.list_(pa.date32()), pa.list_(pa.bool_()),
]  # fmt: skip


def _array(kind: pa.DataType, length: int, chance: random.Random) -> pa.Array | None:
    """Any bits taken for a column of that type; None where parquet has no such."""
    try:
        if pa.types.is_integer(kind) or pa.types.is_temporal(kind):
            numbers = [chance.choice([0, 1, 19000, -1, 2**30, 2**31 - 1])] * length
            if chance.random() < 0.5:
                numbers = list(range(length))
            wide = pa.array(numbers, pa.int32() if kind.bit_width == 32 else pa.int64())
            return wide.view(kind) if pa.types.is_temporal(kind) else wide.cast(kind)
        if pa.types.is_list(kind):
            values = _array(kind.value_type, length * 2, chance)
            offsets = pa.array(range(0, length * 2 + 1, 2), pa.int32())
            return pa.ListArray.from_arrays(offsets, values)
        plain = chance.choice([None, 1, 1.5, "a", "1", b"abcd", decimal.Decimal("1.5"),
                               True, {"a": 1}, [("a", 1)], [1, 2, 3]])  # fmt: skip
        return pa.array([plain] * length, kind)
    except (
        pa.ArrowException,
        NotImplementedError,
        ValueError,
        TypeError,
        OverflowError,
    ):
        return None


def as_parquet(rows: list[Row], chance: random.Random) -> bytes:
    columns = list(dict.fromkeys(k for row in rows for k in row))
    arrays, names = [], []
    for column in columns:
        cells = [row.get(column) for row in rows]
        odd = chance.random() < 0.15
        array = _array(chance.choice(TYPES), len(rows), chance) if odd else None
        arrays.append(array if array is not None else _plain_array(cells))
        names.append(column)
    if names and chance.random() < 0.05:
        names[-1] = names[0]
    file = io.BytesIO()
    try:
        table = pa.Table.from_arrays(arrays, names)
        pq.write_table(table, file, row_group_size=chance.choice([None, 7]))
    except (pa.ArrowException, NotImplementedError, UnicodeError):
        return b"PAR1"
    return file.getvalue()


def _plain_array(cells: list[Any]) -> pa.Array:
    try:
        return pa.array(cells)
    except (pa.ArrowException, OverflowError, ValueError, TypeError):
        return pa.array([_text(c).encode("utf-8", "replace").decode() for c in cells])


def as_ts(rows: list[Row], chance: random.Random) -> bytes:
    lines = ["@problemName x", "@classLabel true a b", "@data"]
    for row in rows:
        lists = [cell for cell in row.values() if isinstance(cell, list)]
        parts = [",".join(_text(number) for number in cell) for cell in lists]
        lines.append(":".join([*parts, _text(row.get("label"))]))
    if chance.random() < 0.4:
        odd = ["@timeStamps true", "", ":", "1,2:a", "?,?:?,?:a", "#", "@data", "x"]
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(odd))
    return "\n".join(lines).encode("utf-8", "replace")


WRITERS = {"csv": as_csv, "jsonl": as_jsonl, "parquet": as_parquet, "ts": as_ts}


def _zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inner", data)
    return file.getvalue()


PACKERS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pa.compress(data, "zstd", asbytes=True),
    ".zip": _zipped,
}

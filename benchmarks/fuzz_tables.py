"""Small tables for each task, and what can be done to them."""

from __future__ import annotations

import datetime
import decimal
import random
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
"""A row of a table: its cells by column."""

CELLS: list[Any] = [
    None, "", " ", "a", "nan", "NaN", "inf", "-inf", "1e400", "1e39", "NA", "0x1F",
    "1,5", "1.5", "1_000", "\u0661", "\u00e9\u4e2d\U0001f600", "\ud800", "\x00",
    "\ufeff",
    "x" * 5000, "x" * 1_000_000, "[1, 2]", "[[1]]", "[]", "{}", '{"a": 1}', "[" * 5000,
    "true", "None", "2020-01-01", "2020-13-01", "9999-12-31", "0000-00-00",
    "2020-01-01T00:00:00+25:00", "2020-01-01 24:00", "30000-01-01", "now", "1", "-0",
    True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**63, 2**64, 10**400, 10**5000, 0.5,
    1e308, -1e308, 1e-320, float("nan"), float("inf"), [], [1], [1, 2], [[1]], [None],
    ["a"], [True], [10**400], {}, {"a": 1}, [{}], [1, [2]], [1.5] * 5000, b"a",
    b"\xff\xfe", decimal.Decimal("1.5"), decimal.Decimal("NaN"), datetime.date(1, 1, 1),
    datetime.date(9999, 12, 31), datetime.datetime(2020, 1, 1), datetime.time(1),
    datetime.timedelta(days=1),
]  # fmt: skip
"""What is put in a cell's place, where the format can hold it."""

NAMES = ["", " ", "label", "text", "target", "id", "timestamp", "value", "index",
         "Unnamed: 0", "dim_0", "x" * 100, "x" * 100_000, "\x00", "\n", "\u202e", "a,b",
         '"', "\ufeffid", "\u00e9", "{", "]"]  # fmt: skip
"""What is put in a column name's place."""


def text_table(chance: random.Random) -> list[Row]:
    words = "a the film good bad ok".split()
    return [
        {
            "text": " ".join(chance.choices(words, k=4)),
            "label": "pos" if i % 2 else "neg",
        }
        for i in range(40)
    ]


def nested_table(chance: random.Random) -> list[Row]:
    return [
        {
            "x": [round(chance.gauss(i % 2, 1), 3) for _ in range(6)],
            "y": [round(chance.gauss(0, 1), 3) for _ in range(6)],
            "label": "ab"[i % 2],
            "target": i / 10,
        }
        for i in range(30)
    ]


def long_table(chance: random.Random) -> list[Row]:
    return [
        {"id": i // 4, "x": round(chance.gauss(0, 1), 3), "label": "ab"[i // 4 % 2],
         "target": i // 4 / 2}
        for i in range(120)
    ]  # fmt: skip


def stamped_table(chance: random.Random) -> list[Row]:
    first = datetime.date(2020, 1, 1)
    return [
        {"id": name, "timestamp": str(first + datetime.timedelta(days=day)),
         "value": round(chance.gauss(0, 1), 3), "extra": day % 7}
        for name in "ab"
        for day in range(40)
    ]  # fmt: skip


def wide_table(chance: random.Random) -> list[Row]:
    first = datetime.date(2020, 1, 1)
    return [
        {"timestamp": str(first + datetime.timedelta(days=day)),
         "a": round(chance.gauss(0, 1), 3), "b": round(chance.gauss(0, 1), 3)}
        for day in range(40)
    ]  # fmt: skip


def rows_table(chance: random.Random) -> list[Row]:
    return [
        {"id": f"s{i}", **{f"v{j}": round(chance.gauss(0, 1), 3) for j in range(40)}}
        for i in range(4)
    ]


TABLES: list[tuple[str, Callable[[random.Random], list[Row]], list[dict[str, Any]]]] = [
    ("text", text_table, [{}, {"data.missing": "drop"}, {"data.level": "character"}]),
    ("classes", nested_table, [{"data.values": ["x", "y"]}, {"data.values": ["x"]}]),
    ("numbers", nested_table, [{"data.values": ["x", "y"]}, {"data.missing": "drop"}]),
    (
        "classes",
        long_table,
        [{"data.layout": "long", "data.id": "id", "data.values": ["x"]}],
    ),
    ("numbers", long_table, [{"data.layout": "long", "data.id": "id"}]),
    (
        "forecast",
        stamped_table,
        [
            {"data.id": "id"},
            {"data.id": "id", "data.past": ["extra"], "data.gaps": "interpolate"},
            {"data.id": "id", "data.future": ["extra"], "data.unsorted": "sort"},
            {"data.id": "id", "data.static": ["id"]},
            {"data.timestamp": None, "data.id": "id", "data.constant": "keep"},
        ],
    ),
    (
        "forecast",
        wide_table,
        [{"data.layout": "wide"}, {"data.layout": "wide", "data.duplicates": "mean"}],
    ),
    ("forecast", rows_table, [{"data.layout": "rows", "data.timestamp": None}]),
]
"""A task, a table for it, and keys that it is read with."""


def _other_cells(rows: list[Row], chance: random.Random) -> list[Row]:
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        if rows:
            row = chance.choice(rows)
            if row:
                row[chance.choice(list(row))] = chance.choice(CELLS)
    return rows


def _other_column(rows: list[Row], chance: random.Random) -> list[Row]:
    """One column all of another kind."""
    if not rows or not rows[0]:
        return rows
    column, cell = chance.choice(list(rows[0])), chance.choice(CELLS)
    for row in rows:
        row[column] = cell
    return rows


def _renamed(rows: list[Row], chance: random.Random) -> list[Row]:
    if not rows or not rows[0]:
        return rows
    old, new = chance.choice(list(rows[0])), chance.choice(NAMES)
    return [{(new if k == old else k): v for k, v in row.items()} for row in rows]


def _without_column(rows: list[Row], chance: random.Random) -> list[Row]:
    gone = chance.choice(list(rows[0])) if rows and rows[0] else ""
    return [{k: v for k, v in row.items() if k != gone} for row in rows]


def _more_columns(rows: list[Row], chance: random.Random) -> list[Row]:
    many, cell = chance.choice([1, 3, 300]), chance.choice(CELLS[:20])
    return [row | {f"more{i}": cell for i in range(many)} for row in rows]


def _other_rows(rows: list[Row], chance: random.Random) -> list[Row]:
    kind = chance.randrange(5)
    if kind == 0:
        return rows[: chance.choice([0, 1, 2, 3, 5])]
    if kind == 1:
        return [row for row in rows if chance.random() < 0.8]
    if kind == 2:
        return chance.sample(rows, len(rows))
    if kind == 3:
        return rows + [dict(row) for row in rows[: len(rows) // 2]]
    return rows * 60


MUTATIONS = [_other_cells] * 5 + [
    _other_column, _other_column, _renamed, _without_column, _more_columns, _other_rows,
]  # fmt: skip

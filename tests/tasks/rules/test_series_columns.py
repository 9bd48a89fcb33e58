"""Which columns hold series: found where there is one reading, else asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.forecast.spec import ForecastData
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError
from seqkit.tasks.rules.series_columns import column_keys

STEPS = 40
STAMPS = list(pd.date_range("2020-01-01", periods=STEPS).astype(str))
VALUES = np.random.default_rng(0).normal(size=STEPS)


def found(columns: dict[str, Any], **given: Any) -> tuple[Any, ...]:
    spec = ForecastData(source="frame", lookback=2, horizon=1)
    source = FrameSource(pd.DataFrame(columns), named=set(columns))
    keys = column_keys(source, spec, given)
    return keys["layout"], keys["timestamp"], keys["id"], keys["values"]


def twice(values: Any) -> list[Any]:
    return [*values, *values]


def test_one_series_is_the_column_of_numbers_beside_the_timestamps() -> None:
    assert found({"day": STAMPS, "y": VALUES}) == ("long", "day", None, ("y",))
    assert found({"y": VALUES}) == ("long", None, None, ("y",))
    years = {"Year": range(1900, 1940), "y": VALUES}
    assert found(years) == ("long", "Year", None, ("y",))
    indexed = {"Unnamed: 0": range(STEPS), "day": STAMPS, "y": VALUES}
    assert found(indexed) == ("long", "day", None, ("y",))


def test_a_timestamp_that_comes_twice_asks_for_the_column_that_parts_its_rows() -> None:
    names = ["a"] * STEPS + ["b"] * STEPS
    table = {"day": twice(STAMPS), "shop": names, "y": twice(VALUES)}
    assert found(table) == ("long", "day", "shop", ("y",))
    numbered = table | {"shop": [1] * STEPS + [2] * STEPS}
    assert found(numbered) == ("long", "day", "shop", ("y",))
    with pytest.raises(DataError, match=r"'shop', 'store'\. Name it in data\.id\."):
        found(table | {"store": names})
    del table["shop"]
    with pytest.raises(DataError, match=r"which series a row is of\. Name it"):
        found(table)


def test_rows_of_many_numbers_are_series() -> None:
    rows = {"name": list("abcde")} | {f"h{n}": VALUES[n : n + 5] for n in range(30)}
    assert found(rows) == ("rows", None, "name", None)


def test_several_columns_of_numbers_are_asked_about() -> None:
    table = {"day": STAMPS, "a": VALUES, "b": VALUES + 1}
    with pytest.raises(DataError, match="'a', 'b': each may be a series"):
        found(table)
    assert found(table, layout="wide") == ("wide", "day", None, None)
    assert found(table, values=("a", "b")) == ("wide", "day", None, ("a", "b"))
    assert found(table, values=("b",)) == ("long", "day", None, ("b",))
    usual = {"timestamp": STAMPS, "rain": VALUES, "value": VALUES}
    assert found(usual) == ("long", "timestamp", None, ("value",))


def test_several_columns_of_timestamps_are_asked_about() -> None:
    with pytest.raises(DataError, match=r"'begin', 'end', each of which"):
        found({"begin": STAMPS, "end": STAMPS, "y": VALUES})

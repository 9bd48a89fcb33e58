"""Cells, names and files of strangers that no model can use: one sentence each."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqkit.data.forecast.frames import read_series as read_steps
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.rows.labels import checked_labels
from seqkit.data.rows.numbers import checked_numbers
from seqkit.data.series.rows import read_series, value_columns
from seqkit.data.series.spec import LabelledSeries, MeasuredSeries
from seqkit.data.sources.base import open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.data.sources.given import given_source, source_name
from seqkit.data.text.rows import read_rows
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError

DAYS = [f"2020-01-{day:02d}" for day in range(1, 31)]
HUGE = 10**400


def refusal(call: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        call(*args, **options)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 600
    return text


def jsonl(folder: Path, rows: list[dict[str, Any]]) -> str:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return f"jsonl:{path}"


def parquet(folder: Path, **columns: pa.Array) -> str:
    path = folder / "rows.parquet"
    pq.write_table(pa.table(columns), path)
    return f"parquet:{path}"


def read_all(spec: Any, answer: str | None = None) -> None:
    """Read what a recipe's ``data`` section names, as training does."""
    source = open_source(spec)
    if isinstance(spec, ForecastData):
        read_steps(source, "train", spec)
        return
    if isinstance(spec, LabelledText):
        list(read_rows(source, "train", spec, spec.label))
        return
    columns = value_columns(source, spec, answer)
    for rows in read_series(source, "train", spec, columns, answer):
        checked = (
            checked_labels if isinstance(spec, LabelledSeries) else checked_numbers
        )
        checked(rows.answers, answer or "", source.name, "series")


def forecast(source: str, **keys: Any) -> ForecastData:
    return ForecastData(source=source, lookback=4, horizon=1, **keys)


# Whole numbers of more than 308 digits


def test_a_huge_number_in_a_list_is_named(tmp_path: Path) -> None:
    source = jsonl(tmp_path, [{"x": [1, 2], "t": 1}, {"x": [1, HUGE], "t": 1}])
    text = refusal(read_all, MeasuredSeries(source=source, target="t"), "t")
    assert "Row 2 of" in text and "column 'x'" in text
    assert "100000... (401 digits), which is too large" in text


def test_a_huge_number_in_a_long_column_is_named(tmp_path: Path) -> None:
    source = jsonl(tmp_path, [{"id": 1, "x": HUGE, "label": "a"}])
    spec = LabelledSeries(source=source, layout="long", id="id")
    text = refusal(read_all, spec, "label")
    assert text.startswith("Column 'x' of") and "in row 1, which is too large" in text


def test_a_huge_target_is_named(tmp_path: Path) -> None:
    source = jsonl(tmp_path, [{"x": [1, 2], "t": HUGE}])
    text = refusal(read_all, MeasuredSeries(source=source, target="t"), "t")
    assert (
        "must hold a finite number for each series, got 100000... (401 digits)" in text
    )


@pytest.mark.parametrize("huge", [HUGE, -HUGE])
def test_a_huge_value_to_forecast_is_named(tmp_path: Path, huge: int) -> None:
    rows = [{"timestamp": day, "value": 1} for day in DAYS]
    rows[3]["value"] = huge
    text = refusal(read_all, forecast(jsonl(tmp_path, rows)))
    assert "holds 1 numbers beyond 3.4e+38" in text and "row 4" in text


def test_a_huge_timestamp_is_named(tmp_path: Path) -> None:
    rows = [{"timestamp": 2000 + year, "value": 1} for year in range(9)]
    rows[3]["timestamp"] = HUGE
    text = refusal(read_all, forecast(jsonl(tmp_path, rows)))
    assert "the number 100000... (401 digits) in row 4" in text


# Lists as labels, halves of characters


def test_a_list_is_no_label_of_a_text(tmp_path: Path) -> None:
    lists = pa.array([["1.5"], ["1.5", "2"]])
    source = parquet(tmp_path, text=pa.array(["a", "b"]), label=lists)
    text = refusal(read_all, LabelledText(source=source))
    assert text.startswith("Column 'label' of parquet:")
    assert "must hold a label in each row, text or a number, got the list" in text


@pytest.mark.parametrize("length", [1, 3])
def test_a_list_is_no_label_of_a_series(tmp_path: Path, length: int) -> None:
    lists = pa.array([[1.5] * length] * 2)
    source = parquet(tmp_path, id=pa.array([1, 1]), x=pa.array([0.1, 0.2]), label=lists)
    spec = LabelledSeries(source=source, layout="long", id="id")
    assert "got the list [1.5" in refusal(read_all, spec, "label")


def test_a_list_is_no_target(tmp_path: Path) -> None:
    source = jsonl(tmp_path, [{"x": [1, 2], "t": [1, 2]}])
    text = refusal(read_all, MeasuredSeries(source=source, target="t"), "t")
    assert "must hold a finite number for each series, got [1, 2]" in text


def test_half_a_character_is_no_label_id_or_name(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"text": "a", "label": "\ud800"}]
    text = refusal(read_all, LabelledText(source=jsonl(tmp_path, rows)))
    assert r"half a character (U+D800 to U+DFFF) in '\ud800'" in text
    rows = [{"timestamp": day, "value": 1, "id": "\udfff"} for day in DAYS]
    text = refusal(read_all, forecast(jsonl(tmp_path, rows), id="id"))
    assert r"half a character (U+D800 to U+DFFF) in '\udfff'" in text
    rows = [{"timestamp": day, "a\ud800": 1} for day in DAYS]
    spec = forecast(jsonl(tmp_path, rows), layout="wide")
    assert r"'a\ud800' whose name holds half a character" in refusal(read_all, spec)


# Far dates


@pytest.mark.parametrize(
    "kind",
    [pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ms", "UTC")],
    ids=str,
)
def test_a_date_beyond_the_calendar_is_named(tmp_path: Path, kind: pa.DataType) -> None:
    days = np.arange("2020-01-01", "2020-01-31", dtype="datetime64[D]")
    days[6] = np.datetime64("30000-01-01")
    stamps = pa.array(days).cast(kind)
    source = parquet(tmp_path, timestamp=stamps, value=pa.array(range(30)))
    text = refusal(read_all, forecast(source))
    assert text.startswith("Column 'timestamp' of parquet:") and "in row 7" in text


def test_a_frame_with_a_far_date_is_refused() -> None:
    days = pd.Series(np.array(["2020-01-01", "30000-01-01"], "datetime64[s]"))
    source = FrameSource(pd.DataFrame({"timestamp": days, "value": [1, 2]}))
    text = refusal(lambda: list(source.chunks("train", ("timestamp", "value"))))
    assert "holds the date 30000-01-01 in row 2" in text


def test_a_time_beyond_its_day_is_named(tmp_path: Path) -> None:
    times = pa.array([0, 10**12], pa.int64()).view(pa.time64("us"))
    source = parquet(tmp_path, text=pa.array(["a", "b"]), label=times)
    text = refusal(read_all, LabelledText(source=source))
    assert "Column 'label' of" in text and "in row 2 a time64[us]" in text


# Files


@pytest.mark.parametrize("name", ["csv:~nouser/x.csv", "~nouser/x.csv"])
def test_an_unknown_users_home_is_a_sentence(name: str) -> None:
    spec = LabelledText(source=source_name(name))
    text = refusal(given_source, None, spec)
    assert text.startswith("'~nouser/x.csv' cannot be opened: ")


@pytest.mark.parametrize("codec", ["punycode", "idna", "unicode_escape", "undefined"])
def test_codecs_that_no_file_is_written_in_are_refused(
    tmp_path: Path, codec: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "a" * 200_000 + ",b\n")
    spec = LabelledText(source=f"csv:{path}", encoding=codec)
    text = refusal(open_source, spec)
    assert "must be a text encoding that Python knows" in text
    assert f"got {codec!r}" in text


def test_bytes_that_are_no_text_are_named_in_a_zst_file_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.zst"
    packed = pa.compress(b"text,label\ngood,a\n\xff\xfe,b\n", "zstd", asbytes=True)
    path.write_bytes(packed)
    text = refusal(read_all, LabelledText(source=f"csv:{path}"))
    assert "line 3: the bytes ff are not utf-8 text" in text


def test_a_table_of_very_many_columns_is_read_in_a_moment(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(50_000)]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([",".join(names), ",".join(["1"] * len(names))]))
    source = open_source(LabelledText(source=f"csv:{path}"))
    begun = time.process_time()
    (frame,) = source.chunks("train", names[::-1])
    assert frame.shape == (1, 50_000)
    # Places looked up one by one would take a quarter of a minute.
    assert time.process_time() - begun < 5
    text = refusal(source.chunks, "train", ["text"])
    assert text.endswith("and 49,980 more.")

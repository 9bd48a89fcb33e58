"""Whole series: both layouts, every source, and what is wrong with a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.series.rows import (
    interpolated,
    narrowed,
    read_series,
    value_columns,
)
from seqkit.data.series.spec import LabelledSeries
from seqkit.data.sources.base import Source, check_request, open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError

NAN = float("nan")


class Chunked(Source):
    """A frame a few rows at a time."""

    name = "chunked"

    def __init__(self, frame: pd.DataFrame, rows: int) -> None:
        self.frame, self.rows = frame, rows

    def columns(self) -> tuple[str, ...]:
        return tuple(self.frame.columns)

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        for start in range(0, len(self.frame), self.rows):
            yield self.frame[list(columns)][start : start + self.rows].reset_index(
                drop=True
            )


def spec(**changed: Any) -> LabelledSeries:
    return LabelledSeries(source="frame", **changed)


LONG = {"layout": "long", "id": "id"}


def nested(*rows: dict[str, Any]) -> FrameSource:
    frame = pd.DataFrame(
        {key: pd.Series([r[key] for r in rows], dtype=object) for key in rows[0]}
    )
    return FrameSource(frame)


def read(source: Source, columns: tuple[str, ...] = (), **changed: Any) -> list[Any]:
    """Pairs of a series as lists and its label."""
    wanted = spec(**changed)
    columns = columns or value_columns(source, wanted, "label")
    found = []
    for rows in read_series(source, "train", wanted, columns, "label"):
        assert all(one.dtype == np.float64 for one in rows.inputs)
        found += list(zip((s.tolist() for s in rows.inputs), rows.answers, strict=True))
    return found


def sentence(source: Source, **changed: Any) -> str:
    with pytest.raises(DataError) as error:
        read(source, **changed)
    return str(error.value)


SERIES = [([[1.0, 4.0], [2.0, 5.0], [3.5, 6.0]], "x"), ([[7.0, 8.0]], "y")]
FRAME = pd.DataFrame(
    {"a": [[1.0, 2.0, 3.5], [7.0]], "b": [[4.0, 5.0, 6.0], [8.0]], "label": ["x", "y"]}
)


# Layouts


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_files_give_the_series_of_the_frame(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"series.{kind}"
    match kind:
        case "csv":
            FRAME.to_csv(path, index=False)
        case "jsonl":
            FRAME.to_json(path, orient="records", lines=True)
        case "parquet":
            FRAME.to_parquet(path)
    source = open_source(LabelledSeries(source=f"{kind}:{path}"))
    assert read(source) == SERIES
    assert read(FrameSource(FRAME)) == SERIES


@pytest.mark.parametrize("cell", [[1, 2], (1, 2), np.array([1, 2]), "[1, 2]", [1, "2"]])
def test_a_cell_may_be_any_list(cell: Any) -> None:
    assert read(nested({"a": cell, "label": 0})) == [([[1.0], [2.0]], 0)]


def test_columns_are_those_named_in_that_order() -> None:
    found = read(FrameSource(FRAME), values=("b", "a"))
    assert found[1] == ([[8.0, 7.0]], "y")


def test_all_columns_count_that_no_other_key_names() -> None:
    long = FrameSource(pd.DataFrame(columns=["u", "id", "v", "label"], index=[0]))
    assert value_columns(long, spec(**LONG), "label") == ("u", "v")
    with pytest.raises(DataError, match="^frame has no column of numbers beside 'la"):
        value_columns(FrameSource(FRAME[["label"]]), spec(), "label")


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
@pytest.mark.parametrize("ids", [("p", "q"), (1, 2.0)])
def test_long_rows_give_the_series_of_nested_ones(rows: int, ids: Any) -> None:
    frame = pd.DataFrame(
        {
            "id": pd.Series([ids[0]] * 3 + [ids[1]], dtype=object),
            "a": [1.0, 2.0, 3.5, 7.0],
            # csv gives text
            "b": pd.Series(["4", "5", "6", "8"], dtype=object),
            "label": ["x", "x", "x", "y"],
        }
    )
    assert read(Chunked(frame, rows), **LONG) == SERIES


def test_answers_are_left_alone_where_none_are_asked_for() -> None:
    unlabelled = FrameSource(FRAME[["a", "b"]])
    (rows,) = read_series(unlabelled, "train", spec(), ("a", "b"))
    assert rows.answers == [] and len(rows.inputs) == 2


# Missing values


def test_gaps_are_interpolated_and_ends_take_the_nearest() -> None:
    source = nested({"a": [None, 1, NAN, NAN, 4, float("inf")], "label": 0})
    assert read(source, missing="interpolate") == [([[1], [1], [2], [3], [4], [4]], 0)]


@pytest.mark.parametrize("word", ["", " ", "NA", "na", "nan", "NaN"])
def test_a_word_for_missing_is_a_gap_in_every_layout(word: str, tmp_path: Path) -> None:
    steps = pd.DataFrame(
        {"id": list("uuu"), "a": ["1.1", word, "3.1"], "label": ["x"] * 3}
    )
    path = tmp_path / "steps.csv"
    steps.to_csv(path, index=False)
    source = open_source(LabelledSeries(source=f"csv:{path}", **LONG))
    filled = np.interp(range(3), [0, 2], np.float32([1.1, 3.1])).astype(np.float32)
    cells = nested({"a": ["1.1", word, "3.1"], "label": "x"})
    for one, layout in ((source, LONG), (FrameSource(steps), LONG), (cells, {})):
        ((series, _),) = read(one, ("a",), missing="interpolate", **layout)
        assert np.float32(series)[:, 0].tolist() == filled.tolist()


def test_interpolation_is_by_column() -> None:
    values = np.array([[0, NAN], [NAN, 5], [4, 6]], np.float32)
    assert interpolated(values).tolist() == [[0, 5], [2, 5], [4, 6]]
    assert np.isnan(values[1, 0])


def test_series_with_gaps_may_be_left_out() -> None:
    rows = [
        {"a": [1.0, NAN], "label": 0},
        {"a": [2.0], "label": 1},
        {"a": None, "label": 2},
        # beyond what 32 bits hold
        {"a": [1e300], "label": 3},
    ]
    assert read(nested(*rows), missing="drop") == [([[2.0]], 1)]


def test_a_gap_is_an_error_that_tells_the_place() -> None:
    frame = pd.DataFrame({"id": [1, 1, 2], "a": [1.0, 2.0, NAN], "label": 0})
    assert sentence(FrameSource(frame), **LONG) == (
        "Series '2' of frame has no finite number in column 'a', step 1. Mend it, or "
        "set data.missing to drop (leave such series out) or interpolate."
    )


# What is wrong


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"a": [1, 2], "b": [1]}, "has 1 steps in column 'b', but 2 in 'a'. Give all"),
        ({"a": [], "b": []}, "is a series without steps. Leave it out."),
        (
            {"a": [1], "b": 2.5},
            "column 'b', holds 2.5 where a list of numbers belongs.",
        ),
        (
            {"a": [1], "b": "oops"},
            "column 'b', holds the text 'oops', which is no list",
        ),
        ({"a": [1, "x"], "b": [1, 2]}, "column 'a', holds 'x', which is no number."),
        (
            {"a": [[1], [2]], "b": [1, 2]},
            "column 'a', holds a list of lists. Give each",
        ),
        ({"a": [[1], 2], "b": [1, 2]}, "column 'a', holds [1], which is no number."),
        ({"a": None, "b": [1]}, "has nothing in column 'a'. Give it a list of numbers"),
    ],
)
def test_a_bad_row_is_named(row: dict[str, Any], told: str) -> None:
    good = {"a": [1.0], "b": [2.0], "label": 0}
    message = sentence(nested(good, row | {"label": 1}))
    assert message.startswith("Row 2 of frame") and told in message


def test_a_series_without_any_number_cannot_be_interpolated() -> None:
    source = nested({"a": [1.0, 2.0], "b": [NAN, NAN], "label": 0})
    told = sentence(source, missing="interpolate")
    assert "has no finite number at all in column 'b'" in told


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_rows_of_a_series_that_lie_apart_are_an_error(rows: int) -> None:
    frame = pd.DataFrame({"id": [1, 2, 1], "a": [1.0, 2.0, 3.0], "label": 0})
    assert sentence(Chunked(frame, rows), **LONG) == (
        "The rows of series '1' of chunked are not together: it begins again in row 3. "
        "Sort the rows by 'id', and by time within it."
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"label": [0, 1, 0]},
            "Series '1' of frame has 0 in column 'label', but 1 in row 2.",
        ),
        ({"id": [1, None, 2]}, "Column 'id' of frame has no value in row 2."),
        ({"a": ["1", "2", "x"]}, "Column 'a' of frame holds 'x' in row 3, which is no"),
    ],
)
def test_bad_long_rows_are_named(changed: dict[str, Any], told: str) -> None:
    plain = {"id": [1, 1, 2], "a": [1.0, 2.0, 3.0], "label": [0, 0, 0]} | changed
    frame = pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in plain.items()})
    assert sentence(FrameSource(frame), **LONG).startswith(told)


def test_a_column_keeps_float64_where_float32_costs_its_changes() -> None:
    step = np.arange(8.0)
    columns = [0.1 * step, 1e9 + 0.1 * step, np.full(8, 0.1), step + 5000.1]
    values = np.stack(columns, axis=1)
    found = narrowed(values)
    narrow = values.astype(np.float32)
    assert np.array_equal(found[:, [0, 2, 3]], narrow[:, [0, 2, 3]])
    assert np.array_equal(found[:, 1], values[:, 1])
    values[3, 1], values[4, 0], values[5, 3] = np.nan, 1e300, -np.inf
    found = narrowed(values)
    rest = np.isfinite(values[:, 1])
    assert np.array_equal(found[rest, 1], values[rest, 1])
    assert np.isnan(found[3, 1]) and np.isposinf(found[4, 0])
    assert np.isneginf(found[5, 3])

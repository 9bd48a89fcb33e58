"""Which columns are values, where a recipe does not say."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.rows.column_choice import ColumnChoice, choose_columns
from seqkit.data.sources.base import CHUNK_ROWS, open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError, DataWarning

DRAW = np.random.default_rng(3)


def left_out(layout: str, id: str | None = None, /, **columns: Any) -> dict[str, str]:
    """What is left out of a frame that has a column ``x`` of chance, too."""
    rows = len(next(iter(columns.values())))
    x = DRAW.normal(size=(rows, 4)).tolist() if layout == "nested" else None
    frame = pd.DataFrame({"x": DRAW.normal(size=rows) if x is None else x} | columns)
    names = [c for c in frame.columns if c != id]
    choice = choose_columns(FrameSource(frame), "train", names, layout, id)
    assert set(choice.taken) | set(choice.left_out) == set(names)
    return dict(choice.left_out)


@pytest.mark.parametrize("name", ["", " ", "Unnamed: 0", "__index_level_0__"])
@pytest.mark.parametrize("layout", ["long", "wide", "nested", "rows"])
def test_a_column_without_a_name_holds_no_values(name: str, layout: str) -> None:
    assert left_out(layout, **{name: DRAW.permutation(12)}) == {name: "no name"}


@pytest.mark.parametrize("first", [0, 1, 17])
@pytest.mark.parametrize("kind", [int, float, str, "Int64", object])
def test_what_counts_rows_holds_no_values(first: int, kind: Any) -> None:
    counter = pd.Series(np.arange(first, first + 12)).astype(kind)
    assert left_out("wide", t=counter) == {"t": "counts"}


def test_what_counts_anew_in_each_series_holds_no_values() -> None:
    id = [name for name in "abcd" for _ in range(5)]
    assert left_out("long", "id", id=id, t=[*range(5)] * 4) == {"t": "counts"}
    each = [row // 2 for row in range(24)]
    assert left_out("long", "id", id=[f"s{n}" for n in each], k=each) == {"k": "counts"}
    # Without an id that tells series it does not count.
    assert left_out("wide", t=[*range(5)] * 4) == {}


@pytest.mark.parametrize(
    "values",
    [
        np.arange(12) * 2,
        np.arange(12) + 0.5,
        np.cumsum(DRAW.integers(1, 4, 12)),
        [*range(11), 12],
        [*range(11), None],
        np.arange(12)[::-1],
        np.arange(9),
        DRAW.permutation(12),
    ],
)
@pytest.mark.parametrize("layout", ["long", "wide"])
def test_other_numbers_are_values(values: Any, layout: str) -> None:
    column = pd.Series(values)
    id = pd.Series(["a"] * 5 + ["b"] * (len(column) - 5))
    assert left_out(layout, "id", id=id, y=column) == {}


@pytest.mark.parametrize(
    "values",
    [
        pd.date_range("2020-01-01", periods=12),
        pd.date_range("2020-01-01", periods=12, tz="UTC"),
        pd.period_range("2020-01", periods=12, freq="M"),
        pd.Series(list(pd.date_range("2020-01-01", periods=12).date), dtype=object),
        pd.date_range("2020-01-01", periods=12).strftime("%Y-%m-%d"),
        pd.date_range("2020-01-01", periods=12).strftime("%d.%m.%Y %H:%M"),
        pd.date_range("2020-01-01", periods=12).strftime("%m/%d/%Y"),
        pd.date_range("2020-01-01", periods=12).strftime("%Y-%m-%dT%H:%M:%S+01:00"),
        pd.date_range("2020-01-01", periods=12, freq="h").strftime("%H:%M"),
        pd.date_range("2020-01-01", periods=12).strftime("%Y%m%d").astype(int),
        ["2001Q1", "2001Q2", None],
    ],
)
@pytest.mark.parametrize("layout", ["long", "wide"])
def test_timestamps_hold_no_values(values: Any, layout: str) -> None:
    assert left_out(layout, when=pd.Series(values)) == {"when": "timestamps"}


def test_text_that_names_rows_holds_no_values() -> None:
    names = pd.Series([f"row {row}" for row in range(12)])
    for layout in ("long", "wide", "nested", "rows"):
        if layout == "rows":
            frame = pd.DataFrame({"name": names, "V1": DRAW.normal(size=12)})
            source = FrameSource(frame)
            choice = choose_columns(source, "train", ["name", "V1"], layout)
            assert choice == ColumnChoice(("V1",), {"name": "names"})
        else:
            assert left_out(layout, name=names) == {"name": "names"}


@pytest.mark.parametrize(
    "texts",
    [
        [f"{row},5" for row in range(12)],
        [f"1,{row:03}.5" for row in range(12)],
        [f"{row} %" for row in range(12)],
        ["a", "b"] * 6,
        [*map(str, DRAW.normal(size=11)), "n/a"],
    ],
)
def test_text_that_may_be_meant_for_numbers_is_not_passed_over(texts: Any) -> None:
    assert left_out("wide", y=pd.Series(texts)) == {}


def test_nested_columns_of_steps_and_names_hold_no_values() -> None:
    lengths = DRAW.integers(3, 6, 12)
    steps = pd.Series([list(range(n)) for n in lengths])
    assert left_out("nested", t=steps) == {"t": "counts"}
    assert left_out("nested", t=steps.map(str)) == {"t": "counts"}
    assert left_out("nested", row=np.arange(12)) == {"row": "counts"}
    index = pd.date_range("2020-01-01", periods=12)
    assert left_out("nested", day=index) == {"day": "timestamps"}


@pytest.mark.parametrize(
    "cells",
    [
        [np.arange(5) + row for row in range(12)],
        [np.arange(5) * 2] * 12,
        [np.cumsum(DRAW.integers(0, 3, 5)) for _ in range(12)],
        [np.arange(5) / 4] * 12,
        [np.arange(40)],
        [[0, 1, None, 3, 4]] * 12,
    ],
)
def test_series_that_rise_are_values(cells: Any) -> None:
    plain = pd.Series([list(cell) for cell in cells])
    assert left_out("nested", y=plain) == {}


def test_in_rows_only_what_stands_before_the_first_step_is_looked_at() -> None:
    counter = np.arange(12)
    frame = pd.DataFrame({"row": counter, "V1": DRAW.normal(size=12), "V2": counter})
    choice = choose_columns(FrameSource(frame), "train", list(frame.columns), "rows")
    assert choice == ColumnChoice(("V1", "V2"), {"row": "counts"})


def test_a_counter_is_taken_where_there_is_nothing_else() -> None:
    frame = pd.DataFrame({"": range(12), "sold": range(100, 112)})
    choice = choose_columns(FrameSource(frame), "train", ["", "sold"], "wide")
    assert choice == ColumnChoice(("sold",), {"": "no name"})
    with pytest.raises(DataError, match="no column of values but '' \\(no name\\)"):
        choose_columns(FrameSource(frame), "train", [""], "wide")


def test_what_training_chose_holds_for_other_data() -> None:
    trained = ColumnChoice(("a", "b"), {"t": "counts"})
    other = pd.DataFrame({"a": range(12), "t": DRAW.normal(size=12)})
    other["new"] = range(12)
    columns = list(other.columns)
    found = choose_columns(
        FrameSource(other), "train", columns, "wide", trained=trained
    )
    assert found == ColumnChoice(("a",), {"t": "counts", "new": "counts"})
    assert ColumnChoice.from_dict(found.to_dict()) == found


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_files_are_looked_at_in_their_first_chunk_alone(
    kind: str, tmp_path: Path
) -> None:
    rows = CHUNK_ROWS + 10
    frame = pd.DataFrame({"t": np.arange(rows), "x": DRAW.normal(size=rows)})
    frame.loc[rows - 1, "t"] = 0
    path = tmp_path / f"x.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    source = open_source(LabelledText(source=f"{kind}:{path}"))
    choice = choose_columns(source, "train", ["t", "x"], "wide")
    assert choice == ColumnChoice(("x",), {"t": "counts"})


def test_what_is_left_out_is_told_in_one_sentence() -> None:
    choice = ColumnChoice(("x", "y"), {"": "no name", "t": "counts"})
    with pytest.warns(DataWarning) as told:
        choice.tell("frame")
    assert str(told[0].message) == (
        "Values of frame are read from x, y; left out: '' (no name), t (counts rows, "
        "steps or series). Name the columns in data.values to choose others."
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ColumnChoice(("x",), {}).tell("frame")


def test_a_note_on_many_columns_stays_short() -> None:
    choice = ColumnChoice(
        tuple(map(str, range(99))), {f"t{n}": "counts" for n in range(99)}
    )
    with pytest.warns(DataWarning, match="and 91 more; left out: t0 .* and 91 more"):
        choice.tell("frame")


def test_huge_numbers_do_not_stop_the_look(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        "".join(f'{{"x": {row}.5, "y": 1{"0" * 400}}}\n' for row in range(12))
    )
    source = open_source(LabelledText(source=f"jsonl:{path}"))
    assert choose_columns(source, "train", ["x", "y"], "wide").taken == ("x", "y")


@pytest.mark.parametrize(
    "cells",
    [
        [[1, [2]], [1, 2]],
        [[float("inf"), float("inf")], [1, 2]],
        ["[1, [2]]", "[1, 2]"],
        [float("inf"), float("inf"), 1.0],
        ["inf", "inf", "1"],
        ["\ud800", "a", "b"],
        [{"a": 1}, [1], None],
    ],
    ids=["ragged", "infinite-list", "text", "infinite", "inf", "half", "mixed"],
)
@pytest.mark.parametrize("layout", ["nested", "long", "wide", "rows"])
def test_awkward_cells_are_looked_at_without_a_word(
    cells: list[Any], layout: str
) -> None:
    # A warning of NumPy's would be an error here.
    assert left_out(layout, a=pd.Series(cells, dtype=object)) in ({}, {"a": "names"})

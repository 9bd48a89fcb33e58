"""Pairs of texts: read, checked, and drawn into parts."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.pairs.rows import PairReading, PairScan, references
from seqkit.data.pairs.spec import PairData
from seqkit.data.rows.hashes import hash_text
from seqkit.data.rows.parted import PartedRows
from seqkit.data.sources.base import CHUNK_ROWS, Source, open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning


def reading_of(data: PairData) -> PairReading:
    return PairReading(data, data.output)


def spec(**changed: Any) -> PairData:
    return PairData(**{"source": "frame", **changed})


def frame(inputs: list[Any], outputs: list[Any]) -> FrameSource:
    columns = {"input": inputs, "output": outputs}
    return FrameSource(
        pd.DataFrame({name: pd.Series(v, dtype=object) for name, v in columns.items()})
    )


def read(
    source: Source, answers: bool = True, tell: bool = False, **changed: Any
) -> list[tuple[str, Any]] | list[str]:
    chunks = list(reading_of(spec(**changed)).rows(source, "train", answers, tell))
    inputs = [one for rows in chunks for one in rows.inputs]
    outputs = [one for rows in chunks for one in rows.answers]
    return list(zip(inputs, outputs, strict=True)) if answers else inputs


def test_inputs_and_outputs_are_read_as_they_are() -> None:
    pairs = [(" a\u2028b ", "B\r\n"), ("c", "\0d")]
    source = frame(*map(list, zip(*pairs, strict=True)))
    assert read(source) == pairs
    assert read(source, answers=False) == [" a\u2028b ", "c"]


def test_only_inputs_are_needed_where_no_answers_are() -> None:
    source = FrameSource(pd.DataFrame({"input": ["a"]}))
    assert read(source, answers=False) == ["a"]
    with pytest.raises(DataError) as error:
        read(source)
    assert str(error.value) == (
        "frame has no column 'output', which data.output names, only 'input'. Name it: "
        "data.output=COLUMN."
    )


@pytest.mark.parametrize("place", [0, 1], ids=["input", "output"])
def test_missing_texts_are_refused_left_out_or_empty(place: int) -> None:
    row = ["e", "f"]
    row[place] = None  # type: ignore[call-overload]
    source = frame(["a", row[0], "c"], ["b", row[1], "d"])
    column = ("input", "output")[place]
    told = f"Column '{column}' of frame has no value in row 2. Mend it, or set"
    with pytest.raises(DataError, match=told):
        read(source)
    with pytest.warns(DataWarning, match="1 of 3 rows of frame, where a text"):
        assert read(source, tell=True, missing="drop") == [("a", "b"), ("c", "d")]
    taken = ["e", "f"]
    taken[place] = ""
    assert read(source, missing="empty")[1] == tuple(taken)


def test_rows_are_numbered_through_chunks_and_after_dropped_ones() -> None:
    inputs: list[Any] = ["a"] * (CHUNK_ROWS + 2)
    outputs: list[Any] = ["b"] * CHUNK_ROWS + ["b", ["c", 3]]
    inputs[CHUNK_ROWS] = None
    told = f"Row {CHUNK_ROWS + 2:,}, column 'output', of frame holds 3 among"
    with pytest.raises(DataError, match="has no value in row 4,097"):
        read(frame(inputs, outputs))
    with pytest.raises(DataError, match="holds 3 among its references"):
        read(frame(inputs, outputs), missing="drop")
    with pytest.raises(DataError, match=told):
        read(frame(["a"] * len(outputs), outputs))


@pytest.mark.parametrize(
    ("inputs", "outputs", "told"),
    [
        (
            ["a", 3],
            ["b", "c"],
            "Column 'input' of frame must hold text, got 3 ",
        ),
        (["a", "d"], ["b", 3], "of type int. Name the column: data.output=COLUMN."),
        ([["a", 3]], ["b"], "Column 'input' of frame must hold text, got "),
        (["a"], ["\ud800"], "holds half a character"),
        (["a"], [["b", "\ud800"]], "holds half a character"),
    ],
)
def test_cells_that_are_no_text_are_refused(
    inputs: list[Any], outputs: list[Any], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        read(frame(inputs, outputs))


def test_a_list_of_outputs_is_references_and_a_list_of_inputs_is_lines(
    tmp_path: Path,
) -> None:
    rows = [
        {"input": ["A b.\n", "C\u2028d."], "output": ["one", "two"]},
        {"input": ["E."], "output": ["three"]},
    ]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    expected = [("A b.\nC d.", ["one", "two"]), ("E.", ["three"])]
    assert read(open_source(spec(source=f"jsonl:{path}"))) == expected
    pd.read_json(path, lines=True).to_parquet(tmp_path / "x.parquet")
    assert read(open_source(spec(source=f"parquet:{tmp_path}/x.parquet"))) == expected
    assert [references(output) for _, output in expected] == [["one", "two"], ["three"]]
    assert references("one") == ["one"]
    with pytest.raises(DataError, match="'output' of frame has no value in row"):
        read(frame(["a"], [[]]))


def test_a_title_is_the_first_line_and_a_frame_keeps_its_column() -> None:
    cells = {"title": ["T\nt", "U"], "input": ["a\nb", "c"], "output": ["x", "y"]}
    reading = reading_of(spec(title="title"))
    (rows,) = reading.rows(FrameSource(pd.DataFrame(cells)), "train")
    assert rows.inputs == ["T t\na\nb", "U\nc"]
    back = reading.as_frame(rows.inputs, rows.answers)
    assert back.to_dict("list") == {**cells, "title": ["T t", "U"]}
    (again,) = reading.rows(FrameSource(back), "train")
    assert again == rows


def test_many_rows_that_are_copied_raise_a_question() -> None:
    source = frame(["a", "b ", "c", "d"], ["a", "b", "c", "e"])
    told = (
        "In 3 of 4 rows of frame column 'output' equals column 'input': is "
        "this a translation?"
    )
    with pytest.warns(DataWarning, match=told):
        read(source, tell=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(frame(["a", "b", "", ""], ["a", "b", "c", "d"]), tell=True)
        read(source)


def test_empty_outputs_are_counted() -> None:
    source = frame(["a", "b", ""], ["", " ", "c"])
    with pytest.warns(DataWarning, match="2 of 3 outputs of frame are empty; a"):
        read(source, tell=True)


def parted(source: Source, **changed: Any) -> PartedRows[str]:
    data = spec(**changed)
    return PartedRows(source, reading_of(data), PairScan(data, source.name), data)


def test_equal_inputs_stay_in_one_part() -> None:
    inputs = [f"text {row % 40}" for row in range(400)]
    rows = parted(frame(inputs, [f"out {row}" for row in range(400)]), test=0.2)
    parts = [
        {one for chunk in rows.rows(part) for one in chunk.inputs}
        for part in ("train", "validation", "test")
    ]
    assert all(parts) and sum(map(len, parts)) == len(set(inputs)) == 40


@pytest.mark.parametrize("column", ["output", "document"])
def test_rows_of_a_group_stay_in_one_part(column: str) -> None:
    cells = {
        "input": [f"text {row}" for row in range(200)],
        "output": [
            ["one", "two"] if row % 20 == 0 else str(row % 20) for row in range(200)
        ],
        "document": [row % 20 for row in range(200)],
    }
    rows = parted(FrameSource(pd.DataFrame(cells)), test=0.2, groups=column)
    parts = [
        {int(one.split()[1]) % 20 for chunk in rows.rows(part) for one in chunk.inputs}
        for part in ("train", "validation", "test")
    ]
    assert all(parts) and sum(map(len, parts)) == 20
    with pytest.raises(DataError, match="no column 'page', which data.groups names"):
        parted(FrameSource(pd.DataFrame(cells)), groups="page")


def test_a_fingerprint_changes_with_an_output_alone() -> None:
    inputs = ["a", "b", "c"]
    one = parted(frame(inputs, ["x", "y", "z"])).fingerprint
    assert parted(frame(inputs, ["x", "y", "z"])).fingerprint == one
    assert parted(frame(inputs, ["x", "y", "Z"])).fingerprint != one
    assert parted(frame(inputs, ["x", "y", ["z", "Z"]])).fingerprint != one


def test_training_outputs_are_64_bits_each() -> None:
    rows = parted(frame(["a", "b"], ["x", "y"]), validation=0.0, test=0.0)
    assert rows.training_answers().dtype == np.uint64
    assert len(rows.training_answers()) == 2 and rows.hashes[0] == hash_text("a")


def test_one_output_alone_cannot_be_learnt() -> None:
    with pytest.raises(
        DataError, match="'output' of .* holds the same text in all 3 r"
    ):
        parted(frame(["a", "b", "c"], ["x", "x", "x"]))

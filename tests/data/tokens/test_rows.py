"""Rows of tokens and tags from every kind of cell, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.rows.pieces import shared_steps
from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.sources.base import CHUNK_ROWS, open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.data.tokens.rows import TokensReading, checked_tokens
from seqkit.data.tokens.scan import TagScan
from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import DataError, DataWarning
from seqkit.tasks.answers.tags import Tags

Rows = AnsweredRows[list[str]]

TOKENS = [["EU", "rejects", "it"], ["Peter"]]
TAGS = [["B-ORG", "O", "O"], ["B-PER"]]


def spec(**changed: Any) -> TaggedText:
    return TaggedText(**{"source": "frame", **changed})


def read(tokens: list[Any], tags: list[Any], **changed: Any) -> Rows:
    frame = pd.DataFrame(
        {
            "tokens": pd.Series(tokens, dtype=object),
            "tags": pd.Series(tags, dtype=object),
        }
    )
    return whole(FrameSource(frame), spec(**changed))


def whole(source: Any, spec: TaggedText, part: str = "train") -> Rows:
    chunks = list(TokensReading(spec, spec.tags).rows(source, part, tell=True))
    return AnsweredRows(
        sum((chunk.inputs for chunk in chunks), []),
        sum((chunk.answers for chunk in chunks), []),
        sum((chunk.groups for chunk in chunks), []),
        sum((chunk.numbers for chunk in chunks), []),
    )


@pytest.mark.parametrize(
    "written",
    [
        list,
        tuple,
        lambda row: np.array(row, object),
        lambda row: np.array([one.encode() for one in row], object),
        json.dumps,
        " ".join,
    ],
    ids="list tuple array bytes json text".split(),
)
def test_cells_of_every_kind_are_read_alike(written: Any) -> None:
    rows = read([written(row) for row in TOKENS], [written(row) for row in TAGS])
    assert (rows.inputs, rows.answers) == (TOKENS, TAGS)


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_files_are_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{kind}"
    frame = pd.DataFrame({"tokens": TOKENS, "tags": TAGS, "doc": [1, 2]})
    if kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        frame.map(json.dumps).to_csv(path, index=False)
    data = spec(source=f"{kind}:{path}", groups="doc")
    rows = whole(open_source(data), data)
    assert rows == AnsweredRows(TOKENS, TAGS, ["1", "2"], [1, 2])


def test_tokens_stay_as_they_are() -> None:
    odd = ["#now", "[", "\u00a0", "a b", "<br />", "\U0001f600", "0", "NaN"]
    rows = read([odd], [["X"] * len(odd)])
    assert rows.inputs == [odd]
    assert read(["[ 1 ]"], ["O O O"]).inputs == [["[", "1", "]"]]
    numbers = read([[1, 2.0]], [["O", 7]])
    assert (numbers.inputs, numbers.answers) == ([["1", "2"]], [["O", "7"]])


def test_letters_are_tokens_where_the_recipe_says_so() -> None:
    rows = read(["GVG T", "[A]"], ["ceece", "hhh"], level="character")
    assert rows.inputs == [["G", "V", "G", " ", "T"], ["[", "A", "]"]]
    assert rows.answers == [["c", "e", "e", "c", "e"], ["h", "h", "h"]]
    assert read([["G", "V"]], ["ce"], level="character").inputs == [["G", "V"]]
    with pytest.raises(DataError, match="holds the token 'GV' where level: character"):
        read([["GV"]], [["c"]], level="character")


def test_whole_numbers_become_the_names_at_their_places() -> None:
    rows = read([["a", "b"]], [np.array([1, 0])], tag_names=("O", "B-x"))
    assert rows.answers == [["B-x", "O"]]
    with pytest.raises(DataError) as error:
        read([["a"]], [[2]], tag_names=("O", "B-x"))
    assert str(error.value) == (
        "Row 1 of frame, column 'tags', holds the tag 2, but there are 2 names, for 0 "
        "to 1: O, B-x. Mend it, or name all tags in data.tag_names."
    )


def test_tfds_lists_of_text_and_of_class_labels_are_read(tmp_path: Path) -> None:
    import tensorflow_datasets as tfds

    features = tfds.features
    rows = [
        (number, {"tokens": tokens, "tags": tags})
        for number, (tokens, tags) in enumerate(zip(TOKENS, TAGS, strict=True))
    ]
    tfds.dataset_builders.AdhocBuilder(
        name="tagged",
        version="1.0.0",
        features=features.FeaturesDict(
            {
                "tokens": features.Sequence(features.Text()),
                "tags": features.Sequence(
                    features.ClassLabel(names=["O", "B-PER", "B-ORG"])
                ),
            }
        ),
        split_datasets={"train": rows},
        data_dir=tmp_path,
        disable_shuffling=True,
    ).download_and_prepare()
    data = spec(source="tfds:tagged", data_dir=str(tmp_path))
    rows_read = whole(open_source(data), data)
    assert (rows_read.inputs, rows_read.answers) == (TOKENS, TAGS)
    # Names in the recipe go before the data set's own.
    data = data.model_copy(update={"tag_names": ("X", "Y", "Z")})
    assert whole(open_source(data), data).answers == [["Z", "X", "X"], ["Y"]]


@pytest.mark.parametrize(
    ("tokens", "tags", "told"),
    [
        (
            ["a", "b"],
            ["O"],
            "Row 2 of frame has 2 tokens in column 'tokens', but 1 tags in 'tags'. "
            "Give each token one tag.",
        ),
        ([], [], "Row 2 of frame has no token in column 'tokens': its list is empty."),
        (
            "",
            ["O"],
            "Row 2 of frame has no token in column 'tokens': its list is empty.",
        ),
        (["a"], [], "Row 2 of frame has no tag in column 'tags': its list is empty."),
        (None, ["O"], "Row 2 of frame has nothing in column 'tokens'. Mend it, or set"),
        (["a"], np.nan, "Row 2 of frame has nothing in column 'tags'. Mend it, or set"),
        (
            ["a"],
            None,
            "Row 2 of frame has nothing in column 'tags'. Mend it, or set da",
        ),
        (
            ["a", ""],
            ["O", "O"],
            "Row 2 of frame has a blank token in column 'tokens', t",
        ),
        (["a"], [" "], "Row 2 of frame has a blank tag in column 'tags', tag 1."),
        (
            ["a", "b"],
            ["O", None],
            "Row 2 of frame has a blank tag in column 'tags', tag 2",
        ),
        (3, ["O"], "Row 2 of frame holds 3 in column 'tokens', where a list of tokens"),
        ([["a"]], ["O"], "Row 2 of frame, column 'tokens', holds the list ['a'] among"),
        (
            ["a"],
            "['O']",
            "Row 2 of frame, column 'tags', holds \"['O']\", which is no JSON",
        ),
        (["\ud800"], ["O"], "Row 2 of frame, column 'tokens', holds half a character"),
        (
            [b"\xff"],
            ["O"],
            "Row 2 of frame, column 'tokens', holds b'\\xff', which is no",
        ),
    ],
)
def test_mistakes_name_their_row(tokens: Any, tags: Any, told: str) -> None:
    with pytest.raises(DataError) as error:
        read([["x"], tokens], [["O"], tags])
    assert str(error.value).startswith(told)


def test_rows_that_lack_something_are_left_out_and_counted() -> None:
    told = "Left out, as data.missing says: 3 of 4 rows of frame, where a token or tag"
    with pytest.warns(DataWarning, match=told):
        rows = read([["a"], [], ["b"], None], [["O"], [], [""], ["O"]], missing="drop")
    assert rows == AnsweredRows([["a"]], [["O"]], numbers=[1])


def test_tokens_alone_are_read_where_no_tags_are_asked_for() -> None:
    source = FrameSource(pd.DataFrame({"tokens": TOKENS}))
    (rows,) = TokensReading(spec(), "tags").rows(source, "train", answers=False)
    assert rows == AnsweredRows(TOKENS, [], numbers=[1, 2])
    assert rows.taken([1]) == AnsweredRows([["Peter"]], [], numbers=[2])
    assert checked_tokens(["EU rejects it", ["Peter"]], spec()) == TOKENS
    with pytest.raises(DataError, match="^Sentence 2 has no token in column 'tokens'"):
        checked_tokens(["a", ""], spec())


def test_groups_are_the_column_that_is_named() -> None:
    frame = pd.DataFrame({"tokens": TOKENS, "tags": TAGS, "doc": [1.0, np.nan]})
    rows = whole(FrameSource(frame), spec(groups="doc"))
    assert rows.groups == ["1", ""] and rows.taken([1]).groups == [""]


def test_tags_are_numbered_in_an_order_of_their_own() -> None:
    scan = TagScan(spec(), "frame")
    for row in (["I-b", "O"], ["B-a"], ["O"]):
        scan.note(AnsweredRows([], [row], numbers=[1]))
    scan.finish()
    # I-b that continues nothing is mended to B-b.
    assert scan.values == ("O", "B-a", "B-b", "I-b")
    answer = Tags(scan.values, "iob2")
    rows = AnsweredRows([], [["O", "I-b"], ["B-a"]], numbers=[1, 2])
    codes = answer.truth(rows, spec(), "frame", "sentence")
    assert [one.tolist() for one in codes] == [[0, 3], [1]]
    with pytest.raises(DataError) as error:
        rows = AnsweredRows([], [["O"], ["O", "B-c"]], numbers=[11, 12])
        answer.truth(rows, spec(), "frame", "sentence")
    assert str(error.value) == (
        "Row 12 of frame holds the tag 'B-c', token 2, which the training data do not "
        "have (they have O, B-a, B-b, I-b). Mend the tags or train with them."
    )
    with pytest.raises(DataError, match=r"holds one tag only \('O'\). A tagger needs"):
        one = TagScan(spec(), "frame")
        one.note(AnsweredRows([], [["O"]], numbers=[1]))
        one.finish()


def test_rows_keep_the_numbers_that_they_have_in_the_source() -> None:
    tags = [None, *[["O"]] * CHUNK_ROWS, ["O", "B-y"]]
    tokens = [["a"] * len(one or "a") for one in tags]
    frame = pd.DataFrame({"tokens": tokens, "tags": pd.Series(tags, dtype=object)})
    reading, source = TokensReading(spec(missing="drop"), "tags"), FrameSource(frame)
    *_, last = reading.rows(source, "train")
    with pytest.raises(DataError, match=f"^Row {CHUNK_ROWS + 2:,} of frame holds"):
        Tags(("O", "B-x"), "iob2").truth(last, spec(), "frame", "sentence")
    scan = TagScan(spec(), "frame")
    for rows in reading.rows(source, "train"):
        scan.note(rows)
    assert scan.illegal("iob1").first.endswith(f", row {CHUNK_ROWS + 2:,}, token 2")


def test_spec_shares_tokens_of_pieces_and_names_two_columns() -> None:
    assert shared_steps(10, 0.29) == 2 and shared_steps(None, 0.29) == 0
    with pytest.raises(
        ValueError, match="names the column 'x' for both tokens and tags"
    ):
        spec(tokens="x", tags="x")


@pytest.mark.data
def test_proteins_are_read_letter_by_letter(data_folder: Path) -> None:
    path = data_folder / "protein" / "qian_sejnowski_train.csv.gz"
    data = spec(
        source=f"csv:{path}", tokens="sequence", tags="structure", level="character"
    )
    rows = whole(open_source(data), data)
    assert len(rows.inputs) == 111 and sum(map(len, rows.answers)) == 18_105
    assert {tag for tags in rows.answers for tag in tags} == {"h", "e", "c"}

"""parallel: two files line by line, their official parts and their mistakes."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data.pairs.spec import PairData
from seqkit.data.sources.base import Source, open_source
from seqkit.data.sources.given import source_name
from seqkit.errors import DataError


def opened(address: str, **changed: Any) -> Source:
    return open_source(PairData(source=f"parallel:{address}", **changed))


def written(folder: Path, one: str, other: str) -> Source:
    for name, text in [("x.de", one), ("x.en", other)]:
        (folder / name).write_bytes(text.encode())
    return opened(f"{folder}/x.de,{folder}/x.en")


def rows(source: Source, part: str = "train") -> list[tuple[str, str]]:
    frames = source.chunks(part, ["input", "output"])
    return [row for frame in frames for row in frame.itertuples(index=False, name=None)]


@pytest.mark.parametrize("one", ["a b\nc\n", "a b\r\nc\r\n", "\ufeffa b\nc", "a b\nc"])
@pytest.mark.parametrize("other", ["A\nC\n", "A\r\nC", "\ufeffA\nC\n"])
def test_line_ends_and_byte_order_marks_are_no_text(
    tmp_path: Path, one: str, other: str
) -> None:
    assert rows(written(tmp_path, one, other)) == [("a b", "A"), ("c", "C")]


@pytest.mark.parametrize(
    "mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r"]
)
def test_no_other_line_end_shifts_the_pairs(tmp_path: Path, mark: str) -> None:
    source = written(tmp_path, f"a{mark}b\nc\n", "A\nC\n")
    assert rows(source) == [(f"a{mark}b", "A"), ("c", "C")]


def test_blank_lines_are_missing_texts_in_their_place(tmp_path: Path) -> None:
    source = written(tmp_path, "a\n\nc\n\n", "A\n \nC\nD\n")
    assert rows(source) == [("a", "A"), (None, None), ("c", "C"), (None, "D")]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (
            "a\nb\nc\n",
            "A\n",
            "ONE has 3 lines, but OTHER has 1. No line is blank in one",
        ),
        (
            "a\nb\n\nd\n",
            "A\nB\nC\nD\nE\nF",
            "ONE has 4 lines, but OTHER has 6. Line 3 is the first that is blank in "
            "one of them alone. Give both as many lines, each beside its counterpart.",
        ),
        ("a\n\nb\n\n", "A\n\nB\n", "ONE has 4 lines, but OTHER has 3. No line"),
        (
            "a\nb\0\n",
            "A\nB\n",
            "Line 2 of ONE holds a null character. Remove it, or set",
        ),
    ],
)
def test_mistakes_name_the_files_and_the_line(
    tmp_path: Path, one: str, other: str, told: str
) -> None:
    source = written(tmp_path, one, other)
    with pytest.raises(DataError) as error:
        rows(source)
    told = told.replace("ONE", f"{tmp_path}/x.de").replace("OTHER", f"{tmp_path}/x.en")
    assert str(error.value).startswith(told)


def test_the_file_of_another_encoding_is_named(tmp_path: Path) -> None:
    written(tmp_path, "a\nb\n", "A\nB\n")
    (tmp_path / "x.en").write_bytes(b"A\ncaf\xe9\n")
    address = f"{tmp_path}/x.de,{tmp_path}/x.en"
    with pytest.raises(
        DataError, match="x.en, line 2: the bytes e9 are not utf-8 text"
    ):
        rows(opened(address))
    assert rows(opened(address, encoding="latin-1"))[1] == ("b", "caf\xe9")


def test_packed_files_beside_the_training_files_are_official_parts(
    tmp_path: Path,
) -> None:
    for part in ("train", "val", "test"):
        for side in ("de", "en"):
            text = gzip.compress(f"{part} {side}\n".encode())
            (tmp_path / f"{part}.{side}.gz").write_bytes(text)
    source = opened(f"{tmp_path}/train.de.gz,{tmp_path}/train.en.gz")
    assert source.parts == ("train", "validation", "test")
    assert rows(source, "validation") == [("val de", "val en")]
    # A file that says another part is read alone.
    assert opened(f"{tmp_path}/test.de.gz,{tmp_path}/test.en.gz").parts == ("train",)


def test_patterns_pair_files_by_their_names(tmp_path: Path) -> None:
    for name in ("b.train", "a.train", "test_2016_flickr"):
        for side in ("de", "en"):
            (tmp_path / f"{name}.{side}").write_text(f"{name} {side}\n")
    source = opened(f"{tmp_path}/*.de,{tmp_path}/*.en")
    assert source.parts == ("train", "test")
    assert rows(source) == [
        ("a.train de", "a.train en"),
        ("b.train de", "b.train en"),
    ]
    (tmp_path / "b.train.en").unlink()
    with pytest.raises(DataError, match="has 2 and 1 files for its train part"):
        opened(f"{tmp_path}/*.de,{tmp_path}/*.en")
    with pytest.raises(DataError, match="two files or patterns, but .* is a folder"):
        opened(f"{tmp_path},{tmp_path}")


def test_a_part_of_one_side_alone_is_refused(tmp_path: Path) -> None:
    for name in ("train.de", "train.en", "val.de"):
        (tmp_path / name).write_text("a\n")
    with pytest.raises(
        DataError, match="has 1 and 0 files for its validation part .val"
    ):
        opened(f"{tmp_path}/train.de,{tmp_path}/train.en")


@pytest.mark.parametrize("address", ["a.de", "a.de,b.en,c", ",b.en", "a.de,"])
def test_addresses_that_are_not_two_are_refused(address: str) -> None:
    with pytest.raises(DataError, match="takes the paths of two files with one comma"):
        opened(address)


def test_folders_may_hold_a_comma(tmp_path: Path) -> None:
    folder = tmp_path / "a,b"
    folder.mkdir()
    assert rows(written(folder, "a\n", "A\n")) == [("a", "A")]


def test_relative_paths_become_whole_ones(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    here = os.getcwd()
    assert source_name("parallel:a.de,b.en") == f"parallel:{here}/a.de,{here}/b.en"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"))))
def test_lines_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    # The first character of a file may not be a byte-order mark that is meant.
    texts = ["x", *texts]
    both = "".join(f"{text}\n" for text in texts)
    source = written(tmp_path_factory.mktemp("any"), both, both)
    expected = [text if text.strip() else None for text in texts]
    assert rows(source) == [(text, text) for text in expected]


@pytest.mark.data
def test_multi30k_is_read_whole(data_folder: Path) -> None:
    source = opened(f"{data_folder}/multi30k/*.de.gz,{data_folder}/multi30k/*.en.gz")
    lengths = [len(rows(source, part)) for part in source.parts]
    assert source.parts == ("train", "validation", "test")
    assert lengths == [29_000, 1_014, 1_000]
    assert rows(source, "validation")[0][1].startswith("A group of men are loading")

"""Vectors of words, read from files of all usual forms."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.shared.vector_files import vector_width
from seqkit.shared.vectors import vectors_of

WORDS = {"The": [9.0, 9.0], "the": [0.5, -1.5], "film": [2.0, 0.25], "Plot": [3.0, 4.0]}
VOCABULARY = ["", "[UNK]", "plot", "the", "dull", "film"]
LINES = [f"{word} {a:g} {b:g}" for word, (a, b) in WORDS.items()]


def binary(end: bytes) -> bytes:
    """As word2vec writes it; gensim leaves out the line's end."""
    rows = (
        word.encode() + b" " + struct.pack("<2f", *row) + end
        for word, row in WORDS.items()
    )
    return b"4 2\n" + b"".join(rows)


FORMS = {
    "glove.txt": "\n".join(LINES).encode(),
    "word2vec.txt": ("4 2\n" + "\n".join(LINES) + "\n").encode(),
    # A space ends each of fastText's lines.
    "fasttext.vec": ("4 2\n" + " \n".join(LINES) + " \n").encode(),
    "packed.vec.gz": gzip.compress(("4 2\n" + "\n".join(LINES)).encode()),
    "windows.txt": "\r\n".join(LINES).encode(),
    "word2vec.bin": binary(b"\n"),
    "gensim.bin": binary(b""),
    "packed.bin.gz": gzip.compress(binary(b"\n")),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_rows_of_the_vocabulary(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[name])
    vectors = vectors_of(str(path), VOCABULARY, lowercase=True)
    assert vectors.ids.tolist() == [2, 3, 5]
    assert vectors.rows.dtype == np.float32
    # A word's own spelling stands before one that is the same in lower case.
    assert vectors.rows.tolist() == [WORDS["Plot"], WORDS["the"], WORDS["film"]]
    assert vector_width(str(path)) == 2
    assert f"{name} (model.pretrained_vectors) has vectors of 3 of 4" in vectors.note
    assert "(75%)" in vectors.note


def test_case_counts_where_texts_keep_theirs(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("\n".join(LINES))
    assert vectors_of(str(path), VOCABULARY, lowercase=False).ids.tolist() == [3, 5]


def test_the_first_of_two_equal_words_stands(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("FILM 1 1\nFilm 2 2\nplot 3 3\nplot 4 4\nfilm 5 5\nfilm 6 6\n")
    vectors = vectors_of(str(path), VOCABULARY, lowercase=True)
    assert vectors.rows.tolist() == [[3, 3], [5, 5]]


def test_words_with_spaces_and_rows_nobody_wants_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_bytes(
        b"film 1 2\n. . . 3 4\n\xff\xfe 5 6\n\xc2\xa0 7 8\nnever nan 1\nplot 1e-3 -2\n"
    )
    vectors = vectors_of(str(path), VOCABULARY, lowercase=True)
    assert vectors.rows.tolist() == [[np.float32(1e-3), -2], [1, 2]]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("film 1 2\n")
    before = vectors_of(str(path), VOCABULARY, lowercase=True)
    path.write_text("film 1 2.5\n")
    after = vectors_of(str(path), VOCABULARY, lowercase=True)
    assert before.facts()["sha256"] != after.facts()["sha256"]
    assert after.rows.tolist() == [[1, 2.5]]


BAD = {
    "short line": (
        b"film 1 2\nthe 1\n",
        "line 2, must hold a word and 2 numbers, got 'the 1'",
    ),
    "long line": (b"film 1 2\nthe 1 2 3\n", "line 2, must hold a word and 2 numbers"),
    "empty line": (b"2 2\nfilm 1 2\n\n", "line 3, must hold a word and 2 numbers"),
    "a word": (
        b"2 2\nplot 1 2\nfilm 1 x\n",
        "line 3: the vector of 'film' must hold fin",
    ),
    "infinite": (
        b"plot 1 2\nfilm 1 inf\n",
        "line 2: the vector of 'film' must hold fin",
    ),
    "cut off": (b"3 2\nplot 1 2\nfilm 1 2\n", "it has 3 vectors, but ends behind 2"),
    "binary cut off": (binary(b"\n")[:-4], "it has 4 vectors, but ends behind 3"),
    "binary nan": (
        b"1 2\nfilm " + struct.pack("<2f", 1, float("nan")),
        "vector 1: the vector of 'film' must hold finite",
    ),
    "packed cut off": (gzip.compress(b"film 1 2\n" * 99)[:-9], "is damaged"),
    "prose": (b"Hello\nworld\n", "line 1, must hold how many vectors there are"),
    "nothing": (b"", "line 1, must hold how many vectors there are"),
    "strangers": (b"eins 1 2\nzwei 3 4\n", "a vector of none of the 4 tokens"),
    "fastText": (b"\xba\x16\x4f\x2f" + b"\0" * 50, "is a model of fastText"),
    "zip": (b"PK\x03\x04" + b"\0" * 50, "is a zip archive. Unpack it"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    path = tmp_path / "v.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match="v.txt") as caught:
        vectors_of(str(path), VOCABULARY, lowercase=True)
    assert message in str(caught.value)


def test_no_file_is_no_traceback(tmp_path: Path) -> None:
    for read in (vector_width, lambda path: vectors_of(path, VOCABULARY, True)):
        with pytest.raises(DataError, match="There is no file .*nowhere.vec"):
            read(str(tmp_path / "nowhere.vec"))

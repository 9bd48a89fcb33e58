"""tsv: fields between tabs, nothing quoted, lines split at line feeds alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqkit.data.pairs.rows import PairReading
from seqkit.data.pairs.spec import PairData
from seqkit.data.sources.base import open_source
from seqkit.data.sources.given import source_name
from seqkit.errors import DataError


def read(path: Path, text: str) -> list[list[str]]:
    path.write_bytes(text.encode())
    source = open_source(PairData(source=f"tsv:{path}"))
    frames = list(source.chunks("train", source.columns()))
    return [list(row) for frame in frames for row in frame.itertuples(index=False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("input\toutput\na\tA\nb\tB\n", [["a", "A"], ["b", "B"]]),
        ("\ufeffinput\toutput\r\na\tA\r\n\r\nb\tB", [["a", "A"], ["b", "B"]]),
        ('input\toutput\n"a\t"A" b, c\n', [['"a', '"A" b, c']]),
        ("input\toutput\na\u2028b\rc\tA\n", [["a\u2028b\rc", "A"]]),
        ("input\toutput\n\tA\na\t\n", [[None, "A"], ["a", None]]),
        ("input\na\n\nb\n", [["a"], [None], ["b"]]),
    ],
    ids="plain dialects quotes lines missing single".split(),
)
def test_fields_are_what_stands_between_tabs(
    tmp_path: Path, text: str, expected: list[list[str]]
) -> None:
    assert read(tmp_path / "x.tsv", text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a\tb\n1\t2\n\n3\n",
            "Line 4 of PATH has 1 fields where the header has 2. Sep",
        ),
        ("a\tb\n1\t2\t3\n", "Line 2 of PATH has 3 fields where the header has 2."),
        ("a\0\tb\n1\t2\n", "PATH holds null characters where its header line belongs"),
        ("\n\n", "PATH holds nothing where its header line belongs. Name its columns"),
    ],
)
def test_mistakes_name_their_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path / "x.tsv", text)
    assert str(error.value).startswith(told.replace("PATH", str(tmp_path / "x.tsv")))


def test_pairs_are_read_by_the_names_of_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("de\tid\ten\nja\t1\tyes\n")
    assert source_name(path) == f"tsv:{path}"
    spec = PairData(source=f"tsv:{path}", input="de", output="en")
    (rows,) = PairReading(spec, spec.output).rows(open_source(spec), "train")
    assert (rows.inputs, rows.answers) == (["ja"], ["yes"])

"""conll: files of every dialect, their official parts and their mistakes."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data.sources import conll
from seqkit.data.sources.base import open_source
from seqkit.data.sources.conll import ConllSource
from seqkit.data.sources.given import source_name
from seqkit.data.sources.parts_by_name import part_named
from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import DataError

NER = "EU\tB-ORG\nrejects\tO\n\nPeter\tB-PER\n"
UD = """\
# newdoc id = a
# sent_id = 1
# text = I didn't.
1\tI\tI\tPRON\tPRP\t_\t0\troot\t_\t_
2-3\tdidn't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdid\tdo\tAUX\tVBD\t_\t1\tx\t_\t_
3\tn't\tnot\tPART\tRB\t_\t1\tx\t_\t_
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_
4\t.\t.\tPUNCT\t.\t_\t1\tx\t_\t_

# newdoc id = b
1\t#\t#\tSYM\tNN\t_\t0\troot\t_\t_

"""


def opened(path: Path | str, **changed: Any) -> ConllSource:
    source = open_source(TaggedText(source=f"conll:{path}", **changed))
    assert isinstance(source, ConllSource)
    return source


def written(folder: Path, text: str, name: str = "x.conll") -> ConllSource:
    path = folder / name
    path.write_bytes(text.encode())
    return opened(path)


def rows(source: ConllSource, part: str = "train", *columns: str) -> list[list[Any]]:
    names = columns or source.columns()[:-1]
    frames = source.chunks(part, names)
    return [list(row) for frame in frames for row in frame.itertuples(index=False)]


def test_a_sentence_is_a_row_with_a_list_a_column(tmp_path: Path) -> None:
    source = written(tmp_path, NER)
    assert source.columns() == ("0", "1", "document")
    assert source.parts == ("train",) and source.test_part == "train"
    assert rows(source) == [[["EU", "rejects"], ["B-ORG", "O"]], [["Peter"], ["B-PER"]]]
    assert rows(source, "train", "1", "0")[1] == [["B-PER"], ["Peter"]]


@pytest.mark.parametrize(
    "text",
    [
        NER.replace("\n", "\r\n"),
        "\ufeff" + NER,
        NER.rstrip("\n"),
        NER.replace("\t", " "),
        NER.replace("\t", "   "),
        NER.replace("\n\n", "\n \t \n\n\n"),
        "\n\n" + NER + "\n\n",
        "# a comment of many words\n" + NER,
        NER.replace("\n\n", "\n\n# another one\n"),
        NER.replace("\t", " ").replace("\n", " \n"),
    ],
    ids="crlf bom end spaces many blank edges comment between trailing".split(),
)
def test_dialects_are_read_alike(tmp_path: Path, text: str) -> None:
    plain = rows(written(tmp_path, NER))
    assert rows(written(tmp_path, text, "y.conll")) == plain


def test_ten_columns_are_those_of_conllu_without_ranges_and_empty_nodes(
    tmp_path: Path,
) -> None:
    source = written(tmp_path, UD)
    assert source.columns()[:4] == ("ID", "FORM", "LEMMA", "UPOS")
    assert source.columns()[-2:] == ("MISC", "document")
    assert rows(source, "train", "FORM", "UPOS") == [
        [["I", "did", "n't", "."], ["PRON", "AUX", "PART", "PUNCT"]],
        [["#"], ["SYM"]],
    ]


def test_a_header_names_the_columns(tmp_path: Path) -> None:
    text = f"# global.columns = word ner\n{NER}"
    source = written(tmp_path, text)
    assert source.columns() == ("word", "ner", "document")
    assert rows(source)[1] == [["Peter"], ["B-PER"]]


@pytest.mark.parametrize("separator", ["\t", " "])
def test_tokens_that_begin_with_a_hash_are_no_comments(
    tmp_path: Path, separator: str
) -> None:
    lines = [f"#now{separator}O", "# a comment of words", f"#{separator}O", "", ""]
    text = "\n".join(lines) + f"a{separator}O\n3-4{separator}O\n"
    found = rows(written(tmp_path, text), "train", "0")
    assert found == [[["#now", "#"]], [["a", "3-4"]]]


def test_tokens_keep_spaces_of_other_kinds_and_may_hold_spaces_between_tabs(
    tmp_path: Path,
) -> None:
    text = "a b\tO\nc\u00a0d\tO\ne\u2028f\tO\n"
    assert rows(written(tmp_path, text)) == [
        [["a b", "c\u00a0d", "e\u2028f"], ["O", "O", "O"]]
    ]


def test_documents_are_numbered_through_all_files_of_a_part(tmp_path: Path) -> None:
    start = "-DOCSTART- -X-\n\n"
    (tmp_path / "b.train.conll").write_text(f"{start}c O\n\n{start}d O\n\ne O\n")
    (tmp_path / "a.train.conll").write_text(f"a O\n\nb O\n-DOCSTART-\nz O\n\n{start}")
    found = rows(opened(tmp_path), "train", "0", "document")
    assert [[words[0], document] for words, document in found] == [
        ["a", 1], ["b", 1], ["z", 2], ["c", 3], ["d", 4], ["e", 4],
    ]  # fmt: skip
    assert rows(written(tmp_path, UD, "u.conllu"), "train", "document") == [[1], [2]]


def test_packed_files_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "x.conll.gz"
    path.write_bytes(gzip.compress(NER.encode()))
    assert rows(opened(path)) == rows(written(tmp_path, NER))


def test_encoding_is_the_recipes(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_bytes("caf\xe9\tO\n".encode("latin-1"))
    assert rows(opened(path, encoding="latin-1"))[0][0] == ["caf\xe9"]
    with pytest.raises(DataError, match="x.conll, line 1: the bytes e9 are not utf-8"):
        rows(opened(path))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("wnut17.train.conll.gz", "train"),
        ("en_ewt-ud-dev.conllu", "validation"),
        ("eng.testa", "validation"),
        ("eng.testb", "test"),
        ("TEST.txt", "test"),
        ("valid_1.tsv", "validation"),
        ("train-test.conll", "test"),
        ("contest.conll", None),
        ("trained.conll", None),
    ],
)
def test_names_of_files_say_their_part(name: str, part: str | None) -> None:
    assert part_named(name) == part


def test_files_beside_the_training_file_are_its_parts(tmp_path: Path) -> None:
    for name, word in [("train", "a"), ("dev", "b"), ("test", "c")]:
        (tmp_path / f"x.{name}.conll").write_text(f"{word} O\n")
    (tmp_path / "y.test.conll").write_text("d O\n")
    source = opened(tmp_path / "x.train.conll")
    assert source.parts == ("train", "validation", "test")
    assert [rows(source, part, "0") for part in source.parts] == [
        [[["a"]]], [[["b"]]], [[["c"]]],
    ]  # fmt: skip
    # Any other file is read alone, whatever its name.
    assert opened(tmp_path / "x.test.conll").parts == ("train",)


def test_folders_and_patterns_take_files_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing")
    (tmp_path / "a-train.conllu").write_text(UD)
    (tmp_path / "b-train.conllu").write_text(UD)
    (tmp_path / "a-test.conllu.gz").write_bytes(gzip.compress(UD.encode()))
    source = opened(tmp_path)
    assert source.parts == ("train", "test")
    assert len(rows(source, "train", "FORM")) == 4
    assert opened(tmp_path / "a-*").parts == ("train", "test")
    assert len(rows(opened(tmp_path / "a-*"), "train", "FORM")) == 2


def test_files_whose_names_say_no_part_are_all_for_training(tmp_path: Path) -> None:
    (tmp_path / "one.conll").write_text(NER)
    (tmp_path / "two.conll").write_text(NER)
    source = opened(tmp_path)
    assert source.parts == ("train",) and len(rows(source)) == 4


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["x.md"], "The folder PATH holds no file whose name ends in .bio, .bioes,"),
        (["a.train.conll", "b.conll"], "and others such as b.conll that say none."),
        (["a.dev.conll", "a.test.conll"], "holds no file for training: its names say"),
    ],
)
def test_folders_without_a_clear_training_part_are_refused(
    tmp_path: Path, names: list[str], told: str
) -> None:
    for name in names:
        (tmp_path / name).write_text(NER)
    with pytest.raises(DataError) as error:
        opened(tmp_path)
    assert told.replace("PATH", str(tmp_path)) in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a\tO\nb\n",
            "Line 2 of PATH has 1 fields where the file has 2 columns, separated by "
            "tabs: 'b'. Mend the line.",
        ),
        ("a\tO\n\n\nb\tO\tO\n", "Line 4 of PATH has 3 fields where the file has 2"),
        ("a\tO\nb O\n", "Line 2 of PATH has 1 fields where the file has 2 columns,"),
        ("a O\nb  O  O\n", "Line 2 of PATH has 3 fields where the file has 2 columns,"),
        (
            "# global.columns = a b c\na O\n",
            "Line 2 of PATH has 2 fields where the file",
        ),
        ("# only comments\n\n", "PATH holds no token. Give at least one sentence."),
        ("-DOCSTART- O\n\n", "PATH holds no token. Give at least one sentence."),
    ],
)
def test_mistakes_name_their_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as error:
        rows(written(tmp_path, text), "train", "document")
    assert str(error.value).startswith(told.replace("PATH", str(tmp_path / "x.conll")))


@given(st.text(alphabet="ab\t #-.1\n\r\ufeff\u2028", max_size=60))
def test_whatever_a_file_holds_it_is_read_or_told_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "x.conll"
    path.write_bytes(("a\tb\n" + text).encode())
    with suppress(DataError):
        for columns in rows(opened(path)):
            lengths = {len(column) for column in columns}
            assert len(lengths) == 1 and lengths != {0}


TOKEN = st.text(
    st.characters(codec="utf-8", exclude_characters="\t\r\n"), min_size=1, max_size=6
).filter(lambda token: token.strip() and not token.startswith(("#", "-DOCSTART-")))


@settings(max_examples=30)
@given(
    st.lists(
        st.lists(st.tuples(TOKEN, TOKEN), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_between_tabs_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[list[tuple[str, str]]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "x.conll"
    lines = ["".join(f"{a}\t{b}\n" for a, b in sentence) for sentence in sentences]
    # The first character of a file may not be a byte-order mark that is meant.
    path.write_bytes(("x\ty\n\n" + "\n".join(lines)).encode())
    found = rows(opened(path))[1:]
    assert found == [
        [list(column) for column in zip(*s, strict=True)] for s in sentences
    ]


def test_missing_parts_and_columns_are_named(tmp_path: Path) -> None:
    source = written(tmp_path, NER)
    with pytest.raises(DataError, match="has no column 'tags', only '0', '1', 'docu"):
        source.chunks("train", ["tags"])
    with pytest.raises(DataError, match="has no part 'test', only train"):
        source.chunks("test", ["0"])
    with pytest.raises(DataError, match="^No file "):
        opened(tmp_path / "y.conll")
    with pytest.raises(DataError, match="matches no file"):
        opened(tmp_path / "y*")
    for address in ("x" * 5000, "a\0b", "~nobody-here/x", f"{'x' * 5000}*"):
        with pytest.raises(DataError):
            opened(address)


def test_files_of_one_data_set_have_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "x.train.conll").write_text(NER)
    (tmp_path / "x.test.conll").write_text("a\tb\tO\n")
    with pytest.raises(DataError, match="has the columns 0, 1, 2, but .* has 0, 1. G"):
        rows(opened(tmp_path), "test", "0")


def test_chunks_are_bounded_by_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conll, "CHUNK_TOKENS", 4)
    source = written(tmp_path, "a O\nb O\n\n" * 5)
    assert [len(frame) for frame in source.chunks("train", ["0"])] == [2, 2, 1]
    monkeypatch.setattr(conll, "LONGEST_SENTENCE", 3)
    with pytest.raises(
        DataError, match="no blank line among the 3 tokens before line 4"
    ):
        rows(written(tmp_path, "a O\n" * 6))


def test_ten_times_the_sentences_take_the_same_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conll, "CHUNK_TOKENS", 500)

    def peak(times: int) -> int:
        source = written(tmp_path, "word B-x\nother O\n\n" * times)
        tracemalloc.start()
        for _ in source.chunks("train", ["0", "1"]):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(100)
    assert peak(5_000) < 1.5 * peak(500)


@pytest.mark.data
@pytest.mark.parametrize(
    ("address", "token", "sentences", "tokens", "documents"),
    [
        ("wnut17", "0", (3394, 1009, 1287), (62730, 15733, 23394), (1, 1, 1)),
        pytest.param(
            "ud_english_ewt/en_ewt-ud-train.conllu.gz",
            "FORM",
            (12544, 2001, 2077),
            (204577, 25147, 25094),
            (540, 318, 316),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_real_files_hold_what_their_sources_say(
    address: str,
    token: str,
    sentences: tuple[int, ...],
    tokens: tuple[int, ...],
    documents: tuple[int, ...],
    data_folder: Path,
) -> None:
    source = opened(data_folder / address)
    assert source.parts == ("train", "validation", "test")
    for place, part in enumerate(source.parts):
        found = rows(source, part, token, "document")
        assert len(found) == sentences[place]
        assert sum(len(words) for words, _ in found) == tokens[place]
        assert found[-1][1] == documents[place]


@pytest.mark.parametrize("name", ["a.conll", "a.conllu.gz"])
def test_kind_is_told_by_the_name(name: str) -> None:
    assert source_name(name) == f"conll:{Path(name).absolute()}"

"""``conll:PATH``: a token a line, its columns by tabs or spaces, a blank line between.

    -DOCSTART- -X- O                # newdoc id = a
                                    # text = EU rejects it.
    EU NNP B-ORG                    1   EU       EU       PROPN   ...
    rejects VBZ O                   2   rejects  reject   VERB    ...

A sentence is a row, and each cell the list of a column's values. Columns are named by a
line ``# global.columns = ID FORM ...``, else ten are CoNLL-U's (ID, FORM, LEMMA, UPOS,
XPOS, FEATS, HEAD, DEPREL, DEPS, MISC), else they are numbered from 0. ``document``
numbers the documents of a part: to keep their sentences together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from seqkit.data.sources.base import CHUNK_ROWS, Source, check_request, some_rows
from seqkit.data.sources.parts_by_name import parts_of
from seqkit.data.sources.paths import checked_encoding, open_text, reading
from seqkit.errors import DataError
from seqkit.recipe.data_paths import portable_path
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.recipe.spec import DataSpec

CONLLU = tuple("ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC".split())
NEW_DOCUMENT = "-DOCSTART-"
"""How a line begins that says that another document does."""
DOCUMENT = "document"
"""The column of documents' numbers, where the file has none of that name."""

SUFFIXES = frozenset(
    ".conll .conllu .conllup .iob .iob2 .bio .iobes .bioes .tsv".split()
)
"""Files of these names are taken from a folder."""

CHUNK_TOKENS = 2**18
"""Tokens that are in memory at one time, or a single sentence."""
LONGEST_SENTENCE = 1_000_000
"""A sentence of more tokens is a file without blank lines."""

_GLOBAL_COLUMNS = re.compile(r"#\s*global\.columns\s*=\s*(.+)")
_DOCUMENT_COMMENT = re.compile(r"#\s*newdoc\b")
_NO_WORD = re.compile(r"\d+[-.]\d+")
"""The ID of a range (``3-4``) or an empty node (``5.1``)."""


class Layout(NamedTuple):
    """How the lines of a file are read."""

    columns: tuple[str, ...]
    tabs: bool
    """Whether columns are separated by tabs; else by spaces."""

    def fields(self, line: str) -> list[str]:
        """The values in a line."""
        if self.tabs:
            return line.split("\t")
        return [field for field in line.split(" ") if field]

    def is_comment(self, line: str) -> bool:
        """Whether a line that begins with # is none of a token, such as ``#now``."""
        if "ID" in self.columns:
            return True
        return len(self.fields(line)) != len(self.columns)

    def tokens(self, line: str, path: Path, number: int) -> list[list[str]]:
        """The fields of the token in a line; none where it is a range or no word.

        Raises:
            DataError: it has not as many fields as there are columns.
        """
        fields = self.fields(line)
        if len(fields) != len(self.columns):
            separator = "tabs" if self.tabs else "spaces"
            raise DataError(
                f"Line {number:,} of {path} has {len(fields)} fields where the file "
                f"has {len(self.columns)} columns, separated by {separator}: "
                f"{shortened(line)}. Mend the line."
            )
        is_word = self.columns[0] != "ID" or not _NO_WORD.fullmatch(fields[0])
        return [fields] if is_word else []


class ConllSource(Source):
    """Sentences of CoNLL files, packed (``.gz``, ...) or not.

    A file whose name says ``train`` has those beside it that say ``dev`` or ``test`` in
    its place as official parts. Of a folder, or a pattern such as ``data/*.conllu``,
    each file belongs to the part that its name says.

    Args:
        address: path of a file or folder, or a pattern; ``~`` is the home folder.
        spec: ``encoding`` says how the files are encoded.

    Raises:
        DataError: there is no such file, none for training, or it cannot be opened.
    """

    def __init__(self, address: str, spec: DataSpec) -> None:
        self.name = f"conll:{portable_path(address)}"
        self._paths = parts_of(address, SUFFIXES)
        self.parts = tuple(self._paths)
        self.encoding = checked_encoding(spec.encoding)
        self._columns: tuple[str, ...] | None = None

    def columns(self) -> tuple[str, ...]:
        if self._columns is None:
            own = self._layout(self._paths["train"][0]).columns
            self._columns = own if DOCUMENT in own else (*own, DOCUMENT)
        return self._columns

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return some_rows(self.name, self._read(part, list(columns)))

    def _read(self, part: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        first = self._layout(self._paths["train"][0])
        chunk: list[dict[str, Any]] = []
        tokens = document = 0
        for path in self._paths[part]:
            layout = self._layout(path)
            if layout.columns != first.columns:
                raise DataError(
                    f"{path} has the columns {', '.join(layout.columns)}, but "
                    f"{self._paths['train'][0]} has {', '.join(first.columns)}. Give "
                    "all files the same."
                )
            for rows, number in self._sentences(path, layout, document + 1):
                lists = map(list, zip(*rows, strict=True))
                own = dict(zip(layout.columns, lists, strict=True))
                chunk.append({DOCUMENT: number, **own})
                document = number
                tokens += len(rows)
                if len(chunk) == CHUNK_ROWS or tokens >= CHUNK_TOKENS:
                    yield _frame(chunk, columns)
                    chunk, tokens = [], 0
        if chunk:
            yield _frame(chunk, columns)

    def _layout(self, path: Path) -> Layout:
        """How a file is read, told by its header and its first token."""
        named: tuple[str, ...] = ()
        with reading(path, self.encoding):
            for line in _lines(path, self.encoding):
                if match := _GLOBAL_COLUMNS.match(line):
                    named = tuple(match[1].split())
                elif line.strip() and not line.startswith(("#", NEW_DOCUMENT)):
                    layout = Layout(named, tabs="\t" in line)
                    width = len(layout.fields(line))
                    usual = CONLLU if width == len(CONLLU) else map(str, range(width))
                    return layout._replace(columns=named or tuple(usual))
        raise DataError(f"{path} holds no token. Give at least one sentence.")

    def _sentences(
        self, path: Path, layout: Layout, document: int
    ) -> Iterator[tuple[list[list[str]], int]]:
        """The fields of each sentence's tokens, and the number of its document.

        ``document`` is the number of the file's first one.
        """
        rows: list[list[str]] = []
        has_begun = False
        with reading(path, self.encoding):
            # A blank line at the end closes the last sentence.
            lines = chain(_lines(path, self.encoding), [""])
            for number, line in enumerate(lines, 1):
                is_mark = line.startswith(NEW_DOCUMENT)
                if rows and (is_mark or not line.strip()):
                    yield rows, document
                    rows, has_begun = [], True
                if line.startswith("#") and layout.is_comment(line):
                    is_mark = _DOCUMENT_COMMENT.match(line) is not None
                elif line.strip() and not is_mark:
                    rows += layout.tokens(line, path, number)
                    if len(rows) > LONGEST_SENTENCE:
                        raise DataError(
                            f"{path} has no blank line among the {LONGEST_SENTENCE:,} "
                            f"tokens before line {number:,}. Separate sentences by "
                            "blank lines."
                        )
                if is_mark and has_begun:
                    document, has_begun = document + 1, False


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with open_text(path, encoding) as file:
        for line in file:
            yield line.rstrip("\r\n")


def _frame(sentences: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    cells = {name: pd.Series([one[name] for one in sentences]) for name in columns}
    return pd.DataFrame(cells, index=range(len(sentences)), columns=columns)

"""Vectors of words from a file, as word2vec, GloVe and fastText write them.

Files are streamed: the rows of words that a vocabulary has are kept alone. Forms:

    word2vec, text    a line ``WORDS WIDTH``, then lines ``WORD NUMBER NUMBER ...``
    fastText .vec     the same
    GloVe             the same without the first line
    word2vec, binary  the same first line, then ``WORD``, a space, and float32 numbers

Any of them may be packed by gzip.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError

KEY = "model.pretrained_vectors"
LONGEST_WORD = 10_000
"""Bytes of a word in a binary file, at most."""
CHUNK = 2**20
SAMPLE = 4096
"""Bytes that tell a binary file from one of text."""

_GZIP, _ZIP, _FASTTEXT_MODEL = b"\x1f\x8b", b"PK\x03\x04", b"\xba\x16\x4f\x2f"
_HEADER = re.compile(rb"\s*(\d+)[ \t]+(\d+)\s*")


class Record(NamedTuple):
    """A word of a file: where it stands, and its numbers as they are written."""

    where: str
    word: bytes
    numbers: bytes


def vector_width(path: str) -> int:
    """How many numbers each vector of a file has.

    Raises:
        DataError: there is no such file, or it holds no vectors.
    """
    with _opened(path) as file:
        return _beginning(file, Path(path).name)[1]


def no_file(path: str) -> DataError:
    return DataError(f"There is no file {path} ({KEY}). Name a file of vectors.")


def _opened(path: str) -> IO[bytes]:
    """The file, unpacked as it is read; refused where it holds something else."""
    try:
        with open(path, "rb") as file:
            first = file.read(4)
    except OSError as error:
        raise no_file(path) from error
    name = Path(path).name
    if first == _FASTTEXT_MODEL:
        raise DataError(
            f"{name} is a model of fastText, not a file of vectors. Give the .vec file "
            "that belongs to it."
        )
    if first == _ZIP:
        raise DataError(f"{name} is a zip archive. Unpack it and name the file inside.")
    packed = first[:2] == _GZIP
    return cast("IO[bytes]", gzip.open(path) if packed else open(path, "rb"))


def _beginning(file: IO[bytes], name: str) -> tuple[int | None, int, bytes]:
    """How many vectors a file says it has, their width, and a line that is a vector."""
    line = file.readline(CHUNK)
    header = _HEADER.fullmatch(line)
    if header:
        count, width = map(int, header.groups())
    else:
        count, width = None, len(line.split()) - 1
    if width < 1:
        raise DataError(
            f"{name}, line 1, must hold how many vectors there are and their width, or "
            f"a word and its numbers, got {line[:40].decode('utf-8', 'replace')!r}."
        )
    return count, width, b"" if header else line


def records(path: str) -> Iterator[tuple[Record, bool]]:
    """Each word of a file, and whether its numbers are binary."""
    name = Path(path).name
    with _opened(path) as file:
        try:
            count, width, first = _beginning(file, name)
            is_binary = False
            if count is not None:
                start = file.tell()
                is_binary = _is_binary(file.read(SAMPLE))
                file.seek(start)
            read = _binary(file, count or 0, width, name)
            if not is_binary:
                read = _lines(file, first, width, count, name)
            for record in read:
                yield record, is_binary
        except (EOFError, gzip.BadGzipFile) as error:
            raise DataError(f"{name} is damaged: {error}. Fetch it again.") from error


def _is_binary(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    # A letter of several bytes may be cut at the end.
    return "\0" in text or "\ufffd" in text[:-3]


def _lines(
    file: IO[bytes], first: bytes, width: int, count: int | None, name: str
) -> Iterator[Record]:
    """The words of a file of text, line by line."""
    lines, number = chain([first] if first else [], file), 0 if first else 1
    start = number
    for line in lines:
        number += 1
        line = line.rstrip()
        spaces = line.count(b" ")
        # A few words of GloVe's hold spaces themselves.
        word, *rest = line.rsplit(b" ", width) if spaces > width else (line,)
        if spaces == width:
            word, _, numbers = line.partition(b" ")
        elif spaces > width and not _is_number(word.rpartition(b" ")[2]):
            numbers = b" ".join(rest)
        else:
            raise DataError(
                f"{name}, line {number:,}, must hold a word and {width} numbers, got "
                f"{line[:40].decode('utf-8', 'replace')!r}. Mend it or fetch the file "
                "again."
            )
        yield Record(f"line {number:,}", word, numbers)
    if count is not None and number - start < count:
        raise _cut_off(name, number - start, count)


def _binary(file: IO[bytes], count: int, width: int, name: str) -> Iterator[Record]:
    """The words of a binary file."""
    size, buffer, start = 4 * width, b"", 0
    for number in range(count):
        while (end := buffer.find(b" ", start)) < 0 or len(buffer) <= end + size:
            more = file.read(CHUNK)
            is_endless = end < 0 and len(buffer) - start > LONGEST_WORD
            if not more or is_endless:
                raise _cut_off(name, number, count)
            buffer, start = buffer[start:] + more, 0
        word, start = buffer[start:end].lstrip(b"\n"), end + 1 + size
        yield Record(f"vector {number + 1:,}", word, buffer[end + 1 : start])


def _cut_off(name: str, number: int, count: int) -> DataError:
    return DataError(
        f"{name} says in line 1 that it has {count:,} vectors, but ends behind "
        f"{number:,}. Fetch it again."
    )


def _is_number(piece: bytes) -> bool:
    try:
        float(piece)
    except ValueError:
        return False
    return True


def numbers_of(record: Record, is_binary: bool, name: str) -> NDArray[np.float32]:
    """The vector of a word (width,)."""
    try:
        if is_binary:
            row = np.frombuffer(record.numbers, "<f4").astype(np.float32)
        else:
            row = np.array(record.numbers.split(b" "), np.float32)
    except ValueError:
        row = np.array([np.nan], np.float32)
    if not np.isfinite(row).all():
        word = record.word.decode("utf-8", "replace")
        raise DataError(
            f"{name}, {record.where}: the vector of {word!r} must hold finite numbers "
            f"alone, got {record.numbers[:40].decode('utf-8', 'replace')!r}. Mend it "
            "or fetch the file again."
        )
    return row

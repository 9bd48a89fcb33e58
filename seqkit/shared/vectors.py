"""Vectors of words that were trained elsewhere, from a file of word2vec, GloVe or fastText.

Files are streamed: only the rows of words that a vocabulary has are kept. Formats:

    word2vec, text    a line ``WORDS WIDTH``, then a line ``WORD NUMBER NUMBER ...`` each
    fastText .vec     the same
    GloVe             the same without the first line
    word2vec, binary  the same first line, then ``WORD``, a space, and float32 numbers

Any of them may be packed by gzip.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError

if TYPE_CHECKING:
    import keras

SPECIAL = 2
"""Ids of padding and of the unknown, which have no vectors."""
LONGEST_WORD = 10_000
"""Bytes of a word in a binary file, at most."""
CHUNK = 2**20
SAMPLE = 4096
"""Bytes that tell a binary file from one of text."""
KEY = "model.pretrained_vectors"
LAYER = "embedding"

_GZIP, _ZIP, _FASTTEXT_MODEL = b"\x1f\x8b", b"PK\x03\x04", b"\xba\x16\x4f\x2f"
_HEADER = re.compile(rb"\s*(\d+)[ \t]+(\d+)\s*")


class Record(NamedTuple):
    """A word of a file: where it stands, and its numbers as they are written."""

    where: str
    word: bytes
    numbers: bytes


@dataclass(frozen=True, eq=False)
class Vectors:
    """The rows that a file has for the tokens of a vocabulary."""

    name: str
    """The file's."""
    tokens: int
    """Of the vocabulary, without padding and unknown."""
    ids: NDArray[np.int64]
    """Tokens that the file has (covered,), rising."""
    rows: NDArray[np.float32]
    """Their vectors (covered, width)."""

    def facts(self) -> dict[str, object]:
        """What a run keeps of them, to see that a resumed one has the same."""
        digest = hashlib.sha256(self.ids.tobytes() + self.rows.tobytes())
        return {
            "file": self.name,
            "covered": len(self.ids),
            "tokens": self.tokens,
            "sha256": digest.hexdigest(),
        }

    @property
    def note(self) -> str:
        """How much of the vocabulary they cover, in a sentence."""
        return (
            f"{self.name} ({KEY}) has vectors of {len(self.ids):,} of {self.tokens:,} "
            f"tokens ({len(self.ids) / self.tokens:.0%}); the others begin with random "
            "ones."
        )

    def give(self, model: keras.Model) -> None:
        """Write them into the embedding of a model in its first state.

        Raises:
            DataError: the embedding has another width.
        """
        table = model.get_layer(LAYER).embeddings
        if table.shape[1] != self.rows.shape[1]:
            raise other_width(self.name, self.rows.shape[1], table.shape[1])
        values = table.numpy()
        values[self.ids] = self.rows
        table.assign(values)


def vector_width(path: str) -> int:
    """How many numbers each vector of a file has.

    Raises:
        DataError: there is no such file, or it holds no vectors.
    """
    with _opened(path) as file:
        return _beginning(file, Path(path).name)[1]


def vectors_of(path: str, vocabulary: Sequence[str], lowercase: bool) -> Vectors:
    """The vectors that a file has for tokens by id, padding and unknown first.

    Args:
        path: the file.
        vocabulary: its tokens; each takes the first vector of its own spelling.
        lowercase: whether they are in lower case: a token that the file has not takes
            the first vector of a word that is the same in lower case.

    Raises:
        DataError: there is no such file, it is damaged, or has none of the tokens.
    """
    file = Path(path)
    if not file.is_file():
        raise _no_file(path)
    state = file.stat()
    return _vectors(path, tuple(vocabulary), lowercase, state.st_mtime_ns, state.st_size)


# Each member of a run and each trial of a search asks anew.
@lru_cache(maxsize=1)
def _vectors(
    path: str, vocabulary: tuple[str, ...], lowercase: bool, *_: int
) -> Vectors:
    name, own = Path(path).name, set[int]()
    ids = {token.encode(): number for number, token in enumerate(vocabulary)}
    for token in vocabulary[:SPECIAL]:
        ids.pop(token.encode(), None)
    rows: dict[int, NDArray[np.float32]] = {}
    for record, is_binary in _records(path):
        place = ids.get(record.word)
        is_own = place is not None
        if place is None and lowercase:
            place = ids.get(folded(record.word.decode("utf-8", "replace")).encode())
        if place is None or place in own or (place in rows and not is_own):
            continue
        rows[place] = _numbers(record, is_binary, name)
        own |= {place} if is_own else set()
    tokens = len(vocabulary) - SPECIAL
    if not rows:
        raise DataError(
            f"{name} has a vector of none of the {tokens:,} tokens of the training "
            f"rows. Give vectors of their language and data.level in {KEY}."
        )
    order = sorted(rows)
    return Vectors(name, tokens, np.array(order), np.stack([rows[i] for i in order]))


def folded(word: str) -> str:
    """A word in lower case, letter by letter, as tokenizers have it.

    >>> folded("ΛΌΓΟΣ")
    'λόγοσ'
    """
    return word.lower().replace("\u03c2", "\u03c3")


def other_width(path: str, width: int, embedding: int) -> DataError:
    """What is wrong where embeddings are not as wide as the vectors of a file."""
    return DataError(
        f"The vectors of {Path(path).name} ({KEY}) have {width} numbers, but "
        f"model.embedding is {embedding}. Set it to {width}, or to null."
    )


def _no_file(path: str) -> DataError:
    return DataError(f"There is no file {path} ({KEY}). Name a file of vectors.")


def _opened(path: str) -> IO[bytes]:
    """The file, unpacked as it is read; refused where it holds something else."""
    try:
        with open(path, "rb") as file:
            first = file.read(4)
    except OSError as error:
        raise _no_file(path) from error
    name = Path(path).name
    if first == _FASTTEXT_MODEL:
        raise DataError(
            f"{name} is a model of fastText, not a file of vectors. Give the .vec file "
            "that belongs to it."
        )
    if first == _ZIP:
        raise DataError(f"{name} is a zip archive. Unpack it and name the file inside.")
    return gzip.open(path) if first[:2] == _GZIP else open(path, "rb")  # noqa: SIM115


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


def _records(path: str) -> Iterator[tuple[Record, bool]]:
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
            records = read if is_binary else _lines(file, first, width, count, name)
            for record in records:
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
                f"{spaces} behind {line[:20].split(b' ')[0].decode('utf-8', 'replace')!r}"
                ". Mend the line or fetch the file again."
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


def _numbers(record: Record, is_binary: bool, name: str) -> NDArray[np.float32]:
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
            f"alone, got {record.numbers[:40].decode('utf-8', 'replace')!r}. Mend it or "
            "fetch the file again."
        )
    return row

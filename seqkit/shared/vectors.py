"""The vectors that a file has for the tokens of a vocabulary."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import DataError
from seqkit.shared.vector_files import KEY, no_file, numbers_of, records

if TYPE_CHECKING:
    import keras

SPECIAL = 2
"""Ids of padding and of the unknown, which have no vectors."""
LAYER = "embedding"


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
        raise no_file(path)
    state = file.stat()
    return _vectors(
        path, tuple(vocabulary), lowercase, state.st_mtime_ns, state.st_size
    )


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
    for record, is_binary in records(path):
        place = ids.get(record.word)
        is_own = place is not None
        if place is None and lowercase:
            place = ids.get(folded(record.word.decode("utf-8", "replace")).encode())
        if place is None or place in own or (place in rows and not is_own):
            continue
        rows[place] = numbers_of(record, is_binary, name)
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

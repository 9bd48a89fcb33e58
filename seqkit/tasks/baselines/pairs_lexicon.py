"""A dictionary that is learnt from pairs of texts, used word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.shared.words import TOKEN
from seqkit.tasks.base import Examples
from seqkit.tasks.baselines.pairs import PairBaseline, fitted_on, training_pairs
from seqkit.tasks.baselines.plain import from_json_bytes, json_bytes

FIRST_WORDS = 300
"""Words of a text that are counted, at most."""
MOST_WORDS = 100_000
"""Different words that each side knows, at most: the most frequent."""
ROWS_AT_ONCE = 2_000

_WORD = re.compile(rf"{TOKEN}|\S")
_ATTACHED = re.compile(r" ([.,!?;:%)\]\u2026\u3002\u3001])")


class Lexicon(PairBaseline):
    """Puts for each word the one that it mostly stands beside in the training pairs.

    Two words belong together by the Dice coefficient of the rows that they are in; ties
    go to the more frequent word, then to the first by the alphabet. A new word is
    looked up in lower case, then copied. Nothing is put in another order, or left out.

    Args:
        table: the output word of each input word.
        by_letter: whether words are single characters.
        rows: how many rows it was fitted on.
        all_rows: how many there were.
    """

    kind = "lexicon"

    def __init__(
        self, table: dict[str, str], by_letter: bool, rows: int, all_rows: int
    ) -> None:
        self.table, self.by_letter = table, by_letter
        self.rows, self.all_rows = rows, all_rows
        unit = "letter by letter" if by_letter else "word by word"
        self.title = f"lexicon, {unit}{fitted_on(rows, all_rows)}"

    @classmethod
    def fit(cls, chunks: Iterable[Examples], level: str = "word") -> Self:
        """Count which words stand in rows together; letters at level ``character``."""
        by_letter = level == "character"
        inputs, outputs, seen = training_pairs(chunks)
        left, left_rows = _indicators(inputs, by_letter)
        right, right_rows = _indicators(outputs, by_letter)
        best = _partners(left_rows, right_rows)
        table = {word: right[place] for word, place in zip(left, best, strict=True)}
        return cls(table, by_letter, len(inputs), seen)

    def output(self, text: str) -> str:
        table = self.table
        words = [
            table.get(word) or table.get(word.lower(), word)
            for word in _words(text, self.by_letter)
        ]
        if self.by_letter:
            return "".join(words)
        return _ATTACHED.sub(r"\1", " ".join(words))

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "table": json_bytes(self.table),
            "by_letter": np.array(self.by_letter),
            "rows": np.array([self.rows, self.all_rows]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        table = from_json_bytes(arrays["table"])
        return cls(table, bool(arrays["by_letter"]), *map(int, arrays["rows"]))


def _words(text: str, by_letter: bool) -> list[str]:
    return list(text) if by_letter else _WORD.findall(text)


def _indicators(texts: Sequence[str], by_letter: bool) -> tuple[list[str], Any]:
    """Known words, the most frequent first, and in which texts each is.

    The latter is sparse: (texts, words), 0 or 1.
    """
    import scipy.sparse

    rows = [set(_words(text, by_letter)[:FIRST_WORDS]) for text in texts]
    counts: dict[str, int] = {}
    for words in rows:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    known = sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]
    place = {word: number for number, word in enumerate(known)}
    places = [sorted(place[word] for word in words if word in place) for words in rows]
    indices = np.array([one for row in places for one in row], np.int32)
    ends = np.cumsum([0, *map(len, places)])
    ones = np.ones(len(indices), np.float32)
    matrix = (ones, indices, ends)
    return known, scipy.sparse.csr_matrix(matrix, (len(texts), len(known)))


def _partners(left: Any, right: Any) -> list[int]:
    """For each column of ``left`` the column of ``right`` of the highest Dice."""
    of_left, of_right = (np.asarray(side.sum(axis=0))[0] for side in (left, right))
    best: list[int] = []
    turned = left.T.tocsr()
    for start in range(0, turned.shape[0], ROWS_AT_ONCE):
        together = (turned[start : start + ROWS_AT_ONCE] @ right).tocsr()
        together.sort_indices()
        for row in range(together.shape[0]):
            own = slice(together.indptr[row], together.indptr[row + 1])
            columns = together.indices[own]
            if not len(columns):
                best.append(0)
                continue
            sizes = of_left[start + row] + of_right[columns]
            # The first of the best is the most frequent: so words are sorted.
            best.append(int(columns[np.argmax(2 * together.data[own] / sizes)]))
    return best

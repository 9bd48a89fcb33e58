"""What all training tags tell: which there are, their scheme, and what is illegal."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from seqkit.data.rows.hashes import hash_texts
from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.rows.scans import EvenScan
from seqkit.data.tokens.schemes import (
    IOB1,
    IOB2,
    IOBES,
    OUTSIDE,
    PLAIN,
    Edge,
    is_legal,
    mended,
    parsed,
)
from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import DataError
from seqkit.shortened import shortened

MOST_TAGS = 1000
"""A column with more different tags holds something else."""

SPAN_SCHEMES = (IOB2, IOBES, IOB1)
"""In the order in which they are taken where tags fit several."""

Move = tuple[Edge, Edge]


class Illegal(NamedTuple):
    """How many moves are illegal, and the first of them with its place."""

    moves: int
    first: str


class TagScan(EvenScan):
    """Counts which tag follows which, in memory that does not grow with the rows.

    Whether a move is legal depends on its two tags alone. So these counts tell for
    every scheme at once how often it is broken, and where first.

    Args:
        spec: names the column of tags, and may name the scheme.
        name: the source's.
    """

    def __init__(self, spec: TaggedText, name: str) -> None:
        super().__init__()
        self._spec, self._column = spec, f"{spec.tags!r} of {name}"
        self.tags: set[str] = set()
        self._moves: Counter[Move] = Counter()
        self._first: dict[Move, tuple[int, int]] = {}
        """Row and token of each move, in the order in which they are met."""

    def note(self, rows: AnsweredRows[Any]) -> None:
        """Count the tags of some more sentences.

        Raises:
            DataError: there are too many different tags.
        """
        for row, tags in zip(rows.numbers, rows.answers, strict=True):
            moves = list(pairwise((None, *tags, None)))
            self._moves.update(moves)
            for token, move in enumerate(moves, 1):
                self._first.setdefault(move, (row, token))
            self.tags.update(tags)
            if len(self.tags) > MOST_TAGS:
                raise DataError(
                    f"Column {self._column} holds more than {MOST_TAGS:,} different "
                    f"tags by row {row:,}, e.g. {shortened(sorted(self.tags)[:5])}. "
                    "Name the column of tags in data.tags."
                )
        hashes = [hash_texts(tags) for tags in rows.answers]
        self._rows.append(np.array(hashes, np.uint64))

    def finish(self) -> None:
        """Find the scheme and the tags, of which O comes first.

        Raises:
            DataError: there is one tag alone, or they are not as the recipe declares.
        """
        self.scheme, tags = self.checked_scheme(), self.tags
        wrong = self.illegal(self.scheme)
        if wrong.moves:
            moves = "move is" if wrong.moves == 1 else "moves are"
            self.remark = (
                f"{wrong.moves:,} {moves} illegal in {self.scheme} in column "
                f"{self._column}, the first {wrong.first}. A tag that continues "
                "nothing is taken as the beginning of a span."
            )
            # A tag that may not begin a span becomes one that does, which may be new.
            begun = ([tag] * times for tag in self.tags for times in (1, 2, 3))
            tags = tags.union(*(mended(one, self.scheme) for one in begun))
        if len(tags) < 2:
            only = ", ".join(map(shortened, tags)) or "none"
            raise DataError(
                f"Column {self._column} holds one tag only ({only}). A tagger needs "
                "tokens of at least two."
            )
        self.values = tuple(sorted(tags, key=lambda tag: (tag != OUTSIDE, tag)))

    def illegal(self, scheme: str) -> Illegal:
        """The moves that are illegal in ``scheme``, whose tags they are."""
        wrong = [move for move in self._first if not is_legal(*move, scheme)]
        count = sum(self._moves[move] for move in wrong)
        return Illegal(count, self._in_words(wrong[0]) if wrong else "")

    def detected(self) -> str:
        """The scheme of the tags: the one with fewest illegal moves; else plain."""
        fitting = [one for one in SPAN_SCHEMES if not self._foreign_tags(one)]
        return min(fitting, key=lambda one: self.illegal(one).moves, default=PLAIN)

    def checked_scheme(self) -> str:
        """The scheme that is declared, or for ``auto`` the one that is found.

        Raises:
            DataError: the tags are not in the scheme that is declared.
        """
        declared, found = self._spec.scheme, self.detected()
        if declared == "auto":
            return found
        foreign = self._foreign_tags(declared)
        if foreign:
            first = next(move for move in self._first if move[1] == foreign[0])
            raise DataError(
                f"data.scheme is {declared}, but column {self._column} holds "
                f"{shortened(foreign[0])}, {self._place(first)}, which is no tag of "
                f"it.{_bilou(foreign)} Set data.scheme to {found}, or mend the tags."
            )
        wrong = self.illegal(declared)
        if wrong.moves and not self.illegal(found).moves:
            raise DataError(
                f"data.scheme is {declared}, but the tags in column {self._column} are "
                f"{found}: {wrong.moves:,} moves are illegal in {declared} and none "
                f"is in {found}. The first is {wrong.first}. Set data.scheme to "
                f"{found}, or mend the tags."
            )
        return declared

    def _foreign_tags(self, scheme: str) -> list[str]:
        if scheme == PLAIN:
            return []
        return sorted(tag for tag in self.tags if parsed(tag, scheme) is None)

    def _in_words(self, move: Move) -> str:
        before = "at the start" if move[0] is None else f"after {shortened(move[0])}"
        after = "the end" if move[1] is None else shortened(move[1])
        return f"{after} {before}, {self._place(move)}"

    def _place(self, move: Move) -> str:
        row, token = self._first[move]
        return f"row {row:,}, token {token:,}"


def _bilou(foreign: list[str]) -> str:
    if {tag[:2] for tag in foreign} <= {"L-", "U-"}:
        return " For BILOU, write E- for L- and S- for U-."
    return ""

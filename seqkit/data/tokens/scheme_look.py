"""Which scheme the tags of a data set are in, and how many moves are illegal in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from seqkit.data.tokens.schemes import IOB1, IOB2, IOBES, PLAIN, Edge, is_legal, parsed
from seqkit.errors import DataError
from seqkit.shortened import shortened

MOST_TAGS = 1000
"""A column with more different tags holds something else."""

SPAN_SCHEMES = (IOB2, IOBES, IOB1)
"""In the order in which they are taken where tags fit several."""


class Place(NamedTuple):
    """Where a token stands: both counted from 1."""

    row: int
    token: int

    def __str__(self) -> str:
        return f"row {self.row:,}, token {self.token:,}"


@dataclass(frozen=True)
class Illegal:
    """How many moves are illegal, and the first of them."""

    count: int
    first: Place | None
    move: tuple[Edge, Edge] = (None, None)


@dataclass
class _Seen:
    count: int
    first: Place


class SchemeLook:
    """Counts which tag follows which, row by row, in memory that does not grow.

    Whether a move is legal depends on its two tags alone. So these counts tell for
    every scheme at once how often it is broken, and where first.

    Args:
        name: the source's name, for messages.
        column: the column of tags.
    """

    def __init__(self, name: str, column: str) -> None:
        self.name, self.column = name, column
        self.rows = 0
        self.tags: set[str] = set()
        self._moves: dict[tuple[Edge, Edge], _Seen] = {}

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Count the tags of some more sentences.

        Raises:
            DataError: there are too many different tags.
        """
        for tags in rows:
            self.rows += 1
            before: Edge = None
            for token, tag in enumerate((*tags, None), 1):
                seen = self._moves.get((before, tag))
                if seen is None:
                    place = Place(self.rows, token)
                    seen = self._moves[before, tag] = _Seen(0, place)
                seen.count += 1
                before = tag
            self.tags.update(tags)
            if len(self.tags) > MOST_TAGS:
                raise DataError(
                    f"Column {self.column!r} of {self.name} holds more than "
                    f"{MOST_TAGS:,} different tags by row {self.rows:,}, e.g. "
                    f"{shortened(sorted(self.tags)[:5])}. Name the column of tags in "
                    "data.tags."
                )

    def is_in(self, scheme: str) -> bool:
        """Whether every tag is one of ``scheme``, whatever follows what."""
        return scheme == PLAIN or not self._foreign_tags(scheme)

    def illegal(self, scheme: str) -> Illegal:
        """The moves that are illegal in ``scheme``, whose tags they are."""
        wrong = {
            move: seen
            for move, seen in self._moves.items()
            if not is_legal(*move, scheme)
        }
        if not wrong:
            return Illegal(0, None)
        move = min(wrong, key=lambda one: wrong[one].first)
        count = sum(seen.count for seen in wrong.values())
        return Illegal(count, wrong[move].first, move)

    def detected(self) -> str:
        """The scheme of the tags: the one with fewest illegal moves; else plain."""
        fitting = [scheme for scheme in SPAN_SCHEMES if self.is_in(scheme)]
        if not fitting:
            return PLAIN
        return min(fitting, key=lambda scheme: self.illegal(scheme).count)

    def checked(self, declared: Literal["auto"] | str) -> str:
        """The scheme that is declared, or for ``auto`` the one that is found.

        Raises:
            DataError: the tags are not in the scheme that is declared.
        """
        if declared == "auto":
            return self.detected()
        foreign = self._foreign_tags(declared)
        if foreign:
            raise DataError(
                f"data.scheme is {declared}, but column {self.column!r} of {self.name} "
                f"holds {shortened(foreign[0])}, {self._first(foreign[0])}, which is "
                f"no tag of it.{_bilou(foreign)} Set data.scheme to {self.detected()}, "
                "or mend the tags."
            )
        wrong, found = self.illegal(declared), self.detected()
        if wrong.count and not self.illegal(found).count:
            raise DataError(
                f"data.scheme is {declared}, but the tags in column {self.column!r} of "
                f"{self.name} are {found}: {wrong.count:,} moves are illegal in "
                f"{declared} and none is in {found}. The first is "
                f"{_told(wrong.move)}, {wrong.first}. Set data.scheme to {found}, or "
                "mend the tags."
            )
        return declared

    def remark(self, scheme: str) -> str:
        """How many moves are illegal in ``scheme``, in sentences; "" if none is."""
        wrong = self.illegal(scheme)
        if not wrong.count:
            return ""
        moves = "move is" if wrong.count == 1 else "moves are"
        return (
            f"{wrong.count:,} {moves} illegal in {scheme} in column {self.column!r} of "
            f"{self.name}, the first {_told(wrong.move)}, {wrong.first}. A tag that "
            "continues nothing is taken as the beginning of a span."
        )

    def _foreign_tags(self, scheme: str) -> list[str]:
        if scheme == PLAIN:
            return []
        return sorted(tag for tag in self.tags if parsed(tag, scheme) is None)

    def _first(self, tag: str) -> Place:
        return min(
            seen.first for (_, after), seen in self._moves.items() if after == tag
        )


def _told(move: tuple[Edge, Edge]) -> str:
    before = "at the start" if move[0] is None else f"after {shortened(move[0])}"
    after = "the end" if move[1] is None else shortened(move[1])
    return f"{after} {before}"


def _bilou(foreign: list[str]) -> str:
    if {tag[:2] for tag in foreign} <= {"L-", "U-"}:
        return " For BILOU, write E- for L- and S- for U-."
    return ""

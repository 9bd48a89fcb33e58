"""Sequences that are too long, read in pieces that overlap.

max_timesteps 6, overlap 2      0 1 2 3 4 5 6 7 8 9
first piece                     0 1 2 3 4 5
second                                  4 5 6 7 8 9
taken from the first            0 1 2 3 4
taken from the second                     5 6 7 8 9
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import UsageError


class Piece(NamedTuple):
    """Tokens ``start`` to ``end`` are read, ``first`` to ``last`` of them kept."""

    start: int
    end: int
    first: int
    last: int

    @property
    def kept(self) -> slice:
        """The tokens to keep, counted within the piece."""
        return slice(self.first - self.start, self.last - self.start)


def pieces(tokens: int, max_timesteps: int, overlap: int) -> list[Piece]:
    """The pieces of a sentence, all as long as they may be; one where it fits.

    Every token is kept by one piece: the one in which it is farthest from an edge, of
    two equal ones the first. The ends of the sentence itself are no edges.

    >>> [piece[:2] for piece in pieces(9, 6, 2)]
    [(0, 6), (3, 9)]

    Raises:
        UsageError: pieces would not be longer than what they share.
    """
    if not 0 <= overlap < max_timesteps:
        raise UsageError(
            f"overlap must be from 0 to less than max_timesteps ({max_timesteps}), got "
            f"{overlap}."
        )
    if tokens <= max_timesteps:
        return [Piece(0, tokens, 0, tokens)]
    stride = max_timesteps - overlap
    starts = [*range(0, tokens - max_timesteps, stride), tokens - max_timesteps]
    ends = [start + max_timesteps for start in starts]
    # Where the middle of what two share is, their edges are equally far.
    cuts = [(a + b + 1) // 2 for a, b in zip(starts[1:], ends[:-1], strict=True)]
    return [
        Piece(*places)
        for places in zip(starts, ends, [0, *cuts], [*cuts, tokens], strict=True)
    ]


def shared_steps(most: int | None, share: float) -> int:
    """How many of its ``most`` steps a piece shares with its neighbour at least."""
    return int(share * (most or 0))


def kept_weights(piece: Piece) -> NDArray[np.float32]:
    """1 for each token that a piece keeps, 0 for what another does (tokens,).

    So that training and losses count every token of a sentence once.
    """
    weights = np.zeros(piece.end - piece.start, np.float32)
    weights[piece.kept] = 1.0
    return weights


def in_pieces(
    sequences: Sequence[Any], answers: Sequence[Any], most: int, shared: int
) -> tuple[list[Any], list[Any], list[NDArray[np.float32]]]:
    """Sequences and an answer a step of theirs, cut into pieces of ``most`` steps.

    Returns:
        the pieces, their answers, and the weight of each of their steps.
    """
    places = [
        (row, piece)
        for row, sequence in enumerate(sequences)
        for piece in pieces(len(sequence), most, shared)
    ]
    return (
        [sequences[row][piece.start : piece.end] for row, piece in places],
        [answers[row][piece.start : piece.end] for row, piece in places],
        [kept_weights(piece) for _, piece in places],
    )

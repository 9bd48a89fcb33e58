"""Tags as numbers, in an order that is the same however rows are cut or ordered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqkit.data.tokens.schemes import OUTSIDE
from seqkit.errors import DataError
from seqkit.shortened import cut, shortened


class TagCounts:
    """How often each tag of the training part occurs, and the order of tags."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Count the tags of some more sentences."""
        for tags in rows:
            self.counts.update(tags)

    def tags(self, column: str, name: str) -> tuple[str, ...]:
        """All tags: O first, where it is one, then the others sorted.

        Raises:
            DataError: there is one alone, so there is nothing to learn.
        """
        if len(self.counts) < 2:
            only = ", ".join(map(shortened, self.counts)) or "none"
            raise DataError(
                f"Column {column!r} of {name} holds one tag only ({only}). A tagger "
                "needs tokens of at least two."
            )
        return tuple(sorted(self.counts, key=lambda tag: (tag != OUTSIDE, tag)))


def tag_codes(
    rows: Sequence[Sequence[str]], tags: Sequence[str], name: str, start: int = 0
) -> list[NDArray[np.int32]]:
    """Positions of each sentence's tags among the training ``tags``, (tokens,) each.

    Args:
        rows: tags of each sentence.
        tags: those of the training part.
        name: the source's name.
        start: rows before these.

    Raises:
        DataError: a tag is none of them; names its row and token.
    """
    code = {tag: position for position, tag in enumerate(tags)}
    codes = []
    for row, sentence in enumerate(rows, start + 1):
        try:
            codes.append(np.array([code[tag] for tag in sentence], np.int32))
        except KeyError:
            token = next(i for i, tag in enumerate(sentence) if tag not in code)
            raise DataError(
                f"Row {row:,} of {name} holds the tag {shortened(sentence[token])}, "
                f"token {token + 1:,}, which the training data do not have (they have "
                f"{', '.join(cut(tag, 60) for tag in tags[:20])}). Mend the tags or "
                "train with them."
            ) from None
    return codes

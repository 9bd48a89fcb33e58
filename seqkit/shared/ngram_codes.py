"""What tells the n-grams of tokens apart: one formula for NumPy and for graphs.

The code of an n-gram is a polynomial of its tokens modulo the prime 2^31 - 1:

    code_1 = FIRST (t + 1)                  of a single token t
    code_n = LAST (NEXT code_{n-1} + t + n)  of an n-gram that ends in t

No product leaves 64 bits, so every machine and every runtime gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PRIME = 2**31 - 1
LONGEST = 3
"""Tokens of the longest n-grams, of the plain rival and beside a network alike."""
FIRST, NEXT, LAST = 1_220_703_125, 48_271, 1_000_003


def ngram_codes(tokens: Any, longest: int) -> Iterator[tuple[Any, Any]]:
    """The n-grams of each length from 1 to ``longest``.

    Args:
        tokens: (rows, steps) int64, an array or a tensor, below 2^31. A token of 0
            parts its neighbours: no n-gram holds it.
        longest: tokens of the longest n-grams.

    Yields:
        codes (rows, steps) that begin with the (n - 1)th step, and which of them are
        those of an n-gram.
    """
    parts = tokens > 0
    codes, whole = FIRST * (tokens + 1) % PRIME, parts
    yield codes, whole
    for n in range(2, longest + 1):
        last = tokens[:, n - 1 :]
        codes = LAST * ((NEXT * codes[:, :-1] + last + n) % PRIME) % PRIME
        whole = whole[:, :-1] & parts[:, n - 1 :]
        yield codes, whole

"""The most frequent of what is counted, in memory that does not grow with the rows."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from typing import TypeVar

Token = TypeVar("Token", str, bytes)

COUNTED_TOKENS = 500_000
"""Different tokens that are counted at one time; beyond, the rarer half is forgotten:
ids and misspellings without end take no memory without end."""


def most_frequent(counts: Counter[Token], number: int) -> list[tuple[Token, int]]:
    """Tokens with counts; equal ones in an order that the rows do not decide."""
    return nlargest(number, counts.items(), key=lambda item: (item[1], item[0]))

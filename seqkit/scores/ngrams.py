"""What two texts share: n-grams of words and of characters, and words of any script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

N = TypeVar("N")

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Signs of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer,
kana, Han."""


class _WordSigns(dict[int, str]):
    """What takes a sign's place where a text is cut into words, by its number."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if not (sign.isalnum() or unicodedata.category(sign).startswith("M")):
            sign = " "
        elif _UNSPACED.match(sign):
            sign = f" {sign} "
        self[code] = sign
        return sign


_SIGNS = _WordSigns()


def words(text: str) -> list[str]:
    """Lower-case words of letters, marks and digits, as ROUGE counts them.

    Of scripts without spaces every sign is one. For a-z and 0-9 these are the tokens of
    the library ``rouge-score``, which drops all other letters.

    >>> words("Schöne Grüße, 2 mal: 東京!")
    ['schöne', 'grüße', '2', 'mal', '東', '京']
    """
    text = unicodedata.normalize("NFC", text.lower())
    return text.translate(_SIGNS).split()


def word_ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """How often each run of ``n`` tokens occurs."""
    return Counter(zip(*(tokens[start:] for start in range(n)), strict=False))


def character_ngrams(text: str, most: int) -> list[Counter[str]]:
    """How often each run of characters occurs, for lengths 1 to ``most``."""
    return [
        Counter([text[start : start + n] for start in range(len(text) - n + 1)])
        for n in range(1, most + 1)
    ]


def overlap(one: Counter[N], other: Counter[N]) -> int:
    """How many n-grams two texts share, each as often as both have it."""
    return sum(min(n, other[each]) for each, n in one.items() if each in other)

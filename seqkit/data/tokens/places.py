"""Sentences as plain text, cut into tokens by one rule, and where each token stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from seqkit.data.tokens.vocabulary import valid

CUT_TEXTS = 1000
"""Sentences that are cut in one go."""


class Placed(NamedTuple):
    """A text, its tokens, and the characters at which each begins and ends."""

    text: str
    tokens: list[str]
    starts: list[int]
    ends: list[int]


def cut_texts(texts: Sequence[str]) -> list[list[str]]:
    """The tokens of sentences; what a token is says ``layers.sentences.TOKEN``.

    >>> cut_texts(["Don't pay 3,000.50!"])
    [["Don't", 'pay', '3,000.50', '!']]
    """
    return [tokens for tokens, _, _ in _cut(texts)]


def placed(given: Sequence[Any], sentences: Sequence[list[str]]) -> list[Placed]:
    """Where the tokens of sentences stand in what was given.

    Args:
        given: texts, or lists of tokens: their text is the tokens with spaces between.
        sentences: the tokens of each; the letters where a text is not cut into words.
    """
    texts = [text for text in given if isinstance(text, str)]
    cuts = _cut(texts)
    found = []
    for one, tokens in zip(given, sentences, strict=True):
        if not isinstance(one, str):
            found.append(_spaced(tokens))
            continue
        words, starts, ends = next(cuts)
        if words != tokens:
            starts = list(range(len(tokens)))
            ends = [start + 1 for start in starts]
        found.append(Placed(one, tokens, starts, ends))
    return found


def _cut(texts: Sequence[str]) -> Iterator[tuple[list[str], list[int], list[int]]]:
    import tensorflow as tf

    from seqkit.layers.sentences import SentenceSplitter

    splitter = SentenceSplitter()
    for first in range(0, len(texts), CUT_TEXTS):
        some = [valid(text) for text in texts[first : first + CUT_TEXTS]]
        cut = splitter(tf.constant(some, tf.string))
        columns = (cut[name].numpy() for name in ("tokens", "starts", "ends"))
        for tokens, starts, ends in zip(*columns, strict=True):
            words = [token.decode() for token in tokens if token]
            count = len(words)
            yield words, starts[:count].tolist(), ends[:count].tolist()


def _spaced(tokens: list[str]) -> Placed:
    """Tokens with a space between, as a text."""
    starts, place = [], 0
    for token in tokens:
        starts.append(place)
        place += len(token) + 1
    ends = [start + len(token) for start, token in zip(starts, tokens, strict=True)]
    return Placed(" ".join(tokens), tokens, starts, ends)

"""Sentences as plain text, cut into tokens by one rule, and where each token stands."""

from __future__ import annotations

from collections.abc import Sequence
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
    import tensorflow as tf

    from seqkit.layers.sentences import SentenceSplitter

    splitter = SentenceSplitter()
    sentences = []
    for first in range(0, len(texts), CUT_TEXTS):
        some = [valid(text) for text in texts[first : first + CUT_TEXTS]]
        rows = splitter(tf.constant(some, tf.string))["tokens"].numpy()
        sentences += [[token.decode() for token in row if token] for row in rows]
    return sentences


def placed(given: Sequence[Any], sentences: Sequence[list[str]]) -> list[Placed]:
    """Where the tokens of sentences stand in what was given.

    Args:
        given: texts, or lists of tokens: their text is the tokens with spaces between.
        sentences: the tokens of each, in the order in which they stand in the text;
            the letters where a text is not cut into words.
    """
    found = []
    for one, tokens in zip(given, sentences, strict=True):
        is_text = isinstance(one, str)
        text = one if is_text else " ".join(tokens)
        read, gap = valid(text), 0 if is_text else 1
        starts: list[int] = []
        ends: list[int] = []
        for token in tokens:
            starts.append(read.index(token, ends[-1] + gap if ends else 0))
            ends.append(starts[-1] + len(token))
        found.append(Placed(text, tokens, starts, ends))
    return found

"""What a TokenEncoder is fitted with: words, classes of unknown words, letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.frequent import COUNTED_TOKENS, most_frequent

if TYPE_CHECKING:
    from seqkit.layers.tokens import TokenEncoder

ENCODE_TOKENS = 20_000
"""Tokens that are encoded in one go, about."""
CLASS_WORDS = 5
"""Words of the training part that are seen once and make a class of unknown words."""
CLASSES = 500
"""Classes of unknown words, at most."""
ALPHABET = 1000
"""Letters with ids of their own, at most."""
PADDING, UNKNOWN = "", "[UNK]"


@dataclass(frozen=True)
class TokenVocabulary:
    """Fitted on training sentences; plain data, for JSON."""

    words: tuple[str, ...]
    """By id: padding, unknown, words by falling frequency; those that were seen once
    come last, in the order of the classes that they would be unknown words of."""
    unknowns: tuple[str, ...]
    """Classes of unknown words; their ids follow those of ``words``."""
    singletons: tuple[int, ...]
    """Words seen once whose class is plain unknown, then those of each class."""
    alphabet: tuple[str, ...]
    """Letters by id: padding, unknown, letters by falling frequency."""
    level: str = "word"
    lowercase: bool = True

    def encoder(self, max_letters: int) -> TokenEncoder:
        """The layer that turns tokens into ids."""
        from seqkit.layers.tokens import TokenEncoder

        return TokenEncoder(
            self.words,
            self.unknowns,
            self.alphabet,
            max_letters,
            self.level,
            self.lowercase,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> TokenVocabulary:
        """The vocabulary that ``to_dict`` wrote."""
        lists = {key: tuple(v) for key, v in plain.items() if isinstance(v, list)}
        return cls(**{**plain, **lists})


def fit_tokens(
    sentences: Iterable[list[str]],
    vocab_size: int,
    level: str = "word",
    lowercase: bool = True,
) -> TokenVocabulary:
    """The most frequent words of training sentences, and what is made of the rare ones.

    Args:
        sentences: lists of tokens, as they are given.
        vocab_size: words at most, padding and unknown among them.
        level: ``word``; ``character`` for tokens that are letters, which have neither
            classes of unknown words nor an alphabet.
        lowercase: count words in lower case.
    """
    tokens: Counter[str] = Counter()
    for sentence in sentences:
        tokens.update(sentence)
        if len(tokens) > max(COUNTED_TOKENS, 2 * vocab_size):
            tokens = Counter(dict(most_frequent(tokens, len(tokens) // 2)))
    tokens.pop(PADDING, None)
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for token, word in zip(tokens, _folded(list(tokens), lowercase), strict=True):
        counts[word] += tokens[token]
        written[word] = token
    words = [word for word, _ in most_frequent(counts, vocab_size - 2)]
    unknowns, singletons = list[str](), [0]
    letters = Counter[str]()
    if level != "character":
        frequent = [word for word in words if counts[word] > 1]
        once = [word for word in words if counts[word] == 1]
        unseen = [written[word] for word, count in counts.items() if count == 1]
        unknowns, classes = _classes(unseen, [written[word] for word in once])
        order = sorted(range(len(once)), key=lambda place: classes[place])
        words = frequent + [once[place] for place in order]
        singletons = np.bincount(classes, minlength=len(unknowns) + 1).tolist()
        for token, count in tokens.items():
            for letter in valid(token):
                letters[letter] += count
    alphabet = (letter for letter, _ in most_frequent(letters, ALPHABET - 2))
    return TokenVocabulary(
        (PADDING, UNKNOWN, *words),
        tuple(unknowns),
        tuple(singletons),
        (PADDING, UNKNOWN, *alphabet),
        level,
        lowercase,
    )


def _classes(rare: list[str], once: list[str]) -> tuple[list[str], list[int]]:
    """The classes that ``rare`` tokens make, and the class of each token of ``once``.

    Class 0 is plain unknown. The narrowest classes are chosen first; a class counts
    the tokens that no narrower one has taken.
    """
    from seqkit.layers.tokens import unknown_classes

    chosen: list[str] = []
    free = list(range(len(rare)))
    for level in _texts(unknown_classes, rare):
        counts = Counter(level[place] for place in free)
        some = {
            name: count
            for name, count in counts.items()
            # Short tokens are in the same class on several levels.
            if count >= CLASS_WORDS and name not in chosen
        }
        best = most_frequent(Counter(some), CLASSES - len(chosen))
        chosen += [name for name, _ in best]
        free = [place for place in free if level[place] not in chosen]
    numbers = {name: number for number, name in enumerate(chosen, 1)}
    candidates = zip(*_texts(unknown_classes, once), strict=True)
    return chosen, [
        next((numbers[name] for name in each if name in numbers), 0)
        for each in candidates
    ]


def _folded(tokens: list[str], lowercase: bool) -> list[str]:
    from seqkit.layers.text import fold_case
    from seqkit.layers.tokens import whole_tokens

    fold = fold_case if lowercase else whole_tokens
    (folded,) = _texts(lambda each: [fold(each)], tokens)
    return folded


def _texts(function: Any, tokens: list[str]) -> list[list[str]]:
    """The lists of texts that ``function`` of a graph gives for tokens."""
    import tensorflow as tf

    answers = function(tf.constant([valid(token) for token in tokens], tf.string))
    return [[text.decode() for text in answer.numpy()] for answer in answers]


def valid(token: str) -> str:
    """Half a surrogate pair, not UTF-8, becomes ``?``."""
    return token.encode("utf-8", "replace").decode()


class EncodedTokens(NamedTuple):
    """Encoded sentences: ``columns`` are flat, ``lengths`` (sentences,) cuts them."""

    columns: dict[str, NDArray[np.int32]]
    """``words`` (tokens,), ``letters`` (tokens, max_letters), ``casing`` (tokens,)."""
    lengths: NDArray[np.int64]


def encode_tokens(
    encoder: TokenEncoder, sentences: list[list[str]]
) -> Iterator[EncodedTokens]:
    """Encode lists of tokens piece by piece, by the layer that serves them."""
    import tensorflow as tf

    for piece in _pieces(sentences):
        flat = [valid(token) for sentence in piece for token in sentence]
        columns = encoder.columns(tf.constant(flat, tf.string))
        yield EncodedTokens(
            {name: column.numpy() for name, column in columns.items()},
            np.array([len(sentence) for sentence in piece], np.int64),
        )


def _pieces(sentences: list[list[str]]) -> Iterator[list[list[str]]]:
    piece: list[list[str]] = []
    tokens = 0
    for sentence in sentences:
        piece.append(sentence)
        tokens += len(sentence)
        if tokens >= ENCODE_TOKENS:
            yield piece
            piece, tokens = [], 0
    if piece:
        yield piece

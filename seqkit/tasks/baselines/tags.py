"""Plain competitors for taggers that tag each token by itself or by a few neighbours.

Every one answers with each tag's probability (tokens, tags) for each sentence. What was
fitted is plain arrays: ``arrays`` gives them, and ``from_arrays`` takes them back.
``crfsuite.CrfSuite`` is the strongest of the kind.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.base import Baseline
from seqkit.tasks.baselines.fitting import Floats, logistic, shares
from seqkit.tasks.baselines.plain import from_json_bytes, json_bytes

Arrays = dict[str, NDArray[Any]]
Sentence = tuple[Sequence[str], NDArray[np.integer]]
"""Tokens, and the number of each one's tag."""
Probabilities = list[NDArray[np.float32]]
"""(tokens, tags) of each sentence."""

MOST_WORDS = 500_000
"""Different words that are counted at one time; beyond, the rarer half is forgotten."""
RARE_WORD = 5
"""Endings are learnt from words that occur so often at most: new words are like them.
With 2, 5, 10 or no limit, accuracy on UD English EWT's development part is .891, .893,
.892 and .889."""
ENDING_LETTERS = 3

WINDOW = 13
"""Letters that decide on the middle one, as in Qian & Sejnowski 1988."""
MOST_LETTERS = 200_000
"""Letters that the windows are fitted on at most, so that memory has a bound."""


class TagBaseline(Baseline):
    """Answers as a tagger does: the best tags, and the probabilities of all."""

    def outputs(self, inputs: list[list[str]]) -> dict[str, list[NDArray[Any]]]:
        tags = [self.codes(tokens) for tokens in inputs]
        return {"tags": tags, "probabilities": self.probabilities(inputs)}

    def codes(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """The number of each token's tag (tokens,)."""
        (probabilities,) = self.probabilities([tokens])
        return probabilities.argmax(axis=1).astype(np.int32)

    @abstractmethod
    def probabilities(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        """Of each tag of each token."""


@dataclass(eq=False)
class MajorityTag(TagBaseline):
    """Answers the share of each tag in the training part, whatever the token."""

    kind = "majority_tag"
    title = "majority tag"
    shares: NDArray[np.float32]

    @classmethod
    def fit(cls, sentences: Iterable[Sentence], tags: int) -> Self:
        """Count the tags of the training sentences."""
        counts = np.zeros(tags)
        for _, codes in sentences:
            counts += np.bincount(codes, minlength=tags)
        return cls((counts / counts.sum()).astype(np.float32))

    def probabilities(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        return [np.tile(self.shares, (len(tokens), 1)) for tokens in inputs]


@dataclass(eq=False)
class MostFrequentTag(TagBaseline):
    """The tag that each word mostly has in the training part.

    A new word is tagged as it is in lower case; where that is new too, as rare words
    that end in the same three letters, else two, else one, and begin with a capital or
    do not; and as most tokens are otherwise. Ties go to the tag that comes first.
    """

    kind = "most_frequent_tag"
    title = "most frequent tag of each word"
    table: dict[str, int]
    """The number of the tag for each of a token's ``_keys``."""
    tags: int
    """How many there are."""

    @classmethod
    def fit(cls, sentences: Iterable[Sentence], tags: int) -> Self:
        """Count the tags of each word in the training sentences."""
        words: dict[str, Counter[int]] = defaultdict(Counter)
        for tokens, codes in sentences:
            for token, code in zip(tokens, codes, strict=True):
                words[token][int(code)] += 1
            if len(words) > MOST_WORDS:
                words = _more_frequent_half(words)
        counted: dict[str, Counter[int]] = defaultdict(Counter)
        for word, counts in words.items():
            own, lower, *endings, anything = _keys(word)
            is_rare = counts.total() <= RARE_WORD
            for key in (own, lower, *(endings if is_rare else ()), anything):
                counted[key].update(counts)
        return cls({key: _most_frequent(one) for key, one in counted.items()}, tags)

    def codes(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """The number of each token's tag (tokens,)."""
        keys = map(_keys, tokens)
        codes = [next(self.table[k] for k in each if k in self.table) for each in keys]
        return np.array(codes, np.int32)

    def probabilities(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        one_hot = np.eye(self.tags, dtype=np.float32)
        return [one_hot[self.codes(tokens)] for tokens in inputs]

    def arrays(self) -> Arrays:
        return {**super().arrays(), "table": json_bytes(self.table)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(from_json_bytes(arrays["table"]), int(arrays["tags"]))


@dataclass(eq=False)
class WindowLogistic(TagBaseline):
    """Logistic regression on which letter stands at each of 13 places around a token.

    Places before the first letter and behind the last, and letters that training never
    saw, say nothing.
    """

    kind = "window_logistic"
    title = f"logistic regression on a window of {WINDOW}"
    letters: Sequence[str]
    """Those that are known, sorted."""
    weights: Floats
    """(tags, WINDOW * letters)"""
    bias: Floats

    @classmethod
    def fit(cls, sentences: Iterable[Sentence], tags: int) -> Self:
        """Fit on the training sentences; past MOST_LETTERS, on the first of them."""
        tokens: list[Sequence[str]] = []
        codes: list[NDArray[np.integer]] = []
        held = 0
        for sentence, answers in sentences:
            if held >= MOST_LETTERS:
                break
            tokens.append(sentence)
            codes.append(answers)
            held += len(sentence)
        letters = sorted({token for sentence in tokens for token in sentence})
        windows = _windows(tokens, letters)
        return cls(letters, *logistic(windows, np.concatenate(codes), tags))

    def probabilities(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        scores = _windows(inputs, self.letters) @ self.weights.T + self.bias
        ends = np.cumsum([len(tokens) for tokens in inputs])[:-1]
        return np.split(shares(scores), ends)[: len(inputs)]

    def arrays(self) -> Arrays:
        return {**super().arrays(), "letters": json_bytes(self.letters)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        letters = from_json_bytes(arrays["letters"])
        return cls(letters, arrays["weights"], arrays["bias"])


def _keys(word: str) -> list[str]:
    """What a word is looked up by, one after the other.

    Itself, itself in lower case; its last letters, the longest first, and none of them,
    behind U (a capital) or l; and what every word is.
    """
    case = "U" if word[:1].isupper() else "l"
    lengths = range(min(ENDING_LETTERS, len(word)), 0, -1)
    endings = [f"{case} {word[-length:]}" for length in lengths]
    return [f"word {word}", f"lower {word.lower()}", *endings, case, ""]


def _most_frequent(counts: Counter[int]) -> int:
    return min(counts, key=lambda code: (-counts[code], code))


def _more_frequent_half(words: dict[str, Counter[int]]) -> dict[str, Counter[int]]:
    """The words that are counted most often, half as many as there may be."""
    order = sorted(words, key=lambda word: (-words[word].total(), word))
    return defaultdict(
        Counter, {word: words[word] for word in order[: MOST_WORDS // 2]}
    )


def _windows(inputs: Sequence[Sequence[str]], letters: Sequence[str]) -> Any:
    """Which letter stands where around each: (tokens, WINDOW * letters), sparse."""
    import scipy.sparse

    place_of = {letter: place for place, letter in enumerate(letters)}
    half = WINDOW // 2
    padding = [-1] * half
    rows = []
    for tokens in inputs:
        codes = np.array(
            padding + [place_of.get(token, -1) for token in tokens] + padding, np.int64
        )
        rows.append(np.lib.stride_tricks.sliding_window_view(codes, WINDOW))
    windows = np.concatenate(rows or [np.zeros((0, WINDOW), np.int64)])
    token, place = np.nonzero(windows >= 0)
    columns = place * len(letters) + windows[token, place]
    ones = np.ones(len(token), np.float32)
    shape = (len(windows), WINDOW * len(letters))
    return scipy.sparse.csr_matrix((ones, (token, columns)), shape)

"""Plain competitors for taggers that tag each token by itself or by a few neighbours.

Every one answers with each tag's probability (tokens, tags) for each sentence. What was
fitted is plain arrays: ``arrays`` gives them, and ``from_arrays`` takes them back.
``crfsuite.CrfSuite`` is the strongest of the kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

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


class MajorityTag:
    """Answers the share of each tag in the training part, whatever the token."""

    kind: ClassVar[str] = "majority_tag"
    title: ClassVar[str] = "majority tag"

    def __init__(self, shares: NDArray[np.float32]) -> None:
        self.shares = shares

    @classmethod
    def fit(cls, sentences: Iterable[Sentence], tags: int) -> MajorityTag:
        """Count the tags of the training sentences."""
        counts = np.zeros(tags)
        for _, codes in sentences:
            counts += np.bincount(codes, minlength=tags)
        return cls((counts / counts.sum()).astype(np.float32))

    def outputs(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        return [np.tile(self.shares, (len(tokens), 1)) for tokens in inputs]

    def arrays(self) -> Arrays:
        return {"shares": self.shares}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> MajorityTag:
        return cls(arrays["shares"])


class MostFrequentTag:
    """The tag that each word mostly has in the training part.

    A new word is tagged as it is in lower case; where that is new too, as rare words
    that end in the same three letters, else two, else one, and begin with a capital or
    do not; and as most tokens are otherwise. Ties go to the tag that comes first.

    Args:
        tables: the number of the tag of each word, each word in lower case, and each
            ending behind ``U`` (capital) or ``l``.
        tags: how many tags there are.
    """

    kind: ClassVar[str] = "most_frequent_tag"
    title: ClassVar[str] = "most frequent tag of each word"
    TABLES: ClassVar[tuple[str, ...]] = ("words", "lower", "endings")

    def __init__(self, tables: dict[str, dict[str, int]], tags: int) -> None:
        self.tables, self.tags = tables, tags

    @classmethod
    def fit(cls, sentences: Iterable[Sentence], tags: int) -> MostFrequentTag:
        """Count the tags of each word in the training sentences."""
        words: dict[str, Counter[int]] = defaultdict(Counter)
        for tokens, codes in sentences:
            for token, code in zip(tokens, codes, strict=True):
                words[token][int(code)] += 1
            if len(words) > MOST_WORDS:
                words = _more_frequent_half(words)
        lower: dict[str, Counter[int]] = defaultdict(Counter)
        endings: dict[str, Counter[int]] = defaultdict(Counter)
        for word, counts in words.items():
            lower[word.lower()].update(counts)
            endings[""].update(counts)
            if counts.total() <= RARE_WORD:
                for ending in _endings(word):
                    endings[ending].update(counts)
        counted = zip(cls.TABLES, (words, lower, endings), strict=True)
        return cls(
            {
                name: {key: _most_frequent(counts) for key, counts in table.items()}
                for name, table in counted
            },
            tags,
        )

    def codes(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """The number of each token's tag (tokens,)."""
        return np.array([self._code(token) for token in tokens], np.int32)

    def _code(self, token: str) -> int:
        words, lower, endings = (self.tables[name] for name in self.TABLES)
        if token in words:
            return words[token]
        if token.lower() in lower:
            return lower[token.lower()]
        return next(endings[key] for key in (*_endings(token), "") if key in endings)

    def outputs(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        one_hot = np.eye(self.tags, dtype=np.float32)
        return [one_hot[self.codes(tokens)] for tokens in inputs]

    def arrays(self) -> Arrays:
        arrays: Arrays = {"tags": np.array(self.tags)}
        for name, table in self.tables.items():
            keys = sorted(table)
            arrays |= packed(keys, name)
            arrays[f"{name}_codes"] = np.array([table[key] for key in keys], np.int32)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> MostFrequentTag:
        tables = {
            name: dict(
                zip(
                    unpacked(arrays, name),
                    arrays[f"{name}_codes"].tolist(),
                    strict=True,
                )
            )
            for name in cls.TABLES
        }
        return cls(tables, int(arrays["tags"]))


class WindowLogistic:
    """Logistic regression on which letter stands at each of 13 places around a token.

    Places before the first letter and behind the last, and letters that training never
    saw, say nothing.

    Args:
        letters: that are known, sorted.
        weights: (tags, WINDOW * letters).
        bias: (tags,)
    """

    kind: ClassVar[str] = "window_logistic"
    title: ClassVar[str] = f"logistic regression on a window of {WINDOW}"

    def __init__(
        self,
        letters: Sequence[str],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
    ) -> None:
        self.letters = tuple(letters)
        self.weights, self.bias = weights, bias

    @classmethod
    def fit(cls, sentences: Iterable[Sentence], tags: int) -> WindowLogistic:
        """Fit on the training sentences; past MOST_LETTERS, on the first of them."""
        from sklearn.linear_model import LogisticRegression

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
        truth = np.concatenate(codes)
        present = np.unique(truth)
        weights = np.zeros((tags, WINDOW * len(letters)), np.float32)
        bias = np.full(tags, -np.inf, np.float32)
        if len(present) == 1:
            bias[present] = 0.0
            return cls(letters, weights, bias)
        model = LogisticRegression(max_iter=1000).fit(_windows(tokens, letters), truth)
        if len(present) == 2:
            # One row of weights tells two tags apart.
            weights[present[1]] = model.coef_[0]
            bias[present] = [0.0, model.intercept_[0]]
        else:
            weights[present], bias[present] = model.coef_, model.intercept_
        return cls(letters, weights, bias)

    def outputs(self, inputs: Sequence[Sequence[str]]) -> Probabilities:
        from scipy.special import softmax

        scores = _windows(inputs, self.letters) @ self.weights.T + self.bias
        ends = np.cumsum([len(tokens) for tokens in inputs])[:-1]
        answers = np.split(softmax(scores, axis=1).astype(np.float32), ends)
        return answers[: len(inputs)]

    def arrays(self) -> Arrays:
        arrays = packed(self.letters, "letters")
        return {**arrays, "weights": self.weights, "bias": self.bias}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> WindowLogistic:
        return cls(unpacked(arrays, "letters"), arrays["weights"], arrays["bias"])


def packed(texts: Sequence[str], name: str) -> Arrays:
    """Texts as two arrays of numbers: their bytes, and where each of them ends."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return {
        f"{name}_bytes": np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}_ends": np.cumsum([len(one) for one in encoded], dtype=np.int64),
    }


def unpacked(arrays: Arrays, name: str) -> list[str]:
    """The texts of ``packed``."""
    whole = arrays[f"{name}_bytes"].tobytes()
    ends = arrays[f"{name}_ends"].tolist()
    return [
        whole[start:end].decode("utf-8", "surrogatepass")
        for start, end in pairwise([0, *ends])
    ]


def _endings(word: str) -> list[str]:
    """Its last letters, the longest first, and none of them, behind U or l."""
    case = "U" if word[:1].isupper() else "l"
    lengths = range(min(ENDING_LETTERS, len(word)), 0, -1)
    return [*(case + word[-length:] for length in lengths), case]


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

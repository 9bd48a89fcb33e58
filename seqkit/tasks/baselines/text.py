"""Plain competitors for classifiers of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.shared.words import HASHES, TOKEN
from seqkit.tasks.base import Baseline, Examples, no_graph
from seqkit.tasks.baselines.constant import MajorityClass
from seqkit.tasks.baselines.fitting import Floats, logistic, sampled_part, shares

MAX_BASELINE_ROWS = 50_000
"""Rows that the linear baseline is fitted on at most, so that memory has a bound."""

MAX_FEATURES, MAX_WEIGHTS = 2**19, 2**21
"""Words and word pairs that it knows, and their weights in all classes, at most."""

FEWEST_ROWS = (1, 2)
"""In so many rows a word or pair must be to be known: what is tried."""

STRENGTHS = (10.0, 3.0, 30.0)
"""Values of C: what is tried, the first one first."""

FEWEST_CHOICE_ROWS, MOST_CHOICE_ROWS = 100, 10_000
"""Training rows that the two are chosen on; where there are fewer, the first stand."""


@dataclass(eq=False)
class TfidfLogistic(Baseline):
    """Logistic regression on the TF-IDF of words and word pairs; knows no order beyond.

    It knows those of the training rows, or the ones that are in two rows at least, and
    leaves out every other. The term frequency is sublinear. Which it knows, and C (3,
    10 or 30), is what has the lowest log loss on a fifth of the training rows, when it
    is fitted on the others.
    """

    kind = "tfidf_logistic"
    columns: NDArray[np.int32]
    """Hashes of the words and pairs that are known, rising."""
    idf: NDArray[np.floating]
    """How rare each of them is."""
    weights: Floats
    """(classes, columns)"""
    bias: Floats
    rows: NDArray[np.int64]
    """How many it was fitted on, of how many."""

    def __post_init__(self) -> None:
        part = sampled_part(self.rows, "rows")
        self.title = f"TF-IDF with logistic regression{part}"

    @classmethod
    def fit(cls, chunks: Iterable[Examples], classes: int, seed: int) -> TfidfLogistic:
        """Fit on training rows; past MAX_BASELINE_ROWS, on an even sample of them."""
        random = np.random.default_rng(seed)
        counts, truth, seen = sampled_counts(chunks, word_counts, random)
        order = random.permutation(len(truth))
        fewest, strength = _choice(counts, truth, classes, order[:MOST_CHOICE_ROWS])
        columns, idf = known_words(counts, fewest, classes)
        features = tfidf(counts, columns, idf)
        weights, bias = logistic(features, truth, classes, strength)
        return cls(columns, idf, weights, bias, np.array([len(truth), seen]))

    def features(self, inputs: list[str]) -> Any:
        """TF-IDF (texts, columns), sparse, each row of length 1 or 0."""
        return tfidf(word_counts(inputs), self.columns, self.idf)

    def outputs(self, inputs: list[str]) -> NDArray[np.float32]:
        return shares(self.features(inputs) @ self.weights.T + self.bias)

    def in_graph(self, raw: Mapping[str, Any]) -> Any:
        from seqkit.layers.hashed_words import TfidfProbabilities

        (texts,) = raw.values()
        layer = TfidfProbabilities.of(
            self.columns, self.weights, self.bias, idf=self.idf
        )
        return layer(texts)


class HashedTfidf(TfidfLogistic):
    """The baseline of older runs: hashes shared 2^18 places, seen or not."""

    kind = "hashed_tfidf"

    def in_graph(self, raw: Mapping[str, Any]) -> Any:
        raise no_graph(self)

    def features(self, inputs: list[str]) -> Any:
        from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

        vectorizer = HashingVectorizer(
            n_features=len(self.idf),
            ngram_range=(1, 2),
            alternate_sign=False,
            norm=None,
        )
        transformer = TfidfTransformer(sublinear_tf=True)
        transformer.idf_ = self.idf
        return transformer.transform(vectorizer.transform(inputs))


def word_counts(texts: list[str], by_letter: bool = False) -> Any:
    """How often each word and pair is in each text: (texts, HASHES), sparse.

    ``by_letter``: letters and runs of two and three instead.
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(
        n_features=HASHES,
        analyzer="char" if by_letter else "word",
        ngram_range=(1, 3 if by_letter else 2),
        token_pattern=TOKEN,
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
    return vectorizer.transform(texts)


def known_words(
    counts: Any, fewest: int, classes: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Hashes that are in ``fewest`` rows, or the most frequent; and the idf of each."""
    columns, rows = np.unique(counts.indices, return_counts=True)
    columns, rows = columns[rows >= fewest], rows[rows >= fewest]
    most = min(MAX_FEATURES, MAX_WEIGHTS // classes)
    if len(columns) > most:
        chosen = np.sort(np.argsort(-rows, kind="stable")[:most])
        columns, rows = columns[chosen], rows[chosen]
    return columns, np.log((1 + counts.shape[0]) / (1 + rows)) + 1


def tfidf(counts: Any, columns: NDArray[np.int32], idf: NDArray[np.floating]) -> Any:
    """(1 + ln of counts) x idf of the known columns, each row scaled to length 1."""
    import scipy.sparse

    rows, place, times = placed_counts(counts, columns)
    values = (np.log(times) + 1) * idf[place]
    lengths = np.sqrt(np.bincount(rows, values**2, counts.shape[0]))
    shape = (counts.shape[0], len(columns))
    return scipy.sparse.csr_matrix((values / lengths[rows], (rows, place)), shape)


def placed_counts(
    counts: Any, columns: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Row, place among ``columns`` (rising) and number of each count that is known."""
    place = np.searchsorted(columns, counts.indices)
    place[place == len(columns)] = 0
    known = columns[place] == counts.indices if len(columns) else place != place
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))[known]
    return rows, place[known], counts.data[known]


def _choice(
    counts: Any, truth: NDArray[Any], classes: int, rows: NDArray[np.int64]
) -> tuple[int, float]:
    """Which of FEWEST_ROWS and then of STRENGTHS does best on a fifth of ``rows``."""
    fewest, strength = FEWEST_ROWS[0], STRENGTHS[0]
    if len(rows) < FEWEST_CHOICE_ROWS:
        return fewest, strength
    apart, fitted = np.split(rows, [len(rows) // 5])

    def features(fewest: int) -> Any:
        columns, idf = known_words(counts[fitted], fewest, classes)
        return [tfidf(counts[some], columns, idf) for some in (fitted, apart)]

    def loss(features: Any, strength: float) -> float:
        weights, bias = logistic(features[0], truth[fitted], classes, strength)
        return log_loss(features[1] @ weights.T + bias, truth[apart])

    tried = {fewest: features(fewest) for fewest in FEWEST_ROWS}
    losses = {fewest: loss(tried[fewest], strength) for fewest in FEWEST_ROWS}
    fewest = min(losses, key=lambda one: losses[one])
    strengths = {strength: losses[fewest]}
    strengths |= {one: loss(tried[fewest], one) for one in STRENGTHS[1:]}
    return fewest, min(strengths, key=lambda one: strengths[one])


def log_loss(scores: NDArray[np.floating], truth: NDArray[Any]) -> float:
    """Nats a row of scores (rows, classes) whose softmax is the answer."""
    from scipy.special import log_softmax

    chances = log_softmax(scores, axis=1)[np.arange(len(truth)), truth]
    return float(-np.maximum(chances, np.log(1e-7)).mean())


def sampled_counts(
    chunks: Iterable[Examples],
    counted: Callable[[list[str]], Any],
    random: np.random.Generator,
) -> tuple[Any, NDArray[Any], int]:
    """What ``counted`` gives of MAX_BASELINE_ROWS rows at most, evenly drawn.

    Returns:
        counts (rows, columns), sparse; the truth (rows,); how many rows there are.
    """
    import scipy.sparse

    kept: list[Any] = []
    truths: list[NDArray[np.generic]] = []
    seen = 0
    for chunk in chunks:
        kept.append(counted(chunk.inputs))
        truths.append(chunk.truth)
        seen += len(chunk.inputs)
        if sum(len(t) for t in truths) > 2 * MAX_BASELINE_ROWS:
            kept, truths = _thinned(kept, truths, random)
    if seen > MAX_BASELINE_ROWS:
        kept, truths = _thinned(kept, truths, random)
    return scipy.sparse.vstack(kept, format="csr"), np.concatenate(truths), seen


def _thinned(kept: list[Any], truths: list[Any], random: np.random.Generator) -> Any:
    """A random half, or MAX_BASELINE_ROWS if that is fewer."""
    import scipy.sparse

    rows = sum(map(len, truths))
    chosen = np.sort(random.permutation(rows)[:MAX_BASELINE_ROWS])
    features = scipy.sparse.vstack(kept, format="csr")[chosen]
    return [features], [np.concatenate(truths)[chosen]]


def older_baselines(arrays: Mapping[str, NDArray[Any]]) -> list[Baseline]:
    """Both baselines of a text classifier, as version 0.1 wrote them."""
    kind = TfidfLogistic if "columns" in arrays else HashedTfidf
    whole = {"columns": np.zeros(0, np.int32), **arrays}
    return [MajorityClass.from_arrays(arrays), kind.from_arrays(whole)]

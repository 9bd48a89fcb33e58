"""Log-count ratios of n-grams with logistic regression (NB-SVM), for classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.shared.ngram_codes import LONGEST, PRIME, ngram_codes
from seqkit.shared.words import TOKEN
from seqkit.tasks.base import Baseline, Examples
from seqkit.tasks.baselines.fitting import (
    Floats,
    Weights,
    logistic,
    sampled_part,
    shares,
)
from seqkit.tasks.baselines.text import (
    FEWEST_CHOICE_ROWS,
    MOST_CHOICE_ROWS,
    known_words,
    log_loss,
    placed_counts,
    sampled_counts,
)

FEWEST_ROWS = 2
"""In so many rows an n-gram must be to be known; in one, where none is in two."""

STRENGTHS = (0.3, 0.03, 0.1, 1.0, 3.0)
"""Values of C: what is tried, the first one where rows are too few to choose on."""

_TOKENS = re.compile(TOKEN)


@dataclass(eq=False)
class RatioLogistic(Baseline):
    """Logistic regression on the log-count ratios of words, pairs and triples.

    Wang & Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic
    Classification": which n-grams a text holds, each weighed by how much more often
    texts of a class hold it than others do. Of more than two classes each is told from
    the rest. It knows n-grams that are in two training rows or more. C is what has the
    lowest log loss on a fifth of the training rows, when it is fitted on the others.
    """

    kind = "ratio_logistic"
    columns: NDArray[np.int32]
    """Codes of the n-grams that are known, rising."""
    weights: Floats
    """(classes, columns); of two classes those of the second alone (1, columns)"""
    bias: Floats
    """(classes,) or (1,)"""
    rows: NDArray[np.int64]
    """How many it was fitted on, of how many."""

    def __post_init__(self) -> None:
        part = sampled_part(self.rows, "rows")
        self.title = f"log-count ratios with logistic regression{part}"

    @classmethod
    def fit(cls, chunks: Iterable[Examples], classes: int, seed: int) -> RatioLogistic:
        """Fit on training rows, or on an even sample where there are very many."""
        random = np.random.default_rng(seed)
        counts, truth, seen = sampled_counts(chunks, ngrams_of_texts, random)
        strength = chosen_strength(counts, truth, classes, random)
        columns = known_ngrams(counts, classes)
        features = placed(counts, columns)
        weights, bias = against_the_rest(features, truth, classes, strength)
        return cls(columns, weights, bias, np.array([len(truth), seen]))

    def outputs(self, inputs: list[str]) -> NDArray[np.float32]:
        features = placed(ngrams_of_texts(inputs), self.columns)
        return shares(class_scores(features @ self.weights.T + self.bias))

    def in_graph(self, raw: Mapping[str, Any]) -> Any:
        from seqkit.layers.hashed_words import RatioProbabilities

        (texts,) = raw.values()
        return RatioProbabilities.of(self.columns, self.weights, self.bias)(texts)


def ngrams_of_texts(texts: list[str]) -> Any:
    """Which words, pairs and triples each text holds: (texts, PRIME), sparse."""
    from sklearn.utils import murmurhash3_32

    codes: dict[str, int] = {}
    rows = []
    for text in texts:
        words = _TOKENS.findall(text.lower())
        for word in words:
            if word not in codes:
                codes[word] = murmurhash3_32(word, positive=True) or 1
        rows.append(np.array([codes[word] for word in words], np.int64))
    counts = ngram_counts(rows)
    counts.data[:] = 1
    return counts


def ngram_counts(rows: list[NDArray[np.int64]]) -> Any:
    """How often each n-gram is in each row of tokens: (rows, PRIME), sparse."""
    import scipy.sparse

    # One long row: zeros part the rows from each other.
    flat = np.concatenate([np.append(row, 0) for row in rows])
    number = np.repeat(np.arange(len(rows)), [len(row) + 1 for row in rows])
    keys = [
        number[n:][whole[0]] * PRIME + codes[0][whole[0]]
        for n, (codes, whole) in enumerate(ngram_codes(flat[np.newaxis], LONGEST))
    ]
    each, counts = np.unique(np.concatenate(keys), return_counts=True)
    starts = np.searchsorted(each, np.arange(len(rows) + 1) * PRIME)
    parts = (counts.astype(np.float32), (each % PRIME).astype(np.int32), starts)
    return scipy.sparse.csr_matrix(parts, (len(rows), PRIME))


def placed(counts: Any, columns: NDArray[np.int32]) -> Any:
    """The counts of some columns (rows, columns), sparse."""
    import scipy.sparse

    rows, place, times = placed_counts(counts, columns)
    shape = (counts.shape[0], len(columns))
    return scipy.sparse.csr_matrix((times, (rows, place)), shape)


def known_ngrams(counts: Any, classes: int) -> NDArray[np.int32]:
    """The columns that are in FEWEST_ROWS rows; where none is, those in one."""
    columns, _ = known_words(counts, FEWEST_ROWS, classes)
    return columns if len(columns) else known_words(counts, 1, classes)[0]


def chosen_strength(
    counts: Any, truth: NDArray[Any], classes: int, random: np.random.Generator
) -> float:
    """Which of STRENGTHS does best on a fifth of the rows of ``counts``."""
    rows = random.permutation(len(truth))[:MOST_CHOICE_ROWS]
    if len(rows) < FEWEST_CHOICE_ROWS:
        return STRENGTHS[0]
    apart, others = np.split(rows, [len(rows) // 5])
    columns = known_ngrams(counts[others], classes)
    features, held_out = (placed(counts[some], columns) for some in (others, apart))

    def loss(strength: float) -> float:
        weights, bias = against_the_rest(features, truth[others], classes, strength)
        return log_loss(class_scores(held_out @ weights.T + bias), truth[apart])

    return min(STRENGTHS, key=loss)


def against_the_rest(
    features: Any,
    truth: NDArray[Any],
    classes: int,
    strength: float,
    row_weights: NDArray[np.floating] | None = None,
) -> Weights:
    """Weights (classes, columns) and bias (classes,): each class against all others.

    Of two classes the second alone: (1, columns) and (1,).
    """
    of_class = [1] if classes == 2 else range(classes)
    fits = [
        _against_others(features, truth == one, strength, row_weights)
        for one in of_class
    ]
    weights, bias = zip(*fits, strict=True)
    return np.array(weights, np.float32), np.array(bias, np.float32)


def class_scores(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """Scores (rows, classes) whose softmax is the answer, from log odds.

    Those of more than two classes, each against the rest, are scaled to sum 1.
    """
    from scipy.special import log_expit

    if logits.shape[1] == 1:
        logits = np.concatenate([-logits, logits], axis=1)
    scores: NDArray[np.floating] = log_expit(logits)
    return scores


def _against_others(
    features: Any,
    is_one: NDArray[np.bool_],
    strength: float,
    row_weights: NDArray[np.floating] | None,
) -> tuple[Floats, float]:
    """Weights (columns,) and bias of the log odds that a row is of a class."""
    import scipy.sparse

    ratios = log_count_ratios(features, is_one)
    scaled = features @ scipy.sparse.diags(ratios)
    codes = is_one.astype(int)
    weights, bias = logistic(scaled, codes, 2, strength, row_weights=row_weights)
    return (weights[1] - weights[0]) * ratios, float(bias[1] - bias[0])


def log_count_ratios(features: Any, is_one: NDArray[np.bool_]) -> NDArray[np.float32]:
    """ln of a column's share in the rows of a class over that in the others.

    A share is the number of rows with the column, plus one, over the sum of these.
    """

    def share(rows: Any) -> NDArray[np.float64]:
        number = 1.0 + np.bincount(rows.indices, minlength=rows.shape[1])
        shares: NDArray[np.float64] = number / number.sum()
        return shares

    ratios = np.log(share(features[is_one]) / share(features[~is_one]))
    return np.asarray(ratios, np.float32)

"""Plain competitors for classifiers of text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.files import read_arrays, written_whole
from seqkit.tasks.base import BASELINE_FILE, Baseline, Examples

HASHED_FEATURES = 2**18
MAX_BASELINE_ROWS = 50_000
"""Rows that the linear baseline is fitted on at most, so that memory has a bound."""


class MajorityClass(Baseline):
    """Answers the share of each class in the training part, whatever the text."""

    title = "majority class"

    def __init__(self, shares: NDArray[np.float32]) -> None:
        self.shares = shares

    @classmethod
    def fit(cls, truth: NDArray[np.integer], classes: int) -> MajorityClass:
        """Count the classes of the training rows."""
        counts = np.bincount(truth, minlength=classes)
        return cls((counts / counts.sum()).astype(np.float32))

    def outputs(self, inputs: list[Any]) -> NDArray[np.float32]:
        return np.tile(self.shares, (len(inputs), 1))


class TfidfLogistic(Baseline):
    """Logistic regression on the TF-IDF of words and word pairs; knows no order beyond.

    Words are hashed to 2^18 features, so that fitting streams; the term frequency is
    sublinear and C = 10, which does well on sentiment in general.
    """

    def __init__(
        self,
        idf: NDArray[np.float64],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        rows: int,
        all_rows: int,
    ) -> None:
        self.idf = idf
        self.weights = weights
        self.bias = bias
        self.rows, self.all_rows = rows, all_rows
        part = "" if rows == all_rows else f" (on {rows:,} of {all_rows:,} rows)"
        self.title = f"TF-IDF with logistic regression{part}"

    @classmethod
    def fit(cls, chunks: Iterable[Examples], classes: int, seed: int) -> TfidfLogistic:
        """Fit on training rows; past MAX_BASELINE_ROWS, on an even sample of them."""
        import scipy.sparse
        from sklearn.feature_extraction.text import TfidfTransformer
        from sklearn.linear_model import LogisticRegression

        random = np.random.default_rng(seed)
        kept: list[Any] = []
        truths: list[NDArray[np.generic]] = []
        seen = 0
        for chunk in chunks:
            kept.append(_hashed(chunk.inputs))
            truths.append(chunk.truth)
            seen += len(chunk.inputs)
            if sum(len(t) for t in truths) > 2 * MAX_BASELINE_ROWS:
                kept, truths = _thinned(kept, truths, random)
        if seen > MAX_BASELINE_ROWS:
            kept, truths = _thinned(kept, truths, random)
        transformer = TfidfTransformer(sublinear_tf=True)
        features = transformer.fit_transform(scipy.sparse.vstack(kept, format="csr"))
        truth = np.concatenate(truths)
        model = LogisticRegression(C=10.0, max_iter=1000).fit(features, truth)
        weights = np.zeros((classes, HASHED_FEATURES), np.float32)
        bias = np.full(classes, -np.inf, np.float32)
        if len(model.classes_) == 2:
            weights[model.classes_[1]] = model.coef_[0]
            bias[model.classes_] = [0.0, model.intercept_[0]]
        else:
            weights[model.classes_] = model.coef_
            bias[model.classes_] = model.intercept_
        return cls(transformer.idf_, weights, bias, len(truth), seen)

    def outputs(self, inputs: list[str]) -> NDArray[np.float32]:
        from scipy.special import softmax
        from sklearn.feature_extraction.text import TfidfTransformer

        transformer = TfidfTransformer(sublinear_tf=True)
        transformer.idf_ = self.idf
        features = transformer.transform(_hashed(inputs))
        probabilities = softmax(features @ self.weights.T + self.bias, axis=1)
        return np.asarray(probabilities, np.float32)


def _hashed(texts: list[str]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(
        n_features=HASHED_FEATURES, ngram_range=(1, 2), alternate_sign=False, norm=None
    )
    return vectorizer.transform(texts)


def _thinned(kept: list[Any], truths: list[Any], random: np.random.Generator) -> Any:
    """A random half, or MAX_BASELINE_ROWS if that is fewer."""
    import scipy.sparse

    rows = sum(map(len, truths))
    chosen = np.sort(random.permutation(rows)[:MAX_BASELINE_ROWS])
    features = scipy.sparse.vstack(kept, format="csr")[chosen]
    return [features], [np.concatenate(truths)[chosen]]


def save_baselines(baselines: list[Baseline], folder: Path) -> None:
    """Write the two baselines of a text classifier as plain arrays."""
    majority, linear = baselines
    assert isinstance(majority, MajorityClass) and isinstance(linear, TfidfLogistic)
    with written_whole(folder / BASELINE_FILE) as temporary:
        np.savez_compressed(
            temporary,
            shares=majority.shares,
            idf=linear.idf,
            weights=linear.weights,
            bias=linear.bias,
            rows=np.array([linear.rows, linear.all_rows]),
        )


def load_baselines(folder: Path) -> list[Baseline]:
    """Read what ``save_baselines`` wrote."""
    with read_arrays(folder / BASELINE_FILE) as arrays:
        linear = TfidfLogistic(
            arrays["idf"], arrays["weights"], arrays["bias"], *map(int, arrays["rows"])
        )
        return [MajorityClass(arrays["shares"]), linear]

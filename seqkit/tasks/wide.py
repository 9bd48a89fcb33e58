"""The wide path of a text classifier: fitted apart, and mixed in by validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.stores.feed import answered_by_length
from seqkit.layers.dropout import UNKNOWN_ID
from seqkit.models.wide import both, in_buckets, set_ngrams, set_shares
from seqkit.tasks.baselines.ratios import (
    against_the_rest,
    chosen_strength,
    known_ngrams,
    ngram_counts,
    placed,
)
from seqkit.tasks.baselines.text import MAX_BASELINE_ROWS
from seqkit.tasks.compiled import compiled_model

if TYPE_CHECKING:
    import keras

CHUNK, BATCH = 512, 128
PULL = 1.0
"""How hard the shares are held at one half, in nats: few rows cannot move them far."""


def fit_ngrams(model: keras.Model, stores: Mapping[str, Any], seed: int) -> None:
    """Fit n-grams on training rows, then how much they and the network count.

    The n-grams are fitted as the baseline of log-count ratios is, but count as often as
    they stand in a text, and are those that the network's vocabulary knows.
    """
    train, classes = stores["train"], model.output_shape[-1]
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(train))[:MAX_BASELINE_ROWS])
    counts, truth = _counts(train, rows), train.targets[rows]
    strength = chosen_strength(counts, truth, classes, random)
    columns = known_ngrams(counts, classes)
    times = np.asarray(placed(counts, columns).sum(axis=0)).ravel()
    columns = in_buckets(model, columns, times)
    weights, bias = against_the_rest(
        placed(counts, columns), truth, classes, strength, train.weights[rows]
    )
    set_ngrams(model, columns, weights, bias)
    set_shares(model, *chosen_shares(*_both_scores(model, stores.get("validation"))))


def chosen_shares(
    deep: NDArray[np.floating], wide: NDArray[np.floating], truth: NDArray[Any]
) -> tuple[float, float]:
    """The weights (a, b), not below 0, with which a deep + b wide costs least.

    That is the log loss of the softmax, summed over rows, plus PULL times the squared
    distance of a and b from one half; without rows they are one half each.

    Args:
        deep, wide: scores (rows, classes) of the two models.
        truth: (rows,)
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    both, place = np.stack([deep, wide]).astype(np.float64), np.arange(len(truth))

    def cost(shares: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logs = log_softmax(np.tensordot(shares, both, 1), axis=1)
        expected = (np.exp(logs) * both).sum(axis=(1, 2))
        slope = expected - both[:, place, truth].sum(axis=1)
        pull = shares - 0.5
        loss = -logs[place, truth].sum() + PULL * (pull**2).sum()
        return float(loss), slope + 2 * PULL * pull

    bounds = [(0.0, None)] * 2
    best = minimize(cost, [0.5, 0.5], jac=True, method="L-BFGS-B", bounds=bounds)
    return float(best.x[0]), float(best.x[1])


def _counts(store: Any, rows: NDArray[np.int64]) -> Any:
    """How often each n-gram is in each of some rows: (rows, codes), sparse."""
    import scipy.sparse

    counts = []
    for start in range(0, len(rows), CHUNK):
        ids = store.arrays(rows[start : start + CHUNK])[0].astype(np.int64)
        counts.append(ngram_counts(list(np.where(ids > UNKNOWN_ID, ids, 0))))
    return scipy.sparse.vstack(counts, format="csr")


def _both_scores(
    model: keras.Model, store: Any
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[Any]]:
    """Scores (rows, classes) of network and n-grams, and the truth of the rows."""
    if not store:
        none = np.zeros((0, model.output_shape[-1]))
        return none, none, np.zeros(0, int)
    compiled = compiled_model(both(model))
    answers = answered_by_length(
        lambda rows: compiled(store.arrays(rows)[0]), store.lengths, BATCH
    )
    smallest = np.finfo(np.float32).tiny
    return np.log(np.maximum(answers["deep"], smallest)), answers["wide"], store.targets

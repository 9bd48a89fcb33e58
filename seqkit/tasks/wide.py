"""The wide path of a text classifier: fitted apart, and mixed in by validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.stores.feed import answered_by_length
from seqkit.layers.dropout import UNKNOWN_ID
from seqkit.models.wide import WIDE, both, in_buckets, set_ngrams, set_shares
from seqkit.shared.ngram_codes import LONGEST
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
    counts, truth = counts_of(train, rows), train.targets[rows]
    strength = chosen_strength(counts, truth, classes, random)
    columns = known_ngrams(counts, classes)
    times = np.asarray(placed(counts, columns).sum(axis=0)).ravel()
    columns = in_buckets(columns, times, model.get_layer(WIDE).buckets)
    weights, bias = against_the_rest(
        placed(counts, columns), truth, classes, strength, train.weights[rows]
    )
    set_ngrams(model, columns, weights, bias)
    scores, truth = scores_of(both(model), stores.get("validation"))
    set_shares(model, *chosen_shares(scores, truth))


def chosen_shares(
    scores: Sequence[NDArray[np.floating]],
    truth: NDArray[Any],
    pull: float = PULL,
    first: Sequence[float] | None = None,
) -> tuple[float, ...]:
    """Shares, none below 0, with which the sum of shares times scores costs least.

    That is the log loss of the softmax, summed over rows, plus ``pull`` times the
    squared distance from ``first``; without rows they are these.

    Args:
        scores: of each model (rows, classes).
        truth: (rows,)
        pull: in nats.
        first: shares; None: equal ones that sum to 1.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    stacked, place = np.stack(scores).astype(np.float64), np.arange(len(truth))
    even = np.full(len(scores), 1 / len(scores)) if first is None else np.array(first)

    def cost(shares: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logs = log_softmax(np.tensordot(shares, stacked, 1), axis=1)
        expected = (np.exp(logs) * stacked).sum(axis=(1, 2))
        slope = expected - stacked[:, place, truth].sum(axis=1)
        away = shares - even
        loss = -logs[place, truth].sum() + pull * (away**2).sum()
        return float(loss), slope + 2 * pull * away

    bounds = [(0.0, None)] * len(scores)
    best = minimize(cost, even, jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(map(float, best.x))


def counts_of(
    store: Any, rows: NDArray[np.int64], reads: str = "tokens", longest: int = LONGEST
) -> Any:
    """How often each n-gram is in each of some rows: (rows, codes), sparse.

    ``reads`` is the input that they are of, where the store has several.
    """
    import scipy.sparse

    counts = []
    for start in range(0, len(rows), CHUNK):
        inputs = store.arrays(rows[start : start + CHUNK])[0]
        ids = inputs[reads] if isinstance(inputs, dict) else inputs
        tokens = np.where(ids > UNKNOWN_ID, ids, 0).astype(np.int64)
        counts.append(ngram_counts(list(tokens), longest))
    return scipy.sparse.vstack(counts, format="csr")


def scores_of(
    model: keras.Model, store: Any
) -> tuple[list[NDArray[np.floating]], NDArray[Any]]:
    """Scores (rows, classes) of the parts of a model, and the truth of the rows.

    Args:
        model: gives ``deep``, the network's probabilities, then scores by name.
        store: the rows; None: there are none.
    """
    if not store:
        none = np.zeros((0, model.output["deep"].shape[-1]))
        return [none for _ in model.output], np.zeros(0, int)
    compiled = compiled_model(model)
    answers = answered_by_length(
        lambda rows: compiled(store.arrays(rows)[0]), store.lengths, BATCH
    )
    smallest = np.finfo(np.float32).tiny
    deep = np.log(np.maximum(answers["deep"], smallest))
    others = [scores for name, scores in answers.items() if name != "deep"]
    return [deep, *others], store.targets

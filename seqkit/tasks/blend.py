"""The linear models of a blend: fitted apart, and mixed in by validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from seqkit.models.blend import Linear, apart, linears_of, set_norms, set_shares
from seqkit.models.wide import in_buckets, set_ngrams
from seqkit.tasks.baselines.fitting import Weights, logistic
from seqkit.tasks.baselines.ratios import against_the_rest, class_scores, placed
from seqkit.tasks.baselines.text import (
    FEWEST_CHOICE_ROWS,
    MAX_BASELINE_ROWS,
    MOST_CHOICE_ROWS,
    known_words,
    log_loss,
)
from seqkit.tasks.wide import chosen_shares, counts_of, scores_of

if TYPE_CHECKING:
    import keras

SEED = 0
"""Of the rows that are drawn: members of a run have the same linear models."""
PULL = 20.0
"""How hard shares are held at what they are without rows, in nats."""
DEEP_SHARE = 0.25
"""Of the network, without rows; its linear models have the rest, each alike."""
LEAST_BIAS = -30.0
"""Of a class that no training row has."""


class Fitted(NamedTuple):
    """A linear model, and what it says of training rows that it was not fitted on."""

    strength: float
    """Its C."""
    columns: NDArray[np.int32]
    weights: NDArray[np.floating]
    """(1 or classes, columns)"""
    bias: NDArray[np.floating]
    norms: NDArray[np.floating] | None
    """Those of TF-IDF (columns,)."""
    scores: NDArray[np.floating]
    """Of a fifth of the rows, fitted on the others: (rows, classes)."""
    truth: NDArray[Any]
    """Of the same rows."""


_FITTED: WeakKeyDictionary[Any, dict[Any, Fitted]] = WeakKeyDictionary()
"""What was fitted on training rows that are still at hand, for further members."""


def fit_blend(model: keras.Model, stores: Mapping[str, Any]) -> None:
    """Fit each linear model on training rows, then how much all of them count.

    How much each linear model counts is what costs least on the rows that C was chosen
    on and those of validation; how much the network does, on validation rows alone.
    """
    train, classes = stores["train"], model.output_shape[-1]
    fitted = _FITTED.setdefault(train, {})
    # What is trained anew on more rows keeps its C.
    before = _FITTED.get(train.grown_from, {}) if train.grown_from else {}
    linears = linears_of(model)
    for one in linears:
        layer = model.get_layer(one.layer)
        key = one, layer.buckets, classes
        if key not in fitted:
            fewer = before.get(key)
            strengths = [fewer.strength] if fewer else one.strengths
            fitted[key] = _fitted(one, strengths, layer.buckets, train, classes)
        own = fitted[key]
        set_ngrams(model, own.columns, own.weights, own.bias, one.layer)
        if own.norms is not None:
            set_norms(model, one.layer, own.columns, own.norms)
    mine = [fitted[one, model.get_layer(one.layer).buckets, classes] for one in linears]
    (deep, *scores), truth = scores_of(apart(model), stores.get("validation"))
    both = [np.concatenate(pair) for pair in zip(_scores(mine), scores, strict=True)]
    among = np.array(chosen_shares(both, np.concatenate([mine[0].truth, truth]), PULL))
    linear = np.tensordot(among, np.stack(scores), 1)
    first = (DEEP_SHARE, 1 - DEEP_SHARE)
    of_deep, of_linear = chosen_shares([deep, linear], truth, PULL, first)
    set_shares(model, np.array([of_deep, *(of_linear * among)]))


def _scores(fitted: Sequence[Fitted]) -> list[NDArray[np.floating]]:
    return [one.scores for one in fitted]


def _fitted(
    one: Linear, strengths: Sequence[float], buckets: int, train: Any, classes: int
) -> Fitted:
    from scipy.special import log_softmax

    random = np.random.default_rng(SEED)
    rows = np.sort(random.permutation(len(train))[:MAX_BASELINE_ROWS])
    truth, row_weights = train.targets[rows], train.weights[rows]
    features, columns, idf = _features(one, buckets, train, rows, classes)

    def fit(some: NDArray[np.int64], strength: float) -> Weights:
        weights = row_weights[some]
        if not one.normed:
            return against_the_rest(
                features[some], truth[some], classes, strength, weights
            )
        return _multinomial(features[some], truth[some], classes, strength, weights)

    def scored(some: NDArray[np.int64], weights: Weights) -> NDArray[np.floating]:
        logits = features[some] @ weights[0].T + weights[1]
        if one.normed and classes > 2:
            scores: NDArray[np.floating] = log_softmax(logits, axis=1)
            return scores
        return class_scores(logits)

    every = np.arange(len(rows))
    order = random.permutation(every)[:MOST_CHOICE_ROWS]
    strength, held_out = strengths[0], order[:0]
    scores: NDArray[np.floating] = np.zeros((0, classes))
    if len(order) >= FEWEST_CHOICE_ROWS and len(strengths) > 1:
        held_out, others = np.split(order, [len(order) // 5])
        tried = {each: scored(held_out, fit(others, each)) for each in strengths}
        strength = min(tried, key=lambda each: log_loss(tried[each], truth[held_out]))
        scores = tried[strength]
    weights, bias = fit(every, strength)
    own = weights if idf is None else weights * idf
    own = own.astype(np.float32)
    return Fitted(strength, columns, own, bias, idf, scores, truth[held_out])


def _features(
    one: Linear, buckets: int, train: Any, rows: NDArray[np.int64], classes: int
) -> tuple[Any, NDArray[np.int32], NDArray[np.floating] | None]:
    """Features (rows, columns), the n-grams of the columns, and the idf of each."""
    counts = counts_of(train, rows, one.reads, one.longest)
    known, idf = known_words(counts, one.fewest, classes)
    if not len(known):
        known, idf = known_words(counts, 1, classes)
    times = np.asarray(placed(counts, known).sum(axis=0)).ravel()
    columns = in_buckets(known, times, buckets)
    features = placed(counts, columns)
    if not one.normed:
        return features.tocsr(), columns, None
    idf = idf[np.searchsorted(known, columns)]
    return normed(features, idf).tocsr(), columns, idf


def normed(counts: Any, idf: NDArray[np.floating]) -> Any:
    """Counts (rows, columns) times idf, over the length of idf over all n-grams."""
    import scipy.sparse

    lengths = np.sqrt(np.asarray(counts @ idf**2).ravel())
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return scipy.sparse.diags(scale) @ counts @ scipy.sparse.diags(idf)


def _multinomial(
    features: Any,
    truth: NDArray[Any],
    classes: int,
    strength: float,
    row_weights: NDArray[np.floating],
) -> Weights:
    """Weights and bias of classes told from each other; of two the second alone."""
    weights, bias = logistic(
        features, truth, classes, strength, row_weights=row_weights
    )
    bias = np.maximum(bias, LEAST_BIAS)
    if classes > 2:
        return weights, bias
    return weights[1:] - weights[:1], bias[1:] - bias[:1]

"""The linear models of a blend: fitted apart, and mixed in by validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from seqkit.models.blend import Linear, apart, linears_of, set_norms, set_shares
from seqkit.models.wide import in_buckets, set_ngrams
from seqkit.tasks.baselines.fitting import logistic
from seqkit.tasks.baselines.ratios import against_the_rest, chosen_strength, placed
from seqkit.tasks.baselines.text import (
    FEWEST_CHOICE_ROWS,
    MAX_BASELINE_ROWS,
    MOST_CHOICE_ROWS,
    STRENGTHS,
    known_words,
    log_loss,
)
from seqkit.tasks.wide import chosen_shares, counts_of, scores_of

if TYPE_CHECKING:
    import keras

SEED = 0
"""Of the rows that are drawn: members of a run have the same linear models."""
PULL = 20.0
"""How hard shares are held at equal ones, in nats: few rows tell little of many."""
LEAST_BIAS = -30.0
"""Of a class that no training row has."""


class Fitted(NamedTuple):
    """A linear model: weights (1 or classes, columns), and norms of TF-IDF."""

    columns: NDArray[np.int32]
    weights: NDArray[np.floating]
    bias: NDArray[np.floating]
    norms: NDArray[np.floating] | None


_FITTED: WeakKeyDictionary[Any, dict[Any, Fitted]] = WeakKeyDictionary()
"""What was fitted on training rows that are still at hand, for further members."""


def fit_blend(model: keras.Model, stores: Mapping[str, Any]) -> None:
    """Fit each linear model on training rows, then how much each of them counts."""
    train, classes = stores["train"], model.output_shape[-1]
    fitted = _FITTED.setdefault(train, {})
    for one in linears_of(model):
        layer = model.get_layer(one.layer)
        key = one, layer.buckets, classes
        if key not in fitted:
            fitted[key] = _fitted(one, layer, train, classes)
        columns, weights, bias, norms = fitted[key]
        set_ngrams(model, columns, weights, bias, one.layer)
        if norms is not None:
            set_norms(model, one.layer, columns, norms)
    scores, truth = scores_of(apart(model), stores.get("validation"))
    set_shares(model, np.array(chosen_shares(scores, truth, PULL)))


def _fitted(one: Linear, layer: Any, train: Any, classes: int) -> Fitted:
    random = np.random.default_rng(SEED)
    rows = np.sort(random.permutation(len(train))[:MAX_BASELINE_ROWS])
    counts, truth = counts_of(train, rows, one.reads, one.longest), train.targets[rows]
    known, idf = known_words(counts, one.fewest, classes)
    if not len(known):
        known, idf = known_words(counts, 1, classes)
    times = np.asarray(placed(counts, known).sum(axis=0)).ravel()
    columns = in_buckets(known, times, layer.buckets)
    row_weights = train.weights[rows]
    if not one.normed:
        strength = chosen_strength(counts, truth, classes, random)
        weights, bias = against_the_rest(
            placed(counts, columns), truth, classes, strength, row_weights
        )
        return Fitted(columns, weights, bias, None)
    idf = idf[np.searchsorted(known, columns)]
    features = normed(placed(counts, columns), idf)
    strength = _strength(features, truth, classes, random)
    weights, bias = logistic(
        features, truth, classes, strength, row_weights=row_weights
    )
    bias = np.maximum(bias, LEAST_BIAS)
    if classes == 2:
        weights, bias = weights[1:] - weights[:1], bias[1:] - bias[:1]
    return Fitted(columns, (weights * idf).astype(np.float32), bias, idf)


def normed(counts: Any, idf: NDArray[np.floating]) -> Any:
    """Counts (rows, columns) times idf, over the length of idf over all n-grams."""
    import scipy.sparse

    lengths = np.sqrt(np.asarray(counts @ idf**2).ravel())
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return scipy.sparse.diags(scale) @ counts @ scipy.sparse.diags(idf)


def _strength(
    features: Any, truth: NDArray[Any], classes: int, random: np.random.Generator
) -> float:
    """Which of STRENGTHS does best on a fifth of the rows."""
    rows = random.permutation(len(truth))[:MOST_CHOICE_ROWS]
    if len(rows) < FEWEST_CHOICE_ROWS:
        return STRENGTHS[0]
    held_out, others = np.split(rows, [len(rows) // 5])

    def loss(strength: float) -> float:
        weights, bias = logistic(features[others], truth[others], classes, strength)
        scores = features[held_out] @ weights.T + np.maximum(bias, LEAST_BIAS)
        return log_loss(scores, truth[held_out])

    return min(STRENGTHS, key=loss)

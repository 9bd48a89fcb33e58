"""The wide path of a model: fitted apart, and mixed in by validation rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.stores.feed import answered_by_length
from seqkit.layers.dropout import UNKNOWN_ID
from seqkit.layers.mixture import LEAST
from seqkit.models.wide import (
    BOTH,
    KERNELS,
    NGRAMS,
    both,
    in_buckets,
    set_kernels,
    set_ngrams,
    set_shares,
)
from seqkit.shared.ngram_codes import LONGEST
from seqkit.tasks.baselines.kernels import Kernels
from seqkit.tasks.baselines.mini_rocket import fitted_scores, rows_for_kernels
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
BATCH_STEPS = 2**15
"""Steps of series whose features are computed at one time: some 30 MB."""
PULL = 1.0
"""How hard the shares are held at one half, in nats: few rows cannot move them far."""


def place_ngrams(model: keras.Model, train: Any, seed: int) -> None:
    """Fit n-grams on training rows, and place them beside the network.

    They are fitted as the baseline of log-count ratios is, but count as often as
    they stand in a text, and are those that the network's vocabulary knows.
    """
    classes, random = model.output_shape[-1], np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(train))[:MAX_BASELINE_ROWS])
    counts, truth = counts_of(train, rows), train.targets[rows]
    strength = chosen_strength(counts, truth, classes, random)
    columns = known_ngrams(counts, classes)
    times = np.asarray(placed(counts, columns).sum(axis=0)).ravel()
    columns = in_buckets(columns, times, model.get_layer(NGRAMS).buckets)
    weights, bias = against_the_rest(
        placed(counts, columns), truth, classes, strength, train.weights[rows]
    )
    set_ngrams(model, columns, weights, bias)


def place_kernels(model: keras.Model, train: Any, seed: int) -> None:
    """Fit kernels on training rows, and place them beside the network.

    They are fitted as the baseline MiniRocket is, on the scaled steps that the network
    reads and on the features that the graph computes.
    """
    import tensorflow as tf

    layer = model.get_layer(KERNELS)
    rows = rows_for_kernels(train.lengths)
    series = [train.arrays(np.array([row]))[0][0].astype(np.float64) for row in rows]
    set_kernels(layer, Kernels.fit(series, seed).to_arrays())
    spec = tf.TensorSpec((None, None, series[0].shape[1]), tf.float32)
    graph = tf.function(layer.features, [spec], autograph=False)
    features = answered_by_length(
        lambda batch: graph(train.arrays(rows[batch])[0]),
        train.lengths[rows],
        max(1, min(BATCH, BATCH_STEPS // int(train.lengths.max()))),
    )
    classes = 0 if layer.numbers else layer.answers
    weights, bias = fitted_scores(
        features.reshape(len(rows), -1), train.targets[rows], classes
    )
    layer.kernel.assign(weights.T.reshape(layer.kernel.shape))
    layer.bias.assign(bias)


def settle_folds(
    models: Sequence[keras.Model],
    stores: Sequence[Mapping[str, Any]],
    seeds: Sequence[int],
    place: Callable[[keras.Model, Any, int], None],
) -> None:
    """Choose shares by all rows, and fit on all rows what stands beside the networks.

    Args:
        models: each has seen all rows but those that it was validated on.
        stores: ``train`` and ``validation`` of each.
        seeds: one for each.
        place: fits what stands beside a network.
    """
    settle_shares(models, [one["validation"] for one in stores])
    whole = stores[0]["train"].with_rows_of(stores[0]["validation"])
    for model, seed in zip(models, seeds, strict=True):
        place(model, whole, seed)


def settle_shares(models: Sequence[keras.Model], stores: Sequence[Any]) -> None:
    """Choose by rows how much a network and what stands beside it count.

    Args:
        models: all get the same shares.
        stores: the validation rows of each, or None.
    """
    numbers = models[0].get_layer(BOTH).numbers
    each = [
        scores_of(both(model), store, numbers)
        for model, store in zip(models, stores, strict=True)
    ]
    deep, wide = (np.concatenate([one[part] for one, _ in each]) for part in (0, 1))
    truth = np.concatenate([one for _, one in each])
    if numbers:
        chosen = chosen_number_shares(deep, wide, truth)
    else:
        # A class that is in no training row of a model cannot be answered by it.
        is_known = wide[np.arange(len(truth)), truth] > np.log(LEAST) + 1
        scores = [deep[is_known], wide[is_known]]
        chosen = chosen_shares(scores, truth[is_known])
    for model in models:
        set_shares(model, *chosen)


def chosen_number_shares(
    deep: NDArray[np.floating], wide: NDArray[np.floating], truth: NDArray[Any]
) -> tuple[float, ...]:
    """The weights (a, b), not below 0, with which a deep + b wide errs least.

    That is half the logarithm of the mean squared error a row (the log loss of normal
    errors), summed over rows, plus PULL times the squared distance of a and b from one
    half.

    Args:
        deep, wide: numbers (rows, 1) of the two models.
        truth: (rows,)
    """
    both = np.concatenate([deep, wide], axis=1).astype(np.float64)
    rows = max(len(truth), 1)
    least = 1e-12 * max((truth**2).sum() / rows, 1e-12)

    def cost(shares: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        errors, pull = both @ shares - truth, shares - 0.5
        mean = (errors**2).sum() / rows + least
        loss = len(truth) / 2 * np.log(mean) + PULL * (pull**2).sum()
        slope = len(truth) / rows * (errors @ both) / mean
        return float(loss), slope + 2 * PULL * pull

    return _cheapest(cost, np.full(2, 0.5))


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

    return _cheapest(cost, even)


def _cheapest(cost: Any, first: NDArray[np.floating]) -> tuple[float, ...]:
    """Shares, none below 0, that cost least; ``cost`` gives its slope, too."""
    from scipy.optimize import minimize

    bounds = [(0.0, None)] * len(first)
    best = minimize(cost, first, jac=True, method="L-BFGS-B", bounds=bounds)
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
    model: keras.Model, store: Any, numbers: bool = False
) -> tuple[list[NDArray[np.floating]], NDArray[Any]]:
    """Scores (rows, answers) of the parts of a model, and the truth of the rows.

    Probabilities of the network come as their logarithms.

    Args:
        model: gives ``deep``, the network's answers, then scores by name.
        store: the rows; None: there are none.
        numbers: whether answers are numbers.
    """
    if not store:
        none = np.zeros((0, model.output["deep"].shape[-1]))
        return [none for _ in model.output], np.zeros(0, int)
    compiled = compiled_model(model)
    answers = answered_by_length(
        lambda rows: compiled(store.arrays(rows)[0]), store.lengths, BATCH
    )
    deep = answers["deep"]
    if not numbers:
        deep = np.log(np.maximum(deep, np.finfo(np.float32).tiny))
    others = [scores for name, scores in answers.items() if name != "deep"]
    return [deep, *others], store.targets

"""A linear model of n-grams beside a classifier of tokens, as one Keras model."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from seqkit.layers.ngrams import Mixture, NgramScores
from seqkit.shared.ngram_codes import LONGEST

MOST_BUCKETS, MOST_WEIGHTS = 2**20, 2**22
"""N-grams that can be known, and their weights in all classes, at most."""
DEEP, WIDE, BOTH = "probabilities", "ngram_scores", "mixture"
"""The layers of the three answers."""


def with_ngrams(network: keras.Model, vocabulary: int) -> keras.Model:
    """``network``, from token ids to probabilities, with n-grams beside it.

    It answers as ``network`` does until ``set_shares``.
    """
    ids, probabilities = network.input, network.output
    classes = probabilities.shape[-1]
    scores = NgramScores(classes, bucket_count(vocabulary, classes), LONGEST, name=WIDE)
    mixed = Mixture(name=BOTH)([probabilities, scores(ids)])
    return keras.Model(ids, mixed, name=network.name)


def bucket_count(vocabulary: int, classes: int, longest: int = LONGEST) -> int:
    """A power of two: no more than there can be n-grams, nor than the bounds allow.

    >>> bucket_count(20_000, 2), bucket_count(20_000, 77), bucket_count(7, 2)
    (1048576, 32768, 256)
    """
    columns = 1 if classes == 2 else classes
    most = min(MOST_BUCKETS, MOST_WEIGHTS // columns)
    most = 2 ** (most.bit_length() - 1)
    ngrams = sum(max(vocabulary - 2, 1) ** n for n in range(1, longest + 1))
    return min(most, 2 ** int(ngrams).bit_length())


def parts(model: keras.Model) -> dict[str, keras.Model]:
    """Its network alone, and its n-grams alone, each to probabilities."""
    deep, wide = (model.get_layer(name).output for name in (DEEP, WIDE))
    alone = {"without n-grams": deep, "n-grams alone": keras.ops.softmax(wide)}
    return {title: keras.Model(model.input, out) for title, out in alone.items()}


def both(model: keras.Model) -> keras.Model:
    """``deep``, the network's probabilities, and ``wide``, the scores of n-grams."""
    deep, wide = (model.get_layer(name).output for name in (DEEP, WIDE))
    return keras.Model(model.input, {"deep": deep, "wide": wide})


def set_ngrams(
    model: keras.Model,
    columns: NDArray[np.integer],
    weights: NDArray[np.floating],
    bias: NDArray[np.floating],
    name: str = WIDE,
) -> None:
    """Give the n-grams of the layer ``name`` their weights.

    Args:
        model: has such a layer.
        columns: codes of n-grams, of which no two share a bucket.
        weights: (1 or classes, columns)
        bias: (1 or classes,)
    """
    layer = model.get_layer(name)
    buckets = columns % layer.buckets
    codes, kernel = np.zeros(layer.codes.shape, np.int32), np.zeros(layer.kernel.shape)
    codes[buckets], kernel[buckets] = columns, weights.T
    for variable, value in zip(
        (layer.codes, layer.kernel, layer.bias), (codes, kernel, bias), strict=True
    ):
        variable.assign(value)


def set_shares(model: keras.Model, deep: float, wide: float) -> None:
    """Say how much the network and its n-grams count."""
    mixture = model.get_layer(BOTH)
    mixture.deep.assign(deep)
    mixture.wide.assign(wide)


def shares_of(model: keras.Model) -> tuple[float, float]:
    """How much the network and its n-grams count."""
    mixture = model.get_layer(BOTH)
    return float(mixture.deep), float(mixture.wide)


def in_buckets(
    columns: NDArray[np.int32], times: NDArray[np.integer], buckets: int
) -> NDArray[np.int32]:
    """Of the columns (rising) of each bucket the one that is there most ``times``."""
    order = np.argsort(-times, kind="stable")
    _, first = np.unique(columns[order] % buckets, return_index=True)
    return np.sort(columns[order[first]])

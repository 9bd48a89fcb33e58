"""A plain model beside a network, as one Keras model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from seqkit.layers.kernels import KernelScores
from seqkit.layers.mixture import Mixture
from seqkit.layers.ngrams import NgramScores
from seqkit.shared.kernel_taps import KERNELS as TAP_WEIGHTS
from seqkit.shared.ngram_codes import LONGEST

MOST_BUCKETS, MOST_WEIGHTS = 2**20, 2**22
"""N-grams that can be known, and their weights in all classes, at most."""
NGRAMS, KERNELS, BOTH = "ngram_scores", "kernel_scores", "mixture"
"""The layers of plain scores, and of the answer of both."""


def with_ngrams(network: keras.Model, vocabulary: int) -> keras.Model:
    """``network``, from token ids to probabilities, with n-grams beside it.

    It answers as ``network`` does until ``set_shares``.
    """
    classes = network.output_shape[-1]
    buckets = bucket_count(vocabulary, classes)
    return _beside(network, NgramScores(classes, buckets, LONGEST, name=NGRAMS))


def with_kernels(network: keras.Model, numbers: bool) -> keras.Model:
    """``network``, from scaled steps to answers, with kernels beside it.

    It answers as ``network`` does until ``set_shares``.
    """
    answers = network.output_shape[-1]
    return _beside(network, KernelScores(answers, numbers, name=KERNELS), numbers)


def _beside(
    network: keras.Model, plain: keras.layers.Layer, numbers: bool = False
) -> keras.Model:
    scores = plain(network.input)
    mixed = Mixture(numbers, name=BOTH)([network.output, scores])
    return keras.Model(network.input, mixed, name=network.name)


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


def parts(model: keras.Model, plain: str) -> dict[str, keras.Model]:
    """Its network alone, and what stands beside it alone, each to answers.

    ``plain`` says what that is.
    """
    mixture = model.get_layer(BOTH)
    deep, wide = mixture.input
    answers = wide if mixture.numbers else keras.ops.softmax(wide)
    alone = {f"without {plain}": deep, f"{plain} alone": answers}
    return {title: keras.Model(model.input, out) for title, out in alone.items()}


def both(model: keras.Model) -> keras.Model:
    """``deep``, the network's answers, and ``wide``, the scores beside them."""
    deep, wide = model.get_layer(BOTH).input
    return keras.Model(model.input, {"deep": deep, "wide": wide})


def set_ngrams(
    model: keras.Model,
    columns: NDArray[np.integer],
    weights: NDArray[np.floating],
    bias: NDArray[np.floating],
    name: str = NGRAMS,
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


def set_kernels(layer: KernelScores, kernels: Mapping[str, NDArray[Any]]) -> None:
    """Give a layer of kernels what ``Kernels.to_arrays`` gives, in the graph's order.

    What each answer makes of their features, ``kernel`` and ``bias``, follows.
    """
    counts = kernels["counts"]
    layer.thresholds.assign(in_graph_order(kernels["thresholds"], counts))
    for name in ("dilations", "counts", "columns"):
        variable = getattr(layer, name)
        whole = np.zeros(variable.shape)
        whole[: len(counts)] = kernels[name]
        variable.assign(whole)
    layer.center.assign(kernels["center"])
    layer.unit.assign(kernels["unit"])


def in_graph_order(
    values: NDArray[np.floating], counts: NDArray[np.integer]
) -> NDArray[np.floating]:
    """A number a feature (features,), as ``Kernels`` has them, as the layer has them.

    ``counts`` are the thresholds of each kernel at each dilation.
    """
    ends = np.cumsum(counts * len(TAP_WEIGHTS))
    parts = np.split(values, ends[:-1])
    return np.concatenate([one.reshape(len(TAP_WEIGHTS), -1).T for one in parts])


def set_shares(model: keras.Model, deep: float, wide: float) -> None:
    """Say how much the network and what stands beside it count."""
    mixture = model.get_layer(BOTH)
    mixture.deep.assign(deep)
    mixture.wide.assign(wide)


def shares_of(model: keras.Model) -> tuple[float, float]:
    """How much the network and what stands beside it count."""
    mixture = model.get_layer(BOTH)
    return float(mixture.deep), float(mixture.wide)


def in_buckets(
    columns: NDArray[np.int32], times: NDArray[np.integer], buckets: int
) -> NDArray[np.int32]:
    """Of the columns (rising) of each bucket the one that is there most ``times``."""
    order = np.argsort(-times, kind="stable")
    _, first = np.unique(columns[order] % buckets, return_index=True)
    return np.sort(columns[order[first]])

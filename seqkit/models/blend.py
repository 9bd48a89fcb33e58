"""Several linear models of n-grams beside a classifier of texts, as one Keras model."""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from seqkit.layers.ngrams import Blend, NgramScores
from seqkit.models.wide import bucket_count
from seqkit.shared.ngram_codes import LONGEST

MOST_BUCKETS = 2**18
"""N-grams that each of the models can know, at most."""
BLEND = "blend"
"""The layer of the answer."""


class Linear(NamedTuple):
    """One of the models."""

    layer: str
    reads: str
    """``tokens`` or ``letters``."""
    longest: int
    """Of its n-grams."""
    normed: bool
    """Weighed by TF-IDF; else by log-count ratios."""
    fewest: int
    """Training rows that an n-gram is in which it knows."""
    strengths: tuple[float, ...]
    """Values of C: what is tried, the first one where rows are too few to choose on."""


_RATIOS, _LETTER_RATIOS, _TFIDF = (0.3, 0.03, 0.1, 1, 3), (0.1, 0.03, 0.3), (10, 3, 30)
RATIOS = Linear("ngram_scores", "tokens", LONGEST, False, 2, _RATIOS)
TFIDF = Linear("tfidf_scores", "tokens", 2, True, 1, _TFIDF)
LETTER_RATIOS = Linear("letter_scores", "letters", 5, False, 2, _LETTER_RATIOS)
LETTER_TFIDF = Linear("letter_tfidf_scores", "letters", 5, True, 2, _TFIDF)
ALL = (RATIOS, TFIDF, LETTER_RATIOS, LETTER_TFIDF)


def linears_of(model: keras.Model) -> list[Linear]:
    """Those of a model that ``with_blend`` made."""
    names = {layer.name for layer in model.layers}
    return [one for one in ALL if one.layer in names]


def with_blend(
    network: keras.Model, vocabulary: int, letters: int | None
) -> keras.Model:
    """``network``, from token ids to probabilities, with linear models beside it.

    It answers as ``network`` does until its shares are set.

    Args:
        network: from ids of tokens.
        vocabulary: how many tokens there are.
        letters: how many letters, where the model reads these as well; else None.
    """
    inputs, probabilities = {"tokens": network.input}, network.output
    sizes = {"tokens": vocabulary, "letters": letters}
    if letters:
        inputs["letters"] = keras.Input((None,), dtype="int32", name="letters")
    classes = probabilities.shape[-1]
    scores = []
    for one in ALL:
        size = sizes[one.reads]
        if size is not None:
            buckets = min(bucket_count(size, classes, one.longest), MOST_BUCKETS)
            layer = NgramScores(
                classes, buckets, one.longest, one.normed, name=one.layer
            )
            scores.append(layer(inputs[one.reads]))
    blended = Blend(name=BLEND)([probabilities, *scores])
    read = inputs if letters else network.input
    return keras.Model(read, blended, name=network.name)


def parts(model: keras.Model) -> dict[str, keras.Model]:
    """Its network alone, and its linear models without it, each to probabilities."""
    deep = model.get_layer(BLEND).input[0]
    shares = shares_of(model)[1:]
    scores = [model.get_layer(one.layer).output for one in linears_of(model)]
    logits = sum(
        float(share) * score for share, score in zip(shares, scores, strict=True)
    )
    alone = {"without n-grams": deep, "n-grams alone": keras.ops.softmax(logits)}
    return {title: keras.Model(model.input, out) for title, out in alone.items()}


def apart(model: keras.Model) -> keras.Model:
    """``deep``, the network's probabilities, and the scores of each linear model."""
    outputs = {"deep": model.get_layer(BLEND).input[0]}
    outputs |= {
        one.layer: model.get_layer(one.layer).output for one in linears_of(model)
    }
    return keras.Model(model.input, outputs)


def set_norms(
    model: keras.Model,
    layer: str,
    columns: NDArray[np.integer],
    norms: NDArray[np.floating],
) -> None:
    """Give n-grams (columns,), of which no two share a bucket, their norms."""
    own = model.get_layer(layer)
    values = np.zeros(own.norms.shape, np.float32)
    values[columns % own.buckets] = norms
    own.norms.assign(values)


def set_shares(model: keras.Model, shares: NDArray[np.floating]) -> None:
    """Say how much the network and each linear model count."""
    model.get_layer(BLEND).shares.assign(shares)


def shares_of(model: keras.Model) -> NDArray[np.floating]:
    """How much the network and each linear model count."""
    shares: NDArray[np.floating] = model.get_layer(BLEND).shares.numpy()
    return shares

"""Scores of n-grams in the graph against a sum in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqkit.layers import Blend, Mixture, NgramScores
from seqkit.shared.ngram_codes import FIRST, LAST, NEXT, PRIME

BUCKETS = 256
ROWS = [[2, 3, 4, 2, 3], [5, 1, 6], [7], [1], [3, 4, 3, 4]]
IDS = np.zeros((5, 7), np.int32)
for place, row in enumerate(ROWS):
    IDS[place, : len(row)] = row


def code(gram: tuple[int, ...]) -> int:
    """The code of an n-gram, as the formula has it."""
    value = FIRST * (gram[0] + 1) % PRIME
    for n, token in enumerate(gram[1:], 2):
        value = LAST * ((NEXT * value + token + n) % PRIME) % PRIME
    return value


def grams(row: list[int]) -> list[tuple[int, ...]]:
    """All words, pairs and triples without an unknown token (1)."""
    each = [
        tuple(row[at : at + n]) for n in (1, 2, 3) for at in range(len(row) + 1 - n)
    ]
    return [gram for gram in each if 1 not in gram]


def made(classes: int) -> tuple[NgramScores, dict[tuple[int, ...], Any], Any]:
    """A layer that knows some n-grams, their weights and the bias."""
    draw, columns = np.random.default_rng(0), 1 if classes == 2 else classes
    known = [(2,), (3,), (7,), (2, 3), (3, 4), (5, 6), (2, 3, 4), (4, 3, 4), (9, 9)]
    weights = {gram: draw.normal(size=columns) for gram in known}
    layer = NgramScores(classes, BUCKETS)
    layer.build((None, None))
    codes, kernel, bias = (np.zeros(w.shape) for w in layer.get_weights())
    for gram, weight in weights.items():
        assert not codes[code(gram) % BUCKETS], "two of them share a bucket"
        codes[code(gram) % BUCKETS] = code(gram)
        kernel[code(gram) % BUCKETS] = weight
    bias[:] = draw.normal(size=columns)
    layer.set_weights([codes, kernel, bias])
    return layer, weights, bias


@pytest.mark.parametrize("classes", [2, 3])
def test_scores_are_log_odds_summed_over_the_ngrams_that_are_known(
    classes: int,
) -> None:
    layer, weights, bias = made(classes)
    logits = np.array(
        [bias + sum(weights.get(gram, 0.0) for gram in grams(row)) for row in ROWS]
    )
    if classes == 2:
        logits = np.concatenate([-logits, logits], axis=1)
    wanted = np.log(1 / (1 + np.exp(-logits)))
    np.testing.assert_allclose(layer(IDS), wanted, rtol=1e-4)


def test_padding_changes_no_score_and_a_single_step_has_one() -> None:
    layer = made(3)[0]
    np.testing.assert_allclose(layer(IDS[:, :5]), layer(IDS), rtol=1e-6)
    np.testing.assert_allclose(layer(IDS[2:4, :1]), layer(IDS)[2:4], rtol=1e-6)


def test_an_ngram_in_the_bucket_of_another_counts_nothing() -> None:
    layer = NgramScores(3, 1)
    layer.build((None, None))
    kernel, bias = np.array([[1.0, 2.0, 3.0]]), np.zeros(3)
    layer.set_weights([np.array([code((2,))]), kernel, bias])
    scores = np.asarray(layer(np.array([[2, 0], [3, 4]], np.int32)))
    np.testing.assert_allclose(scores[0], -np.log1p(np.exp([-1.0, -2.0, -3.0])), 1e-5)
    np.testing.assert_allclose(scores[1], np.log([0.5] * 3), rtol=1e-6)


def test_a_mixture_weighs_logarithms_and_trains_on_the_network_alone() -> None:
    layer, p = Mixture(), np.array([[0.2, 0.5, 0.3]], np.float32)
    s = np.array([[-1.0, -2.0, -0.1]], np.float32)
    np.testing.assert_allclose(layer([p, s]), p, rtol=1e-6)
    layer.set_weights([np.array(0.4), np.array(0.7)])
    wanted = p**0.4 * np.exp(0.7 * s)
    np.testing.assert_allclose(layer([p, s]), wanted / wanted.sum(), rtol=1e-5)
    np.testing.assert_array_equal(layer([p, s], training=True), p)


def test_a_blend_weighs_each_model_and_trains_on_the_network_alone() -> None:
    layer, p = Blend(), np.array([[0.2, 0.5, 0.3]], np.float32)
    one, two = np.array([[-1.0, -2.0, -0.1]]), np.array([[0.5, 0.0, -3.0]])
    inputs = [p, one.astype(np.float32), two.astype(np.float32)]
    np.testing.assert_allclose(layer(inputs), p, rtol=1e-6)
    layer.set_weights([np.array([0.4, 0.7, 0.2])])
    wanted = p**0.4 * np.exp(0.7 * one + 0.2 * two)
    np.testing.assert_allclose(layer(inputs), wanted / wanted.sum(), rtol=1e-5)
    np.testing.assert_array_equal(layer(inputs, training=True), p)

"""Attention and copies against their formulas in NumPy."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from seqkit.layers.attention import Attention, with_copies

Array = NDArray[np.floating]
DRAW = np.random.default_rng(0)
QUERY = DRAW.normal(size=(2, 3, 4)).astype(np.float32)
LIVE = np.array([[True, True, False], [False, False, False]])
COVERED = DRAW.uniform(size=(2, 3)).astype(np.float32)


def attention(kind: str, width: int, coverage: bool) -> tuple[Attention, list[Array]]:
    """A layer whose weights are all drawn."""
    layer = Attention(kind, units=5, coverage=coverage)
    layer.build((None, None, 4), (None, None, width))
    layer.set_weights([DRAW.normal(size=w.shape) for w in layer.get_weights()])
    return layer, layer.get_weights()


@pytest.mark.parametrize("coverage", [False, True], ids=["plain", "covered"])
@pytest.mark.parametrize(
    ("kind", "width"), [("dot", 4), ("general", 6), ("additive", 6)]
)
def test_attention_is_its_formula(kind: str, width: int, coverage: bool) -> None:
    layer, weights = attention(kind, width, coverage)
    if not coverage:
        weights = [*weights, np.zeros((1, 5 if kind == "additive" else 1))]
    memory = DRAW.normal(size=(2, 3, width)).astype(np.float32)
    context, shares = layer(
        QUERY, memory, layer.keys(memory), LIVE, COVERED if coverage else None
    )
    for step in range(3):
        scores = [
            _score(kind, weights, QUERY[0, step], memory[0, place], COVERED[0, place])
            for place in range(2)
        ]
        wanted = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(shares[0, step], [*wanted, 0], rtol=1e-4)
        np.testing.assert_allclose(
            context[0, step], wanted @ memory[0, :2], rtol=1e-4, atol=1e-6
        )


def _score(kind: str, weights: list[Array], q: Array, m: Array, covered: Any) -> float:
    """What a place is worth (Luong et al. 2015; Bahdanau et al. 2015)."""
    *weights, seen = weights
    if kind == "dot":
        return float(q @ m + covered * seen[0, 0])
    if kind == "general":
        return float(m @ weights[0] @ q + covered * seen[0, 0])
    w, u, b, v = weights
    return float(np.tanh(m @ w + q @ u + b + covered * seen[0]) @ v[:, 0])


@pytest.mark.parametrize("kind", ["dot", "general", "additive"])
def test_a_row_that_is_all_padding_gets_zeros(kind: str) -> None:
    layer, _ = attention(kind, 4, coverage=False)
    memory = DRAW.normal(size=(2, 3, 4)).astype(np.float32)
    context, shares = layer(QUERY, memory, layer.keys(memory), LIVE)
    assert (np.asarray(context[1]) == 0).all()
    assert (np.asarray(shares[1]) == 0).all()


def test_attention_is_saved_with_its_options() -> None:
    layer, weights = attention("additive", 6, coverage=True)
    again = Attention.from_config(layer.get_config())
    again.build((None, None, 4), (None, None, 6))
    assert [w.shape for w in again.get_weights()] == [w.shape for w in weights]


def test_copies_add_the_attention_to_each_place_of_a_token() -> None:
    """See et al. 2017, eq. 9, for two steps over five tokens."""
    logits = DRAW.normal(size=(1, 2, 5)).astype(np.float32)
    switch = np.array([[[0.3], [-2.0]]], np.float32)
    weights = np.array([[[0.5, 0.2, 0.3, 0], [0.1, 0.6, 0.3, 0]]], np.float32)
    source = np.array([[4, 2, 4, 0]])
    p = np.exp(with_copies(logits, switch, weights, source))[0]
    written = np.exp(logits[0]) / np.exp(logits[0]).sum(-1, keepdims=True)
    for step, g in enumerate(1 / (1 + np.exp(-switch[0, :, 0]))):
        copied = np.array(
            [0, 0, weights[0, step, 1], 0, weights[0, step, [0, 2]].sum()]
        )
        np.testing.assert_allclose(
            p[step], g * written[step] + (1 - g) * copied, rtol=1e-5
        )


def test_without_a_place_to_copy_from_all_is_written() -> None:
    logits = DRAW.normal(size=(1, 1, 5)).astype(np.float32)
    nothing = np.zeros((1, 1, 2), np.float32)
    p = with_copies(logits, nothing[..., :1] - 9, nothing, np.zeros((1, 2), np.int32))
    np.testing.assert_allclose(p, keras.ops.log_softmax(logits), rtol=1e-5)

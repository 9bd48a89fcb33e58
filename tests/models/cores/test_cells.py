"""The recurrent cells, step by step against their formulas in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from seqkit.models.cores.spec import StackSpec
from seqkit.registry import CELLS, CORES

Array = NDArray[np.float64]

UNITS, FEATURES = 3, 4
STEPS = np.random.default_rng(0).normal(size=(2, 5, FEATURES)).astype(np.float32)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def simple_rnn(sequence: Array, weights: list[Array]) -> list[Array]:
    """Elman 1990: h_t = tanh(W x_t + U h_{t-1} + b)."""
    w, u, b = weights
    h, states = np.zeros(UNITS), []
    for x in sequence:
        h = np.tanh(x @ w + h @ u + b)
        states.append(h)
    return states


def lstm(sequence: Array, weights: list[Array]) -> list[Array]:
    """Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    w, u, b = weights
    h, c, states = np.zeros(UNITS), np.zeros(UNITS), []
    for x in sequence:
        i, f, g, o = np.split(x @ w + h @ u + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return states


def gru(sequence: Array, weights: list[Array]) -> list[Array]:
    """Cho et al. 2014, reset after the product; two biases, as in cuDNN."""
    w, u, (b_input, b_state) = weights
    h, states = np.zeros(UNITS), []
    for x in sequence:
        z_x, r_x, n_x = np.split(x @ w + b_input, 3)
        z_h, r_h, n_h = np.split(h @ u + b_state, 3)
        z, r = sigmoid(z_x + z_h), sigmoid(r_x + r_h)
        h = z * h + (1 - z) * np.tanh(n_x + r * n_h)
        states.append(h)
    return states


FORMULAS: dict[str, Callable[[Array, list[Array]], list[Array]]] = {
    "simple_rnn": simple_rnn,
    "lstm": lstm,
    "gru": gru,
}


def made(cell: str, **options: Any) -> tuple[keras.layers.Layer, list[Array]]:
    """A layer whose weights are all drawn, biases too."""
    layer = CELLS.get(cell)(UNITS, **options)
    layer.build((None, None, FEATURES))
    draw = np.random.default_rng(1)
    weights = [draw.normal(size=w.shape) for w in layer.get_weights()]
    layer.set_weights(weights)
    return layer, weights


def test_every_cell_has_its_formula_here() -> None:
    recurrent = [cell for cell in CELLS if CORES.get(cell) is StackSpec]
    assert set(FORMULAS) == set(recurrent)


@pytest.mark.parametrize("cell", list(FORMULAS))
def test_states_follow_the_formula(cell: str) -> None:
    layer, weights = made(cell, return_sequences=True)
    truth = [FORMULAS[cell](sequence, weights) for sequence in STEPS]
    np.testing.assert_allclose(layer(STEPS), truth, atol=1e-5)


@pytest.mark.parametrize("cell", list(FORMULAS))
def test_last_state_is_that_of_the_last_real_step(cell: str) -> None:
    layer, weights = made(cell)
    mask = np.array([[True] * 5, [True] * 3 + [False] * 2])
    truth = [
        FORMULAS[cell](STEPS[0], weights)[4],
        FORMULAS[cell](STEPS[1], weights)[2],
    ]
    np.testing.assert_allclose(layer(STEPS, mask=mask), truth, atol=1e-5)


@pytest.mark.parametrize("cell", list(FORMULAS))
@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout"])
def test_dropout_of_inputs_and_of_the_state_acts_in_training_alone(
    cell: str, option: str
) -> None:
    plain, weights = made(cell)
    layer, _ = made(cell, **{option: 0.5})
    np.testing.assert_allclose(layer(STEPS), plain(STEPS), atol=1e-6)
    # The state before the first step is 0: dropping of it shows from the second on.
    first = STEPS[:, :1]
    moved = np.abs(layer(first, training=True) - plain(first)).max()
    assert (moved > 1e-3) if option == "dropout" else (moved < 1e-6)
    assert np.abs(layer(STEPS, training=True) - plain(STEPS)).max() > 1e-3

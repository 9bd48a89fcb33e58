"""Pooling over timesteps, against the formulas in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from seqkit.layers import AttentionPooling, MaskedMaxPooling, MaskedMeanPooling

POOLINGS = [AttentionPooling, MaskedMaxPooling, MaskedMeanPooling]
EACH = pytest.mark.parametrize("pooling", POOLINGS)

RANDOM = np.random.default_rng(3)
STEPS = RANDOM.normal(size=(4, 6, 3)).astype(np.float32)
LENGTHS = [6, 4, 1, 3]
MASK = np.arange(6) < np.array(LENGTHS)[:, np.newaxis]


def attention(layer: AttentionPooling, steps: NDArray[Any]) -> NDArray[Any]:
    """One sequence (timesteps, features) by the formula of Yang et al. 2016."""
    kernel, bias, context = (w.astype(np.float64) for w in layer.get_weights())
    scores = np.tanh(steps @ kernel + bias) @ context
    weights = np.exp(scores) / np.exp(scores).sum()
    return (weights * steps).sum(axis=0)


def made(pooling: type[Any]) -> Any:
    """A pooling whose weights are all drawn, the bias too."""
    layer = pooling()
    layer.build((None, None, 3))
    draw = np.random.default_rng(5)
    layer.set_weights([draw.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def expected(layer: Any, steps: NDArray[Any]) -> NDArray[Any]:
    if isinstance(layer, MaskedMeanPooling):
        return steps.mean(axis=0)
    if isinstance(layer, MaskedMaxPooling):
        return steps.max(axis=0)
    return attention(layer, steps)


@EACH
def test_without_a_mask_all_steps_count(pooling: type[Any]) -> None:
    layer = made(pooling)
    truth = [expected(layer, steps) for steps in STEPS]
    np.testing.assert_allclose(layer(STEPS), truth, rtol=1e-5, atol=1e-6)


@EACH
def test_under_a_mask_only_real_steps_count(pooling: type[Any]) -> None:
    layer = made(pooling)
    truth = [expected(layer, s[:n]) for s, n in zip(STEPS, LENGTHS, strict=True)]
    np.testing.assert_allclose(layer(STEPS, mask=MASK), truth, rtol=1e-5, atol=1e-6)


@EACH
def test_what_stands_on_padding_is_of_no_account(pooling: type[Any]) -> None:
    layer = made(pooling)
    other = np.where(MASK[..., np.newaxis], STEPS, 1e6).astype(np.float32)
    assert np.array_equal(layer(other, mask=MASK), layer(STEPS, mask=MASK))


@EACH
def test_further_padding_changes_nothing(pooling: type[Any]) -> None:
    layer = made(pooling)
    steps = np.pad(STEPS, ((0, 0), (0, 9), (0, 0)), constant_values=7.0)
    mask = np.pad(MASK, ((0, 0), (0, 9)))
    np.testing.assert_allclose(
        layer(steps, mask=mask), layer(STEPS, mask=MASK), rtol=1e-6
    )


@EACH
def test_padding_alone_gives_zeros_and_finite_gradients(pooling: type[Any]) -> None:
    layer = made(pooling)
    inputs = tf.constant(STEPS)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, mask=tf.zeros((4, 6), tf.bool))
        loss = tf.reduce_sum(outputs)
    assert np.array_equal(outputs, np.zeros((4, 3)))
    assert np.array_equal(tape.gradient(loss, inputs), np.zeros_like(STEPS))


@EACH
def test_gradients_reach_real_steps_alone(pooling: type[Any]) -> None:
    layer = made(pooling)
    inputs = tf.constant(STEPS)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(layer(inputs, mask=MASK) ** 2)
    gradient = np.abs(tape.gradient(loss, inputs)).sum(axis=-1)
    assert not gradient[~MASK].any()
    real = gradient[MASK] > 0
    # Of a maximum only the largest steps get some.
    assert real.all() if pooling is not MaskedMaxPooling else 4 <= real.sum() <= 12


def test_attention_stays_finite_under_large_scores() -> None:
    layer = made(AttentionPooling)
    layer.set_weights([1e3 * w for w in layer.get_weights()])
    outputs = layer(1e3 * STEPS, mask=MASK).numpy()
    assert np.isfinite(outputs).all()


@EACH
@pytest.mark.parametrize("masked", [True, False])
def test_a_single_step_is_the_answer(pooling: type[Any], masked: bool) -> None:
    mask = np.ones((4, 1), bool) if masked else None
    outputs = made(pooling)(STEPS[:, :1], mask=mask)
    np.testing.assert_allclose(outputs, STEPS[:, 0], rtol=1e-6)


def test_maximum_may_be_negative() -> None:
    steps = np.array([[[-3.0], [-2.0], [0.0]]], np.float32)
    outputs = MaskedMaxPooling()(steps, mask=np.array([[True, True, False]]))
    assert outputs.numpy().tolist() == [[-2.0]]

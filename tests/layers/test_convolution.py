"""A convolution in which padding takes no part, against NumPy by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.convolution import MOMENTUM, MaskedConvolution

LENGTHS = [6, 3, 1]


def batch() -> tuple[tf.Tensor, tf.Tensor]:
    """Three sequences of 6, 3 and 1 steps, and their mask."""
    steps = np.random.default_rng(0).normal(size=(3, 6, 2))
    mask = np.arange(6) < np.array(LENGTHS)[:, np.newaxis]
    steps[~mask] = 9.0
    return tf.constant(steps, tf.float32), tf.constant(mask)


def made(kernel_size: int) -> MaskedConvolution:
    layer = MaskedConvolution(4, kernel_size)
    layer.build((None, None, 2))
    layer.kernel.assign(np.random.default_rng(1).normal(size=layer.kernel.shape))
    return layer


def convolved(steps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """One sequence (steps, features), with zeros beyond both of its ends."""
    before = (len(kernel) - 1) // 2
    around = np.pad(steps, [(before, len(kernel) - 1 - before), (0, 0)])
    windows = [around[at : at + len(kernel)] for at in range(len(steps))]
    return np.einsum("tkf,kfo->to", np.stack(windows), kernel)


@pytest.mark.parametrize("kernel_size", [8, 5, 3])
def test_statistics_are_those_of_the_steps_that_are_no_padding(
    kernel_size: int,
) -> None:
    layer, (steps, mask) = made(kernel_size), batch()
    outputs = layer(steps, mask=mask, training=True).numpy()
    kernel = layer.kernel.numpy()
    own = [
        convolved(one[:length].numpy(), kernel)
        for one, length in zip(steps, LENGTHS, strict=True)
    ]
    every = np.concatenate(own)
    mean, variance = every.mean(axis=0), every.var(axis=0)
    for row, one in enumerate(own):
        wanted = np.maximum((one - mean) / np.sqrt(variance + 1e-3), 0)
        np.testing.assert_allclose(outputs[row, : len(one)], wanted, atol=1e-5)
        assert (outputs[row, len(one) :] == 0).all()
    moving = layer.norm.moving_mean.numpy(), layer.norm.moving_variance.numpy()
    np.testing.assert_allclose(moving[0], (1 - MOMENTUM) * mean, atol=1e-6)
    kept = MOMENTUM + (1 - MOMENTUM) * variance
    np.testing.assert_allclose(moving[1], kept, rtol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_more_padding_changes_neither_answers_nor_statistics(training: bool) -> None:
    less, more = made(8), made(8)
    steps, mask = batch()
    one = less(steps, mask=mask, training=training).numpy()
    steps = tf.concat([steps, tf.fill((3, 5, 2), -1e3)], axis=1)
    mask = tf.concat([mask, tf.zeros((3, 5), tf.bool)], axis=1)
    other = more(steps, mask=mask, training=training).numpy()
    np.testing.assert_allclose(other[:, :6], one, atol=1e-6)
    for first, second in zip(less.norm.weights, more.norm.weights, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-6)


def test_it_comes_back_from_its_config_and_passes_the_mask_on() -> None:
    inputs = keras.Input((None, 2))
    outputs = MaskedConvolution(4, 5, name="one")(keras.layers.Masking(9.0)(inputs))
    model = keras.Model(inputs, outputs)
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    steps, mask = batch()
    np.testing.assert_array_equal(again(steps), model(steps))
    passed_on = keras.src.backend.get_keras_mask(model(steps))
    np.testing.assert_array_equal(passed_on, mask)
    assert outputs.shape == (None, None, 4)


def test_no_rows_give_no_rows() -> None:
    layer = MaskedConvolution(3, 2)
    layer(np.ones((2, 5, 4), np.float32))
    graph = tf.function(layer, [tf.TensorSpec((None, None, 4))], autograph=False)
    assert graph(np.ones((0, 1, 4), np.float32)).shape == (0, 1, 3)

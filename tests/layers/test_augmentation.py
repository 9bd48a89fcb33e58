"""Series that training makes of others, against loops; padding stays out of them."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.augmentation import ScalingNoise, WindowWarp, warped
from seqkit.training.build import seeded

LAYERS = [ScalingNoise(0.3), WindowWarp(0.4)]
LENGTHS = [30, 12, 2, 1]


def ramps() -> tuple[tf.Tensor, tf.Tensor]:
    """Series whose values are the numbers of their steps, from 0 on, and a mask."""
    steps = np.tile(np.arange(30.0)[np.newaxis, :, np.newaxis], (4, 1, 2))
    steps[..., 1] *= -10
    mask = np.arange(30) < np.array(LENGTHS)[:, np.newaxis]
    steps[~mask] = 1e30
    return tf.constant(steps, tf.float32), tf.constant(mask)


def test_columns_are_multiplied_by_numbers_around_one() -> None:
    layer = ScalingNoise(0.3)
    ones = layer(tf.ones((4000, 5, 2)), training=True).numpy()
    assert (ones == ones[:, :1]).all()
    factors = ones[:, 0]
    assert factors.mean() == pytest.approx(1, abs=0.02)
    assert factors.std() == pytest.approx(0.3, rel=0.05)
    assert abs(np.corrcoef(factors.T)[0, 1]) < 0.1


@pytest.mark.parametrize("stretch", [0.5, 2.0])
def test_a_window_is_played_at_another_speed(stretch: float) -> None:
    last, window, start = 20.0, 8.0, 5.0
    times = np.arange(21.0)
    row = (np.full((1, 1), each, np.float32) for each in (last, window, start, stretch))
    found = warped(times[np.newaxis].astype(np.float32), *row).numpy()[0]
    # Each time of the series has its place in the warped one, which is as long.
    own = np.linspace(0, last, 2001)
    inside = np.clip(own - start, 0, window)
    placed = own + inside * (stretch - 1)
    placed *= last / placed[-1]
    np.testing.assert_allclose(found, np.interp(times, placed, own), atol=1e-4)
    assert found[0] == 0 and found[-1] == pytest.approx(last)


def test_a_warped_series_keeps_its_ends_its_order_and_its_length() -> None:
    layer, (steps, mask) = WindowWarp(0.4), ramps()
    for _ in range(20):
        changed = layer(steps, mask=mask, training=True).numpy()
        for row, length in enumerate(LENGTHS):
            times = changed[row, :length, 0]
            assert times[0] == 0 and times[-1] == pytest.approx(length - 1, abs=1e-4)
            assert (np.diff(times) > 0.2).all() and (np.diff(times) < 3).all()
            np.testing.assert_allclose(changed[row, :length, 1], -10 * times, rtol=1e-5)
    assert abs(changed[0, :, 0] - np.arange(30)).max() > 0.5


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_it_acts_in_training_alone_and_by_its_seed(layer: keras.layers.Layer) -> None:
    steps, mask = ramps()
    assert layer(steps, mask=mask) is steps

    def made() -> keras.layers.Layer:
        with seeded(3):
            return type(layer).from_config(layer.get_config())

    one, other = made(), made()
    first = one(steps, mask=mask, training=True)
    np.testing.assert_array_equal(first, other(steps, mask=mask, training=True))
    second = one(steps, mask=mask, training=True)
    assert not np.array_equal(first[0], second[0])
    # What it draws next is all in its state, which checkpoints keep.
    third = made()
    third.seed_generator.state.assign(other.seed_generator.state)
    np.testing.assert_array_equal(third(steps, mask=mask, training=True), second)

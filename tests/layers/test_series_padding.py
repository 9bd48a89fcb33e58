"""The encoder of series: cut, scaled and padded as NumPy would, in the graph."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.series_padding import PADDING, SeriesEncoder

VALUES = np.random.default_rng(0).normal(3, 2, (3, 6, 2)).astype(np.float32)
LENGTHS = np.array([6, 1, 4], np.int32)


def encoded(values: Any = VALUES, lengths: Any = LENGTHS, **options: Any) -> np.ndarray:
    layer = SeriesEncoder((1.0, 2.0), (0.5, 4.0), **options)
    return layer(tf.constant(values), tf.constant(lengths)).numpy()


def test_steps_are_scaled_up_to_the_length_and_padded_behind() -> None:
    found = encoded()
    for row, length in enumerate(LENGTHS):
        wanted = (VALUES[row, :length] - [1.0, 2.0]) / [0.5, 4.0]
        np.testing.assert_allclose(found[row, :length], wanted, rtol=1e-6)
        assert (found[row, length:] == np.float32(PADDING)).all()


def test_what_stands_behind_the_end_is_not_read() -> None:
    spoiled = VALUES.copy()
    spoiled[1, 1:], spoiled[2, 4:] = np.nan, 1e30
    for per_series in (False, True):
        np.testing.assert_array_equal(
            encoded(spoiled, per_series=per_series), encoded(per_series=per_series)
        )


def test_each_series_may_be_scaled_by_its_own_steps() -> None:
    found = encoded(per_series=True)
    for row in (0, 2):
        own = found[row, : LENGTHS[row]]
        np.testing.assert_allclose(own.mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(own.std(axis=0), 1, rtol=1e-6)
    # One step has no spread.
    assert found[1, 0].tolist() == [0.0, 0.0]


def test_a_constant_series_is_all_zero_under_its_own_scale() -> None:
    same = np.full((1, 7, 1), 0.1, np.float32)
    layer = SeriesEncoder((0.0,), (1.0,), per_series=True)
    np.testing.assert_allclose(layer(same, np.array([7])).numpy(), 0, atol=1e-6)


@pytest.mark.parametrize("truncating", ["pre", "post"])
@pytest.mark.parametrize("most", [1, 3, 6, 9])
def test_long_series_lose_their_beginning_or_end(truncating: str, most: int) -> None:
    found = encoded(max_timesteps=most, truncating=truncating)
    assert found.shape == (3, min(most, 6), 2)
    for row, length in enumerate(LENGTHS):
        own = VALUES[row, :length]
        own = own[:most] if truncating == "post" else own[-most:]
        wanted = (own - [1.0, 2.0]) / [0.5, 4.0]
        np.testing.assert_allclose(found[row, : len(own)], wanted, rtol=1e-6)
        assert (found[row, len(own) :] == np.float32(PADDING)).all()


def test_padding_is_what_masking_masks() -> None:
    masking = keras.layers.Masking(PADDING)
    mask = masking.compute_mask(tf.constant(encoded()))
    wanted = np.arange(6)[None] < LENGTHS[:, None]
    np.testing.assert_array_equal(mask, wanted)


def test_lengths_beyond_the_steps_mean_all_of_them() -> None:
    np.testing.assert_array_equal(
        encoded(lengths=np.array([9, 6, 100], np.int32)),
        encoded(lengths=np.array([6, 6, 6], np.int32)),
    )

"""MiniRocket's features in the graph against those of NumPy, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from seqkit.data.stores.store import padded
from seqkit.layers import KernelScores, Mixture, kernels
from seqkit.layers.series_padding import PADDING
from seqkit.models.wide import set_kernels
from seqkit.shared.kernel_taps import HEAVY
from seqkit.tasks.baselines.kernels import Kernels


def walks(rows: int, columns: int = 1, seed: int = 0) -> list[NDArray[np.float64]]:
    """Random walks of 1 to 40 steps, in float32."""
    draw = np.random.default_rng(seed)
    lengths = [40, 1, 7, *draw.integers(8, 41, rows - 3)]
    series = [draw.normal(5, 3, (steps, columns)).cumsum(axis=0) for steps in lengths]
    return [one.astype(np.float32).astype(np.float64) for one in series]


def batch(series: list[NDArray[np.float64]]) -> NDArray[np.float32]:
    return padded([one.astype(np.float32) for one in series], PADDING)


def layer_of(kernels: Kernels, answers: int = 3, **options: Any) -> KernelScores:
    columns = kernels.columns.shape[-1]
    layer = KernelScores(answers, **options)
    layer.build((None, None, columns))
    set_kernels(layer, kernels.to_arrays())
    draw = np.random.default_rng(0)
    layer.kernel.assign(draw.normal(0, 0.05, layer.kernel.shape))
    layer.bias.assign(draw.normal(size=answers))
    return layer


def in_its_order(kernels: Kernels, features: NDArray[Any]) -> NDArray[Any]:
    """Features (rows, thresholds, kernels) of the graph as NumPy has them."""
    pieces = np.split(features, np.cumsum(kernels.counts)[:-1], axis=1)
    rows = len(features)
    return np.concatenate([p.transpose(0, 2, 1).reshape(rows, -1) for p in pieces], 1)


def near_thresholds(kernels: Kernels, series: list[Any]) -> NDArray[np.bool_]:
    """Which features (rows, features) have a response that is their threshold but for
    rounding: it counts or not."""
    low, high = (
        kernels._replace(thresholds=kernels.thresholds + move)(series)
        for move in (np.float32(1e-4), np.float32(-1e-4))
    )
    return low != high


@pytest.mark.parametrize("columns", [1, 4])
def test_features_are_those_of_numpy(columns: int) -> None:
    series = walks(30, columns)
    fitted = Kernels.fit(series, seed=1)
    found = layer_of(fitted).features(batch(series)).numpy()
    wanted, tied = fitted(series), near_thresholds(fitted, series)
    assert tied.mean() < 0.05 and 0.4 < wanted.mean() < 0.6
    np.testing.assert_allclose(
        in_its_order(fitted, found)[~tied], wanted[~tied], atol=1e-6
    )


def test_a_flat_series_is_above_no_positive_threshold() -> None:
    series = [np.full((30, 1), 0.1), np.full((30, 1), 7.3)]
    fitted = Kernels.fit(walks(9), seed=0)
    features = layer_of(fitted).features(batch(series)).numpy()
    thresholds = in_its_order(fitted, layer_of(fitted).thresholds.numpy()[None])[0]
    # Kernels that stay within the series see a level, of which their weights are 0.
    dilations = np.repeat(np.arange(len(fitted.counts)), fitted.counts * len(HEAVY))
    kernel = np.concatenate(
        [np.repeat(np.arange(len(HEAVY)), count) for count in fitted.counts]
    )
    spans = 8 * fitted.dilations[dilations]
    within = ((dilations + kernel) % 2 == 1) & (spans < 30)
    wanted = (thresholds[within] < 0).astype(float)
    for row in in_its_order(fitted, features):
        np.testing.assert_array_equal(row[within], wanted)


def test_scores_are_linear_in_features() -> None:
    series = walks(12, 2)
    layer = layer_of(Kernels.fit(series, seed=1), numbers=True)
    features = layer.features(batch(series)).numpy().astype(np.float64)
    wanted = np.tensordot(features, layer.kernel.numpy(), 2) + layer.bias.numpy()
    np.testing.assert_allclose(layer(batch(series)), wanted, rtol=1e-5, atol=1e-5)
    classes = layer_of(Kernels.fit(series, seed=1))(batch(series))
    shares = np.exp(wanted) / np.exp(wanted).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.exp(classes), shares, rtol=1e-4)


def test_a_series_is_answered_alike_alone_padded_and_in_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    series = walks(12, 2)
    layer = layer_of(Kernels.fit(series, seed=1))
    features, whole = layer.features(batch(series)), layer(batch(series)).numpy()
    alone = np.concatenate([layer.features(batch([one])) for one in series])
    np.testing.assert_array_equal(alone, features)
    more = np.pad(batch(series), [(0, 0), (0, 9), (0, 0)], constant_values=PADDING)
    np.testing.assert_array_equal(layer.features(more), features)
    np.testing.assert_allclose(layer(more), whole, rtol=1e-6)
    monkeypatch.setattr(kernels, "PIECE_NUMBERS", 2 * 40 * (84 + 18))
    np.testing.assert_allclose(layer(batch(series)), whole, rtol=1e-6)


def test_before_it_is_fitted_all_scores_are_alike_and_none_need_a_row() -> None:
    layer = KernelScores(4)
    steps = batch(walks(5, 2))
    np.testing.assert_allclose(layer(steps), np.log(0.25), rtol=1e-6)
    assert layer(steps[:0]).shape == (0, 4)
    assert layer_of(Kernels.fit(walks(5, 2), 0))(tf.zeros([0, 3, 2])).shape == (0, 3)


def test_numbers_are_mixed_as_they_are_and_training_passes_them_by() -> None:
    mixture = Mixture(numbers=True)
    deep, wide = np.array([[1.0], [2.0]]), np.array([[30.0], [-10.0]])
    np.testing.assert_allclose(mixture([deep, wide]), deep)
    mixture.deep.assign(0.25)
    mixture.wide.assign(0.5)
    np.testing.assert_allclose(mixture([deep, wide]), [[15.25], [-4.5]])
    np.testing.assert_allclose(mixture([deep, wide], training=True), deep)

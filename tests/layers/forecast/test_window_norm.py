"""Windows normalised by themselves, against NumPy, and brought back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from seqkit.layers import GaussianParameters, WindowNorm, WindowUndo

RANDOM = np.random.default_rng(1)
STEPS = RANDOM.normal(3, 2, size=(4, 7, 3)).astype(np.float32)
KINDS = pytest.mark.parametrize("kind", ["last", "mean", "standard"])


def normalised(kind: str, steps: Any = STEPS, shifts: bool = True) -> dict[str, Any]:
    outputs = WindowNorm(kind, shifts)(steps)
    return {name: tensor.numpy() for name, tensor in outputs.items()}


def test_last_takes_off_the_last_value() -> None:
    truth = STEPS[..., 0] - STEPS[:, -1:, 0]
    assert np.array_equal(normalised("last")["steps"][..., 0], truth)


def test_mean_divides_by_the_mean_absolute_value() -> None:
    steps = np.array([[[1.0], [-2.0], [6.0]]], np.float32)
    window = normalised("mean", steps)
    assert window["scale"].item() == 3.0 and window["shift"].item() == 0.0
    np.testing.assert_allclose(window["steps"].ravel(), [1 / 3, -2 / 3, 2], rtol=1e-6)


def test_standard_is_the_z_score_of_each_window() -> None:
    truth = stats.zscore(STEPS[..., 0], axis=1)
    ours = normalised("standard")["steps"][..., 0]
    np.testing.assert_allclose(ours, truth, rtol=1e-4, atol=1e-6)


@KINDS
def test_other_channels_stay_as_they_are(kind: str) -> None:
    assert np.array_equal(normalised(kind)["steps"][..., 1:], STEPS[..., 1:])


@KINDS
def test_undone_the_values_are_back(kind: str) -> None:
    window = normalised(kind)
    back = WindowUndo()(window["steps"][..., :1], window["shift"], window["scale"])
    np.testing.assert_allclose(back, STEPS[..., :1], rtol=1e-5, atol=1e-5)


def test_without_shifts_only_the_scale_goes() -> None:
    window = normalised("standard", shifts=False)
    assert not window["shift"].any()
    truth = STEPS[..., 0] / STEPS[..., 0].std(axis=1, keepdims=True)
    np.testing.assert_allclose(window["steps"][..., 0], truth, rtol=1e-5)


@KINDS
@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_window_that_never_changes_stays_finite(kind: str, value: float) -> None:
    steps = np.full((1, 4, 1), value, np.float32)
    window = normalised(kind, steps)
    assert all(np.isfinite(array).all() for array in window.values())
    assert np.abs(window["steps"]).max() <= 1
    back = WindowUndo()(window["steps"], window["shift"], window["scale"])
    np.testing.assert_allclose(back, steps, rtol=1e-6)


def test_small_series_are_normalised_as_large_ones_are() -> None:
    large = normalised("standard")["steps"][..., 0]
    small = normalised("standard", STEPS * np.float32(0.001))["steps"][..., 0]
    np.testing.assert_allclose(small, large, rtol=1e-4, atol=1e-5)


def test_sigma_is_scaled_and_not_shifted() -> None:
    outputs = np.array([[[1.0, 2.0]]], np.float32)
    shift, scale = np.full((1, 1, 1), 10.0), np.full((1, 1, 1), 3.0)
    undone = WindowUndo(gaussian=True)(outputs, shift, scale).numpy()
    assert undone.tolist() == [[[13.0, 6.0]]]
    # Of two quantiles both are.
    assert WindowUndo()(outputs, shift, scale).numpy().tolist() == [[[13.0, 16.0]]]


def test_sigma_is_positive_and_mu_is_untouched() -> None:
    inputs = np.array([[-3.0, -80.0], [4.0, 0.0], [0.5, 50.0]], np.float32)
    outputs = GaussianParameters()(inputs).numpy()
    assert np.array_equal(outputs[:, 0], inputs[:, 0])
    truth = [1e-4, np.log(2) + 1e-4, 50.0001]
    np.testing.assert_allclose(outputs[:, 1], truth, rtol=1e-5)

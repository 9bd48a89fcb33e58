"""Conformal quantiles: ranks by hand, and coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from seqkit.tasks.conformal import conformal_quantiles


def one_step(residuals: list[float], level: float) -> float:
    array = np.array(residuals)[:, None, None]
    return float(conformal_quantiles(array, [level])[0, 0])


def test_ranks_are_those_of_n_plus_one() -> None:
    nine = [float(i) for i in range(1, 10)]
    assert one_step(nine, 0.9) == 9  # ceil(10 * 0.9)
    assert one_step(nine, 0.1) == 1  # floor(10 * 0.1)
    assert one_step(nine, 0.8) == 8
    assert one_step(nine, 0.75) == 8  # ceil(7.5)
    assert one_step(nine, 0.25) == 2  # floor(2.5)
    assert one_step(nine, 0.5) == 5


def test_steps_share_their_residuals_where_each_has_too_few() -> None:
    residuals = np.arange(12.0).reshape(4, 3, 1)
    # 4 windows hold no rank for 0.9; 12 residuals do: ceil(13 * 0.9) = 12.
    assert conformal_quantiles(residuals, [0.9]).tolist() == [[11.0]] * 3


def test_outermost_residual_where_even_all_are_too_few() -> None:
    assert one_step([1.0, 3.0, 2.0], 0.99) == 3.0
    assert one_step([1.0, 3.0, 2.0], 0.01) == 1.0


@pytest.mark.parametrize("windows", [19, 200])
def test_coverage_on_new_residuals_is_the_nominal_one(windows: int) -> None:
    draw = np.random.default_rng(0)
    levels = (0.1, 0.9)
    inside = []
    for _ in range(2000):
        seen = np.repeat(draw.gamma(2.0, size=(windows, 1, 1)), 2, axis=2)
        low, high = conformal_quantiles(seen, levels)[0]
        inside.append(low <= draw.gamma(2.0) <= high)
    # Exact by theory but for rounding of ranks up: at least 0.8, at most 2 ranks more.
    error = 3 * np.sqrt(0.8 * 0.2 / 2000)
    assert 0.8 - error <= np.mean(inside) <= 0.8 + 2 / (windows + 1) + error

"""Conformal quantiles: ranks by hand, and coverage by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqkit.tasks.forecast.conformal import LENT, calibrated
from seqkit.tasks.forecast.conformal_parts import (
    Residuals,
    blocks_of,
    chosen_power,
    effective_windows,
    outer_quantile,
)

LEVELS = (0.1, 0.5, 0.9)


def residuals(values: Any, series: Any, origins: Any, scale: Any = 1.0) -> Residuals:
    """Residuals (n, horizon), the same at all three levels."""
    values = np.asarray(values, np.float64)
    return Residuals(
        np.repeat(values[:, :, None], 3, axis=2),
        values,
        np.broadcast_to(np.asarray(series, np.int64), len(values)),
        np.broadcast_to(np.asarray(origins, np.int64), len(values)),
        np.broadcast_to(np.asarray(scale, np.float64), len(values)),
    )


def one_rank(values: list[float], level: float) -> float:
    return outer_quantile(np.array(values), np.ones(len(values)), level)


def test_ranks_are_those_of_n_plus_one() -> None:
    nine = [float(i) for i in range(1, 10)]
    assert one_rank(nine, 0.9) == 9  # ceil(10 * 0.9)
    assert one_rank(nine, 0.1) == 1  # floor(10 * 0.1)
    assert one_rank(nine, 0.8) == 8
    assert one_rank(nine, 0.75) == 8  # ceil(7.5)
    assert one_rank(nine, 0.25) == 2  # floor(2.5)


def test_where_no_rank_exists_students_t_gives_the_width() -> None:
    from scipy.stats import t

    values = np.array([-1.0, 0.0, 1.0])
    expected = t.ppf(0.9, 2) * values.std(ddof=1) * (1 + 1 / 3) ** 0.5
    assert one_rank(values.tolist(), 0.9) == pytest.approx(expected)
    assert one_rank(values.tolist(), 0.1) == pytest.approx(-expected)
    # Four values of which each counts as half are two.
    half = outer_quantile(np.array([-1.0, 1, -1, 1]), np.full(4, 0.5), 0.9)
    assert half == pytest.approx(t.ppf(0.9, 1) * 2**0.5 * 1.5**0.5)


def test_windows_that_overlap_count_as_fewer() -> None:
    series, origins = np.repeat([0, 1], 10), np.tile(np.arange(10) * 2, 2)
    counts = effective_windows(series, origins, 8)
    assert counts[:2].tolist() == [20, 20]  # two apart: one and two steps are apart
    assert counts[7] == pytest.approx(2 * (1 + 9 / 4))


@pytest.mark.parametrize("windows", [19, 200])
def test_coverage_on_new_residuals_is_the_nominal_one(windows: int) -> None:
    draw = np.random.default_rng(0)
    inside = []
    for _ in range(300):
        seen = residuals(draw.gamma(2.0, size=(windows, 1)), 0, np.arange(windows))
        found = calibrated(seen, None, LEVELS)
        low, _, high = found.moves[0] * found.unit(np.ones(1))
        new = draw.gamma(2.0, size=100)
        inside.append(np.mean((low <= new) & (new <= high)))
    # Ranks are rounded outwards, two at most; the median's own noise is in both ends.
    error = 3 * np.std(inside) / 300**0.5
    assert 0.8 - error <= np.mean(inside) <= 0.8 + 4 / (windows + 1) + error


def test_each_series_has_intervals_as_wide_as_its_own_errors() -> None:
    draw = np.random.default_rng(0)
    scale = np.repeat(10.0 ** draw.uniform(-2, 2, size=60), 5)
    values = draw.normal(size=(300, 2)) * scale[:, None]
    series, origins = np.repeat(np.arange(60), 5), np.tile(np.arange(5) * 2, 60)
    found = calibrated(residuals(values, series, origins, scale), None, LEVELS)
    assert found.power == 1.0
    units = found.unit(np.array([0.5, 50.0]))
    assert units[1] == pytest.approx(100 * units[0])
    new = draw.normal(size=(300, 2)) * scale[:, None]
    ends = found.moves[None] * found.unit(scale)[:, None, None]
    inside = (ends[..., 0] <= new) & (new <= ends[..., 2])
    for calm in (scale < 1, scale >= 1):
        assert inside[calm].mean() == pytest.approx(0.8, abs=0.05)


def test_scales_that_tell_nothing_are_not_used() -> None:
    draw = np.random.default_rng(0)
    scale = np.repeat(10.0 ** draw.uniform(-2, 2, size=60), 5)
    series, origins = np.repeat(np.arange(60), 5), np.tile(np.arange(5), 60)
    # Judged where all series count alike, as the scaled loss does.
    values = residuals(draw.normal(size=(300, 1)), series, origins, scale)
    assert chosen_power(values, LEVELS, 1.0) < 1


def test_blocks_of_time_tell_how_much_a_shift_varies() -> None:
    # Ten series share a shift that changes from one block of four steps to the next.
    shifts = np.array([1.0, -1, 1, -1, 1, -1])
    origins = np.tile(np.arange(6) * 4, 10)
    values = np.repeat(shifts[origins // 4][:, None], 4, axis=1)
    found = blocks_of(values, origins, 0.5)
    assert found.many == 6
    assert found.spread == pytest.approx(shifts.var(ddof=1))
    assert found.noise > shifts.var(ddof=1) / 6


def test_training_says_where_the_middle_lies_until_validation_is_sure() -> None:
    draw = np.random.default_rng(0)

    def part(blocks: int, shift: float) -> Residuals:
        origins = np.tile(np.arange(blocks), 40)
        values = shift + draw.normal(size=(len(origins), 1)) * 0.1
        return residuals(values, np.repeat(np.arange(40), blocks), origins)

    usual = part(20, 2.0)
    one = calibrated(part(1, -3.0), usual, LEVELS)
    assert one.point == pytest.approx(2.0, abs=0.05)
    assert one.moves[0, 0] < one.moves[0, 1] < one.moves[0, 2]
    several = calibrated(part(12, -3.0), usual, LEVELS)
    assert several.point == pytest.approx(-3.0, abs=0.1)


def test_a_small_calibration_set_is_as_wide_as_training_says() -> None:
    draw = np.random.default_rng(0)
    usual = residuals(draw.normal(size=(500, 1)), 0, np.arange(500))
    lucky = residuals(0.1 * draw.normal(size=(12, 1)), 0, np.arange(12))
    alone, with_training = (
        np.diff(calibrated(lucky, each, LEVELS).moves[0, [0, 2]])
        for each in (None, usual)
    )
    assert with_training > 2 * alone
    # Of an overfitted model, training's residuals are enlarged to validation's.
    wild = residuals(10 * draw.normal(size=(12, 1)), 0, np.arange(12))
    assert np.diff(calibrated(wild, usual, LEVELS).moves[0, [0, 2]]) > 12
    assert LENT > 12


def test_unknown_targets_do_not_count() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=(60, 3))
    values[::4] = 0.0
    holes = values.copy()
    holes[::4] = np.nan
    kept = np.arange(60) % 4 != 0
    found = calibrated(residuals(holes, 0, np.arange(60)), None, LEVELS)
    fewer = calibrated(residuals(values[kept], 0, np.arange(60)[kept]), None, LEVELS)
    assert (found.moves == fewer.moves).all() and np.isfinite(found.moves).all()
    holes[1::2, 2] = np.nan
    found = calibrated(residuals(holes, 0, np.arange(60)), None, LEVELS)
    assert np.isfinite(found.moves).all() and np.isfinite(found.point).all()


def test_another_point_level_is_moved_as_that_quantile() -> None:
    draw = np.random.default_rng(0)
    values = 5 + draw.normal(size=(400, 1))
    seen = residuals(values, 0, np.arange(400))
    assert calibrated(seen, None, LEVELS).point == pytest.approx(5.0, abs=0.2)
    low = calibrated(seen, None, LEVELS, point=0.1)
    assert low.point == pytest.approx(5 - 1.28, abs=0.3)
    assert low.point[0] == low.moves[0, 0]
    skewed = residuals(draw.exponential(size=(400, 1)), 0, np.arange(400))
    mean = calibrated(skewed, None, LEVELS, point=None)
    assert mean.point == pytest.approx(1, abs=0.2)

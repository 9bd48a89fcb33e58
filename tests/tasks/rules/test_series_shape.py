"""What series tell of seasons, levels, spreads and cycles; not what noise has."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seqkit.tasks.rules.series_shape import (
    cycle_of,
    deseasonalised,
    shape_of,
    spread_growth,
    wanders,
)

STEPS = np.arange(240)


def noise(seed: int, steps: int = 240) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=steps)


def share(truths: list[bool]) -> float:
    return sum(truths) / len(truths)


def test_a_season_is_as_strong_as_its_share_of_the_variance() -> None:
    wave = 3 * np.sin(2 * np.pi * STEPS / 12)
    strength, rest = deseasonalised(wave + noise(0), 12)
    # The wave's variance is 4.5, that of noise 1.
    assert strength == pytest.approx(4.5 / 5.5, abs=0.08)
    assert rest.std() == pytest.approx(1, abs=0.2)
    weak = [deseasonalised(noise(seed), 12)[0] for seed in range(20)]
    assert max(weak) < 0.5
    assert deseasonalised(noise(0, 35), 12)[0] == 0


def test_random_walks_wander_and_noise_does_not() -> None:
    assert share([wanders(noise(seed).cumsum()) for seed in range(20)]) > 0.7
    assert share([wanders(noise(seed)) for seed in range(20)]) < 0.2


def test_spread_that_grows_with_the_level_is_found() -> None:
    level = np.exp(STEPS / 100)
    swing = 1 + 0.2 * np.sin(2 * np.pi * STEPS / 12)
    assert spread_growth([level * swing], 12) == pytest.approx(1, abs=0.1)
    assert abs(spread_growth([10 * level + swing], 12)) < 0.3
    assert spread_growth([noise(0) - 100], 12) == 0


def test_a_cycle_that_no_season_explains_is_found() -> None:
    for length in (10, 37):
        wave = np.sin(2 * np.pi * STEPS / length)
        assert abs(cycle_of(wave + 0.5 * noise(1), 1) - length) <= 2
    monthly = np.sin(2 * np.pi * np.arange(900) / 130) + noise(2, 900)
    assert abs(cycle_of(monthly, 12) - 130) <= 6


def test_neither_noise_nor_a_walk_has_a_cycle() -> None:
    assert share([cycle_of(noise(seed), 1) == 0 for seed in range(40)]) > 0.9
    walks = [noise(seed).cumsum() for seed in range(40)]
    assert share([cycle_of(walk, 1) == 0 for walk in walks]) > 0.7


def test_a_season_is_no_cycle() -> None:
    wave = np.sin(2 * np.pi * STEPS / 12) + 0.1 * noise(0)
    assert shape_of([wave], 12).cycle == 0


def test_series_that_never_change_say_nothing() -> None:
    shape = shape_of([np.full(50, 3.0)], 12)
    assert shape == (0.0, 0.0, 0.0, 0.0, 0)

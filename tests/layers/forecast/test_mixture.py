"""Several forecasts as one, and the naive ones among them."""

import numpy as np
import pytest

from seqkit.layers.forecast.mixture import ForecastMixture, NaiveForecast

DRAW = np.random.default_rng(0)
FORECASTS = [DRAW.normal(size=(4, 5, 1)).astype(np.float32) for _ in range(3)]


def test_until_shares_are_set_it_is_the_first_forecast() -> None:
    mixture = ForecastMixture()
    np.testing.assert_array_equal(mixture(FORECASTS), FORECASTS[0])


def test_in_training_it_is_the_first_forecast() -> None:
    mixture = ForecastMixture()
    mixture(FORECASTS)
    mixture.ends.assign(np.full((2, 3), 1 / 3))
    np.testing.assert_array_equal(mixture(FORECASTS, training=True), FORECASTS[0])


def test_shares_go_on_lines_from_the_first_step_to_the_last() -> None:
    mixture = ForecastMixture()
    mixture(FORECASTS)
    ends = np.array([[0.5, 0.5, 0.0], [0.1, 0.2, 0.7]])
    mixture.ends.assign(ends)
    found = mixture(FORECASTS)
    for step in range(5):
        shares = ends[0] + (ends[1] - ends[0]) * step / 4
        wanted = sum(s * f[:, step] for s, f in zip(shares, FORECASTS, strict=True))
        np.testing.assert_allclose(found[:, step], wanted, rtol=1e-5)


def test_a_single_step_has_the_first_shares() -> None:
    mixture = ForecastMixture()
    forecasts = [one[:, :1] for one in FORECASTS]
    mixture(forecasts)
    mixture.ends.assign([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    np.testing.assert_allclose(mixture(forecasts), forecasts[2], rtol=1e-5)


@pytest.mark.parametrize(
    ("season", "wanted"), [(1, [6] * 5), (3, [4, 5, 6, 4, 5]), (7, [6] * 5)]
)
def test_the_last_cycle_goes_on(season: int, wanted: list[int]) -> None:
    steps = np.arange(1.0, 7.0, dtype=np.float32)[None, :, None]
    both = np.concatenate([steps, -steps], axis=2)
    assert NaiveForecast(5, season)(both)[0, :, 0].numpy().tolist() == wanted

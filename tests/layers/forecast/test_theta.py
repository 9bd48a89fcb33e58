"""Theta as a layer, beside statsmodels' parts and ``theta_forecast``."""

import keras
import numpy as np
import pytest
from statsmodels.datasets import co2, elnino, nile, sunspots
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.stattools import acf

from seqkit.layers.forecast.theta import (
    ALPHAS,
    ThetaForecast,
    autocovariances,
    seasonal_pattern,
    smoothing_errors,
)
from seqkit.tasks.forecast import theta


def windows(steps: int, season: int, rows: int = 5) -> np.ndarray:
    """Random walks with a season of another size each (rows, steps), float32."""
    draw = np.random.default_rng(steps)
    wave = np.sin(2 * np.pi * np.arange(steps) / season)
    sizes = np.linspace(0, 6, rows)[:, None]
    walks = draw.normal(size=(rows, steps)).cumsum(axis=1)
    return (walks + sizes * wave).astype(np.float32)


def real_windows() -> dict[str, tuple[np.ndarray, int]]:
    """Windows (rows, steps) of series that come with statsmodels, and their seasons."""
    monthly = co2.load_pandas().data["co2"].resample("MS").mean().interpolate()
    nino = elnino.load_pandas().data.iloc[:, 1:].to_numpy().ravel()

    def cut(values: np.ndarray, steps: int) -> np.ndarray:
        starts = np.linspace(0, len(values) - steps, 12).astype(int)
        return np.stack([values[start : start + steps] for start in starts])

    return {
        "co2": (cut(monthly.to_numpy(), 60), 12),
        "el nino": (cut(nino, 120), 12),
        "sunspots": (
            cut(sunspots.load_pandas().data["SUNACTIVITY"].to_numpy(), 90),
            11,
        ),
        "nile": (cut(nile.load_pandas().data["volume"].to_numpy(), 40), 1),
    }


@pytest.mark.parametrize("name", ["co2", "el nino", "sunspots", "nile"])
def test_it_forecasts_as_theta_of_each_window(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, season = real_windows()[name]
    # The layer's seasons are summands, whatever sign the values have.
    monkeypatch.setattr(theta, "seasonal_pattern", additive_pattern)
    wanted = np.stack([theta.theta_forecast(row, 24, season) for row in values])
    found = np.asarray(ThetaForecast(24, season)(values[:, :, None]))[:, :, 0]
    span = np.ptp(values, axis=1, keepdims=True)
    # Half a hundredth of what the window spans; mostly a tenth of that.
    apart = np.abs(found - wanted) / span
    assert apart.max() < 5e-3 and np.median(apart) < 5e-4


def additive_pattern(values: np.ndarray, season: int) -> tuple[np.ndarray, bool]:
    parts = seasonal_decompose(values, model="additive", period=season)
    return parts.seasonal[:season], False


@pytest.mark.parametrize(("steps", "season"), [(48, 12), (31, 4), (50, 7), (300, 140)])
def test_its_parts_are_those_of_statsmodels(steps: int, season: int) -> None:
    values = windows(steps, season)
    sums = np.asarray(autocovariances(values, season))
    wanted = np.stack(
        [acf(row, nlags=season, fft=False) for row in values.astype(float)]
    )
    np.testing.assert_allclose(sums / sums[:, :1], wanted, atol=1e-5)
    found = np.asarray(seasonal_pattern(values, season))
    wanted = np.stack(
        [additive_pattern(row.astype(float), season)[0] for row in values]
    )
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("steps", [4, 33, 34, 100])
def test_smoothing_errs_as_the_recursion_does(steps: int) -> None:
    values = windows(steps, 4)
    wanted = np.zeros((len(values), len(ALPHAS)))
    level = np.repeat(values[:, :1].astype(float), len(ALPHAS), axis=1)
    for column in values.T[1:, :, None]:
        wanted += (column - level) ** 2
        level = ALPHAS * column + (1 - ALPHAS) * level
    np.testing.assert_allclose(smoothing_errors(values), wanted, rtol=1e-4)


def test_a_window_that_never_changes_goes_on() -> None:
    still = np.full((2, 24, 1), 7.0, np.float32)
    np.testing.assert_allclose(ThetaForecast(3, 12)(still), np.full((2, 3, 1), 7.0))


def test_other_windows_and_columns_change_no_answer() -> None:
    values = windows(48, 12)[:, :, None]
    whole = np.asarray(ThetaForecast(6, 12)(values))
    alone = np.asarray(ThetaForecast(6, 12)(values[2:3]))
    np.testing.assert_allclose(whole[2:3], alone, rtol=1e-5)
    beside = np.concatenate([values, 9 * np.ones_like(values)], axis=2)
    np.testing.assert_array_equal(ThetaForecast(6, 12)(beside), whole)


def test_a_window_of_under_two_seasons_has_none() -> None:
    values = windows(20, 12)[:, :, None]
    np.testing.assert_array_equal(
        ThetaForecast(6, 12)(values), ThetaForecast(6)(values)
    )


def test_long_windows_are_read_from_the_last_thousand_steps_on() -> None:
    values = windows(1200, 7)[:, :, None]
    np.testing.assert_array_equal(
        ThetaForecast(5, 7)(values), ThetaForecast(5, 7)(values[:, -1000:])
    )


def test_it_is_saved_and_loaded(tmp_path) -> None:  # type: ignore[no-untyped-def]
    inputs = keras.Input((30, 2))
    model = keras.Model(inputs, ThetaForecast(4, 7)(inputs))
    model.save(tmp_path / "theta.keras")
    again = keras.saving.load_model(tmp_path / "theta.keras")
    values = np.stack([windows(30, 7), windows(30, 5)], axis=2)
    np.testing.assert_array_equal(again(values), model(values))

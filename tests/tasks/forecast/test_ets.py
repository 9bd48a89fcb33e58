"""Exponential smoothing with its form by AICc, beside statsmodels' state space."""

import warnings

import numpy as np
import pytest

from seqkit.tasks.forecast.ets import Form, best_fit, ets_forecast

MONTHS = np.arange(96)
AIRY = (100 + 2.0 * MONTHS) * (1 + 0.3 * np.sin(MONTHS * np.pi / 6)) + (
    np.random.default_rng(1).normal(0, 4, 96)
)


@pytest.mark.parametrize(
    ("trend", "seasonal", "season"),
    [(None, None, 1), ("add", None, 1), (None, "add", 4), ("add", "mul", 12)],
)
def test_a_form_forecasts_as_the_state_space_model_does(
    trend: str | None, seasonal: str | None, season: int
) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    draw = np.random.default_rng(3)
    wave = np.sin(2 * np.pi * np.arange(72) / max(season, 2))
    level = 60 + (0.5 * np.arange(72) if trend else draw.normal(size=72).cumsum())
    values = level + (0.2 * level * wave if seasonal else 0) + draw.normal(size=72)
    fit = best_fit(values, season)
    assert fit.form == Form(bool(trend), seasonal)
    reference = ETSModel(
        values,
        trend=trend,
        damped_trend=bool(trend),
        seasonal=seasonal,
        seasonal_periods=season if seasonal else None,
    ).fit(disp=False, maxiter=5000)
    # It keeps the damping below 0.98, so that ours may err less one step ahead.
    errors = (fit.unit**2 * fit.result.sse / reference.sse) ** 0.5
    assert 0.9 < errors < 1.01
    found = ets_forecast(values, 6, season)
    assert found == pytest.approx(np.asarray(reference.forecast(6)), rel=0.03)


def test_the_criterion_is_that_of_statsmodels() -> None:
    fit = best_fit(AIRY, 12)
    # It counts the variance for none of the numbers that are fitted.
    count, fitted = len(AIRY), fit.form.parameters(12)
    penalty = 2 * fitted * count / (count - fitted - 1)
    likelihood = count * np.log(fit.unit**2 * fit.result.sse / count)
    assert fit.aicc == pytest.approx(likelihood + penalty)
    plain = fit.result.aic - 2 * (fitted - 1)
    assert plain == pytest.approx(likelihood - 2 * count * np.log(fit.unit))


@pytest.mark.parametrize("season", [1, 4, 52])
def test_the_forecast_scales_and_moves_with_the_series(season: int) -> None:
    wave = np.sin(2 * np.pi * np.arange(160) / max(season, 2))
    values = wave + np.random.default_rng(0).normal(0, 0.3, 160) - 1
    found = ets_forecast(1e6 * values + 1e5, 12, season)
    expected = 1e6 * ets_forecast(values, 12, season) + 1e5
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_season_of_over_24_steps_goes_on() -> None:
    steps = np.arange(208 + 26)
    values = 50 + 10 * np.sin(2 * np.pi * steps / 52)
    values += np.random.default_rng(0).normal(0, 0.5, len(values))
    found = ets_forecast(values[:208], 26, 52)
    assert np.abs(found - values[208:]).mean() < 1
    assert np.abs(ets_forecast(values[:208], 26) - values[208:]).mean() > 3


@pytest.mark.parametrize("length", range(9))
@pytest.mark.parametrize("season", [1, 2, 4, 12])
def test_short_histories_are_answered_or_nothing_is_said(
    length: int, season: int
) -> None:
    values = np.random.default_rng(length).normal(5, 1, length)
    found = ets_forecast(values, 4, season)
    assert found.shape == (4,)
    assert np.isfinite(found).all() if length >= 4 else np.isnan(found).all()


@pytest.mark.parametrize(
    "values",
    [
        np.full(30, 7.0),
        np.r_[np.zeros(40), 1.0],
        np.r_[1e-300, np.full(40, 1e300)],
        np.r_[np.zeros(20), np.random.default_rng(0).poisson(0.1, 40)],
        np.tile([1e-9, 1e9, 3.0], 20),
    ],
)
def test_awkward_series_give_numbers_without_warnings(values: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for season in (1, 3, 7):
            assert np.isfinite(ets_forecast(values, 5, season)).all()


def test_the_last_500_steps_or_three_seasons_are_read() -> None:
    values = np.random.default_rng(0).normal(size=1500).cumsum()
    assert (ets_forecast(values, 3) == ets_forecast(values[-500:], 3)).all()
    assert (ets_forecast(values, 3) != ets_forecast(values[-400:], 3)).any()
    long = ets_forecast(values, 3, 300)
    assert (long == ets_forecast(values[-900:], 3, 300)).all()

"""The Theta method for one history, from the parts that statsmodels has."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_STEPS = 4
MAX_STEPS, MAX_SEASONS = 1000, 3
"""Theta reads the last 1,000 steps, or the last three seasons where that is more."""
_TEST = 1.645**2  # of one degree of freedom, at 10%


def theta_forecast(values: Floats, horizon: int, season: int = 1) -> Floats:
    """The next ``horizon`` values; NaN where fewer than four numbers are known.

    The method of Assimakopoulos & Nikolopoulos (2000), as statsmodels' ``ThetaModel``
    has it: deseasonalised where the autocorrelation at the season passes a test at 10%;
    then exponential smoothing with half the slope of the least-squares line (Hyndman &
    Billah 2003). ``ThetaModel`` smooths by a state space model, which takes several
    times as long for the same numbers; here it is ``SimpleExpSmoothing``.

    Args:
        values: (steps,), of which the last 1,000 or three seasons are read.
        horizon: steps to forecast.
        season: steps of a season; 1: there is none. It is multiplicative where all
            values are positive, and left out of histories of under two cycles.
    """

    def theta(values: Floats) -> Floats:
        if not is_seasonal(values, season):
            return _smoothed(values, horizon)
        return without_season(_smoothed, values, horizon, season)

    return of_size_one(theta, values[-max(MAX_STEPS, MAX_SEASONS * season) :], horizon)


def of_size_one(
    forecast: Callable[[Floats], Floats], values: Floats, horizon: int
) -> Floats:
    """What ``forecast`` makes of values that are at most 1, in the values' own size.

    NaN where fewer than four numbers are known; values that are still go on.
    """
    if len(values) < LEAST_STEPS or not np.isfinite(values).all():
        return np.full(horizon, np.nan)
    if values.min() == values.max():
        return np.full(horizon, values[-1])
    size = np.abs(values).max()  # squares of the largest floats would overflow
    return np.asarray(size * forecast(values / size))


def without_season(
    forecast: Callable[[Floats, int], Floats],
    values: Floats,
    horizon: int,
    season: int,
) -> Floats:
    """What ``forecast`` makes of values whose season is taken off and put back."""
    pattern, multiplied = seasonal_pattern(values, season)
    steps = np.arange(len(values) + horizon)
    past, coming = np.split(pattern[steps % season], [len(values)])
    if multiplied:
        return forecast(values / past, horizon) * coming
    return forecast(values - past, horizon) + coming


def is_seasonal(values: Floats, season: int) -> bool:
    """Whether the autocorrelation at the season tells of one, by ThetaModel's test."""
    if season < 2 or len(values) < 2 * season:
        return False
    from statsmodels.tsa.stattools import acf

    rho = acf(values, nlags=season, fft=True)
    return bool(len(values) * rho[-1] ** 2 > _TEST * np.sum(rho[:-1] ** 2))


def seasonal_pattern(values: Floats, season: int) -> tuple[Floats, bool]:
    """Seasonal factors (season,), or summands where a factor would not be positive."""
    from statsmodels.tsa.seasonal import seasonal_decompose

    if values.min() > 0:
        parts = seasonal_decompose(values, model="multiplicative", period=season)
        if parts.seasonal.min() > 0:
            return parts.seasonal[:season], True
    parts = seasonal_decompose(values, model="additive", period=season)
    return parts.seasonal[:season], False


def _smoothed(values: Floats, horizon: int) -> Floats:
    """Simple exponential smoothing with drift: the mean of theta lines 0 and 2."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    unit = np.ptp(values)
    if unit == 0:
        return np.full(horizon, values[-1])
    # Its optimiser stops by absolute tolerances: give all series the same size.
    scaled = (values - values[0]) / unit
    model = SimpleExpSmoothing(
        scaled, initialization_method="known", initial_level=scaled[0]
    )
    with warnings.catch_warnings():
        # It still gives the best smoothing that it found.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model.fit()
    alpha, steps = float(fitted.params["smoothing_level"]), len(values)
    slope = np.polynomial.polynomial.polyfit(np.arange(steps), scaled, 1)[1]
    # (1 - (1 - alpha)^n) / alpha, which goes to n where alpha goes to 0.
    lag = steps if alpha == 0 else (1 - (1 - alpha) ** steps) / alpha
    drift = slope / 2 * (np.arange(horizon) + lag)
    return np.asarray(values[0] + unit * (fitted.forecast(1)[0] + drift))

"""Exponential smoothing for one history: the form among a few that AICc prefers."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.forecast.theta import is_seasonal, of_size_one, without_season

Floats = NDArray[np.float64]

MAX_STEPS, MAX_SEASONS = 500, 3
"""The last 500 steps are read, or the last three seasons where that is more."""
LONGEST_SEASON = 24
"""A longer season is taken off first: as states it has more than data can tell."""


class Form(NamedTuple):
    """A form of exponential smoothing with additive errors."""

    damped: bool
    """Whether there is a trend, damped."""
    seasonal: str | None
    """``add``, ``mul`` or None."""

    def parameters(self, season: int) -> int:
        """How many numbers are fitted: smoothing, first states and the variance."""
        return 3 + 3 * self.damped + (season if self.seasonal else 0)


def ets_forecast(values: Floats, horizon: int, season: int = 1) -> Floats:
    """The next ``horizon`` values; NaN where fewer than four numbers are known.

    Holt-Winters as statsmodels fits it, with first states of its own: no trend or a
    damped one, no season, an additive or (where all values are positive) a
    multiplicative one (Hyndman, Koehler, Snyder & Grose 2002, "A state space framework
    for automatic forecasting using exponential smoothing methods"). A trend beside the
    season is tried for the better season alone. Seasons of over 24 steps are taken off
    by classical decomposition where the autocorrelation tells of one.

    Args:
        values: (steps,), of which the last 500 or three seasons are read.
        horizon: steps to forecast.
        season: steps of a season; 1: there is none. It is left out of histories of
            under two cycles.
    """

    def ets(values: Floats) -> Floats:
        if season <= LONGEST_SEASON:
            return best_fit(values, season).forecast(horizon)
        if not is_seasonal(values, season):
            return _unseasonal(values, horizon)
        return without_season(_unseasonal, values, horizon, season)

    return of_size_one(ets, values[-max(MAX_STEPS, MAX_SEASONS * season) :], horizon)


def _unseasonal(values: Floats, horizon: int) -> Floats:
    return best_fit(values, 1).forecast(horizon)


class Fit(NamedTuple):
    """A form fitted to values, which were moved and scaled before."""

    form: Form
    result: Any
    """What statsmodels gave; None where the values never change."""
    shift: float
    unit: float
    aicc: float

    def forecast(self, horizon: int) -> Floats:
        if self.result is None:
            return np.full(horizon, self.shift)
        return np.asarray(self.shift + self.unit * self.result.forecast(horizon))


def best_fit(values: Floats, season: int) -> Fit:
    """The form with the least AICc; those with more parameters than values are none."""
    unit = float(np.ptp(values))
    if unit == 0:
        return Fit(Form(False, None), None, float(values[-1]), 1.0, 0.0)
    best = _fit(values, Form(False, None), 1)
    candidates = [_fit(values, Form(True, None), 1)]
    if season > 1 and len(values) >= 2 * season:
        candidates.append(_fit(values, Form(False, "add"), season))
        if values.min() > 0:
            candidates.append(_fit(values, Form(False, "mul"), season))
    best = min([best, *candidates], key=lambda fit: fit.aicc)
    if not best.form.seasonal:
        return best
    damped = _fit(values, best.form._replace(damped=True), season, best)
    return min(best, damped, key=lambda fit: fit.aicc)


def _fit(values: Floats, form: Form, season: int, start: Fit | None = None) -> Fit:
    """A form fitted, from where the form without a trend ended if there is one."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    count, parameters = len(values), form.parameters(season)
    # Its optimiser stops by absolute tolerances: give all series the same size.
    multiplied = form.seasonal == "mul"
    shift = 0.0 if multiplied else float(values[0])
    unit = float(values.mean()) if multiplied else float(np.ptp(values))
    spare = count - parameters - 1
    if spare <= 0 and (form.damped or form.seasonal):
        return Fit(form, None, float(values[-1]), 1.0, np.inf)
    options: dict[str, Any] = {}
    if start is not None:
        options = {"start_params": _damped_start(start.result), "use_brute": False}
    with warnings.catch_warnings():
        # It still gives the best smoothing that it found.
        warnings.simplefilter("ignore")
        model = ExponentialSmoothing(
            (values - shift) / unit,
            trend="add" if form.damped else None,
            damped_trend=form.damped,
            seasonal=form.seasonal,
            seasonal_periods=season if form.seasonal else None,
            initialization_method="estimated",
        )
        result = model.fit(**options)
    error = max(float(result.sse), 1e-300)
    fits = count * (np.log(error / count) + 2 * np.log(unit))
    penalty = 2 * parameters * count / spare if spare > 0 else np.inf
    return Fit(form, result, shift, unit, fits + penalty)


def _damped_start(result: Any) -> Floats:
    """Where a damped trend is looked for, from a fit without one."""
    found, damping = result.params, 0.95
    alpha = found["smoothing_level"]
    first = [alpha, 0.1 * alpha, found["smoothing_seasonal"], found["initial_level"]]
    return np.array([*first, 0.0, damping, *found["initial_seasons"]])

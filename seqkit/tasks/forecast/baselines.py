"""The plain competitors of a forecaster: fitted, saved as plain arrays, and loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.registry import BASELINES
from seqkit.tasks.base import Baseline, Examples, within
from seqkit.tasks.forecast.conformal_parts import evenly_spread
from seqkit.tasks.forecast.lag_features import LagFeatures, lessons
from seqkit.tasks.forecast.learned_baselines import Ridge, Trees
from seqkit.tasks.forecast.naive_baselines import (
    Drift,
    ForecastBaseline,
    LastValue,
    SeasonalNaive,
    naive_scale,
)
from seqkit.tasks.forecast.refitted_baselines import Ets, Theta

__all__ = [
    "Drift",
    "Ets",
    "ForecastBaseline",
    "LastValue",
    "Ridge",
    "SeasonalNaive",
    "Theta",
    "Trees",
    "fit_baselines",
    "naive_scale",
    "older_baselines",
]

USUAL = 100
"""So many windows of training time say what is usual of a baseline's residuals."""
CALIBRATED = 1000
"""On so many windows of validation time, evenly spread, baselines are calibrated: what
learners read of a window takes far more memory than the window."""


def fit_baselines(
    horizon: int,
    seasons: Sequence[int],
    quantiles: Sequence[float],
    validation: Sequence[Examples],
    test_windows: int,
    training: Sequence[Examples] = (),
    features: LagFeatures | None = None,
    seed: int = 0,
) -> list[Baseline]:
    """All baselines, with quantiles; seasonal naive where there is a season.

    Args:
        horizon: steps to forecast.
        seasons: season lengths in steps, of which the first counts; may be empty.
        quantiles: rising, within 0 and 1.
        validation: chunks of windows and what came then, to calibrate on; without any,
            the quantiles are NaN.
        test_windows: how many there are; of many, Theta, ETS and trees answer a
            sample.
        training: windows of training time, to learn from.
        features: what learners read of a window; None: there are no learners.
        seed: seeds what learners draw.
    """
    season = (*seasons, 1)[0]
    baselines: list[ForecastBaseline] = [LastValue(horizon, season, quantiles)]
    baselines.append(Drift(horizon, season, quantiles))
    if season > 1:
        baselines.append(SeasonalNaive(horizon, season, quantiles))
    baselines.append(Theta(horizon, season, quantiles, test_windows))
    baselines.append(Ets(horizon, season, quantiles, test_windows))
    before, truth_before = _joined(training)
    learned = features and lessons(features, before, truth_before)
    if learned:
        ridge = Ridge(horizon, season, quantiles)
        ridge.fit(learned)
        trees = Trees(horizon, season, quantiles, test_windows)
        baselines += [ridge, trees] if trees.fit(learned, seed) else [ridge]
    windows, truth = _joined(validation)
    if quantiles and windows:
        rows = evenly_spread(len(windows), CALIBRATED)
        windows, truth = [windows[row] for row in rows], truth[rows]
        rows = evenly_spread(len(before), USUAL)
        before, truth_before = [before[row] for row in rows], truth_before[rows]
        for baseline in baselines:
            baseline.calibrate(windows, truth, before, truth_before)
    return list(baselines)


def _joined(chunks: Sequence[Examples]) -> tuple[list[Any], NDArray[np.float64]]:
    windows = [one for chunk in chunks for one in chunk.inputs]
    truth = np.concatenate([chunk.truth for chunk in chunks]) if chunks else np.zeros(0)
    return windows, np.asarray(truth, np.float64)


def older_baselines(arrays: Mapping[str, NDArray[Any]]) -> list[Baseline]:
    """The baselines of a forecast, as version 0.1 wrote them."""
    names = arrays["names"].tolist()
    # The first runs measured all in the series' own scales.
    powers = arrays.get("powers", np.ones(len(names)))
    typical = arrays.get("typical", np.ones(len(names)))
    common = {name: arrays[name] for name in ("horizon", "season", "quantiles")}
    return [
        BASELINES.get(name).from_arrays(
            {
                **common,
                "windows": arrays["windows"],
                "moves": arrays["corrections"][place],
                "power": powers[place],
                "typical": typical[place],
                **within(arrays, f"{name}_"),
            }
        )
        for place, name in enumerate(names)
    ]

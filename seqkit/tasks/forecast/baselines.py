"""The plain competitors of a forecaster: fitted, saved as plain arrays, and loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqkit.shared.files import read_arrays, written_whole
from seqkit.tasks.base import BASELINE_FILE, Baseline, Examples
from seqkit.tasks.forecast.conformal import Calibration
from seqkit.tasks.forecast.lag_features import LagFeatures, Lessons, lessons
from seqkit.tasks.forecast.learned_baselines import Ridge, Trees
from seqkit.tasks.forecast.naive_baselines import (
    Drift,
    ForecastBaseline,
    LastValue,
    SeasonalNaive,
    Theta,
    naive_scale,
)

__all__ = [
    "Drift",
    "ForecastBaseline",
    "LastValue",
    "Ridge",
    "SeasonalNaive",
    "Theta",
    "Trees",
    "fit_baselines",
    "load_baselines",
    "naive_scale",
    "save_baselines",
]

USUAL = 100
"""So many windows of training time say what is usual of a baseline's residuals."""
CALIBRATED = 1000
"""On so many windows of validation time, evenly spread, baselines are calibrated: what
learners read of a window takes far more memory than the window."""

_KINDS: dict[str, type[ForecastBaseline]] = {
    kind.name: kind for kind in (LastValue, Drift, SeasonalNaive, Theta, Ridge, Trees)
}


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
        test_windows: how many there are; of many, Theta and trees answer a sample.
        training: windows of training time, to learn from.
        features: what learners read of a window; None: there are no learners.
        seed: seeds what learners draw.
    """
    season = (*seasons, 1)[0]
    baselines: list[ForecastBaseline] = [LastValue(horizon, season, quantiles)]
    baselines.append(Drift(horizon, season, quantiles))
    if season > 1:
        baselines.append(SeasonalNaive(horizon, season, quantiles))
    baselines.append(Theta(horizon, season, quantiles, windows=test_windows))
    before, truth_before = _joined(training)
    learned = features and lessons(features, before, truth_before)
    if learned:
        baselines += _learners(horizon, season, quantiles, learned, test_windows, seed)
    windows, truth = _joined(validation)
    if quantiles and windows:
        windows, truth = _spread(windows, truth, CALIBRATED)
        before, truth_before = _spread(before, truth_before, USUAL)
        for baseline in baselines:
            baseline.calibrate(windows, truth, before, truth_before)
    return list(baselines)


def _spread(
    windows: list[Any], truth: NDArray[np.float64], most: int
) -> tuple[list[Any], NDArray[np.float64]]:
    """At most so many windows, evenly spread, and what came then."""
    places = np.linspace(0, len(windows) - 1, min(len(windows), most))
    rows = places.round().astype(int)
    return [windows[row] for row in rows], truth[rows]


def _learners(
    horizon: int,
    season: int,
    quantiles: Sequence[float],
    learned: Lessons,
    test_windows: int,
    seed: int,
) -> list[ForecastBaseline]:
    ridge = Ridge(horizon, season, quantiles)
    ridge.fit(learned)
    trees = Trees(horizon, season, quantiles, windows=test_windows)
    return [ridge, trees] if trees.fit(learned, seed) else [ridge]


def _joined(chunks: Sequence[Examples]) -> tuple[list[Any], NDArray[np.float64]]:
    windows = [one for chunk in chunks for one in chunk.inputs]
    truth = np.concatenate([chunk.truth for chunk in chunks]) if chunks else np.zeros(0)
    return windows, np.asarray(truth, np.float64)


def save_baselines(baselines: list[Baseline], folder: Path) -> None:
    """Write the baselines of a forecast as plain arrays."""
    ours = [one for one in baselines if isinstance(one, ForecastBaseline)]
    assert ours and len(ours) == len(baselines)
    learned: dict[str, Any] = {
        f"{one.name}_{name}": array
        for one in ours
        if isinstance(one, (Ridge, Trees))
        for name, array in one.to_arrays().items()
    }
    with written_whole(folder / BASELINE_FILE) as temporary:
        np.savez_compressed(
            temporary,
            names=np.array([one.name for one in ours]),
            horizon=ours[0].horizon,
            season=ours[0].season,
            quantiles=np.array(ours[0].quantiles, np.float64),
            corrections=np.stack([one.calibration.moves for one in ours]),
            powers=np.array([one.calibration.power for one in ours]),
            typical=np.array([one.calibration.typical for one in ours]),
            windows=max(getattr(one, "windows", 0) for one in ours),
            **learned,
        )


def load_baselines(folder: Path) -> list[Baseline]:
    """Read what ``save_baselines`` wrote."""
    with read_arrays(folder / BASELINE_FILE) as file:
        arrays = {name: file[name] for name in file.files}
    names = arrays["names"].tolist()
    # Older runs measured all in the series' own scales.
    powers = arrays.get("powers", np.ones(len(names)))
    typical = arrays.get("typical", np.ones(len(names)))
    common = int(arrays["horizon"]), int(arrays["season"]), arrays["quantiles"].tolist()
    baselines: list[Baseline] = []
    for place, name in enumerate(names):
        moves = arrays["corrections"][place]
        calibration = Calibration(
            moves, moves[:, :0], float(powers[place]), float(typical[place])
        )
        baseline = _KINDS[name](*common, calibration)
        if isinstance(baseline, (Theta, Trees)):
            baseline.windows = int(arrays["windows"])
        if isinstance(baseline, (Ridge, Trees)):
            start = f"{name}_"
            baseline.learn_from(
                {k.removeprefix(start): a for k, a in arrays.items() if start in k}
            )
        baselines.append(baseline)
    return baselines

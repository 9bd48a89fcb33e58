"""Plain competitors for forecasts, with intervals made as the model's are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.files import read_arrays, written_whole
from seqkit.tasks.base import BASELINE_FILE, Baseline, Examples
from seqkit.tasks.conformal import conformal_quantiles
from seqkit.tasks.theta import theta_forecast

if TYPE_CHECKING:
    from seqkit.data.series import History

Floats = NDArray[np.float64]

MAX_THETA_WINDOWS = 500
"""About so many of more windows are answered by Theta, which is fitted for each."""


def naive_scale(values: Floats, season: int) -> float:
    """Mean of ``|y_t - y_{t-season}|``, what MASE divides by; NaN if there is none.

    NaN, a value that was missing, has part in no difference; where this leaves none,
    the last value known at ``t-season`` stands for it. Without a whole season to look
    back, the season is 1 (Hyndman & Koehler 2006).
    """
    lag = season if len(values) > season else 1
    if len(values) <= lag:
        return float("nan")
    apart = np.abs(values[lag:] - values[:-lag])
    if np.isnan(apart).all():
        known = np.maximum.accumulate(
            np.where(np.isnan(values), 0, np.arange(len(values)))
        )
        apart = np.abs(values[lag:] - values[known[:-lag]])
    apart = apart[~np.isnan(apart)]
    return float(np.mean(apart)) if len(apart) else float("nan")


class ForecastBaseline(Baseline):
    """A method for point forecasts; its quantiles come from its own residuals.

    Args:
        horizon: steps to forecast.
        season: steps of a season; 1: there is none.
        quantiles: rising, within 0 and 1.
        corrections: (horizon, quantiles), what is added to the point forecast in units
            of the series' ``naive_scale``; None: NaN, until ``calibrate``.
    """

    name: str
    """What files call it."""

    def __init__(
        self,
        horizon: int,
        season: int = 1,
        quantiles: Sequence[float] = (),
        corrections: Floats | None = None,
    ) -> None:
        self.horizon, self.season = horizon, season
        self.quantiles = tuple(quantiles)
        if corrections is None:
            corrections = np.full((horizon, len(self.quantiles)), np.nan)
        self.corrections = corrections

    @abstractmethod
    def points(self, inputs: Sequence[History]) -> Floats:
        """Point forecasts (rows, horizon); NaN where the method has no answer."""

    def outputs(self, inputs: list[History]) -> Floats:
        """Raw units (rows, horizon, 1 + quantiles): the point forecast comes first."""
        points = self.points(inputs)[:, :, None]
        widths = self._scales(inputs)[:, None, None] * self.corrections
        return np.concatenate([points, points + widths], axis=2)

    def calibrate(self, windows: Sequence[History], truth: Floats) -> None:
        """Fit the quantiles, split-conformal as the model's, see ``tasks.conformal``.

        Residuals, in units of their series' scale, are pooled over series. Windows that
        the method does not answer, and those of series that never change, are left out;
        without any others the quantiles are NaN.

        Args:
            windows: histories up to each origin, which nothing else was fitted on.
            truth: (rows, horizon) what came then.
        """
        scales = self._scales(windows)
        scales[scales == 0] = np.nan
        residuals = (truth - self.points(windows)) / scales[:, None]
        known = residuals[np.isfinite(residuals).all(axis=1)]
        if len(known) and self.quantiles:
            shape = (*known.shape, len(self.quantiles))
            spread = np.broadcast_to(known[:, :, None], shape)
            # An outer quantile may be pooled over steps where an inner one is not.
            self.corrections = np.sort(conformal_quantiles(spread, self.quantiles))

    def _scales(self, inputs: Sequence[History]) -> Floats:
        """What each history's errors are measured in (rows,), from training time."""
        known: dict[tuple[str, int], float] = {}
        scales = np.empty(len(inputs))
        for row, one in enumerate(inputs):
            end = min(one.train_end, one.origin)
            if (one.id, end) not in known:
                values = one.series.observed[:end]
                known[one.id, end] = naive_scale(values, self.season)
            scales[row] = known[one.id, end]
        return scales


class LastValue(ForecastBaseline):
    """The last value, repeated."""

    title = "last value"
    name = "last_value"

    def points(self, inputs: Sequence[History]) -> Floats:
        return np.repeat(_back(inputs, 1, 1), self.horizon, axis=1)


class Drift(ForecastBaseline):
    """The line through the first and the last value (Hyndman & Athanasopoulos 2021)."""

    title = "drift"
    name = "drift"

    def points(self, inputs: Sequence[History]) -> Floats:
        steps = np.array([one.origin for one in inputs], np.float64)[:, None]
        last, slope = _back(inputs, 1, 1), np.full((len(inputs), 1), np.nan)
        first = np.array([[one.series.values[0]] for one in inputs]).reshape(-1, 1)
        np.divide(last - first, steps - 1, out=slope, where=steps > 1)
        return np.asarray(last + slope * np.arange(1, self.horizon + 1))


class SeasonalNaive(ForecastBaseline):
    """The value of the same season in the last cycle; none before one whole cycle."""

    name = "seasonal_naive"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"seasonal naive (season {self.season})"

    def points(self, inputs: Sequence[History]) -> Floats:
        cycle = _back(inputs, self.season, min(self.season, self.horizon))
        return cycle[:, np.arange(self.horizon) % self.season]


class Theta(ForecastBaseline):
    """The Theta method, fitted anew at each origin, see ``theta_forecast``.

    Of many windows it answers a sample, spread evenly by the hash of series and origin,
    so that whether a window is answered depends on no other.

    Args:
        windows: how many there are to answer; 0: few enough.
    """

    name = "theta"

    def __init__(
        self,
        horizon: int,
        season: int = 1,
        quantiles: Sequence[float] = (),
        corrections: Floats | None = None,
        windows: int = 0,
    ) -> None:
        super().__init__(horizon, season, quantiles, corrections)
        self.windows = windows

    @property
    def title(self) -> str:  # type: ignore[override]
        if self.windows <= MAX_THETA_WINDOWS:
            return "Theta"
        return f"Theta (on about {MAX_THETA_WINDOWS:,} of {self.windows:,} windows)"

    def points(self, inputs: Sequence[History]) -> Floats:
        points = np.full((len(inputs), self.horizon), np.nan)
        for row, one in enumerate(inputs):
            if self._answers(one):
                points[row] = theta_forecast(one.values, self.horizon, self.season)
        return points

    def calibrate(self, windows: Sequence[History], truth: Floats) -> None:
        """As the others, on MAX_THETA_WINDOWS windows, evenly spread, at most."""
        rows = min(len(windows), MAX_THETA_WINDOWS)
        places = np.linspace(0, len(windows) - 1, rows).round().astype(int)
        every = Theta(self.horizon, self.season, self.quantiles)
        super(Theta, every).calibrate([windows[i] for i in places], truth[places])
        self.corrections = every.corrections

    def _answers(self, one: History) -> bool:
        if self.windows <= MAX_THETA_WINDOWS:
            return True
        name = f"{one.origin} {one.id}".encode("utf-8", "surrogatepass")
        hashed = int.from_bytes(blake2b(name, digest_size=8).digest(), "big")
        return hashed * self.windows < MAX_THETA_WINDOWS * 2**64


_KINDS: dict[str, type[ForecastBaseline]] = {
    kind.name: kind for kind in (LastValue, Drift, SeasonalNaive, Theta)
}


def fit_baselines(
    horizon: int,
    seasons: Sequence[int],
    quantiles: Sequence[float],
    validation: Sequence[Examples],
    test_windows: int,
) -> list[Baseline]:
    """All baselines, with quantiles; seasonal naive where there is a season.

    Args:
        horizon: steps to forecast.
        seasons: season lengths in steps, of which the first counts; may be empty.
        quantiles: rising, within 0 and 1.
        validation: chunks of windows and what came then, to calibrate on; without any,
            the quantiles are NaN.
        test_windows: how many there are; of many, Theta answers a sample.
    """
    season = (*seasons, 1)[0]
    windows = [one for chunk in validation for one in chunk.inputs]
    baselines: list[ForecastBaseline] = [LastValue(horizon, season, quantiles)]
    baselines.append(Drift(horizon, season, quantiles))
    if season > 1:
        baselines.append(SeasonalNaive(horizon, season, quantiles))
    baselines.append(Theta(horizon, season, quantiles, windows=test_windows))
    if quantiles and windows:
        truth = np.concatenate([chunk.truth for chunk in validation])
        for baseline in baselines:
            baseline.calibrate(windows, np.asarray(truth, np.float64))
    return list(baselines)


def save_baselines(baselines: list[Baseline], folder: Path) -> None:
    """Write the baselines of a forecast as plain arrays."""
    ours = [one for one in baselines if isinstance(one, ForecastBaseline)]
    assert ours and len(ours) == len(baselines)
    with written_whole(folder / BASELINE_FILE) as temporary:
        np.savez_compressed(
            temporary,
            names=np.array([one.name for one in ours]),
            horizon=ours[0].horizon,
            season=ours[0].season,
            quantiles=np.array(ours[0].quantiles, np.float64),
            corrections=np.stack([one.corrections for one in ours]),
            windows=sum(one.windows for one in ours if isinstance(one, Theta)),
        )


def load_baselines(folder: Path) -> list[Baseline]:
    """Read what ``save_baselines`` wrote."""
    baselines: list[Baseline] = []
    with read_arrays(folder / BASELINE_FILE) as arrays:
        common = int(arrays["horizon"]), int(arrays["season"])
        quantiles = arrays["quantiles"].tolist()
        names, corrections = arrays["names"].tolist(), arrays["corrections"]
        for name, own in zip(names, corrections, strict=True):
            baseline = _KINDS[name](*common, quantiles, own)
            if isinstance(baseline, Theta):
                baseline.windows = int(arrays["windows"])
            baselines.append(baseline)
    return baselines


def _back(inputs: Sequence[History], steps: int, count: int) -> Floats:
    """``count`` values from ``steps`` before the origin on (rows, count), or NaN."""
    taken = np.full((len(inputs), count), np.nan)
    for row, one in enumerate(inputs):
        start = one.origin - steps
        if start >= 0:
            taken[row] = one.series.seen(one.origin, start)[:count]
    return taken

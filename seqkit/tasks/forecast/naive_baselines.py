"""Forecasts that learn nothing, with intervals made as the model's are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.base import Baseline
from seqkit.tasks.forecast.conformal import Calibration, calibrated
from seqkit.tasks.forecast.conformal_parts import Residuals

if TYPE_CHECKING:
    from seqkit.data.forecast.series import History

Floats = NDArray[np.float64]


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
        last = np.maximum.accumulate(
            np.where(np.isnan(values), 0, np.arange(len(values)))
        )
        apart = np.abs(values[lag:] - values[last[:-lag]])
    apart = apart[~np.isnan(apart)]
    return float(np.mean(apart)) if len(apart) else float("nan")


class ForecastBaseline(Baseline):
    """A method for point forecasts; its quantiles come from its own residuals.

    Args:
        horizon: steps to forecast.
        season: steps of a season; 1: there is none.
        quantiles: rising, within 0 and 1; NaN until ``calibrate``.
        windows: how many there are to answer; 0: few enough.
    """

    def __init__(
        self,
        horizon: int,
        season: int = 1,
        quantiles: Sequence[float] = (),
        windows: int = 0,
    ) -> None:
        self.horizon, self.season, self.windows = horizon, season, windows
        self.quantiles = tuple(quantiles)
        nothing = np.full((horizon, len(self.quantiles)), np.nan)
        self.calibration = Calibration(nothing, nothing[:, :0], 1.0, 1.0)
        """What its quantiles are moved by, in units of the series' ``naive_scale``."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        calibration = self.calibration
        return {
            "horizon": np.array(self.horizon),
            "season": np.array(self.season),
            "quantiles": np.array(self.quantiles, np.float64),
            "moves": calibration.moves,
            "power": np.array(calibration.power),
            "typical": np.array(calibration.typical),
            "windows": np.array(self.windows),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        horizon, season = int(arrays["horizon"]), int(arrays["season"])
        # Runs of old have it of sampled baselines alone.
        windows = int(arrays.get("windows", 0))
        baseline = cls(horizon, season, arrays["quantiles"].tolist(), windows)
        moves = arrays["moves"]
        power, typical = float(arrays["power"]), float(arrays["typical"])
        baseline.calibration = Calibration(moves, moves[:, :0], power, typical)
        return baseline

    @property
    def most(self) -> int | None:
        """About so many of more windows are answered; None: all are.

        The sample is spread evenly by the hash of series and origin, so that whether a
        window is answered depends on no other.
        """
        return None

    def sampled(self, inputs: Sequence[History]) -> list[int]:
        """The rows of the windows that are answered."""
        return [row for row, one in enumerate(inputs) if self._in_sample(one)]

    def _in_sample(self, one: History) -> bool:
        if self.most is None or self.windows <= self.most:
            return True
        name = f"{one.origin} {one.id}".encode("utf-8", "surrogatepass")
        hashed = int.from_bytes(blake2b(name, digest_size=8).digest(), "big")
        return hashed * self.windows < self.most * 2**64

    @property
    def sample_note(self) -> str:
        """What the title says of the sample, if there is one."""
        if self.most is None or self.windows <= self.most:
            return ""
        return f" (on about {self.most:,} of {self.windows:,} windows)"

    @abstractmethod
    def points(self, inputs: Sequence[History]) -> Floats:
        """Point forecasts (rows, horizon); NaN where the method has no answer."""

    def outputs(self, inputs: list[History]) -> Floats:
        """Raw units (rows, horizon, 1 + quantiles): the point forecast comes first."""
        points = self.points(inputs)[:, :, None]
        scales = self._scales(inputs)
        units = np.where(np.isnan(scales), np.nan, self.calibration.unit(scales))
        widths = units[:, None, None] * self.calibration.moves
        return np.concatenate([points, points + widths], axis=2)

    def _plain_graph(self, raw: Mapping[str, Any]) -> Any:
        """``outputs`` of whole series, for methods that ``PlainForecast`` has."""
        from seqkit.layers.forecast.plain import PlainForecast

        moved = self.calibration
        layer = PlainForecast(
            self.kind, moved.moves.tolist(), self.season, moved.power, moved.typical
        )
        return layer(raw["values"])

    def calibrate(
        self,
        windows: Sequence[History],
        truth: Floats,
        before: Sequence[History] = (),
        truth_before: Floats | None = None,
    ) -> None:
        """Fit the quantiles as the model's, see ``tasks.conformal``.

        Windows that the method does not answer, and those of series that never change,
        are left out; without any others the quantiles stay as they are.

        Args:
            windows: histories up to each origin, which nothing else was fitted on.
            truth: (rows, horizon) what came then; NaN where nobody knows.
            before: windows of training time, some of which say what is usual.
            truth_before: what came then.
        """
        if not self.quantiles:
            return
        residuals, usual = self._residuals(windows, truth), None
        if truth_before is not None and len(before):
            usual = self._residuals(before, truth_before)
        if len(residuals):
            self.calibration = calibrated(residuals, usual, self.quantiles)

    def _residuals(self, windows: Sequence[History], truth: Floats) -> Residuals:
        apart, scales = truth - self.points(windows), self._scales(windows)
        rows = np.flatnonzero(np.isfinite(apart).any(axis=1) & (scales > 0))
        numbers: dict[str, int] = {}
        series = [numbers.setdefault(one.id, len(numbers)) for one in windows]
        origins = np.array([one.origin - one.train_end for one in windows], np.int64)
        every = np.repeat(apart[rows][:, :, None], len(self.quantiles), axis=2)
        return Residuals(
            every,
            apart[rows],
            np.array(series, np.int64)[rows],
            origins[rows],
            scales[rows],
        )

    def _scales(self, inputs: Sequence[History]) -> Floats:
        """What each history's errors are measured in (rows,), from training time."""
        by_end: dict[tuple[str, int], float] = {}
        scales = np.empty(len(inputs))
        for row, one in enumerate(inputs):
            end = min(one.train_end, one.origin)
            if (one.id, end) not in by_end:
                values = one.series.observed[:end]
                by_end[one.id, end] = naive_scale(values, self.season)
            scales[row] = by_end[one.id, end]
        return scales


class LastValue(ForecastBaseline):
    """The last value, repeated."""

    title = "last value"
    kind = "last_value"
    in_graph = ForecastBaseline._plain_graph

    def points(self, inputs: Sequence[History]) -> Floats:
        return np.repeat(_back(inputs, 1, 1), self.horizon, axis=1)


class Drift(ForecastBaseline):
    """The line through the first and the last value (Hyndman & Athanasopoulos 2021)."""

    title = "drift"
    kind = "drift"
    in_graph = ForecastBaseline._plain_graph

    def points(self, inputs: Sequence[History]) -> Floats:
        steps = np.array([one.origin for one in inputs], np.float64)[:, None]
        last, slope = _back(inputs, 1, 1), np.full((len(inputs), 1), np.nan)
        first = np.array([[one.series.values[0]] for one in inputs]).reshape(-1, 1)
        np.divide(last - first, steps - 1, out=slope, where=steps > 1)
        return np.asarray(last + slope * np.arange(1, self.horizon + 1))


class SeasonalNaive(ForecastBaseline):
    """The value of the same season in the last cycle; none before one whole cycle."""

    kind = "seasonal_naive"
    in_graph = ForecastBaseline._plain_graph

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"seasonal naive (season {self.season})"

    def points(self, inputs: Sequence[History]) -> Floats:
        cycle = _back(inputs, self.season, min(self.season, self.horizon))
        return cycle[:, np.arange(self.horizon) % self.season]


def _back(inputs: Sequence[History], steps: int, count: int) -> Floats:
    """``count`` values from ``steps`` before the origin on (rows, count), or NaN."""
    taken = np.full((len(inputs), count), np.nan)
    for row, one in enumerate(inputs):
        start = one.origin - steps
        if start >= 0:
            taken[row] = one.series.seen(one.origin, start)[:count]
    return taken

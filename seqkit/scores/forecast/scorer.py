"""Scores of forecasts over windows that stream by, each with its 95% interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError, UsageError
from seqkit.scores.clusters import resampled
from seqkit.scores.forecast.errors import (
    METRICS,
    check_quantiles,
    forecast_metrics,
)
from seqkit.scores.forecast.pairs import Answered, paired_windows
from seqkit.scores.forecast.tables import (
    coverage_table,
    horizon_table,
    means,
    residual_table,
    rooted,
    series_table,
)
from seqkit.scores.forecast.windows import Windows, WindowSums, clustered
from seqkit.scores.scorer import Scorer, Scores, Tables
from seqkit.scores.seeds import Paired

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ForecastScores(Scores):
    """How good forecasts of ``rows`` windows are; all intervals are 95%.

    ``metrics`` are over all pairs of window and step. What does not exist, such as MAPE
    where all truth is 0, is left out. The tables are ``horizon``, ``series``,
    ``coverage``, ``residual_acf`` and ``windows``: see ``scores.forecast.tables`` and
    ``WindowSums.samples``.
    """

    left_out: dict[str, int]
    """Metric -> pairs of window and step that it leaves out, where there are some."""


class ForecastScorer(Scorer):
    """Scores forecasts with their quantiles, chunk by chunk; keeps sums, not outputs.

    A metric is the mean over all pairs of window and step (RMSE its root). However the
    windows are cut into chunks, the result is the same. Two scorers are compared over
    the windows that both answered: where one was asked for a part of them, the
    difference is not that of their metrics.

    The intervals are percentiles of a Poisson bootstrap over clusters of windows whose
    errors hang together: whole series from 20 series on, else blocks of consecutive
    origins (see ``clusters.cluster``). With fewer than ten clusters of windows it is
    blocks of target times. Fewer than some 20 blocks make the intervals too narrow: in
    simulation those of autocorrelated series over a test time of ten horizons and more
    held the truth 90% of the time, over four horizons 70%. From a single cluster
    nothing can be said, and the interval is as narrow as the value.

    Args:
        horizon: steps that each window forecasts, H.
        quantiles: the quantiles' shares, rising; may be empty.
        resamples: resamples of the bootstrap.
        seed: seeds the bootstrap.
        season: steps of a season; the residuals' autocorrelation covers two.
    """

    metrics = METRICS

    def __init__(
        self,
        horizon: int,
        quantiles: tuple[float, ...] = (),
        resamples: int = 1000,
        seed: int = 0,
        season: int = 1,
    ) -> None:
        if horizon < 1 or season < 1:
            raise UsageError(
                f"horizon and season must be at least 1, got {horizon} and {season}."
            )
        check_quantiles(quantiles)
        super().__init__(resamples, seed)
        self.horizon, self.quantiles, self.season = horizon, tuple(quantiles), season
        self.metrics = forecast_metrics(self.quantiles)
        self.unscored = 0
        """Steps of windows that were left out because no truth of theirs is known."""
        self._sums = WindowSums(horizon, self.quantiles)

    @property
    def rows(self) -> int:
        """Windows that were answered so far."""
        return self._sums.rows

    def alike(self) -> dict[str, Any]:
        own = {"horizon": self.horizon, "quantiles": self.quantiles}
        return own | super().alike()

    @property
    def asked(self) -> int:
        """Pairs of window and step, those of windows that were left out too."""
        return self.rows * self.horizon + self.unscored

    @property
    def filled(self) -> int:
        """How many of them have no truth."""
        return self.asked - int(self._sums.step_counts[:, 0].sum())

    def update(
        self,
        ids: Sequence[str],
        origins: NDArray[np.integer],
        truth: ArrayLike,
        outputs: ArrayLike,
        scale: ArrayLike,
        spread: ArrayLike,
    ) -> None:
        """Count some more windows; on an error none of them is counted.

        Args:
            ids: name of each window's series (rows,).
            origins: values known to it (rows,); step h is value origin + h - 1, from 0.
            truth: (rows, H); NaN where it is not known, which is not scored.
            outputs: (rows, H, 1 + Q): the point forecast, then the quantiles. A row
                whose point forecasts are all NaN was not answered and is left out; one
                whose quantiles are all NaN gives none.
            scale: the mean absolute error of seasonal naive in the training time of
                each window's series (rows,), for MASE; NaN or 0 where there is none.
            spread: standard deviation there (rows,), for errors on the standardised
                scale; NaN or 0 likewise.

        Raises:
            UsageError: a wrong shape or kind.
            DataError: truth or outputs that are no numbers.
        """
        numbers = [
            np.asarray(each, np.float64) for each in (truth, outputs, scale, spread)
        ]
        origins = np.asarray(origins)
        self._check_shapes(ids, origins, numbers)
        rows = np.flatnonzero(~np.isnan(numbers[1][..., 0]).all(axis=1))
        names = [ids[int(row)] for row in rows]
        numbers = [each[rows] for each in numbers]
        positions = origins[rows].astype(np.int64)
        self._check_values(names, positions, numbers[0], numbers[1])
        if names:
            self._sums.add(names, positions, *numbers)

    def count(self, metric: str) -> int:
        """Pairs of window and step that have the metric."""
        return int(self._sums.step_counts[:, self._place(metric)].sum())

    def mean(self, metric: str) -> float:
        """The metric over all pairs of window and step; NaN where there is none."""
        count = self.count(metric)
        total = float(self._sums.step_totals[:, self._place(metric)].sum())
        return float(rooted(metric, np.array(total / count))) if count else np.nan

    def result(self) -> ForecastScores:
        """The scores of all windows so far; more may follow.

        Raises:
            DataError: no window has been answered yet.
            UsageError: a window came twice.
        """
        windows = self._windows()
        labels, (amounts,) = clustered([windows])
        totals = resampled(labels, amounts, self.resamples, self.seed)
        half = totals.shape[1] // 2
        values = means(totals[:, :half], totals[:, half:])
        counts = windows.counts.sum(axis=0, dtype=np.int64)
        present = [(i, name) for i, name in enumerate(self.metrics) if counts[i]]
        tables = {
            "horizon": horizon_table(self._sums, windows, self.resamples, self.seed),
            "series": series_table(self._sums, windows),
            "coverage": coverage_table(self._sums, totals),
            "residual_acf": residual_table(windows, self.season),
            "windows": self._sums.samples(),
        }
        metrics = {
            name: self.estimate(name, rooted(name, values[:, i])) for i, name in present
        }
        pairs = self.rows * self.horizon
        left_out = {
            name: pairs - int(counts[i]) for i, name in present if counts[i] < pairs
        }
        return ForecastScores(metrics, self.rows, tables, left_out)

    @classmethod
    def _paired(cls, scorers: Sequence[ForecastScorer], metric: str) -> Paired:
        one = scorers[0]
        every = [Answered(each._sums.ids, each._windows()) for each in scorers]
        place = one._place(metric)
        return paired_windows(every, metric, place, one.resamples, one.seed)

    @classmethod
    def pictures(
        cls, scores: Scores, baselines: Mapping[str, Tables]
    ) -> dict[str, Figure]:
        from seqkit import pictures

        tables = scores.filled
        figures: dict[str, Figure] = {}
        if "windows" in tables:
            figures["backtest"] = pictures.backtest_panels(tables["windows"])
        if len(tables.get("horizon", ())) > 1:
            rivals = {title: each["horizon"] for title, each in baselines.items()}
            figures["horizon"] = pictures.horizon_errors(tables["horizon"], rivals)
        if "residual_acf" in tables:
            figures["residuals"] = pictures.residual_autocorrelation(
                tables["residual_acf"]
            )
        if "coverage" in tables:
            figures["coverage"] = pictures.interval_coverage(tables["coverage"])
        return figures

    def _place(self, metric: str) -> int:
        """The metric's place among the measures of windows and steps."""
        return list(self.metrics).index(metric)

    def _windows(self) -> Windows:
        if not self.rows:
            raise DataError("No windows were scored: there is no forecast to score.")
        return self._sums.windows()

    def _check_shapes(
        self,
        ids: Sequence[str],
        origins: NDArray[np.integer],
        numbers: list[NDArray[np.float64]],
    ) -> None:
        rows, steps, channels = len(ids), self.horizon, 1 + len(self.quantiles)
        if not np.issubdtype(origins.dtype, np.integer):
            raise UsageError(f"origins must be whole numbers, got {origins.dtype}.")
        expected = {
            "origins": (rows,),
            "truth": (rows, steps),
            "outputs": (rows, steps, channels),
            "scale": (rows,),
            "spread": (rows,),
        }
        for (name, shape), each in zip(
            expected.items(), [origins, *numbers], strict=True
        ):
            if each.shape != shape:
                raise UsageError(
                    f"{name} must have the shape {shape} for {rows} windows of {steps} "
                    f"steps and {channels - 1} quantiles, got {each.shape}."
                )
        for name, each in zip(("scale", "spread"), numbers[2:], strict=True):
            if (each < 0).any() or np.isinf(each).any():
                raise UsageError(f"{name} must be at least 0 and finite, or NaN.")

    def _check_values(
        self,
        ids: list[str],
        origins: NDArray[np.int64],
        truth: NDArray[np.float64],
        outputs: NDArray[np.float64],
    ) -> None:
        quantiles = outputs[..., 1:]
        scored = np.isfinite(truth).any(axis=1)
        present = np.isfinite(quantiles).all(axis=(1, 2))
        absent = np.isnan(quantiles).all(axis=(1, 2))
        for name, fine in (
            ("True values", ~np.isinf(truth).any(axis=1) & scored),
            ("Forecasts", np.isfinite(outputs[..., 0]).all(axis=1)),
            ("Quantiles", present | absent),
        ):
            if not fine.all():
                row = int(np.argmin(fine))
                raise DataError(
                    f"{name} must be finite, but that of the series {ids[row]!r} and "
                    f"the origin {origins[row]} holds a NaN or an infinity."
                )

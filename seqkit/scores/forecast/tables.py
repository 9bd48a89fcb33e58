"""Tables of a forecast's scores: by step, by series, by quantile, by lag."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqkit.scores.clusters import cluster, estimate, resampled
from seqkit.scores.forecast.errors import forecast_metrics
from seqkit.scores.forecast.windows import Windows, WindowSums

LEAST_LAGS = 24
Values = NDArray[np.float64]


def means(totals: Values, counts: NDArray[np.integer] | Values) -> Values:
    """Totals over counts, NaN where there are none."""
    counts = np.asarray(counts, np.float64)
    empty = np.full(counts.shape, np.nan)
    np.divide(totals, counts, out=empty, where=counts > 0)
    return empty


def rooted(name: str, values: Values) -> Values:
    """A metric from the mean of its measure: RMSE is the root of it."""
    return values**0.5 if name == "rmse" else values


def horizon_table(
    sums: WindowSums, windows: Windows, resamples: int, seed: int
) -> pd.DataFrame:
    """A row for each step: step, n, the metrics; mae and mase with _low and _high.

    The intervals are of 95% and NaN where all windows are one cluster. Metrics that no
    window has are left out.
    """
    values = means(sums.step_totals, sums.step_counts)
    horizon = len(values)
    table: dict[str, NDArray[np.generic]] = {
        "step": np.arange(1, horizon + 1),
        "n": sums.step_counts[:, 0],
    }
    for place, name in enumerate(forecast_metrics(sums.quantiles)):
        if not sums.step_counts[:, place].any():
            continue
        mean = table[name] = rooted(name, values[:, place])
        if name in ("mae", "mase"):
            scale = np.ones(len(windows)) if name == "mae" else windows.scale
            low, high = _step_intervals(windows, scale, resamples, seed)
            table[f"{name}_low"] = np.minimum(low, mean)
            table[f"{name}_high"] = np.maximum(high, mean)
    return pd.DataFrame(table)


def _step_intervals(
    windows: Windows, scale: Values, resamples: int, seed: int
) -> tuple[Values, Values]:
    """Low and high (H,) of the mean of errors / scale at each step."""
    horizon = windows.errors.shape[1]
    labels = cluster(windows.series, windows.origins, horizon)
    if not labels.any():
        return np.full(horizon, np.nan), np.full(horizon, np.nan)
    scaled = windows.errors / scale[:, np.newaxis]
    present = np.isfinite(scaled)
    scaled = np.where(present, scaled, 0.0)
    totals = resampled(labels, np.hstack([scaled, present]), resamples, seed)
    replicates = means(totals[1:, :horizon], totals[1:, horizon:])
    low, high = np.nanquantile(replicates, [0.025, 0.975], axis=0)
    return low, high


def series_table(sums: WindowSums, windows: Windows) -> pd.DataFrame:
    """A row for each series: id, windows, n (pairs of window and step), all metrics."""
    places = range(windows.totals.shape[1])
    many = len(sums.ids)
    totals, counts = (
        np.stack([np.bincount(windows.series, each[:, i], many) for i in places])
        for each in (windows.totals, windows.counts)
    )
    table = {
        "id": list(sums.ids),
        "windows": np.bincount(windows.series, minlength=many),
        "n": counts[0].astype(np.int64),
    }
    for name, total, count in zip(
        forecast_metrics(sums.quantiles), totals, counts, strict=False
    ):
        if count.any():
            table[name] = rooted(name, means(total, count))
    return pd.DataFrame(table)


def coverage_table(sums: WindowSums, totals: Values) -> pd.DataFrame:
    """A row for each quantile: nominal, share (of the truth at or below), low, high, n.

    ``totals`` (1 + resamples, 2 M) are sums and counts as they are, then resampled.
    """
    rows = []
    measures = totals.shape[1] // 2
    for place, quantile in enumerate(sums.quantiles, measures - len(sums.quantiles)):
        total, count = totals[:, place], totals[:, measures + place]
        if count[0]:
            rows.append((quantile, *estimate(means(total, count)), int(count[0])))
    return pd.DataFrame(rows, columns=["nominal", "share", "low", "high", "n"])


def residual_table(windows: Windows, season: int) -> pd.DataFrame:
    """Autocorrelation of the errors one step ahead: lag, autocorrelation, low, high, n.

    Of the series whose origins all lie one step apart, the mean of their
    autocorrelations, each weighing as much as it is long. Errors that a better forecast
    could not foretell lie between ``low`` and ``high`` (1.96 / sqrt(n)) at 19 of 20
    lags. The lags go to two seasons and 24 at least, but not past half of the longest
    series; the table is empty where no series has two origins one step apart.
    """
    residuals = [each for each in _runs(windows) if len(each) > 1 and np.ptp(each) > 0]
    longest = max((len(each) for each in residuals), default=0)
    rows = []
    for lag in range(1, min(max(LEAST_LAGS, 2 * season), longest // 2) + 1):
        long = [each for each in residuals if len(each) > lag]
        n = sum(len(each) for each in long)
        value = sum(len(each) * _autocorrelation(each, lag) for each in long) / n
        bound = 1.96 / n**0.5
        rows.append((lag, value, -bound, bound, n))
    return pd.DataFrame(rows, columns=["lag", "autocorrelation", "low", "high", "n"])


def _runs(windows: Windows) -> list[Values]:
    """First-step residuals of each series whose origins are all one step apart."""
    order = np.lexsort((windows.origins, windows.series))
    cuts = np.flatnonzero(np.diff(windows.series[order])) + 1
    return [
        windows.first[rows]
        for rows in np.split(order, cuts)
        if (np.diff(windows.origins[rows]) == 1).all()
    ]


def _autocorrelation(values: Values, lag: int) -> float:
    """The usual estimate, whose sum is over the pairs and divisor over all values."""
    rest = values - values.mean()
    return float(rest[lag:] @ rest[:-lag] / (rest @ rest))

"""What a forecast's errors are measured by: one number for each window and step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import UsageError
from seqkit.scores.metric import Metric

_POINT = {
    "mae": Metric("MAE", "mean absolute error, in the series' unit", False),
    "rmse": Metric(
        "RMSE", "root of the mean squared error, in the series' unit", False
    ),
    "mape": Metric(
        "MAPE", "percent: mean of 100 |error| / |truth|, where truth is not 0", False
    ),
    "smape": Metric(
        "sMAPE",
        "percent, as in M4: mean of 200 |error| / (|truth| + |forecast|)",
        False,
    ),
    "mase": Metric(
        "MASE",
        "mean absolute error as a multiple of that of seasonal naive in the training "
        "time (Hyndman & Koehler 2006)",
        False,
    ),
    "standardised_mse": Metric(
        "Standardised MSE",
        "mean squared error of series scaled to a standard deviation of 1 in the "
        "training time",
        False,
    ),
    "standardised_mae": Metric(
        "Standardised MAE",
        "mean absolute error of series scaled to a standard deviation of 1 in the "
        "training time",
        False,
    ),
}
_QUANTILE = {
    "pinball": Metric(
        "Pinball loss", "mean over the quantiles, in the series' unit", False
    ),
    "scaled_pinball": Metric(
        "Scaled pinball loss",
        "mean pinball loss as a multiple of MASE's denominator",
        False,
    ),
}


def levels(quantiles: tuple[float, ...]) -> dict[str, tuple[int, int]]:
    """Central intervals that quantiles bound: "80" -> the places of 0.1 and 0.9."""
    places = {round(q, 9): place for place, q in enumerate(quantiles)}
    return {
        f"{100 * (1 - 2 * q):.6g}": (low, places[round(1 - q, 9)])
        for q, low in places.items()
        if q < 0.5 and round(1 - q, 9) in places
    }


def forecast_metrics(quantiles: tuple[float, ...] = ()) -> dict[str, Metric]:
    """Name -> what it means, of all metrics of forecasts with these quantiles."""
    metrics = dict(_POINT)
    if quantiles:
        metrics |= _QUANTILE
    for level in levels(quantiles):
        metrics[f"coverage_{level}"] = Metric(
            f"Coverage of {level}%",
            f"share of true values within the {level}% interval; best at {level}%",
            None,
            most=1.0,
        )
        metrics[f"width_{level}"] = Metric(
            f"Width of {level}%",
            f"mean width of the {level}% interval, in the series' unit",
            None,
        )
    return metrics


METRICS = forecast_metrics((0.1, 0.9))
"""The metrics with an 80% interval; ``forecast_metrics`` gives those of others."""


def quantile_name(level: float) -> str:
    """``q10`` for 0.1."""
    return f"q{100 * level:g}"


def check_quantiles(quantiles: tuple[float, ...]) -> None:
    """Raise UsageError unless they rise within 0 and 1."""
    ends = (0.0, *quantiles, 1.0)
    if any(not low < high for low, high in zip(ends, ends[1:], strict=False)):
        raise UsageError(f"quantiles must rise between 0 and 1, got {list(quantiles)}.")


def measures(quantiles: tuple[float, ...]) -> list[str]:
    """Names of what ``measured`` gives: the metrics, then each quantile's share."""
    return [*forecast_metrics(quantiles), *(f"below_{q:g}" for q in quantiles)]


def measured(
    truth: NDArray[np.float64],
    outputs: NDArray[np.float64],
    scale: NDArray[np.float64],
    spread: NDArray[np.float64],
    quantiles: tuple[float, ...],
) -> NDArray[np.float64]:
    """Measures (rows, H, M) of forecasts, whose means are the metrics (rmse: squared).

    NaN where a measure does not exist: percentages of a truth of 0, multiples of a
    ``scale`` or ``spread`` that is 0 or NaN, whatever needs quantiles where none are,
    all of a truth that is not known.

    Args:
        truth: (rows, H), finite, or NaN where nothing is to be scored.
        outputs: (rows, H, 1 + Q), the point forecast and the quantiles.
        scale: MASE's denominator of each row's series (rows,).
        spread: standard deviation of each row's series (rows,).
        quantiles: Q of them, rising.
    """
    unit = _positive(scale)[:, np.newaxis]
    deviation = _positive(spread)[:, np.newaxis]
    point = outputs[..., 0]
    error = np.abs(truth - point)
    size = np.abs(truth) + np.abs(point)
    by_name = {
        "mae": error,
        "rmse": error**2,
        "mape": 100 * error / np.where(truth == 0, np.nan, np.abs(truth)),
        "smape": 200 * error / np.where(size == 0, 1.0, size),
        "mase": error / unit,
        "standardised_mse": (error / deviation) ** 2,
        "standardised_mae": error / deviation,
    }
    if quantiles:
        by_name |= _of_quantiles(truth, outputs[..., 1:], unit, quantiles)
    return np.stack([by_name[name] for name in measures(quantiles)], axis=-1)


def _of_quantiles(
    truth: NDArray[np.float64],
    forecast: NDArray[np.float64],
    unit: NDArray[np.float64],
    quantiles: tuple[float, ...],
) -> dict[str, NDArray[np.float64]]:
    """Measures (rows, H) of quantiles (rows, H, Q)."""
    rest = truth[..., np.newaxis] - forecast
    shares = np.asarray(quantiles)
    pinball = np.maximum(shares * rest, (shares - 1) * rest).mean(axis=-1)
    by_name = {"pinball": pinball, "scaled_pinball": pinball / unit}
    for level, (low, high) in levels(quantiles).items():
        inside = (rest[..., low] >= 0) & (rest[..., high] <= 0)
        # NaN, too, where there is no truth to lie inside.
        width = np.where(
            np.isnan(truth), np.nan, forecast[..., high] - forecast[..., low]
        )
        by_name[f"coverage_{level}"] = np.where(np.isnan(width), np.nan, inside)
        by_name[f"width_{level}"] = width
    for place, share in enumerate(quantiles):
        below = np.where(np.isnan(rest[..., place]), np.nan, rest[..., place] <= 0)
        by_name[f"below_{share:g}"] = below
    return by_name


def _positive(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Zeros as NaN: nothing is a multiple of 0."""
    return np.where(numbers == 0, np.nan, numbers)

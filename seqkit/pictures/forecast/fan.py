"""Pictures of forecasts: the fan of intervals ahead, and backtests beside the truth."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError
from seqkit.pictures.shared import BLUE, GREY, Picture, drawn_name, dress, titled

MOST_PANELS = 6
LEAST_HISTORY, HISTORY_HORIZONS = 60, 4
"""A fan shows so many steps of history, or so many horizons where that is more."""
_NAME = 20  # characters of a series' id above a panel


class Interval(NamedTuple):
    """A central interval and the names of the columns that bound it."""

    level: float
    """In percent."""
    low: str
    high: str


def forecast_fan(
    history: pd.DataFrame,
    answers: pd.DataFrame,
    truth: ArrayLike | None = None,
    unit: str = "value",
    title: str | None = None,
) -> Figure:
    """The end of a series, its forecast, and nested intervals, darker inside.

    Args:
        history: a row a step: ``timestamp`` or ``step``, and ``value``. The last 60
            steps are drawn, or the last four horizons where that is more.
        answers: a row a step ahead: ``timestamp`` or ``step``, ``forecast`` and any
            quantiles ``q10`` ... ``q90``; those that are NaN are left out.
        truth: (horizon,) what came, where it is known; NaN where not.
        unit: what the values are, with their unit, for the axis.
        title: the outcome in words; None: how far off the forecast is, or what it says.
    """
    past_rows = _checked_table(history, "history", "value")
    ahead = _checked_table(answers, "answers", "forecast")
    past_rows = past_rows[-max(LEAST_HISTORY, HISTORY_HORIZONS * len(ahead)) :]
    truths = np.full(len(ahead), np.nan)
    if truth is not None:
        truths = _checked_truth(truth, len(ahead))
    past, future = _times(past_rows), _times(ahead)
    figure = Picture(figsize=(7.2, 3.6), layout="constrained")
    axes = figure.subplots()
    values = past_rows["value"].to_numpy(np.float64)
    axes.plot(past, values, color=GREY, lw=1.2, label="history", **_dot(values))
    axes.axvline(past[-1], color=GREY, lw=0.9, ls=":", label="origin")
    _draw_answers(axes, future, ahead)
    if np.isfinite(truths).any():
        axes.plot(future, truths, color="black", lw=1.2, label="truth", **_dot(truths))
    dated = np.issubdtype(past.dtype, np.datetime64)
    dress(axes, "" if dated else "step", unit)
    _tick_times(axes, dated)
    _legend(figure, axes)
    return titled(figure, title or _fan_title(ahead, truths, future))


def backtest_panels(windows: pd.DataFrame, title: str | None = None) -> Figure:
    """Forecasts from past origins beside what came: up to six windows, evenly chosen.

    Where forecasts are of one step, a panel is a series instead, over its origins.

    Args:
        windows: a row for each window and step: ``id``, ``origin`` (a timestamp or a
            number), ``step``, ``truth``, ``forecast`` and any quantiles ``q10`` ...
        title: the outcome in words; None: how much of the truth the widest interval
            holds in the windows shown, or how far off the forecasts are.
    """
    table = _checked_table(
        windows, "windows", "id", "origin", "step", "truth", "forecast"
    )
    table = table.reset_index(drop=True)
    one_step = bool((table["step"] == 1).all())
    groups = list(table.groupby(["id"] if one_step else ["id", "origin"], sort=False))
    places = np.linspace(0, len(groups) - 1, min(len(groups), MOST_PANELS)).round()
    chosen = [groups[int(place)] for place in places]
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = Picture(
        figsize=(max(5.0, 0.6 + 2.9 * columns), 1.1 + 2.1 * rows), layout="constrained"
    )
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    origins = _as_times(table["origin"])
    for axes, (key, window) in zip(panels, chosen, strict=False):
        window = window.sort_values(["origin", "step"])
        _panel(axes, key[0], window, origins, one_step)
    for axes in panels[len(chosen) :]:
        axes.set_visible(False)
    _legend(figure, panels[0])
    frame = pd.concat([window for _, window in chosen])
    return titled(figure, title or _panels_title(frame, len(chosen), one_step))


def intervals(table: pd.DataFrame) -> list[Interval]:
    """Central intervals that the quantile columns bound, the widest first."""
    columns = {}
    for name in map(str, table.columns):
        match = re.fullmatch(r"q(\d+(?:\.\d+)?)", name)
        if match and table[name].notna().any():
            columns[round(float(match[1]), 6)] = name
    pairs = [(low, round(100 - low, 6)) for low in sorted(columns) if low < 50]
    return [
        Interval(high - low, columns[low], columns[high])
        for low, high in pairs
        if high in columns
    ]


def _panel(
    axes: Axes, name: Any, window: pd.DataFrame, origins: NDArray[Any], one: bool
) -> None:
    """One window over its steps, or one series over its origins."""
    times = _as_times(window["origin" if one else "step"])
    truth = window["truth"].to_numpy(np.float64)
    _draw_answers(axes, times, window)
    axes.plot(times, truth, color="black", lw=1.2, label="truth", **_dot(truth))
    dated = np.issubdtype(times.dtype, np.datetime64)
    dress(axes, "" if dated else "origin" if one else "step", "")
    axes.margins(x=0.05 if len(times) > 1 else 0.5)
    _tick_times(axes, dated)
    if len(times) == 1:
        axes.set_xticks(times, [_moment(times).removeprefix("step ")])
    text = drawn_name(name, 2 * _NAME if one else _NAME)
    if not one:
        text += f", from {_moment(origins, int(window.index[0]))}"
    axes.set_title(text, fontsize=8, loc="left", parse_math=False)


def _draw_answers(axes: Axes, times: NDArray[Any], table: pd.DataFrame) -> None:
    """The forecast in its intervals; a bar for each where there is one step alone."""
    nested = intervals(table)
    for place, (level, low, high) in enumerate(nested):
        ends = (table[low].to_numpy(np.float64), table[high].to_numpy(np.float64))
        style: dict[str, Any] = {
            "color": _shade(place, len(nested)), "label": f"{level:g}% interval",
            "zorder": 1.5 + place / 100,
        }  # fmt: skip
        if len(times) == 1:
            axes.vlines(times, *ends, linewidth=9, **style)
        else:
            axes.fill_between(times, *ends, linewidth=0, **style)
    points = table["forecast"].to_numpy(np.float64)
    axes.plot(times, points, color=BLUE, lw=1.6, label="forecast", **_dot(points))


def _shade(place: int, count: int) -> str:
    """Blue on white, the stronger the further inside."""
    share = 0.2 + 0.35 * (place / (count - 1) if count > 1 else 0.2)
    red, green, blue = (1 - share * (1 - part) for part in to_rgb(BLUE))
    return to_hex((red, green, blue))


def _dot(values: NDArray[np.float64]) -> dict[str, Any]:
    """A line's markers: dots where a single value would be invisible or few are."""
    return {"marker": "o" if len(values) <= 3 else "", "markersize": 4}


def _legend(figure: Figure, axes: Axes) -> None:
    """Below everything, where it hides no data."""
    handles, labels = axes.get_legend_handles_labels()
    columns = len(labels) if figure.get_figwidth() > 6.5 else 3
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(columns, 7),
        frameon=False, fontsize=8, columnspacing=1.3, handlelength=1.7,
    )  # fmt: skip


def _tick_times(axes: Axes, dated: bool) -> None:
    if dated:
        dates = AutoDateLocator(minticks=2, maxticks=6)  # type: ignore[no-untyped-call]
        words = ConciseDateFormatter(dates)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(dates)
        axes.xaxis.set_major_formatter(words)
        axes.xaxis.get_offset_text().set_fontsize(8)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(5))


def _checked_table(table: pd.DataFrame, name: str, *columns: str) -> pd.DataFrame:
    missing = [column for column in columns if column not in table]
    if missing or table.empty:
        lack = f"column {missing[0]!r}" if missing else "rows"
        raise DataError(f"The table of {name} has no {lack} to draw.")
    return table


def _checked_truth(truth: ArrayLike, horizon: int) -> NDArray[np.float64]:
    truths = np.asarray(truth, np.float64)
    if truths.shape != (horizon,):
        raise DataError(
            f"truth must hold one number for each of the {horizon} steps ahead, got "
            f"the shape {truths.shape}."
        )
    return truths


def _times(table: pd.DataFrame) -> NDArray[Any]:
    for name in ("timestamp", "step"):
        if name in table:
            return _as_times(table[name])
    raise DataError("A table to draw needs a column 'timestamp' or 'step'.")


def _as_times(column: pd.Series) -> NDArray[Any]:
    """Numbers as they are, anything else as timestamps, in local time if it has one."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    stamps = pd.to_datetime(column)
    if stamps.dt.tz is not None:
        stamps = stamps.dt.tz_localize(None)
    return stamps.to_numpy("datetime64[s]")


def _moment(times: NDArray[Any], place: int = 0) -> str:
    """``1960-12``, ``1960-12-31`` or ``1960-12-31 23:00``, or ``step 12``."""
    if not np.issubdtype(times.dtype, np.datetime64):
        return f"step {times[place]:,}"
    for unit in ("M", "D", "m"):
        if (times == times.astype(f"datetime64[{unit}]")).all():
            return str(times[place].astype(f"datetime64[{unit}]")).replace("T", " ")
    return str(times[place]).replace("T", " ")


def _short(value: float) -> str:
    """Three digits, and all of those before the point."""
    return f"{value:,.0f}" if 100 <= abs(value) < 1e9 else f"{value:.3g}"


def _coverage_text(table: pd.DataFrame, truth: NDArray[np.float64]) -> str | None:
    """How much of the truth the widest interval holds, in words."""
    nested = intervals(table)
    if not nested:
        return None
    level, low, high = nested[0]
    lows, highs = table[[low, high]].to_numpy(np.float64).T
    present = np.isfinite(truth + lows + highs)
    if not present.any():
        return None
    inside = ((lows <= truth) & (truth <= highs))[present].sum()
    if present.sum() == 1:
        where = "within" if inside else "outside"
        return f"the true value lies {where} the {level:g}% interval"
    count = present.sum()
    return f"{inside:,} of {count:,} true values lie within the {level:g}% interval"


def _fan_title(
    ahead: pd.DataFrame, truths: NDArray[np.float64], times: NDArray[Any]
) -> str:
    points = ahead["forecast"].to_numpy(np.float64)
    steps = f"{len(points):,} step{'s' if len(points) > 1 else ''} ahead"
    if np.isfinite(truths).any():
        error = np.abs(truths - points)
        text = f"{steps}: the forecast is off by {_short(np.nanmean(error))}"
        if np.isfinite(error).sum() > 1:
            text += " on average"
        coverage = _coverage_text(ahead, truths)
        return f"{text}; {coverage}" if coverage else text
    if not np.isfinite(points).all():
        return f"{steps}: no forecast for some of them"
    text = f"{steps}, {_moment(times, -1)}: {_short(points[-1])}"
    for level, low, high in intervals(ahead)[:1]:
        ends = f"{_short(ahead[low].iloc[-1])} to {_short(ahead[high].iloc[-1])}"
        text += f" ({level:g}% interval {ends})"
    return text


def _panels_title(windows: pd.DataFrame, count: int, one_step: bool) -> str:
    what = "series" if one_step else "window" if count == 1 else "windows"
    where = f"In the {'' if count == 1 else f'{count} '}{what} shown"
    truth = windows["truth"].to_numpy(np.float64)
    coverage = _coverage_text(windows, truth)
    if coverage:
        return f"{where}, {coverage}"
    points = windows["forecast"].to_numpy(np.float64)
    size = np.abs(truth) + np.abs(points)
    present = np.isfinite(size)
    if not present.any():
        return f"{where}, nothing can be compared with the truth"
    error = 2 * np.abs(truth - points)[present] / np.where(size == 0, 1, size)[present]
    return f"{where}, forecasts are off by {error.mean():.1%} on average (sMAPE)"

"""Pictures of how good forecasts are: by step, by quantile, and what they left over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from seqkit.errors import DataError
from seqkit.pictures.shared import (
    BLUE,
    GREY,
    ORANGE,
    Picture,
    drawn_name,
    dress,
    number,
    titled,
)

# Beside orange, Okabe & Ito's green, purple and yellow; lines and marks differ, too.
_STYLES = (
    (ORANGE, "--", "s"),
    ("#009E73", "-.", "D"),
    ("#CC79A7", ":", "^"),
    (GREY, (0, (5, 1, 1, 1, 1, 1)), "v"),
    ("#E69F00", (0, (8, 2)), "P"),
)
_FEW = 12  # steps up to which a line has a mark at each
_LONG = 38  # characters of a baseline's name


def horizon_errors(
    table: pd.DataFrame,
    baselines: Mapping[str, pd.DataFrame] | None = None,
    metric: str = "mase",
    label: str = "MASE",
    title: str | None = None,
) -> Figure:
    """The error of every step ahead, beside that of the baselines; lower is better.

    Args:
        table: a row for each step: ``step``, the metric, and where they are known its
            ``_low`` and ``_high``.
        baselines: by name, tables with ``step`` and the metric.
        metric: the column to draw.
        label: what it is, with its unit, for the axis.
        title: the outcome in words; None: how the error grows, and who has a lower one.
    """
    ours = _by_step(table, metric)
    if ours.isna().all():
        raise DataError(f"The table to draw has no steps with {metric!r}.")
    rivals = {
        name: _by_step(other, metric).reindex(ours.index)
        for name, other in (baselines or {}).items()
    }
    figure = Picture(figsize=(7.2, 3.4), layout="constrained")
    axes = figure.subplots()
    steps = ours.index.to_numpy()
    every = 1 if len(steps) <= _FEW else max(1, len(steps) // 8)
    if {f"{metric}_low", f"{metric}_high"} <= set(table):
        low, high = (_by_step(table, f"{metric}_{end}") for end in ("low", "high"))
        _band(axes, steps, low.to_numpy(), high.to_numpy())
    for place, (name, values) in enumerate(rivals.items()):
        colour, line, mark = _STYLES[place % len(_STYLES)]
        axes.plot(
            steps, values, color=colour, ls=line, lw=1.2, marker=mark, markersize=3.5,
            markevery=(place % every, every), label=drawn_name(name, _LONG),
        )  # fmt: skip
    axes.plot(
        steps, ours, color=BLUE, lw=1.8, marker="o", markersize=4, markevery=every,
        label="model",
    )  # fmt: skip
    dress(axes, "step ahead", f"{label}; lower is better")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
    axes.set_xlim(steps.min() - 0.5, steps.max() + 0.5)
    axes.set_ylim(bottom=0)
    legend = figure.legend(loc="outside right center", frameon=False, fontsize=8)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return titled(figure, title or _horizon_title(ours, rivals, label))


def residual_autocorrelation(table: pd.DataFrame, title: str | None = None) -> Figure:
    """How much the error one step ahead tells of later errors; ideally nothing.

    Args:
        table: a row for each lag: ``lag``, ``autocorrelation``, ``low`` and ``high``,
            between which 19 of 20 lags lie where errors cannot be foretold.
        title: the outcome in words; None: how many lags lie outside.
    """
    columns = _numbers(table, "lag", "autocorrelation", "low", "high")
    lags, values, low, high = columns.to_numpy().T
    figure = Picture(figsize=(7.2, 2.9), layout="constrained")
    axes = figure.subplots()
    outside = (values < low) | (values > high)
    ends = np.r_[lags[0] - 0.5, lags, lags[-1] + 0.5]
    axes.fill_between(
        ends, np.r_[low[0], low, low[-1]], np.r_[high[0], high, high[-1]], color=GREY,
        alpha=0.18, linewidth=0, label="where 19 of 20 lags lie by chance",
    )  # fmt: skip
    for some, colour, mark, label in (
        (~outside, BLUE, "o", "within"),
        (outside, ORANGE, "s", "outside"),
    ):
        if some.any():
            axes.vlines(lags[some], 0, values[some], color=colour, linewidth=1.3)
            axes.plot(
                lags[some], values[some], color=colour, marker=mark, markersize=4,
                linestyle="none", label=label,
            )  # fmt: skip
    axes.axhline(0, color=GREY, linewidth=0.9)
    dress(axes, "lag (steps)", "autocorrelation")
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, min_n_ticks=1))
    axes.set_xlim(ends[0], ends[-1])
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return titled(figure, title or _residual_title(lags, values, outside))


def interval_coverage(table: pd.DataFrame, title: str | None = None) -> Figure:
    """How much of the truth lies below each quantile, against how much should.

    Args:
        table: a row for each quantile: ``nominal`` and ``share``, both from 0 to 1, and
            ``low`` and ``high`` of the share, NaN where nobody knows them.
        title: the outcome in words; None: the widest gap.
    """
    columns = _numbers(table, "nominal", "share", "low", "high", optional=2)
    nominal, share, low, high = columns.to_numpy().T
    figure = Picture(figsize=(4.6, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls="--", label="as it should be")
    bars = np.abs([share - low, high - share])
    axes.errorbar(
        nominal, share, yerr=bars, fmt="o", color=BLUE, markersize=5, elinewidth=1.3,
        capsize=2.5, label="share with 95% interval",
    )  # fmt: skip
    dress(axes, "quantile", "true values at or below it (% of all)")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    worst = int(np.abs(share - nominal).argmax())
    gap = 100 * (share[worst] - nominal[worst])
    outcome = (
        f"Quantiles are off by {abs(gap):.1f} points at most: {share[worst]:.1%} of "
        f"the true values lie below the {100 * nominal[worst]:g}% quantile"
    )
    return titled(figure, title or outcome)


def _band(
    axes: Axes,
    steps: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> None:
    """The interval at each step; a bar where there is one step alone."""
    style: dict[str, Any] = {"color": BLUE, "label": "95% interval", "alpha": 0.2}
    if np.isnan(low).all():
        return
    if len(steps) == 1:
        axes.vlines(steps, low, high, linewidth=9, **style)
    else:
        axes.fill_between(steps, low, high, linewidth=0, **style)


def _by_step(table: pd.DataFrame, metric: str) -> pd.Series:
    """The metric (steps,) by step, as the table has it."""
    if not {"step", metric} <= set(table):
        raise DataError(f"The table to draw has no steps with {metric!r}.")
    return table.set_index("step")[metric].astype(np.float64)


def _numbers(table: pd.DataFrame, *columns: str, optional: int = 0) -> pd.DataFrame:
    """The columns as floats, without rows that lack one that is not optional."""
    needed = columns[: len(columns) - optional]
    missing = [column for column in columns if column not in table]
    if missing:
        raise DataError(f"The table to draw has no column {missing[0]!r}.")
    numbers = table[list(columns)].astype(np.float64)
    numbers = numbers.dropna(subset=list(needed))
    if numbers.empty:
        raise DataError(f"The table to draw holds no {needed[1]}.")
    return numbers


def _horizon_title(ours: pd.Series, rivals: dict[str, pd.Series], label: str) -> str:
    values = ours.dropna()
    first, last = values.iloc[0], values.iloc[-1]
    text = f"{label} is {number(first)} one step ahead"
    if len(values) > 1:
        way = "grows" if last > first else "falls" if last < first else "goes"
        text = f"{label} {way} from {number(first)} at step {values.index[0]:g} to "
        text += f"{number(last)} at step {values.index[-1]:g}"
    means = {name: rival.mean() for name, rival in rivals.items()}
    means = {name: mean for name, mean in means.items() if np.isfinite(mean)}
    if not means:
        return text
    best = min(means, key=lambda name: means[name])
    both = rivals[best].notna() & ours.notna()
    lower = int((ours < rivals[best])[both].sum())
    rival = f"the best baseline's, {drawn_name(best, _LONG)}"
    if len(ours) == 1:
        return f"{text}; {'below' if lower else 'not below'} {rival}"
    return f"{text}; below {rival}, at {lower} of {both.sum()} steps"


def _residual_title(
    lags: NDArray[np.float64], values: NDArray[np.float64], outside: NDArray[np.bool]
) -> str:
    expected = f"about {len(lags) / 20:.1f} would by chance"
    if not outside.any():
        return (
            f"Errors one step ahead: none of {len(lags)} lags lies outside; {expected}"
        )
    worst = np.flatnonzero(outside)[np.abs(values[outside]).argmax()]
    lie = "lies" if outside.sum() == 1 else "lie"
    return (
        f"Errors one step ahead: {outside.sum()} of {len(lags)} lags {lie} outside; "
        f"{expected}. The furthest is lag {lags[worst]:g} with {values[worst]:.2f}"
    )

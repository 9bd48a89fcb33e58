"""Pictures of scores: what is confused, how calibrated, ahead of whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import NDArray

from seqkit.errors import DataError, UsageError
from seqkit.pictures.shared import (
    BLUE,
    GREY,
    KINDS,
    PALE,
    Picture,
    drawn_name,
    dress,
    number,
    titled,
)

WORDY_CLASSES, NUMBERED_CLASSES, NAMED_CLASSES = 3, 16, 40
"""Up to so many classes a confusion matrix has intervals, numbers, every name."""
_LONG, _SHORT = 38, 22  # characters of a name


def confusion_matrix(confusion: pd.DataFrame, unit: str = "rows") -> Figure:
    """What each class is read as: shares of each truth's rows, darker for more.

    Args:
        confusion: a row for each pair of classes: truth, predicted, count, share, low,
            high. Few classes show counts and intervals too, very many colours alone.
        unit: what is counted.
    """
    classes = list(confusion["truth"].unique())
    tables = {
        column: confusion.pivot(index="truth", columns="predicted", values=column)
        .reindex(index=classes, columns=classes)
        .to_numpy(np.float64)
        for column in ("count", "share", "low", "high")
    }
    n = len(classes)
    figure = Picture(figsize=_matrix_size(classes), layout="compressed")
    axes = figure.subplots()
    colours = matplotlib.colormaps["Blues"].with_extremes(bad=PALE)
    # Among many classes each confusion is a small share: make small ones visible.
    scale = PowerNorm(1 if n <= NUMBERED_CLASSES else 0.5, vmin=0, vmax=1)
    image = axes.imshow(tables["share"], cmap=colours, norm=scale)
    if n <= NUMBERED_CLASSES:
        _write_cells(axes, tables, unit, wordy=n <= WORDY_CLASSES)
    else:
        bar = figure.colorbar(image, format=PercentFormatter(1), shrink=0.7)
        bar.ax.tick_params(labelsize=8)
        bar.set_label(f"share of the truth's {unit}", fontsize=9)
    has_shares = WORDY_CLASSES < n <= NUMBERED_CLASSES
    cells = f" (cells: % of the truth's {unit})" if has_shares else ""
    dress(axes, f"predicted{cells}", f"truth (number of its {unit})", grid=False)
    axes.spines[:].set_visible(False)
    _name_classes(axes, classes, tables["count"].sum(axis=1))
    return titled(figure, _confusion_title(confusion, unit))


def reliability_diagram(
    reliability: pd.DataFrame, calibration_error: tuple[float, float, float]
) -> Figure:
    """Accuracy against confidence, bin by bin, above how many rows each bin holds.

    Args:
        reliability: a row for each bin: bin_low, bin_high, count, confidence, accuracy,
            low, high (interval of the accuracy).
        calibration_error: value, low, high. That low lies above 0 is no evidence of
            miscalibration, see ``ClassificationScorer``.
    """
    bins = reliability[reliability["count"] > 0]
    if bins.empty:
        raise DataError("The reliability table holds no rows to draw.")
    figure = Picture(figsize=(4.6, 4.8), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    least = float(bins["bin_low"].min())
    equal = "as accurate as confident"
    above.plot([least, 1], [least, 1], color=GREY, lw=0.9, ls="--", label=equal)
    _points(above, bins["confidence"], bins["accuracy"], bins, "y", BLUE, "o")
    above.legend(frameon=False, fontsize=8, loc="lower right")
    width = bins["bin_high"] - bins["bin_low"]
    below.bar(
        bins["bin_low"], bins["count"], width, align="edge", color=BLUE,
        edgecolor="white",
    )  # fmt: skip
    dress(above, "", "accuracy (% of rows, 95% interval)")
    dress(below, "confidence: probability of the predicted class", "rows")
    above.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    below.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    below.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    below.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    above.set_xlim(least - 0.01, 1.01)
    return titled(figure, _calibration_title(bins, calibration_error))


def comparison(
    rows: pd.DataFrame | Sequence[dict[str, Any]],
    metric: str,
    greater_is_better: bool = True,
    title: str | None = None,
) -> Figure:
    """The model, its baselines and the reference: points with 95% intervals.

    Args:
        rows: from top to bottom: name, kind (``model``, ``baseline`` or ``reference``),
            value, low, high; low and high are NaN or None where nobody knows them.
        metric: what the values are, with their unit, for the axis.
        greater_is_better: which way is better.
        title: the outcome in words; None: who is ahead of whom, by the values alone.
            Whether two intervals overlap does not tell whether a paired difference is
            real, so that is for the caller to say.
    """
    numbers = dict.fromkeys(("value", "low", "high"), float)
    table = pd.DataFrame(rows, columns=["name", "kind", *numbers]).astype(numbers)
    table = table.reset_index(drop=True)
    unknown = set(table["kind"]) - set(KINDS)
    if table.empty or unknown:
        raise UsageError(
            f"A compared row's kind is one of {', '.join(KINDS)}, got "
            f"{', '.join(map(repr, sorted(unknown))) or 'no rows'}."
        )
    figure = Picture(figsize=(7.2, 1.3 + 0.42 * len(table)), layout="constrained")
    axes = figure.subplots()
    for kind, (colour, marker) in KINDS.items():
        part = table[table["kind"] == kind]
        if not part.empty:
            _points(axes, part["value"], part.index, part, "x", colour, marker)
    for place, (_, row) in enumerate(table.iterrows()):
        axes.annotate(
            _interval(row), (1.02, place), xycoords=("axes fraction", "data"),
            va="center", fontsize=8,
        )  # fmt: skip
    labels = [
        f"{drawn_name(n, _LONG)} ({k})" for n, k in table[["name", "kind"]].to_numpy()
    ]
    axes.set_yticks(range(len(table)), labels, parse_math=False)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.margins(x=0.06)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    way = "higher" if greater_is_better else "lower"
    dress(axes, f"{metric}; {way} is better", "", grid=False)
    axes.grid(axis="x", color=PALE, linewidth=0.7)
    return titled(figure, title or _comparison_title(table, greater_is_better))


def _matrix_size(classes: Sequence[Any]) -> tuple[float, float]:
    """Inches for a square matrix with room for names, title and a colour bar."""
    n = len(classes)
    cell = 1.2 if n <= WORDY_CLASSES else 0.42
    side = min(n * cell, 7.0)
    names = 0.07 * (8 + min(max(len(str(name)) for name in classes), _SHORT))
    bar = 1.0 if n > NUMBERED_CLASSES else 0.0
    slanted = 0.7 * names if n > WORDY_CLASSES or names > 1.4 else 0.0
    return side + names + bar + 1.2, side + slanted + 1.1


def _write_cells(axes: Axes, tables: dict[str, Any], unit: str, wordy: bool) -> None:
    for (row, column), share in np.ndenumerate(tables["share"]):
        if np.isnan(share):
            continue
        low, high = tables["low"][row, column], tables["high"][row, column]
        text = f"{100 * share:.0f}"
        if wordy:
            text = (
                f"{share:.1%}\n{100 * low:.1f} to {100 * high:.1f}%\n"
                f"{tables['count'][row, column]:,.0f} {unit}"
            )
        axes.text(
            column, row, text, ha="center", va="center", fontsize=8,
            color="white" if share > 0.65 else "black",
        )  # fmt: skip


def _name_classes(
    axes: Axes, classes: Sequence[Any], rows: NDArray[np.float64]
) -> None:
    """Class names along both axes; of very many classes only every second, third..."""
    step = -(-len(classes) // NAMED_CLASSES)
    places = range(0, len(classes), step)
    names = [drawn_name(classes[place], _SHORT) for place in places]
    slant: dict[str, Any] = {}
    if len(classes) > WORDY_CLASSES or max(map(len, names)) > 12:
        slant = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(places, names, parse_math=False, **slant)
    counted = [
        f"{name} ({rows[place]:,.0f})"
        for name, place in zip(names, places, strict=True)
    ]
    axes.set_yticks(places, counted, parse_math=False)
    axes.tick_params(length=0, labelsize=8 if len(classes) <= NUMBERED_CLASSES else 7)


def _confusion_title(confusion: pd.DataFrame, unit: str) -> str:
    wrong = confusion[confusion["truth"] != confusion["predicted"]]
    if not wrong["count"].any():
        return f"Every {unit.removesuffix('s')} is read as what it is"
    # By the low end of the interval, so that a class of three rows does not lead.
    worst = wrong.iloc[int(wrong["low"].to_numpy().argmax())]
    rows = confusion.loc[confusion["truth"] == worst["truth"], "count"].sum()
    return (
        f"Most confused: {drawn_name(worst['truth'], _SHORT)} read as "
        f"{drawn_name(worst['predicted'], _SHORT)}, "
        f"{worst['count']:,} of {rows:,} {unit} ({worst['share']:.1%})"
    )


def _calibration_title(bins: pd.DataFrame, error: tuple[float, float, float]) -> str:
    rows = bins["count"].sum()
    gap = ((bins["confidence"] - bins["accuracy"]) * bins["count"]).sum() / rows
    accuracy = (bins["accuracy"] * bins["count"]).sum() / rows
    noise = 2 * np.sqrt(accuracy * (1 - accuracy) / rows)
    lean = "neither over- nor underconfident"
    if abs(gap) > noise:
        lean = (
            f"{'over' if gap > 0 else 'under'}confident by {100 * abs(gap):.1f} points"
        )
    value, low, high = error
    return f"Calibration error {value:.3f} ({low:.3f} to {high:.3f}); {lean}"


def _comparison_title(table: pd.DataFrame, greater_is_better: bool) -> str:
    ranked = table.sort_values("value", ascending=not greater_is_better, kind="stable")
    models = ranked[ranked["kind"] == "model"]
    baselines = ranked[ranked["kind"] == "baseline"]
    if models.empty or baselines.empty:
        first = ranked.iloc[0]
        return f"{drawn_name(first['name'], _LONG)}: {_interval(first)}"
    model, baseline = models.iloc[0], baselines.iloc[0]
    values = f"{number(model['value'])} against {number(baseline['value'])}"
    gap = model["value"] - baseline["value"]
    if not greater_is_better:
        gap = -gap
    verdict = "is ahead of" if gap > 0 else "is behind" if gap < 0 else "equals"
    return (
        f"{drawn_name(model['name'], _LONG)} {verdict} the best baseline, "
        f"{drawn_name(baseline['name'], _LONG)}: {values}"
    )


def _points(
    axes: Axes, x: Any, y: Any, ends: pd.DataFrame, along: str, colour: str, marker: str
) -> None:
    """Points with bars from ``ends.low`` to ``ends.high`` along one axis."""
    middle = x if along == "x" else y
    bars: dict[str, Any] = {
        f"{along}err": np.abs([middle - ends["low"], ends["high"] - middle])
    }
    axes.errorbar(
        x, y, fmt=marker, color=colour, markersize=5, elinewidth=1.3, capsize=2.5,
        **bars,
    )  # fmt: skip


def _interval(row: pd.Series) -> str:
    """``0.886 (0.882 to 0.890)``, or the value alone."""
    value = number(row["value"])
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return value
    return f"{value} ({number(row['low'])} to {number(row['high'])})"

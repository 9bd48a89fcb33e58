"""Pictures of training, data and scores, each a figure that the caller saves.

Figures are made without pyplot, so no state is shared: they work in scripts, threads
and notebooks, with any backend or none. The colours are of Okabe & Ito 2008, which
colour-blind people tell apart; shapes and labels say the same again.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from textwrap import wrap
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError, UsageError

BLUE, ORANGE, GREY, PALE = "#0072B2", "#D55E00", "#5F5F5F", "#E4E4E4"
KINDS = {"model": (BLUE, "o"), "baseline": (ORANGE, "s"), "reference": (GREY, "D")}
WORDY_CLASSES, NUMBERED_CLASSES, NAMED_CLASSES = 3, 16, 40
"""Up to so many classes a confusion matrix has intervals, numbers, every name."""
_LONG, _SHORT = 38, 22  # characters of a name
_MOST = 0.995  # share of the sequences that a histogram of lengths shows


class Picture(Figure):
    """A figure that notebooks show by themselves."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()


def learning_curves(history: pd.DataFrame) -> Figure:
    """Every metric of a training by epoch; a dotted line marks the best epoch.

    Args:
        history: a row for each epoch: ``epoch``, any of ``loss``, ``accuracy``, ... and
            their ``val_`` twins. ``learning_rate`` is drawn where it changes, and
            ``seconds`` is not. The best epoch is that of the lowest ``val_loss``.
    """
    names = _curves_of(history)
    if "epoch" not in history or not names or history.empty:
        raise DataError("The history holds no epoch with a metric to draw.")
    figure = Picture(figsize=(0.6 + 3.4 * len(names), 3.0), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    epochs = history["epoch"].to_numpy()
    best = _best_row(history)
    for axes, name in zip(panels, names, strict=True):
        _curve(axes, history, name)
        _dress(axes, "epoch", name.replace("_", " "))
        if name == "accuracy":
            axes.yaxis.set_major_formatter(PercentFormatter(1))
            axes.set_ylabel("accuracy (% of sequences)")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        axes.set_xlim(epochs.min() - 0.5, epochs.max() + 0.5)
        if best is not None:
            axes.axvline(epochs[best], color=GREY, lw=0.9, ls=":", label="best epoch")
    panels[0].legend(frameon=False, fontsize=8)
    return _titled(figure, _training_title(history, best))


def confusion_matrix(confusion: pd.DataFrame) -> Figure:
    """What each class is read as: shares of each truth's rows, darker for more.

    Args:
        confusion: a row for each pair of classes: truth, predicted, count, share, low,
            high. Few classes show counts and intervals too, very many colours alone.
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
        _write_cells(axes, tables, wordy=n <= WORDY_CLASSES)
    else:
        bar = figure.colorbar(image, format=PercentFormatter(1), shrink=0.7)
        bar.ax.tick_params(labelsize=8)
        bar.set_label("share of the truth's rows", fontsize=9)
    unit = " (cells: % of the truth's rows)" if WORDY_CLASSES < n else ""
    unit = unit if n <= NUMBERED_CLASSES else ""
    _dress(axes, f"predicted{unit}", "truth (number of its rows)", grid=False)
    _name_classes(axes, classes, tables["count"].sum(axis=1))
    return _titled(figure, _confusion_title(confusion))


def reliability_diagram(
    reliability: pd.DataFrame, calibration_error: tuple[float, float, float]
) -> Figure:
    """Accuracy against confidence, bin by bin, above how many rows each bin holds.

    Args:
        reliability: a row for each bin: bin_low, bin_high, count, confidence, accuracy,
            low, high (interval of the accuracy).
        calibration_error: value, low, high.
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
    _dress(above, "", "accuracy (% of rows, 95% interval)")
    _dress(below, "confidence: probability of the predicted class", "rows")
    above.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    below.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    below.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    below.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    above.set_xlim(least - 0.01, 1.01)
    return _titled(figure, _calibration_title(bins, calibration_error))


def length_histogram(
    lengths: ArrayLike | tuple[ArrayLike, ArrayLike],
    max_timesteps: int,
    unit: str = "timesteps",
) -> Figure:
    """How long the sequences are, and which share of them is cut.

    Args:
        lengths: the length of every sequence, or a tuple (bin edges, counts), as from
            ``length_bins``, in which bin i holds edges[i] <= length < edges[i + 1]. The
            share is exact if ``max_timesteps + 1`` is an edge, and else interpolated.
        max_timesteps: longer sequences are cut to this length.
        unit: what a step is, e.g. ``tokens``.
    """
    if not isinstance(lengths, tuple):
        lengths = length_bins(lengths, max_timesteps)
    edges, counts = _checked_bins(*map(np.asarray, lengths))
    low, high, end = edges[:-1], edges[1:], max_timesteps + 1
    cut = counts @ np.clip((high - end) / (high - low), 0, 1) / counts.sum()
    figure = Picture(figsize=(5.6, 3.0), layout="constrained")
    axes = figure.subplots()
    for colour, label, left, right in (
        (BLUE, "kept whole", low, np.minimum(high, end)),
        (ORANGE, "cut", np.maximum(low, end), high),
    ):
        some = (left < right) & (counts > 0)
        if not some.any():
            continue
        axes.bar(
            left[some], counts[some], (right - left)[some], align="edge", color=colour,
            label=label, edgecolor="white", linewidth=0.4,
        )  # fmt: skip
    axes.axvline(end, color=GREY, linewidth=0.9, linestyle=":")
    axes.legend(frameon=False, fontsize=8)
    most = high[np.searchsorted(np.cumsum(counts), _MOST * counts.sum())]
    right_end = min(edges[-1], max(most, 1.15 * end))
    axes.set_xlim(min(0.0, edges[0]), right_end)
    beyond = f"; some up to {edges[-1]:,.0f}, off the edge"
    label = f"length ({unit}{beyond if edges[-1] > right_end else ''})"
    _dress(axes, label, "sequences in a bin")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    about = "about " if np.any((low < end) & (high > end) & (counts > 0)) else ""
    return _titled(figure, _length_title(cut, about, counts.sum(), end - 1, unit))


def length_bins(
    lengths: ArrayLike, max_timesteps: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Bin edges and counts of lengths, with an edge where cutting begins.

    About 60 bins of whole numbers hold what is kept and all but the longest 0.5%; one
    wide bin at the end holds the rest.
    """
    values = np.asarray(lengths, np.float64)
    if values.ndim != 1 or not values.size or not np.all(values >= 0):
        raise DataError(
            "lengths must be one number from 0 for each sequence; got an array of the "
            f"shape {values.shape}, empty or with missing or negative numbers."
        )
    end, longest = max_timesteps + 1, values.max()
    shown = min(longest + 1, max(np.quantile(values, _MOST) + 1, 1.15 * end))
    width = np.ceil(shown / 60)
    edges = np.arange(end - width * np.ceil(end / width), shown + width, width)
    if longest > edges[-1]:
        edges = np.append(edges, longest)
    return edges, np.histogram(values, edges)[0]


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
        f"{_drawn(n, _LONG)} ({k})" for n, k in table[["name", "kind"]].to_numpy()
    ]
    axes.set_yticks(range(len(table)), labels, parse_math=False)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.margins(x=0.06)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    way = "higher" if greater_is_better else "lower"
    _dress(axes, f"{metric}; {way} is better", "", grid=False)
    axes.grid(axis="x", color=PALE, linewidth=0.7)
    return _titled(figure, title or _comparison_title(table, greater_is_better))


def _curves_of(history: pd.DataFrame) -> list[str]:
    """Metrics of a history, each named once; the learning rate last, if it changes."""
    stems = dict.fromkeys(str(name).removeprefix("val_") for name in history)
    constant = history.get("learning_rate", pd.Series(dtype=float)).nunique() < 2
    left_out = {"epoch", "seconds"} | ({"learning_rate"} if constant else set())
    return sorted((s for s in stems if s not in left_out), key="learning_rate".__eq__)


def _best_row(history: pd.DataFrame) -> int | None:
    """Where ``val_loss`` is lowest; None where it is not known."""
    if "val_loss" not in history or history["val_loss"].isna().all():
        return None
    return int(np.nanargmin(history["val_loss"].to_numpy(np.float64)))


def _curve(axes: Axes, history: pd.DataFrame, name: str) -> None:
    if name == "learning_rate":
        axes.plot(history["epoch"], history[name], color=GREY, marker=".", linewidth=1)
        return
    styles = {
        name: ("training", BLUE, "o", "-"),
        f"val_{name}": ("validation", ORANGE, "s", "--"),
    }
    for column, (label, colour, marker, line) in styles.items():
        if column in history:
            axes.plot(
                history["epoch"], history[column], label=label, color=colour,
                marker=marker, markersize=3.5, linewidth=1.3, linestyle=line,
            )  # fmt: skip


def _training_title(history: pd.DataFrame, best: int | None) -> str:
    row = history.iloc[-1 if best is None else best]
    prefix = "" if best is None else "val_"
    parts = []
    for name in ("loss", "accuracy"):
        if f"{prefix}{name}" in row:
            value = row[f"{prefix}{name}"]
            shown = f"{value:.1%}" if name == "accuracy" else _number(value)
            parts.append(f"{'validation ' if prefix else ''}{name} {shown}")
    epoch, last = f"{row['epoch']:.0f}", f"{history['epoch'].max():.0f}"
    which = f"Epoch {epoch}" if best is None else f"Best epoch {epoch} of {last}"
    return f"{which}: {', '.join(parts)}" if parts else which


def _matrix_size(classes: Sequence[Any]) -> tuple[float, float]:
    """Inches for a square matrix with room for names, title and a colour bar."""
    n = len(classes)
    cell = 1.2 if n <= WORDY_CLASSES else 0.42
    side = min(n * cell, 7.0)
    names = 0.07 * (8 + min(max(len(str(name)) for name in classes), _SHORT))
    bar = 1.0 if n > NUMBERED_CLASSES else 0.0
    slanted = 0.7 * names if n > WORDY_CLASSES or names > 1.4 else 0.0
    return side + names + bar + 1.2, side + slanted + 1.1


def _write_cells(axes: Axes, tables: dict[str, Any], wordy: bool) -> None:
    for (row, column), share in np.ndenumerate(tables["share"]):
        if np.isnan(share):
            continue
        low, high = tables["low"][row, column], tables["high"][row, column]
        text = f"{100 * share:.0f}"
        if wordy:
            text = (
                f"{share:.1%}\n{100 * low:.1f} to {100 * high:.1f}%\n"
                f"{tables['count'][row, column]:,.0f} rows"
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
    names = [_drawn(classes[place], _SHORT) for place in places]
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


def _confusion_title(confusion: pd.DataFrame) -> str:
    wrong = confusion[confusion["truth"] != confusion["predicted"]]
    if not wrong["count"].any():
        return "Every row is read as what it is"
    # By the low end of the interval, so that a class of three rows does not lead.
    worst = wrong.iloc[int(wrong["low"].to_numpy().argmax())]
    rows = confusion.loc[confusion["truth"] == worst["truth"], "count"].sum()
    return (
        f"Most confused: {_drawn(worst['truth'], _SHORT)} read as "
        f"{_drawn(worst['predicted'], _SHORT)}, "
        f"{worst['count']:,} of {rows:,} rows ({worst['share']:.1%})"
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


def _checked_bins(
    edges: NDArray[Any], counts: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    if (
        edges.ndim != 1
        or counts.shape != (len(edges) - 1,)
        or not np.all(np.diff(edges) > 0)
        or not np.all(counts >= 0)
        or not counts.sum() > 0
    ):
        raise DataError(
            "Binned lengths need rising edges and one count less, not negative and not "
            f"all 0; got edges of the shape {edges.shape}, counts of {counts.shape}."
        )
    return edges, counts


def _length_title(cut: float, about: str, total: float, limit: int, unit: str) -> str:
    if not cut:
        return f"None of {total:,.0f} sequences is longer than {limit:,} {unit}"
    share = f"{cut:.1%}" if cut >= 0.001 else "under 0.1%"
    text = f"{about}{share} of {total:,.0f} sequences are cut at {limit:,} {unit}"
    return text[0].upper() + text[1:]


def _comparison_title(table: pd.DataFrame, greater_is_better: bool) -> str:
    ranked = table.sort_values("value", ascending=not greater_is_better, kind="stable")
    models = ranked[ranked["kind"] == "model"]
    baselines = ranked[ranked["kind"] == "baseline"]
    if models.empty or baselines.empty:
        first = ranked.iloc[0]
        return f"{_drawn(first['name'], _LONG)}: {_interval(first)}"
    model, baseline = models.iloc[0], baselines.iloc[0]
    values = f"{_number(model['value'])} against {_number(baseline['value'])}"
    gap = model["value"] - baseline["value"]
    if not greater_is_better:
        gap = -gap
    verdict = "is ahead of" if gap > 0 else "is behind" if gap < 0 else "equals"
    return (
        f"{_drawn(model['name'], _LONG)} {verdict} the best baseline, "
        f"{_drawn(baseline['name'], _LONG)}: {values}"
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


def _dress(axes: Axes, x_label: str, y_label: str, grid: bool = True) -> None:
    axes.set_xlabel(x_label, fontsize=9)
    axes.set_ylabel(y_label, fontsize=9)
    axes.tick_params(labelsize=8, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(axis="y", color=PALE, linewidth=0.7)


def _titled(figure: Figure, text: str) -> Figure:
    lines = wrap(text, int(12.5 * figure.get_figwidth()))
    figure.suptitle("\n".join(lines), x=0.02, ha="left", fontsize=10, parse_math=False)
    return figure


def _drawn(name: Any, longest: int) -> str:
    """A name as it can be drawn: one line, not too long, signs that the font has."""
    font = get_font(findfont(FontProperties()))
    text = " ".join(str(name).split())
    text = "".join(c if font.get_char_index(ord(c)) else "\u25a1" for c in text)
    return text if len(text) <= longest else text[: longest - 1] + "\u2026"


def _number(value: float) -> str:
    return f"{value:,.3f}" if 0.01 <= abs(value) < 1000 else f"{value:,.3g}"


def _interval(row: pd.Series) -> str:
    """``0.886 (0.882 to 0.890)``, or the value alone."""
    value = _number(row["value"])
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return value
    return f"{value} ({_number(row['low'])} to {_number(row['high'])})"

"""Pictures of training, data and scores, each a figure that the caller saves.

Figures are made without pyplot, so no state is shared: they work in scripts, threads
and notebooks, with any backend or none. The colours are of Okabe & Ito 2008, which
colour-blind people tell apart; shapes and labels say the same again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from textwrap import wrap
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError, UsageError

BLUE, ORANGE, GREY, PALE = "#0072B2", "#D55E00", "#5F5F5F", "#E4E4E4"
KINDS = {"model": (BLUE, "o"), "baseline": (ORANGE, "s"), "reference": (GREY, "D")}
WORDY_CLASSES, NUMBERED_CLASSES, NAMED_CLASSES = 3, 16, 40
"""Up to so many classes a confusion matrix has intervals, numbers, every name."""


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
    if not names or history.empty:
        raise DataError("The history holds no epoch with a metric to draw.")
    figure = Picture(figsize=(0.6 + 3.4 * len(names), 3.0), layout="constrained")
    epochs = history["epoch"].to_numpy()
    best = _best_row(history)
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names):
        _curve(axes, history, name)
        _dress(axes, "epoch", name.replace("_", " "))
        if name == "accuracy":
            axes.yaxis.set_major_formatter(PercentFormatter(1))
            axes.set_ylabel("accuracy (% of sequences)")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        axes.set_xlim(epochs.min() - 0.5, epochs.max() + 0.5)
        if best is not None:
            axes.axvline(epochs[best], color=GREY, linewidth=0.9, linestyle=":")
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
    side = float(np.clip(2.2 + 0.36 * n, 3.2, 9.0))
    figure = Picture(figsize=(side + 1.6, side + 0.9), layout="constrained")
    axes = figure.subplots()
    colours = matplotlib.colormaps["Blues"].with_extremes(bad=PALE)
    image = axes.imshow(tables["share"], cmap=colours, vmin=0, vmax=1)
    if n <= NUMBERED_CLASSES:
        _write_cells(axes, tables, wordy=n <= WORDY_CLASSES)
    else:
        bar = figure.colorbar(image, format=PercentFormatter(1), shrink=0.7)
        bar.ax.tick_params(labelsize=8)
        bar.set_label("share of the truth's rows", fontsize=9)
    _dress(axes, "predicted", "truth (number of its rows)", grid=False)
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
    above.plot([least, 1], [least, 1], color=GREY, linewidth=0.9, linestyle="--")
    _points(above, bins["confidence"], bins["accuracy"], bins, "y", BLUE, "o")
    middle = 0.4 * least + 0.6
    above.annotate(
        "as accurate as confident", (middle, middle), (6, -12), fontsize=8, color=GREY,
        textcoords="offset points",
    )  # fmt: skip
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
        lengths: the length of every sequence, or a tuple (bin edges, counts) in which
            bin i holds edges[i] <= length < edges[i + 1]. With bins the share is exact
            where ``max_timesteps + 1`` is an edge, and else interpolated.
        max_timesteps: longer sequences are cut to this length.
        unit: what a step is, e.g. ``tokens``.
    """
    if max_timesteps < 1:
        raise UsageError(f"max_timesteps must be at least 1, got {max_timesteps}.")
    end = max_timesteps + 1
    if isinstance(lengths, tuple):
        edges, counts = _checked_bins(*lengths)
    else:
        edges, counts = _binned(_checked_lengths(lengths), end)
    split, heights, about = _split_bins(edges, counts, end)
    cut = counts_from = None
    figure = Picture(figsize=(5.6, 3.0), layout="constrained")
    return figure

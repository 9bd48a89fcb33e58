"""Pictures of training by epoch, and of how long the sequences are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError
from seqkit.pictures.shared import BLUE, GREY, ORANGE, Picture, dress, number, titled

_MOST = 0.995  # share of the sequences that a histogram of lengths shows


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
        dress(axes, "epoch", name.replace("_", " "))
        if name == "accuracy":
            axes.yaxis.set_major_formatter(PercentFormatter(1))
            axes.set_ylabel("accuracy (% of sequences)")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        axes.set_xlim(epochs.min() - 0.5, epochs.max() + 0.5)
        if best is not None:
            axes.axvline(epochs[best], color=GREY, lw=0.9, ls=":", label="best epoch")
    panels[0].legend(frameon=False, fontsize=8)
    return titled(figure, _training_title(history, best))


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
    axes.set_xlim(0, right_end)
    beyond = f"; some up to {edges[-1]:,.0f}, off the edge"
    label = f"length ({unit}{beyond if edges[-1] > right_end else ''})"
    dress(axes, label, "sequences in a bin")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    about = "about " if np.any((low < end) & (high > end) & (counts > 0)) else ""
    return titled(figure, _length_title(cut, about, counts.sum(), end - 1, unit))


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
    last_length = min(longest + 1, max(np.quantile(values, _MOST) + 1, 1.15 * end))
    width = np.ceil(last_length / 60)
    edges = np.arange(end - width * np.ceil(end / width), last_length + width, width)
    edges[0] = 0  # a whole bin's width could reach below
    if longest > edges[-1]:
        edges = np.append(edges, longest)
    return edges, np.histogram(values, edges)[0]


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
            text = f"{value:.1%}" if name == "accuracy" else number(value)
            parts.append(f"{'validation ' if prefix else ''}{name} {text}")
    epoch, last = f"{row['epoch']:.0f}", f"{history['epoch'].max():.0f}"
    which = f"Epoch {epoch}" if best is None else f"Best epoch {epoch} of {last}"
    return f"{which}: {', '.join(parts)}" if parts else which


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

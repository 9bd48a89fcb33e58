"""Pictures of written texts: scores by length, and where a decoder looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from seqkit.errors import DataError, UsageError
from seqkit.pictures.shared import BLUE, ORANGE, Picture, drawn_name, dress, titled

MOST_TOKENS = 60
"""Of more tokens no attention map can be read: the first ones are drawn."""
_LINES = (
    (BLUE, "o", "-"), (ORANGE, "s", "--"), ("#009E73", "^", ":"),
    ("#CC79A7", "v", "-."), ("#5F5F5F", "D", "--"),
)  # fmt: skip
"""Colour, marker and line of each competitor; the model stands first."""

Estimate = tuple[float, float, float]


def score_by_length(
    lengths: pd.DataFrame,
    title: str,
    baselines: Mapping[str, pd.DataFrame] | None = None,
) -> Figure:
    """A score for short and long references, with intervals; baselines beside it.

    Args:
        lengths: a row for each bin: unit, least, most (missing: no end), rows, value,
            low, high; all of one metric.
        title: what the metric is called.
        baselines: such a table of each baseline, by its title; five lines are drawn.
    """
    if lengths.empty:
        raise DataError("The table of lengths holds no rows to draw.")
    lines = {"model": lengths, **(baselines or {})}
    figure = _lines_by_length(dict(list(lines.items())[: len(_LINES)]), title)
    first, last = lengths.iloc[0], lengths.iloc[-1]
    outcome = f"{title} is {_score(first)} for references of {_bin(first)}"
    if len(lengths) > 1:
        outcome += f" and {_score(last)} for {_bin(last)} {last['unit']}"
    else:
        outcome += f" {first['unit']}"
    return titled(figure, outcome)


def forced_against_free(
    forced: pd.DataFrame, free: pd.DataFrame, totals: tuple[Estimate, Estimate]
) -> Figure:
    """How often a token is right behind the true ones, and behind the model's own.

    Args:
        forced: a row for each bin of lengths, as for ``score_by_length``.
        free: the same for texts that the model wrote by itself.
        totals: both accuracies of all rows.
    """
    lines = {"forced: true tokens before": forced, "free: its own before": free}
    figure = _lines_by_length(lines, "tokens right")
    axes = figure.axes[0]
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(0, 1.02)
    (one, *_), (other, *_) = totals
    return titled(
        figure,
        f"{one:.1%} of tokens are right behind the true ones, {other:.1%} of places "
        "where the model goes on from its own",
    )


def attention_map(
    weights: ArrayLike, source_tokens: Sequence[str], output_tokens: Sequence[str]
) -> Figure:
    """Which source tokens each output token looks at; darker for more.

    Args:
        weights: of the attention (output tokens, source tokens); rows sum to 1.
        source_tokens: those of the input.
        output_tokens: those that were written.

    Raises:
        UsageError: the weights have another shape, or there are none.
    """
    table = np.asarray(weights, np.float64)
    shape = (len(output_tokens), len(source_tokens))
    if table.shape != shape or 0 in shape:
        raise UsageError(
            "weights must have the shape (output tokens, source tokens) = "
            f"{shape}, at least one of each, got {table.shape}."
        )
    top = float(np.nanmean(table.max(axis=1)))
    table = table[:MOST_TOKENS, :MOST_TOKENS]
    size = [2.0 + 0.24 * n for n in reversed(table.shape)]
    figure = Picture(
        figsize=(max(4.6, size[0]), max(2.4, size[1])), layout="compressed"
    )
    axes = figure.subplots()
    image = axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
    bar = figure.colorbar(image, format=PercentFormatter(1), shrink=0.7)
    bar.ax.tick_params(labelsize=8)
    bar.set_label("weight", fontsize=9)
    sides = (("source", source_tokens), ("output", output_tokens))
    source_label, output_label = (
        f"{name} (the first {MOST_TOKENS} of {len(tokens):,} tokens)"
        if len(tokens) > MOST_TOKENS
        else name
        for name, tokens in sides
    )
    dress(axes, source_label, output_label, grid=False)
    axes.spines[:].set_visible(False)
    for axis, (_, tokens) in zip((axes.xaxis, axes.yaxis), sides, strict=True):
        names = [drawn_name(token, 16) for token in tokens[:MOST_TOKENS]]
        axis.set_ticks(range(len(names)), names, fontsize=8, parse_math=False)
    axes.tick_params(axis="x", rotation=90)
    return titled(
        figure,
        f"On average {top:.0%} of an output token's attention lies on a single source "
        "token",
    )


def _lines_by_length(lines: Mapping[str, pd.DataFrame], label: str) -> Figure:
    """A line of each table over the bins of all, side by side within a bin."""
    every = pd.concat(lines.values()).drop_duplicates("least").sort_values("least")
    place = {least: number for number, least in enumerate(every["least"])}
    figure = Picture(
        figsize=(max(4.6, 1.2 + 0.8 * len(place)), 3.6), layout="constrained"
    )
    axes = figure.subplots()
    for number, (name, table) in enumerate(lines.items()):
        shift = 0.1 * (number - (len(lines) - 1) / 2)
        at = [place[least] + shift for least in table["least"]]
        _line(axes, at, table, drawn_name(name, 40), number)
    names = [f"{_bin(row)}\n{row['rows']:,.0f} rows" for _, row in every.iterrows()]
    axes.set_xticks(range(len(names)), names)
    dress(axes, f"{every.iloc[0]['unit']} of the reference", f"{label} (95% interval)")
    axes.set_ylim(bottom=0)
    if len(lines) > 1:
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    return figure


def _line(
    axes: Axes, at: list[float], table: pd.DataFrame, name: str, number: int
) -> None:
    colour, marker, style = _LINES[number]
    value, low, high = (
        table[column].to_numpy(np.float64) for column in ("value", "low", "high")
    )
    # A percentile interval need not hold the value.
    reach = np.maximum(0, [value - low, high - value])
    axes.errorbar(
        at, value, reach, color=colour, marker=marker, linestyle=style, label=name,
        markersize=4, linewidth=1.2, elinewidth=0.9, capsize=2,
    )  # fmt: skip


def _bin(row: pd.Series) -> str:
    """``6 to 10`` or ``over 100``."""
    least, most = row["least"], row["most"]
    if pd.isna(most):
        return f"over {least - 1:.0f}"
    return f"{least:.0f} to {most:.0f}"


def _score(row: pd.Series) -> str:
    value = float(row["value"])
    return f"{value:.1f}" if row["high"] > 1.5 else f"{value:.3f}"

"""A picture of a search: how its finalists learned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqkit.errors import DataError
from seqkit.pictures.search.shared import (
    WIDTH,
    Look,
    cell_name,
    finish,
    legend,
    limits,
    looks,
    plain_axis,
    sign,
)
from seqkit.pictures.shared import GREY, PALE, Picture, drawn_name, number, titled

_OVERLAID = 3  # so many competitors share a panel; more have a panel each


def finalist_curves(
    verdict: Mapping[str, Any], finals: Sequence[Mapping[str, Any]]
) -> Figure:
    """The competitors' loss by epoch: means over seeds, and how far seeds lie apart.

    Args:
        verdict: as ``verdict.json``; its competitors give the order and the names.
        finals: a result for each final run, with ``arm``, ``status``, ``kept_epoch``
            and ``history``: rows of ``epoch``, ``loss`` and ``val_loss``.

    The band goes from the lowest to the highest seed, the thick line is the mean
    validation loss, dashed from where the first seed has stopped; the thin line is the
    mean training loss. A dot is the epoch whose weights a seed kept.
    """
    chosen = looks(verdict, None)
    runs = {name: [r for r in finals if r["arm"] == name] for name in chosen}
    curves = {name: _losses(own, "val_loss") for name, own in runs.items()}
    curves = {name: table for name, table in curves.items() if not table.empty}
    if not curves:
        raise DataError("No finalist has an epoch with a validation loss to draw.")
    training = {name: _losses(runs[name], "loss") for name in curves}
    apart = len(curves) > _OVERLAID
    columns, rows = (2, -(-len(curves) // 2)) if apart else (1, 1)
    figure = Picture(
        figsize=(WIDTH, 0.7 + (1.5 * rows if apart else 2.4)), layout="constrained"
    )
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in panels.flat[len(curves) :]:
        axes.remove()
    ends = _loss_limits([*curves.values(), *training.values()])
    for place, name in enumerate(curves):
        axes = panels.flat[place if apart else 0]
        if apart:
            for other in curves.values():
                axes.plot(other.mean(axis=1), color=PALE, linewidth=1.2)
        _curve(axes, curves[name], training[name], chosen[name][0])
        _kept_epochs(axes, runs[name], curves[name], chosen[name])
        below = "epoch" if place >= len(curves) - columns else ""
        finish(axes, below, drawn_name(name, 20) if apart else "loss")
        plain_axis(axes, "y", *ends)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        axes.set_xlim(0.5, max(t.index.max() for t in curves.values()) + 0.5)
    named = [] if apart else [(sign(*chosen[n]), cell_name(n)) for n in curves]
    lines = [
        (sign(GREY, linestyle="-", linewidth=2), "validation"),
        (sign(GREY, linestyle="-", linewidth=0.9), "training"),
    ]
    legend(figure, named + lines)
    return titled(figure, _curves_title(curves))


def _losses(runs: Sequence[Mapping[str, Any]], name: str) -> pd.DataFrame:
    """A loss by epoch (rows) and run (columns); NaN where a run had stopped."""
    curves = {
        place: {
            int(row["epoch"]): float(row[name])
            for row in run["history"] or ()
            if row.get(name) is not None and math.isfinite(row[name])
        }
        for place, run in enumerate(runs)
        if run["status"] == "finished"
    }
    curves = {place: curve for place, curve in curves.items() if curve}
    return pd.DataFrame(curves, dtype=np.float64).sort_index()


def _loss_limits(curves: Sequence[pd.DataFrame]) -> tuple[float, float]:
    """Of the losses; those far above the others (first epochs, mostly) are cut off."""
    values = np.concatenate([table.to_numpy().ravel() for table in curves])
    lowest = np.concatenate([table.min().to_numpy() for table in curves])
    return limits(values[np.isfinite(values)], lowest, greater_is_better=False)


def _curve(axes: Axes, valid: pd.DataFrame, train: pd.DataFrame, colour: str) -> None:
    """Mean and band of the validation loss; the mean training loss thinner."""
    axes.fill_between(
        valid.index, valid.min(axis=1), valid.max(axis=1), color=colour, alpha=0.2,
        linewidth=0,
    )  # fmt: skip
    for table, width in ((valid, 2.0), (train, 0.9)):
        mean = table.mean(axis=1)
        # From where a seed has stopped, the mean is that of the others alone.
        whole = table.notna().all(axis=1)
        axes.plot(mean[whole], color=colour, linewidth=width)
        rest = mean[~whole | ~whole.shift(-1, fill_value=True)]
        axes.plot(rest, color=colour, linewidth=width, linestyle=(0, (2, 1.5)))


def _kept_epochs(
    axes: Axes,
    runs: Sequence[Mapping[str, Any]],
    curves: pd.DataFrame,
    look: Look,
) -> None:
    colour, marker = look
    for place, run in enumerate(runs):
        epoch = run["kept_epoch"]
        curve = curves.get(place, pd.Series(dtype=float))
        if epoch in curve.index:
            axes.plot(
                epoch, curve[epoch], marker=marker, color=colour, markersize=4.5,
                markeredgecolor="white", markeredgewidth=0.7,
            )  # fmt: skip


def _curves_title(curves: Mapping[str, pd.DataFrame]) -> str:
    parts = [
        f"{cell_name(name)} {number(float(table.min().mean()))}"
        for name, table in curves.items()
    ]
    seeds = max(table.shape[1] for table in curves.values())
    of = f", mean of {seeds} seeds" if seeds > 1 else ""
    return f"Lowest validation loss: {', '.join(parts)}{of}"

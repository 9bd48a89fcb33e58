"""A picture of a search: what its trials cost, and how good they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit.errors import DataError
from seqkit.pictures.search.shared import (
    SMALL,
    WIDTH,
    Look,
    cell_name,
    finish,
    is_hopeless,
    legend,
    limits,
    log_axis,
    looks,
    measure,
    plain_axis,
    scored,
    sign,
    way,
    widened,
)
from seqkit.pictures.shared import GREY, Picture, number, titled

COSTS = {"parameters": "parameters", "seconds": "seconds of training", "bytes": "bytes"}
_NAMED = 3  # so many finalists are named in a title


def score_against_cost(
    verdict: Mapping[str, Any], trials: pd.DataFrame, cost: str = "parameters"
) -> Figure:
    """Every trial by what it costs and how good it is, with the finalists among them.

    Args:
        verdict: as ``verdict.json``.
        trials: as ``trials.csv``: trial, cell, status, stopped, score and the cost.
        cost: a column of ``COSTS``; on a logarithmic axis.

    Small signs are trials by their validation score, hollow ones were stopped as
    hopeless, crosses at the edge failed; a line joins those of the others that none of
    them beats in both. Large signs are finalists on the test part with their 95%
    intervals, dotted lines the baselines there.
    """
    sound = trials.assign(**{cost: pd.to_numeric(trials[cost], errors="coerce")})
    sound = sound[sound[cost] > 0]
    rows = scored(sound)
    finalists = [one for one in verdict["competitors"] if (one[cost] or 0) > 0]
    if rows.empty and not finalists:
        raise DataError(f"No trial has both a score and its {COSTS[cost]}.")
    greater = bool(verdict["greater_is_better"])
    inside = [one[end] for one in finalists for end in ("mean", "low", "high")]
    ends = limits(rows["score"], [v for v in inside if v is not None], greater)
    ends = widened(ends, [b["value"] for b in verdict["baselines"]])
    figure = Picture(figsize=(WIDTH, 3.5), layout="constrained")
    axes = figure.subplots()
    chosen = looks(verdict, trials)
    log_axis(axes, [*sound[cost], *(one[cost] for one in finalists)], _counted)
    x_ends = axes.get_xlim()
    _front(axes, rows[~is_hopeless(rows)], cost, greater)
    draw_trials(axes, rows, rows[cost], chosen, ends, greater)
    failed = sound[sound["status"] == "failed"]
    axes.scatter(
        failed[cost], [ends[0 if greater else 1]] * len(failed), marker="x", s=26,
        color=GREY, linewidths=1.1, clip_on=False, zorder=3,
    ).set_urls(trial_links(failed))  # fmt: skip
    for one in finalists:
        _finalist(axes, one, one[cost], chosen[one["name"]])
    axes.set_xlim(x_ends)
    plain_axis(axes, "y", *ends)
    places = list(zip(rows[cost], rows["score"], strict=True))
    for one in finalists:
        low, high = (one.get(end) or one["mean"] for end in ("low", "high"))
        bar = np.linspace(low, high, 9)
        places += [(one[cost], y) for y in bar]
    beyond = _baselines(axes, verdict["baselines"], ends, places)
    label = "\n".join([COSTS[cost], *wrap(beyond, 60)])
    finish(axes, label, f"{cell_name(measure(verdict))}, {way(verdict)}")
    names = [(sign(*chosen[n]), cell_name(n)) for n in chosen]
    legend(figure, names + _meanings(rows, failed))
    return titled(figure, _cost_title(finalists, cost))


def draw_trials(
    axes: Axes,
    rows: pd.DataFrame,
    x: Any,
    chosen: Mapping[str, Look],
    ends: tuple[float, float],
    greater_is_better: bool,
) -> None:
    """Trials as small signs: hollow if stopped, an arrow at the edge if outside."""
    x = pd.Series(np.asarray(x), index=rows.index)
    drawn = rows["score"].clip(*ends)
    outside = (rows["score"] != drawn).to_numpy()
    arrow = "v" if greater_is_better else "^"
    for name, (colour, marker) in chosen.items():
        own = (rows["cell"].astype(str) == name).to_numpy()
        for some, sign_ in ((own & ~outside, marker), (own & outside, arrow)):
            faces = ["none" if h else colour for h in is_hopeless(rows[some])]
            axes.scatter(
                x[some], drawn[some], s=22, marker=sign_, facecolors=faces,
                edgecolors=colour, linewidths=1.0, zorder=3, clip_on=False,
            ).set_urls(trial_links(rows[some]))  # fmt: skip


def trial_links(rows: pd.DataFrame) -> list[str]:
    """Where a page tells more about each trial: its row's number in ``trials.csv``."""
    return [f"#trial-{row}" for row in rows.index]


def pareto_front(
    rows: pd.DataFrame, cost: str, greater_is_better: bool
) -> pd.DataFrame:
    """The trials that no other beats in both score and cost, by rising cost."""
    ahead = rows["score"].astype(np.float64) * (1 if greater_is_better else -1)
    ranked = rows.assign(ahead=ahead).sort_values(
        [cost, "ahead"], ascending=[True, False], kind="stable"
    )
    best_before = ranked["ahead"].cummax().shift(fill_value=-math.inf)
    return ranked[ranked["ahead"] > best_before].drop(columns="ahead")


def _front(axes: Axes, rows: pd.DataFrame, cost: str, greater: bool) -> None:
    """A staircase through the trials of the Pareto front."""
    front = pareto_front(rows, cost, greater)
    if len(front) > 1:
        axes.step(
            front[cost], front["score"], where="post", color=GREY, linewidth=1.0,
            alpha=0.7, zorder=2,
        )  # fmt: skip


def _finalist(axes: Axes, one: Mapping[str, Any], cost: float, look: Look) -> None:
    """A large sign with its interval."""
    colour, marker = look
    low, high = one.get("low"), one.get("high")
    if low is not None and high is not None:
        axes.plot([cost, cost], [low, high], color=colour, linewidth=1.8, zorder=4)
    axes.plot(
        cost, one["mean"], marker=marker, color=colour, markersize=10, zorder=5,
        markeredgecolor="white", markeredgewidth=1.2,
    )  # fmt: skip


def _baselines(
    axes: Axes,
    baselines: Sequence[Mapping[str, Any]],
    ends: tuple[float, float],
    places: Sequence[tuple[float, float]],
) -> str:
    """Dotted lines with their names; gives words about those outside the axis.

    Args:
        axes: with their limits along x.
        baselines: name and value of each.
        ends: of the axis along y.
        places: cost and score of all that names had better not stand upon.
    """
    outside: dict[str, list[str]] = {"above": [], "below": []}
    labels: list[tuple[list[float], list[str]]] = []
    reach = ends[1] - ends[0]
    for one in sorted(baselines, key=lambda one: float(one["value"])):
        value, text = one["value"], f"{cell_name(one['name'])} {number(one['value'])}"
        if not ends[0] <= value <= ends[1]:
            outside["above" if value > ends[1] else "below"].append(text)
            continue
        axes.axhline(value, color=GREY, linewidth=1.1, linestyle=(0, (1, 1.5)))
        # Lines that lie too near each other for a name each share one label.
        if not labels or value - labels[-1][0][-1] > 0.08 * reach:
            labels.append(([], []))
        labels[-1][0].append(value)
        labels[-1][1].insert(0, text)
    middle = math.sqrt(math.prod(axes.get_xlim()))
    for values, texts in labels:
        upper = values[0] > ends[0] + 0.7 * reach
        place = values[0] if upper else values[-1]
        near = [x < middle for x, y in places if abs(y - place) < 0.1 * reach]
        right = sum(near) > len(near) / 2
        axes.annotate(
            "\n".join(texts), (0.99 if right else 0.01, place),
            xytext=(0, -3 if upper else 3), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", ha="right" if right else "left",
            va="top" if upper else "bottom", fontsize=SMALL, color=GREY,
            parse_math=False, zorder=6,
        )  # fmt: skip
    return "; ".join(
        f"{side} the axis: {', '.join(texts)}"
        for side, texts in outside.items()
        if texts
    )


def _meanings(rows: pd.DataFrame, failed: pd.DataFrame) -> list[tuple[Any, str]]:
    """Legend entries of the signs that are there."""
    signs = []
    if is_hopeless(rows).any():
        signs.append(
            (sign(GREY, "o", markerfacecolor="none", markersize=5), "stopped early")
        )
    if len(failed):
        signs.append((sign(GREY, "x", markersize=5), "failed"))
    return signs


def _cost_title(finalists: Sequence[Mapping[str, Any]], cost: str) -> str:
    unit = "s" if cost == "seconds" else COSTS[cost]
    parts = [
        f"{cell_name(one['name'])} {number(one['mean'])} "
        f"with {_counted(one[cost])} {unit}"
        for one in finalists
    ]
    if len(parts) > _NAMED:
        parts = [*parts[:2], f"{len(parts) - 2} more"]
    return "; ".join(parts) or f"Scores against {COSTS[cost]}"


def _counted(value: float) -> str:
    """``47``, ``1.3k``, ``281k``, ``1.4M``."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"

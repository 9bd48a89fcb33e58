"""What the pictures of a search share: cells' colours, the score's axis, legends."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from seqkit.pictures.shared import BLUE, GREY, ORANGE, PALE, drawn_name

GREEN, PURPLE, OLIVE, STEEL = "#00795A", "#A2498B", "#8A6A00", "#4A6FA5"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, OLIVE, STEEL)
MARKERS = ("o", "s", "D", "P", "X", "p", "*")
"""One more than colours: so 42 cells have a pair of their own."""

WIDTH = 4.5
"""Inches of a panel: at a phone's width its text keeps its size."""
SMALL = 9.5  # points of text
LEGIBLE = 34  # characters of a name

Look = tuple[str, str]
"""A cell's colour and marker."""


def looks(verdict: Mapping[str, Any], trials: pd.DataFrame | None) -> dict[str, Look]:
    """Each cell's colour and marker in all pictures; that of the one to take first."""
    names = [one["name"] for one in verdict["competitors"]]
    names.sort(key=lambda name: name != verdict.get("taken", verdict.get("winner")))
    if trials is not None:
        names += map(str, trials["cell"])
    unique = dict.fromkeys(names)
    return {
        name: (COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)])
        for place, name in enumerate(unique)
    }


def scored(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials that have a score, ``score`` as float; the row's number is kept."""
    scores = pd.to_numeric(trials["score"], errors="coerce")
    rows = trials.assign(score=scores)
    sound: pd.DataFrame = rows[np.isfinite(scores) & (trials["status"] != "failed")]
    return sound


def is_hopeless(trials: pd.DataFrame) -> NDArray[np.bool_]:
    """Which trials were stopped because others were far better."""
    return (trials["stopped"] == "hopeless").to_numpy(bool)


def measure(verdict: Mapping[str, Any]) -> str:
    """What the metric is called: ``MASE``; its name where nobody says so."""
    return str(verdict.get("measure") or verdict["metric"])


def way(verdict: Mapping[str, Any]) -> str:
    """``higher is better`` or ``lower is better``."""
    return f"{'higher' if verdict['greater_is_better'] else 'lower'} is better"


def value_text(value: Any) -> str:
    """A hyperparameter's value as a recipe writes it: ``null``, ``[64, 64]``, 0.1."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "null"
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (int, float, np.number)):
        number = float(value)
        return f"{number:.4g}" if abs(number) < 1e4 else f"{number:,.0f}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def limits(
    scores: Iterable[float], inside: Iterable[float], greater_is_better: bool
) -> tuple[float, float]:
    """Ends of the score's axis: scores hopelessly behind lie outside, at its edge.

    Args:
        scores: of the trials. Those that lie behind the quartiles by more than three
            times their distance (Tukey's outer fence) do not widen the axis.
        inside: values that must lie inside.
        greater_is_better: which way is behind.
    """
    sign = 1 if greater_is_better else -1
    ahead = sign * np.asarray(list(scores), np.float64)
    if ahead.size:
        low, high = np.quantile(ahead, [0.25, 0.75])
        fence = low - 3 * (high - low) if high > low else -math.inf
        ahead = ahead[ahead >= fence]
    values = np.concatenate([sign * ahead, [v for v in inside if math.isfinite(v)]])
    if not values.size:
        return 0.0, 1.0
    least, most = float(values.min()), float(values.max())
    margin = 0.07 * (most - least) or 0.01 * abs(most) or 0.01
    return least - margin, most + margin


def widened(ends: tuple[float, float], values: Sequence[float]) -> tuple[float, float]:
    """Limits that hold those values too which lie near: within half the range."""
    low, high = ends
    near = [v for v in values if low - (high - low) / 2 < v < high + (high - low) / 2]
    if not near:
        return ends
    margin = 0.07 * (high - low)
    return min(low, min(near) - margin), max(high, max(near) + margin)


def plain_axis(axes: Axes, along: str, low: float, high: float, count: int = 5) -> None:
    """Limits, and ticks with the decimals that they need and no power of ten aside."""
    axes.set(**{f"{along}lim": (low, high)})
    axis: Axis = getattr(axes, f"{along}axis")
    ticks = [t for t in MaxNLocator(count).tick_values(low, high) if low <= t <= high]
    largest = max(abs(low), abs(high))
    exact = [d for d in range(7) if np.allclose(ticks, np.round(ticks, d), rtol=1e-9)]
    plain = exact and 1e-3 < largest < 1e6
    texts = [f"{tick:,.{exact[0]}f}" if plain else f"{tick:.3g}" for tick in ticks]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_ticklabels(texts)


def log_axis(axes: Axes, values: Any, text: Any = value_text) -> None:
    """A logarithmic x axis with a few round ticks, however narrow its range."""
    least, most = float(np.min(values)), float(np.max(values))
    room = max(most / least, 1.05) ** 0.07
    low, high = least / room, most * room
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
        ticks = [d * 10.0**e for e in decades for d in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) > 2:
            break
    else:
        wide = MaxNLocator(3).tick_values(low, high)
        ticks = [tick for tick in wide if low <= tick <= high]
    ticks = ticks[:: -(-len(ticks) // 5)]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels(map(text, ticks))


def finish(
    axes: Axes, x_label: str, y_label: str, colour: str = GREY, bold: bool = False
) -> None:
    """Labels, that of y above its axis, where it reads without turning the head."""
    axes.set_xlabel(x_label, loc="left", fontsize=SMALL, color=GREY, parse_math=False)
    axes.set_title(
        y_label, loc="left", fontsize=SMALL, color=colour, pad=9, parse_math=False,
        fontweight="bold" if bold else "normal",
    )  # fmt: skip
    axes.tick_params(labelsize=SMALL, labelcolor=GREY, color=PALE, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(PALE)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=PALE, linewidth=0.7)


def legend(figure: Figure, entries: Sequence[tuple[Artist, str]]) -> None:
    """What the signs mean, below the panels, in as many columns as names allow."""
    room, lengths = 13 * figure.get_figwidth(), [len(name) + 6 for _, name in entries]
    columns = len(entries) if sum(lengths) <= room else int(room // max(lengths))
    drawn = figure.legend(
        [artist for artist, _ in entries], [name for _, name in entries],
        loc="outside lower left", ncols=max(1, columns), frameon=False,
        fontsize=SMALL, handletextpad=0.5, columnspacing=1.4, borderpad=0.1,
        labelspacing=0.35, handlelength=1.8,
    )  # fmt: skip
    for text in drawn.get_texts():
        text.set_parse_math(False)


def sign(colour: str, marker: str = "", **more: Any) -> Line2D:
    """A legend's handle."""
    look: dict[str, Any] = {"linestyle": "", "markersize": 6, **more}
    return Line2D([], [], color=colour, marker=marker, **look)


def cell_name(name: Any) -> str:
    """A competitor's name as it can be drawn."""
    return drawn_name(name, LEGIBLE)

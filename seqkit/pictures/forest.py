"""A forest plot: competitors and baselines, and how far the one to take is ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

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

LONGEST = 38
"""Characters of a name."""
REACH = 3
"""What lies so many times the competitors' width beyond them is told, not drawn."""
_ROW = 0.42  # inches


def forest(
    plain: Mapping[str, Any], measure: str, spoken: Callable[[str], str] = str
) -> Figure:
    """Scores with their 95% intervals, beside the leads of the one to take.

    Args:
        plain: what ``Comparison.to_dict`` gives.
        measure: what the metric is called, for the axis.
        spoken: how people write a competitor's name.
    """
    rows = [*plain["competitors"], *plain["baselines"]]
    reference = plain["reference"]
    if reference and reference["metric"] == plain["metric"]:
        rows.append({"name": reference["source"], "value": reference["value"]})
    figure = Picture(figsize=(8.4, 1.4 + _ROW * len(rows)), layout="constrained")
    scores, gaps = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    ahead = leads(plain)
    drawn = {
        n: ahead[row["name"]] for n, row in enumerate(rows) if row["name"] in ahead
    }
    for place, row in enumerate(rows):
        _score(scores, place, row)
    for place, gap in drawn.items():
        _bar(gaps, place, gap, "model")
    far = _far(rows, len(plain["competitors"]))
    _narrow(scores, dict(enumerate(rows)), far)
    # Zero is among them, whatever their places are.
    _narrow(gaps, drawn | {-1: {"value": 0.0}}, far)
    names = [spoken(row["name"]) if "mean" in row else row["name"] for row in rows]
    labels = [drawn_name(name, LONGEST) for name in names]
    scores.set_yticks(range(len(rows)), labels, parse_math=False)
    scores.set_ylim(len(rows) - 0.5, -0.5)
    gaps.axvline(0, color=GREY, linewidth=0.9)
    way = "higher" if plain["greater_is_better"] else "lower"
    dress(scores, f"{measure}; {way} is better", "", grid=False)
    name = drawn_name(spoken(taken(plain)), LONGEST)
    dress(gaps, f"{name} is better by", "", grid=False)
    for axes in (scores, gaps):
        axes.grid(axis="x", color=PALE, linewidth=0.7)
        axes.xaxis.set_major_locator(MaxNLocator(4))
    gaps.tick_params(axis="y", length=0)
    return titled(figure, plain["sentence"])


def leads(plain: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """How much better the one to take is than each other competitor or baseline."""
    first, lead_by_name = taken(plain), {}
    for gap in plain["differences"]:
        if gap["first"] == first:
            lead_by_name[gap["second"]] = gap
        elif gap["second"] == first:
            lead_by_name[gap["first"]] = turned(gap)
    for lead in plain["leads"]:
        if lead["name"] == first:
            lead_by_name[lead["baseline"]] = lead
    return lead_by_name


def taken(plain: Mapping[str, Any]) -> Any:
    """The competitor to take; of comparisons of old, the winner."""
    return plain["taken"] if "taken" in plain else plain.get("winner")


def turned(gap: Mapping[str, Any]) -> dict[str, Any]:
    """A difference or lead as a record, seen from the other side."""

    def minus(key: str) -> float | None:
        return None if gap.get(key) is None else -gap[key]

    wins = gap.get("superiority")
    return {
        "value": minus("value"),
        "low": minus("high"),
        "high": minus("low"),
        "g": minus("g"),
        "superiority": None if wins is None else 1 - wins,
    }


def _score(axes: Axes, place: int, row: Mapping[str, Any]) -> None:
    """A competitor with a faint point for each seed, a baseline, or the reference."""
    if "mean" in row:
        if len(row["values"]) > 1:
            places = [place + 0.22] * len(row["values"])
            axes.plot(row["values"], places, "o", color=BLUE, ms=3, alpha=0.45)
        _bar(axes, place, {**row, "value": row["mean"]}, "model")
    elif "low" in row:
        _bar(axes, place, row, "baseline")
    else:
        colour, marker = KINDS["reference"]
        axes.plot([row["value"]], [place], marker, color=colour, ms=5)


def _far(rows: Sequence[Mapping[str, Any]], few: int) -> set[int]:
    """Places of baselines so far off that the first few rows would look alike."""
    ends = [end for row in rows[:few] for end in (row["low"], row["high"])]
    width = max(ends) - min(ends)
    low, high = min(ends) - REACH * width, max(ends) + REACH * width
    return {
        place
        for place, row in enumerate(rows)
        if place >= few and width and not low <= row["value"] <= high
    }


def _narrow(axes: Axes, rows: Mapping[int, Mapping[str, Any]], far: set[int]) -> None:
    """Draw all rows but those far off large; at the edge say where these lie."""
    near = [row for place, row in rows.items() if place not in far]
    values = [row.get("value", row.get("mean", 0.0)) for row in near]
    for row in near:
        values += [row[end] for end in ("low", "high") if end in row]
        values += row.get("values", ())
    low, high = min(values), max(values)
    if low == high:
        return
    axes.set_xlim(low - 0.08 * (high - low), high + 0.08 * (high - low))
    for place in far & set(rows):
        text = number(rows[place]["value"])
        left = rows[place]["value"] < low
        axes.annotate(
            f"\u2190 {text}" if left else f"{text} \u2192",
            (0.02 if left else 0.98, place), xycoords=("axes fraction", "data"),
            ha="left" if left else "right", va="center", fontsize=8, color=GREY,
        )  # fmt: skip


def _bar(axes: Axes, place: int, row: Mapping[str, Any], kind: str) -> None:
    colour, marker = KINDS[kind]
    ends = [[row["value"] - row["low"]], [row["high"] - row["value"]]]
    axes.errorbar(
        [row["value"]], [place], xerr=ends, fmt=marker, color=colour, markersize=5,
        elinewidth=1.3, capsize=2.5,
    )  # fmt: skip

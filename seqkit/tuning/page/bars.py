"""Intervals drawn within the cells of a table: a forest plot, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seqkit.pictures.search.shared import limits, widened
from seqkit.tuning.page.words import known

Ends = tuple[float, float]
_WIDTH, _EDGE = 132, 5  # of a bar, and what it leaves free at each side


def scale(
    wanted: Iterable[Mapping[str, Any]],
    others: Iterable[Mapping[str, Any]],
    zero: bool = False,
) -> Ends:
    """Ends that hold the wanted intervals, and of the others those that lie near."""
    inside = [end for one in wanted for end in numbers(one)]
    ends = limits([], inside + [0.0] * zero, greater_is_better=True)
    return widened(ends, [end for one in others for end in numbers(one)])


def numbers(one: Mapping[str, Any]) -> list[float]:
    """Value and ends of an interval, as far as they are known."""
    keys = ("mean", "value", "low", "high")
    return [float(one[key]) for key in keys if known(one.get(key))]


def bar(
    one: Mapping[str, Any],
    ends: Ends,
    colour: str,
    seeds: Sequence[float] = (),
    zero: bool = False,
) -> str:
    """A value with its interval on a scale that all rows share.

    The numbers stand beside it, so it is hidden from readers aloud.

    Args:
        one: ``mean`` or ``value``, ``low`` and ``high``.
        ends: of the scale; what lies beyond is an arrow at the edge.
        colour: the page's name of it.
        seeds: single runs, drawn as ticks.
        zero: whether to draw a line at zero.
    """
    value = one["mean"] if "mean" in one else one["value"]
    if not known(value):
        return ""
    marks = [f'<path class="axis" d="M0 8.5H{_WIDTH}"/>']
    if zero:
        marks.append(f'<path class="zero" d="M{_place(0, ends)} 1v15"/>')
    if not ends[0] <= value <= ends[1]:
        tip, back = (1, 7) if value < ends[0] else (_WIDTH - 1, _WIDTH - 7)
        marks.append(f'<path class="dot" d="M{tip} 8.5 {back} 5v7z"/>')
    else:
        marks += [f'<path class="seed" d="M{_place(s, ends)} 3v11"/>' for s in seeds]
        if known(one.get("low")) and known(one.get("high")):
            low, high = _place(one["low"], ends), _place(one["high"], ends)
            marks.append(f'<path class="reach" d="M{low} 8.5H{high}"/>')
        marks.append(
            f'<circle class="dot" cx="{_place(value, ends)}" cy="8.5" r="3.6"/>'
        )
    return (
        f'<svg class="bar" viewBox="0 0 {_WIDTH} 17" aria-hidden="true" '
        f'style="--own:var(--{colour})">{"".join(marks)}</svg>'
    )


def _place(value: float, ends: Ends) -> str:
    low, high = ends
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return f"{_EDGE + share * (_WIDTH - 2 * _EDGE):.1f}"

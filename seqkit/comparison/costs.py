"""What a competitor costs beside another one, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqkit.scores.contest import SAME_SIZE
from seqkit.scores.speed import times_faster

if TYPE_CHECKING:
    from seqkit.comparison.ranking import Ranking
    from seqkit.scores.contest import Competitor

FASTER = 1.1
"""From such a ratio on speeds are told."""


def fewer(one: Competitor, other: Competitor) -> str:
    """``25% fewer parameters``; empty where they are not fewer."""
    if other.parameters <= SAME_SIZE * one.parameters:
        return ""
    # Nobody has 100% fewer.
    share = min(round(100 * (1 - one.parameters / other.parameters)), 99)
    return f"{share}% fewer parameters"


def more(one: Competitor, other: Competitor) -> str:
    """``30% more parameters``; empty where they are not more."""
    ratio = one.parameters / other.parameters
    if ratio <= SAME_SIZE:
        return ""
    if ratio >= 2:
        return f"{ratio:.1f} times as many parameters"
    return f"{100 * (ratio - 1):.0f}% more parameters"


def speed(compared: Ranking, one: Competitor, other: Competitor) -> tuple[str, str]:
    """``trains 1.2 times faster a step (1.1 to 1.3)`` and ``... slower``.

    One or both are empty: speeds that nobody measured, whose interval holds 1, or that
    hardly differ, are not told.
    """
    steps = compared.steps
    if one.name not in steps or other.name not in steps:
        return "", ""
    ratio = times_faster(steps[one.name], steps[other.name])
    if ratio is None:
        return "", ""
    value, low, high = ratio
    if value >= FASTER and low > 1:
        return f"trains {value:.1f} times faster a step ({low:.1f} to {high:.1f})", ""
    if 1 / value >= FASTER and high < 1:
        text = f"{1 / value:.1f} times slower a step ({1 / high:.1f} to {1 / low:.1f})"
        return "", f"trains {text}"
    return "", ""


def beside(compared: Ranking, one: Competitor, other: Competitor) -> str:
    """``, has 25% fewer parameters and trains ... faster`` or nothing."""
    less, greater = fewer(one, other), more(one, other)
    faster, slower = speed(compared, one, other)
    good = [text for text in (f"has {less}" if less else "", faster) if text]
    bad = [text for text in (f"has {greater}" if greater else "", slower) if text]
    text = f", {good[0]} and {good[1]}" if good[1:] else ""
    text = f" and {good[0]}" if len(good) == 1 else text
    return text + (f"{'' if good else ','} but {' and '.join(bad)}" if bad else "")

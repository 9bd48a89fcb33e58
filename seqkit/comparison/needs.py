"""What would decide a comparison that is undecided, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqkit.scores.needed import Needed


def needs(needed: Needed, counts: Sequence[int]) -> str:
    """``about 14 seeds in place of 5, or about 3 times the test rows, would tell``."""
    now = max(counts)
    seeds = rows = ""
    if needed.seeds and now > 1:
        seeds = f"about {math.ceil(now * needed.seeds)} seeds in place of {now}"
    if needed.rows:
        rows = f"about {_times(needed.rows)} times the test rows"
    if seeds and rows:
        return f"{seeds}, or {rows}, would tell if the difference stays as it is"
    if rows:
        alone = "more seeds alone would not, since the test rows leave too much open"
        return f"{rows} would tell if the difference stays as it is" + (
            f"; {alone}" if now > 1 else ""
        )
    if seeds:
        alone = "more test rows alone would not, since seeds leave too much open"
        return f"{seeds} would tell if the difference stays as it is; {alone}"
    if needed.both:
        return (
            "neither more seeds nor more test rows alone would tell, but about "
            f"{_times(needed.both)} times as many of both if the difference stays as "
            "it is"
        )
    return "no number of seeds and test rows within reach would tell so small a gap"


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor < 10 else f"{factor:.0f}"

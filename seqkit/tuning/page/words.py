"""Numbers, times and values as the page writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from numbers import Real
from typing import Any, TypeGuard

from seqkit.pictures.search.shared import value_text

NOTHING = "\u2013"
"""What stands for a number that nobody knows."""

_MOST = 7  # decimals


def is_finite(value: Any) -> TypeGuard[float]:
    """Whether it is a finite number; null, NaN and texts are not."""
    return isinstance(value, Real) and math.isfinite(value)


def decimals(intervals: Iterable[tuple[Any, Any]]) -> int:
    """So many that half the narrowest interval has two digits."""
    ends = [
        (low, high) for low, high in intervals if is_finite(low) and is_finite(high)
    ]
    halves = [(high - low) / 2 for low, high in ends if high > low]
    if not halves:
        return 4
    return max(0, 1 - math.floor(math.log10(min(halves))))


def figure(value: Any, places: int, plus: bool = False) -> str:
    """``0.8842``, ``+0.0021``, with a true minus; ``3.12e-06`` of many decimals."""
    if not is_finite(value):
        return NOTHING
    form = f",.{places}f" if places <= _MOST else ".3g"
    return f"{float(value):{'+' if plus else ''}z{form}}".replace("-", "\u2212")


def interval(low: Any, high: Any, places: int, plus: bool = False) -> str:
    """``0.8810 to 0.8874``, or nothing."""
    if not (is_finite(low) and is_finite(high)):
        return ""
    return f"{figure(low, places, plus)} to {figure(high, places, plus)}"


def general(value: Any, digits: int = 4) -> str:
    """Some digits of any number."""
    if not is_finite(value):
        return NOTHING
    return f"{value:.{digits}g}".replace("-", "\u2212")


def count(value: Any) -> str:
    """``281,473``."""
    return f"{value:,.0f}" if is_finite(value) else NOTHING


def duration(seconds: Any) -> str:
    """Seconds as a person says them.

    >>> duration(3.21), duration(42.3), duration(700), duration(4127.3)
    ('3.2 s', '42 s', '12 min', '1 h 9 min')
    """
    if not is_finite(seconds):
        return NOTHING
    if seconds < 100:
        return f"{seconds:.{0 if seconds >= 10 else 1}f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def size(value: Any) -> str:
    """Bytes as a person says them.

    >>> size(512), size(5_712_000)
    ('512 B', '5.71 MB')
    """
    if not is_finite(value):
        return NOTHING
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= step:
            return f"{value / step:.3g} {unit}"
    return f"{value:.0f} B"


def when(started: Any) -> str:
    """``7 March 2026, 09:41``, or what stands there."""
    try:
        moment = datetime.fromisoformat(str(started))
    except ValueError:
        return str(started)
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def plain(value: Any) -> str:
    """Any plain value in words: ``cores 2, memory 8 GiB``."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(each)}" for key, each in value.items())
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return value_text(value)


def counted(number: int, one: str) -> str:
    """``1 trial``, ``2 trials``."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def typeset(sentence: str) -> str:
    """The sentence with true signs for plus-minus and minus."""
    sentence = sentence.replace(" +- ", "\u00a0\u00b1\u00a0")
    return re.sub(r"(?<![\w.])-(?=\d)", "\u2212", sentence)

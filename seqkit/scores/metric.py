"""What a metric is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from seqkit.errors import UnknownNameError, UsageError
from seqkit.registry import did_you_mean
from seqkit.scores.intervals import Estimate


class Metric(NamedTuple):
    """What a metric is called, what its number means, and which way is better."""

    title: str
    unit: str
    greater_is_better: bool | None
    """None: neither, such as for coverage, which is best at its nominal share."""

    def lead(self, difference: Estimate) -> Estimate:
        """How much better the first is, by its difference to the second."""
        value, low, high = difference
        return difference if self.greater_is_better else (-value, -high, -low)


def known_metric(metric: str, known: Mapping[str, Metric]) -> Metric:
    """The metric of that name; raise UnknownNameError where there is none."""
    if metric not in known:
        hint = did_you_mean(metric, list(known))
        text = f"No metric {metric!r}. {hint} Known: {', '.join(known)}."
        raise UnknownNameError(text.replace("  ", " "))
    return known[metric]


def require_same(pairs: Iterable[tuple[str, Any, Any]], on: str = "on") -> None:
    """Raise UsageError unless the two of each (name, one, other) are equal."""
    for name, one, other in pairs:
        if one != other:
            raise UsageError(
                f"Two scorers are compared {on} the same {name}, got {one} and {other}."
            )

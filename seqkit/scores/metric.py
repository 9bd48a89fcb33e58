"""What a metric is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from seqkit.errors import UnknownNameError
from seqkit.registry import did_you_mean
from seqkit.scores.intervals import Estimate


class Metric(NamedTuple):
    """What a metric is called, what its number means, and which way is better."""

    title: str
    unit: str
    greater_is_better: bool | None
    """None: neither, such as for coverage, which is best at its nominal share."""
    least: float = 0.0
    most: float = math.inf
    """What it can be at the least and at the most."""

    def lead(self, difference: Estimate) -> Estimate:
        """How much better the first is, by its difference to the second."""
        value, low, high = difference
        return difference if self.greater_is_better else (-value, -high, -low)

    def possible(self, interval: Estimate) -> Estimate:
        """An interval without what the metric cannot be."""
        value, low, high = interval
        return value, max(low, self.least), min(high, self.most)

    def possible_gap(self, interval: Estimate) -> Estimate:
        """An interval of a difference without what no two scores differ by."""
        (value, low, high), widest = interval, self.most - self.least
        return value, max(low, -widest), min(high, widest)


def known_metric(metric: str, metrics: Mapping[str, Metric]) -> Metric:
    """The metric of that name; raise UnknownNameError where there is none."""
    if metric not in metrics:
        hint = did_you_mean(metric, list(metrics))
        text = f"No metric {metric!r}. {hint} Known: {', '.join(metrics)}."
        raise UnknownNameError(text.replace("  ", " "))
    return metrics[metric]

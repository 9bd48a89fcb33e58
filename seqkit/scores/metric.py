"""What a metric is."""

from __future__ import annotations

from typing import NamedTuple

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

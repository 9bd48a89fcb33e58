"""What a metric is."""

from __future__ import annotations

from typing import NamedTuple


class Metric(NamedTuple):
    """What a metric is called, what its number means, and which way is better."""

    title: str
    unit: str
    greater_is_better: bool | None
    """None: neither, such as for coverage, which is best at its nominal share."""

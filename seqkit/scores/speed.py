"""How fast training steps are, measured back to back in rounds that alternate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from seqkit.scores.intervals import LEVEL, Estimate
from seqkit.scores.seeds import quantile

FEWEST_ROUNDS = 3


def step_seconds(rounds: Sequence[float]) -> Estimate | None:
    """Seconds a step with their interval over rounds; None: too few rounds."""
    return _over_rounds(np.asarray(rounds, np.float64))


def times_faster(one: Sequence[float], other: Sequence[float]) -> Estimate | None:
    """How many times faster the first is; above 1 where its steps take less time.

    The geometric mean over rounds of the other's seconds by the first's, with Student's
    t interval of the logarithms. Both were measured in the same rounds, so that what
    slows a round down, slows both down. None: there are too few rounds.
    """
    if len(one) != len(other):
        return None
    return _over_rounds(np.asarray(other, np.float64) / np.asarray(one, np.float64))


def _over_rounds(values: np.ndarray) -> Estimate | None:
    if len(values) < FEWEST_ROUNDS:
        return None
    logs = np.log(values)
    half = quantile((1 + LEVEL) / 2, len(logs) - 1) * logs.std(ddof=1)
    half /= math.sqrt(len(logs))
    mean = logs.mean()
    return float(np.exp(mean)), float(np.exp(mean - half)), float(np.exp(mean + half))

"""The kernels of MiniRocket, for NumPy and for the graph."""

from __future__ import annotations

from itertools import combinations

import numpy as np

TAPS = 9
"""Weights of a kernel: three are 2 and the others -1, so that levels do not tell."""

HEAVY = tuple(combinations(range(TAPS), 3))
"""Which three of them: 84 kernels."""

KERNELS = np.array(
    [[2 if tap in heavy else -1 for tap in range(TAPS)] for heavy in HEAVY]
)
"""The weights (kernels, taps)."""

THRESHOLDS = 10_000 // len(HEAVY)
"""Thresholds of each kernel, over all its dilations together."""

MOST_DILATIONS = 32

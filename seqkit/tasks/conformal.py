"""Split-conformal quantiles: what the model gives, moved so that it holds.

On windows that training did not see, the residual of each horizon step has quantiles of
its own. Moving the model's quantiles by them makes each hold on like windows, whatever
the model is (Vovk et al. 2005; Romano, Patterson & Candes 2019, "Conformalized quantile
regression", each end by itself).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def conformal_quantiles(
    residuals: NDArray[np.floating], levels: Sequence[float]
) -> NDArray[np.float64]:
    """Quantiles (steps, levels) of residuals (windows, steps, levels), safe for few.

    Of n residuals the one of rank ceil((n + 1) q) is taken above the median and of rank
    floor((n + 1) q) below, so that on average a new residual exceeds it no more often
    than it should. Where a step has too few residuals for that rank, all steps share
    theirs; where these are too few as well, the outermost is taken.
    """
    windows, steps, _ = residuals.shape
    result = np.empty((steps, len(levels)))
    for place, level in enumerate(levels):
        column = residuals[:, :, place]
        if not 1 <= _rank(windows, level) <= windows:
            result[:, place] = _quantile(column.ravel(), level)
            continue
        for step in range(steps):
            result[step, place] = _quantile(column[:, step], level)
    return result


def _rank(count: int, level: float) -> int:
    exact = (count + 1) * level
    # A rank that is whole must not be moved by the last digit of level.
    if math.isclose(exact, round(exact), abs_tol=1e-9):
        return round(exact)
    return math.ceil(exact) if level > 0.5 else math.floor(exact)


def _quantile(values: NDArray[np.floating], level: float) -> float:
    rank = min(max(_rank(len(values), level), 1), len(values))
    if level == 0.5:
        return float(np.median(values))
    return float(np.sort(values)[rank - 1])

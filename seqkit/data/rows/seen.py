"""Which rows training and validation saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def among(hashes: Sequence[int], seen: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which hashes (rows,) are among those that were seen, which are sorted."""
    wanted = np.array(hashes, np.uint64)
    if not len(seen):
        return np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(seen, wanted), len(seen) - 1)
    found: NDArray[np.bool_] = seen[places] == wanted
    return found

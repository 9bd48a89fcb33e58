"""What tells true answers apart, so that scorers are compared on the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def row_bytes(truth: Any) -> bytes:
    """What tells true answers apart: the same bytes however rows come in chunks.

    Args:
        truth: an array of numbers (rows, ...), or an array, list or text a row.
    """
    if isinstance(truth, np.ndarray) and truth.dtype.kind in "biuf":
        return _widest(truth).tobytes()
    rows = [_widest(np.asarray(one)) for one in truth]
    # With its shape, so that a row's end is part of it.
    return b"".join(f"{row.shape}".encode() + row.tobytes() for row in rows)


def _widest(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers as 64 bits, objects as text: equal ones have equal bytes."""
    kind = values.dtype.kind
    wide = {"f": np.float64, "O": np.str_}.get(kind, np.int64)
    return values.astype(wide) if kind in "biufO" else values

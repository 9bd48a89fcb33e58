"""Series given from Python, as plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit.data.forecast.series import Series
from seqkit.data.rows.numbers import LARGEST
from seqkit.errors import DataError
from seqkit.shortened import shortened


def typed_series(values: Any, name: str) -> Series:
    """Plain numbers as a series without timestamps; raise DataError for others."""
    try:
        numbers = np.asarray(values, np.float64)
    except (TypeError, ValueError, OverflowError):
        numbers = np.full(1, np.nan)
    if numbers.ndim != 1 or not (abs(numbers) <= LARGEST).all():
        raise DataError(
            f"A series must be a list of finite numbers up to {LARGEST:.1e}, got "
            f"{shortened(values)}. Fill or leave out what is missing."
        )
    nothing = np.zeros((len(numbers), 0))
    return Series(name, numbers, None, nothing, nothing)

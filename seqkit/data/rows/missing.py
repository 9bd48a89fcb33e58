"""Cells that are missing, and the rows that are dropped for it."""

from __future__ import annotations

import warnings
from typing import Any

from seqkit.errors import DataWarning


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing; a list always holds something."""
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def tell_dropped(dropped: int, rows: int, unit: str, name: str, lacks: str) -> None:
    """Say in a DataWarning what data.missing leaves out, if it does."""
    if dropped:
        warnings.warn(
            f"Left out, as data.missing says: {dropped:,} of {rows:,} {unit} of "
            f"{name}, where a {lacks} is missing.",
            DataWarning,
            stacklevel=3,
        )

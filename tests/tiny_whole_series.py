"""Whole series so few and short that training on them takes seconds."""

from __future__ import annotations

import numpy as np
import pandas as pd


def tiny_series(rows: int = 150, seed: int = 0) -> pd.DataFrame:
    """Series of 3 to 11 steps of two columns around a level that each has of its own.

    ``level`` tells that level in another unit, ``label`` whether it is high or low.
    """
    draw = np.random.default_rng(seed)
    level = draw.uniform(-1, 1, rows)
    lengths = draw.integers(3, 12, rows)
    first = [
        draw.normal(10 + 4 * at, 1, steps)
        for at, steps in zip(level, lengths, strict=True)
    ]
    second = [draw.normal(0, 100, steps) for steps in lengths]
    return pd.DataFrame(
        {
            "warmth": pd.Series(first, dtype=object),
            "noise": pd.Series(second, dtype=object),
            "label": np.where(level > 0, "high", "low"),
            "level": 50 + 20 * level,
        }
    )


def long_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with a row a step; ``id`` tells the series."""
    return (
        frame.assign(id=[f"s{row}" for row in range(len(frame))])
        .explode(["warmth", "noise"], ignore_index=True)
        .astype({"warmth": float, "noise": float})
    )

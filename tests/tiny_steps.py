"""Series with an answer a step, so few and short that training takes seconds."""

from __future__ import annotations

import numpy as np
import pandas as pd


def tiny_steps(rows: int = 60, seed: int = 0) -> pd.DataFrame:
    """Series of 6 to 20 steps around a level that changes now and then.

    ``label`` tells whether the level is high or low, ``level`` and ``slow`` tell it in
    two units, ``up`` and ``odd`` are labels of 0 and 1.
    """
    draw = np.random.default_rng(seed)
    names = ("warmth", "noise", "label", "level", "slow", "up", "odd")
    cells: dict[str, list[object]] = {name: [] for name in names}
    for _ in range(rows):
        steps = int(draw.integers(6, 21))
        level = np.repeat(draw.choice([-1.0, 1.0], steps), 4)[:steps]
        cells["warmth"].append((10 + 4 * level + draw.normal(0, 1, steps)).tolist())
        cells["noise"].append(draw.normal(0, 100, steps).tolist())
        cells["label"].append(["high" if one > 0 else "low" for one in level])
        cells["level"].append((50 + 20 * level).tolist())
        cells["slow"].append((level / 1000).tolist())
        cells["up"].append((level > 0).astype(float).tolist())
        cells["odd"].append((np.arange(steps) % 2).astype(float).tolist())
    return pd.DataFrame({name: pd.Series(each) for name, each in cells.items()})


def long_steps(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with a row a step; ``id`` tells the series."""
    columns = list(frame.columns)
    numbers = [name for name in columns if not isinstance(frame[name][0][0], str)]
    return (
        frame.assign(id=[f"s{row}" for row in range(len(frame))])
        .explode(columns, ignore_index=True)
        .astype(dict.fromkeys(numbers, float))
    )

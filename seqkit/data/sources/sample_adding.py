"""``sample:adding``: the adding problem (Hochreiter & Schmidhuber 1997, section 5.4).

As in Bai, Kolter & Koltun 2018: a step has two numbers, a value from 0 to 1 and a
marker that is 1 at two places, one in each half of the series, and 0 elsewhere. The
answer is the sum of the two marked values. Who always answers the mean, 1, has a
squared error of 1/6; whoever forgets the first marked value cannot do better than 1/12.

``sample:adding`` has 200 steps, ``sample:adding:100`` has 100.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqkit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

TRAIN_ROWS, TEST_ROWS = 20_000, 2_000
MOST_STEPS = 2_000
"""So that the rows stay below some 400 MB."""

SEEDS = {"train": 1, "test": 2}


def adding(steps: str = "200") -> dict[str, pd.DataFrame]:
    """Columns value, marker (lists of ``steps`` numbers) and target.

    Raises:
        DataError: ``steps`` is no whole number from 2 to MOST_STEPS.
    """
    if not steps.isdecimal() or not 2 <= int(steps) <= MOST_STEPS:
        raise DataError(
            f"sample:adding:STEPS takes a whole number of steps from 2 to "
            f"{MOST_STEPS:,}, got {steps!r}."
        )
    rows = {"train": TRAIN_ROWS, "test": TEST_ROWS}
    return {part: _rows(rows[part], int(steps), SEEDS[part]) for part in rows}


def _rows(rows: int, steps: int, seed: int) -> pd.DataFrame:
    import pandas as pd

    # The old generator's stream is the same in every version of NumPy.
    random = np.random.RandomState(seed)
    half = steps // 2
    first = random.randint(0, half, rows)
    second = random.randint(half, steps, rows)
    values = np.empty((rows, steps), np.float32)
    for row in values:
        row[:] = random.random_sample(steps)
    markers = np.zeros((rows, steps), np.float32)
    every = np.arange(rows)
    markers[every, first] = markers[every, second] = 1.0
    target = values[every, first].astype(float) + values[every, second]
    return pd.DataFrame(
        {
            "value": pd.Series(list(values), dtype=object),
            "marker": pd.Series(list(markers), dtype=object),
            "target": target,
        }
    )

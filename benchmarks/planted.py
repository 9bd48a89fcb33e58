"""Tasks whose right verdict is known, made from a seed; and their recipes.

``counting`` is made so that an LSTM beats a GRU: the answer asks for an exact count
over many steps. The cell state of an LSTM adds 1 or takes 1 off for as long as it
likes. The state of a GRU is a mean of numbers between -1 and 1, in which a step weighs
the less the more steps are to be told apart (Weiss, Goldberg & Yahav 2018, "On the
Practical Computational Power of Finite Precision RNNs for Language Recognition").
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras
    import pandas as pd

FEWEST_STEPS, MOST_STEPS = 20, 60
QUIET = 0.3
"""Share of the steps of ``counting`` that are zero."""

STRONGEST = 5
"""The largest number of a step of ``counting``; the smallest is 1."""

COUNTING = """\
# Did it go up more often than down? Half of the series swing wide and end close.
task: classify_series
data: {source: frame, values: [value], label: label, test: 0.3}
model: {cell: lstm, units: [2]}
train: {epochs: 16, batch_size: 64, learning_rate: 0.05, clip_norm: 1.0, seed: 7}
tune:
  budget: {trials: 4}
  model.cell: {choice: [lstm, gru]}
  train.learning_rate: {log: [0.04, 0.12]}
"""

NOISE = """\
# Labels drawn by lot: nothing can be learned but how many there are of each.
task: classify_series
data: {source: frame, values: [value], label: label, test: 0.5}
model: {cell: gru, units: [4]}
train: {epochs: 3, batch_size: 32, learning_rate: 0.05, seed: 7}
tune:
  budget: {trials: 1}
  model.cell: {choice: [simple_rnn, gru]}
"""

BLURRED = """\
# High or low? Nobody can always tell.
task: classify_series
data: {source: frame, values: [value], label: label, test: 0.4}
model: {cell: gru, units: [4]}
train: {epochs: 3, batch_size: 32, learning_rate: 0.02, seed: 7}
tune:
  budget: {trials: 1}
  model.cell: {choice: [gru]}
"""


def counting(rows: int, seed: int, close: float = 0.5) -> pd.DataFrame:
    """Series of 20 to 60 steps up, down or quiet; ``label``: were there more ups?

    A step up is a number from 1 to 5, down from -5 to -1, quiet 0: the sum does not
    tell how many there were of each. In a share ``close`` of the rows nearly all
    steps of one half go one way and those of the other half go back, and in the end
    ups and downs differ by 1 or 2 alone. In the others they differ by any number but 0.
    """
    import pandas as pd

    draw = np.random.default_rng(seed)
    wanted = round(close * rows), rows - round(close * rows)
    series = _swings(wanted[0], draw) + _walks(wanted[1], draw)
    order = draw.permutation(rows)
    labels = np.array([np.sign(one).sum() > 0 for one in series])
    return pd.DataFrame(
        {
            "value": pd.Series([series[row] for row in order], dtype=object),
            "label": np.where(labels[order], "up", "down"),
        }
    )


def _swings(rows: int, draw: np.random.Generator) -> list[NDArray[np.float64]]:
    """There and back again: counts that differ by 1 or 2 in the end."""
    found: list[NDArray[np.float64]] = []
    while len(found) < rows:
        steps = draw.integers(FEWEST_STEPS, MOST_STEPS + 1)
        back = draw.uniform(0, 0.15)
        ups = np.where(np.arange(steps) < steps // 2, back, 1 - back)
        one = _moved(ups if draw.random() < 0.5 else 1 - ups, draw)
        if 1 <= abs(np.sign(one).sum()) <= 2:
            found.append(one)
    return found


def _walks(rows: int, draw: np.random.Generator) -> list[NDArray[np.float64]]:
    """One way more often than the other, from the beginning to the end."""
    found: list[NDArray[np.float64]] = []
    while len(found) < rows:
        steps = draw.integers(FEWEST_STEPS, MOST_STEPS + 1)
        one = _moved(np.full(steps, draw.uniform(0.3, 0.7)), draw)
        if np.sign(one).sum():
            found.append(one)
    return found


def _moved(ups: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.float64]:
    """Numbers of steps that go up with the probabilities ``ups`` (steps,)."""
    way = np.where(draw.random(len(ups)) < ups, 1.0, -1.0)
    moves = draw.random(len(ups)) >= QUIET
    return way * moves * draw.uniform(1, STRONGEST, len(ups))


def noise(rows: int, seed: int, steps: int = 6, majority: float = 0.7) -> pd.DataFrame:
    """Series of noise whose labels are drawn by lot, ``majority`` of them the same."""
    import pandas as pd

    draw = np.random.default_rng(seed)
    values = list(draw.normal(size=(rows, steps)))
    labels = np.where(draw.random(rows) < majority, "often", "seldom")
    return pd.DataFrame({"value": pd.Series(values, dtype=object), "label": labels})


def blurred(rows: int, seed: int, steps: int = 6, blur: float = 1.5) -> pd.DataFrame:
    """Series at a level of 0.5 or -0.5, under noise of standard deviation ``blur``.

    Who knows the means of the classes and their noise is right in 0.79 of the rows:
    Phi(0.5 sqrt(steps) / blur).
    """
    import pandas as pd

    draw = np.random.default_rng(seed)
    high = draw.random(rows) < 0.5
    levels = np.where(high, 0.5, -0.5)[:, np.newaxis]
    values = levels + draw.normal(0, blur, (rows, steps))
    return pd.DataFrame(
        {
            "value": pd.Series(list(values), dtype=object),
            "label": np.where(high, "high", "low"),
        }
    )


def redrawn_gru(units: int, **options: Any) -> keras.layers.Layer:
    """The GRU once more; the same seed gives it other first weights."""
    from seqkit.models.cores.cells import gru

    # Keras takes its seeds from Python's generator, which a build seeds.
    random.random()
    return gru(units, **options)


def written(text: str, folder: Path, name: str) -> Path:
    """Write one of the recipes above into ``folder``."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path

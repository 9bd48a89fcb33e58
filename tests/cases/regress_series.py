"""``regress_series``: its keys, its tiny models and a run of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tiny_whole_series import tiny_series

from cases import series
from cases.case import Case, all_steps_tell
from cases.keys import Change, Changes, TaskKeys, sections
from cases.pairs import Combination
from seqkit.signature import Signature

DATA: Changes = series.DATA | {
    "target": Change("depth", shows="train"),
    "target_scale": Change("none", shows="train"),
}
KEYS = TaskKeys(
    recipe="adding_problem",
    base=series.BASE | {"data.target": "target"},
    data=DATA,
    model=series.MODEL | {"loss": Change("mae", shows="weights", others=("huber",))},
    frames=lambda: series.frames("target"),
    prepared=series.prepared,
    inputs=series.inputs,
    row=np.ndarray.tolist,
    answers=series.answers,
    quick=("data", "model.loss"),
    slow=("data.data_dir",),
)


def is_a_number(combination: Combination, rows: NDArray[np.float32]) -> None:
    assert rows.shape[1:] == (1,)


CASE = Case(
    keys=KEYS,
    **series.STACKS,
    held=("units", "filters", "loss"),
    like="classify_series",
    # Of its own is the head alone.
    tried=4,
    signature=lambda combination: Signature(features=2),
    batch=series.batch,
    varied=series.varied,
    check=is_a_number,
    tells=all_steps_tell,
    tiny=sections(
        {
            "data.source": "frame",
            "data.values": ["warmth", "noise"],
            "data.target": "level",
            "model.cell": "gru",
            "model.units": [6],
            "model.pooling": "mean",
            "train.epochs": 12,
            "train.batch_size": 16,
            "train.learning_rate": 0.03,
        }
    ),
    rows=tiny_series,
    # The poolings that texts leave.
    exported=(2, 3),
)

"""``regress_steps``: its keys, its tiny models and a run of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cases import series, steps
from cases.case import Case
from cases.keys import Change, Changes, TaskKeys, sections
from cases.pairs import Combination
from seqkit.signature import Signature

DATA: Changes = steps.DATA | {
    "targets": Change(["slow", "level"], shows="train"),
    "target_scale": Change("none", shows="train"),
}
KEYS = TaskKeys(
    recipe="sample_tracking",
    base=steps.BASE | {"data.targets": ["level"]},
    data=DATA,
    model=steps.MODEL | {"loss": Change("mae", shows="weights", others=("huber",))},
    frames=lambda: steps.frames("level"),
    prepared=steps.prepared,
    inputs=series.inputs,
    row=np.ndarray.tolist,
    answers=steps.answers,
    quick=("data.targets", "data.target_scale", "model.loss"),
)


def are_two_numbers(combination: Combination, rows: NDArray[np.float32]) -> None:
    assert rows.shape[1:] == (6, 2)


CASE = Case(
    keys=KEYS,
    **steps.STACKS,
    held=("units", "loss"),
    like="classify_series",
    # Of its own is the head alone.
    tried=4,
    exported=(5,),
    signature=lambda combination: Signature(features=2, details=(("targets", 2),)),
    check=are_two_numbers,
    tiny=sections(steps.TINY_RUN | {"data.targets": ["level", "slow"]}),
)

"""``classify_steps``: its keys, its tiny models and a run of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cases import series, steps
from cases.case import Case
from cases.keys import Change, Changes, TaskKeys, sections
from cases.pairs import Combination
from seqkit.signature import Signature

MULTI = {"data.labels": "multi", "data.label_columns": ["up", "odd"]}
DATA: Changes = steps.DATA | {
    "labels": Change(
        "multi", shows="classes", also={"data.label_columns": ["up", "odd"]}
    ),
    "label": Change("stars", shows="classes"),
    "label_columns": Change(["odd"], shows="classes", base=MULTI),
    "class_names": Change(["bad", "good"], shows="classes"),
    "class_weight": Change("balanced", shows="train"),
}
KEYS = TaskKeys(
    recipe="sample_activity",
    base=steps.BASE | {"data.label": "label"},
    data=DATA,
    model=steps.MODEL,
    frames=lambda: steps.frames("label"),
    prepared=steps.prepared,
    inputs=series.inputs,
    row=np.ndarray.tolist,
    answers=steps.answers,
    quick=(
        "data.labels",
        "data.overlap",
        "data.label_columns",
        "data.class_weight",
        "data.scale",
    ),
)


def are_probabilities(combination: Combination, rows: NDArray[np.float32]) -> None:
    """Each step holds one for each of three classes."""
    assert rows.shape[1:] == (6, 3)
    np.testing.assert_allclose(rows.sum(axis=-1), 1, rtol=1e-6)


CASE = Case(
    keys=KEYS,
    **steps.STACKS,
    held=("units",),
    like="classify_series",
    signature=lambda combination: Signature(
        features=2, classes=("bad", "good", "so-so"), details=(("multi", False),)
    ),
    check=are_probabilities,
    tiny=sections(steps.TINY_RUN),
    # The direction that others leave.
    exported=(4,),
)

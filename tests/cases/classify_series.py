"""``classify_series``: its keys, its tiny models and a run of it."""

from __future__ import annotations

import numpy as np
from tiny_whole_series import tiny_series

from cases import series
from cases.case import Case, all_steps_tell, are_probabilities
from cases.keys import Change, Changes, TaskKeys, sections
from seqkit.signature import Signature

DATA: Changes = series.DATA | {
    "label": Change("stars", shows="classes"),
    "class_names": Change(["bad", "good"], shows="classes"),
    "class_weight": Change("balanced", shows="sample_weights"),
}
KEYS = TaskKeys(
    recipe="motion_classification",
    base=series.BASE | {"data.label": "label"},
    data=DATA,
    model=series.MODEL,
    frames=lambda: series.frames("label"),
    prepared=series.prepared,
    inputs=series.inputs,
    row=np.ndarray.tolist,
    answers=series.answers,
    quick=("data", "model"),
    slow=("data.data_dir",),
)

CASE = Case(
    keys=KEYS,
    **series.STACKS,
    held=("units", "filters"),
    signature=lambda combination: Signature(
        features=2, classes=("bad", "good", "so-so")
    ),
    batch=series.batch,
    varied=series.varied,
    check=are_probabilities,
    tells=all_steps_tell,
    tiny=sections(
        {
            "data.source": "frame",
            "data.values": ["warmth", "noise"],
            "model.cell": "gru",
            "model.units": [6],
            "model.pooling": "mean",
            "train.epochs": 8,
            "train.batch_size": 16,
            "train.learning_rate": 0.03,
        }
    ),
    rows=tiny_series,
    # Classes of texts, and numbers of series, are tried.
    combined=True,
    exported=(),
)

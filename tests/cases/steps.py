"""What ``classify_steps`` and ``regress_steps`` share: keys and tiny models."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from tiny_steps import long_steps, tiny_steps

from cases import series
from cases.case import STACK_OPTIONS
from cases.keys import STACK, TINY, Change, Changes

LONG = {"data.source": "csv:long.csv", "data.layout": "long", "data.id": "id"}
KEPT = ("source", "data_dir", "encoding", "values", "validation", "test", "split_seed")
DATA: Changes = {key: series.DATA[key] for key in KEPT} | {
    "layout": Change(
        "long",
        shows="train",
        base={"data.source": "csv:long.csv"},
        also={"data.id": "id"},
        refused=True,
    ),
    "id": Change("half", shows="rows", base=LONG),
    "missing": series.DATA["missing"],
    "max_timesteps": Change(5, shows="train"),
    "overlap": Change(0.5, shows="train", base={"data.max_timesteps": 5}),
    "scale": Change("none", shows="train", others=("minmax", "series")),
}
MODEL: Changes = STACK | {
    "residual": Change(True, shows="answers", base={"model.embedding": 4}),
    "embedding": Change(5, shows="shapes", others=(6,)),
    "noise": Change(0.5, shows="training"),
}
BASE = TINY | {
    "data.source": "csv:rows.csv",
    "data.values": ["warmth"],
    "data.validation": 0.2,
    "data.test": 0.2,
    "train.learning_rate": 0.1,
}


def nested(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with cells that are JSON lists, as csv files have them."""
    return frame.map(json.dumps)


def frames(answer: str) -> dict[str, pd.DataFrame]:
    frame = tiny_steps(40)
    frame["stars"] = [["a" if one else "b" for one in odd] for odd in frame["odd"]]
    other, long = tiny_steps(40, seed=1), long_steps(frame)
    first = (long.groupby("id").cumcount() < 2).astype(int)
    gaps = frame.copy()
    gaps.at[3, "warmth"] = [*gaps.at[3, "warmth"][:-1], None]
    accents = frame.rename(columns={"noise": "l\u00e4rm"})
    return {
        "rows": nested(frame),
        "other": nested(other),
        "long": long.assign(half=long["id"] + "." + first.astype(str)),
        "gaps": nested(gaps),
        "accents": nested(accents[["warmth", "l\u00e4rm", answer]]),
    }


def prepared(data: Any, preprocessing: Any, stores: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "columns": preprocessing.value_columns,
        "classes": preprocessing.signature.classes,
        "rows": sum(map(data.count, ("train", "validation", "test"))),
        "test": [
            one.tolist() for chunk in data.examples("test") for one in chunk.inputs
        ],
    }
    for part, store in stores.items():
        plain[part] = [one.tolist() for one in store.arrays(np.arange(len(store)))]
    return plain


def answers(data: Any, answer: Any) -> Any:
    return [
        [one.tolist() for one in answer(chunk.inputs)]
        for chunk in data.examples("test")
    ]


STACKS: dict[str, Any] = {
    "model": {"units": [3]},
    "options": STACK_OPTIONS | {"embedding": 4, "noise": 0.5},
    "lengths": series.STACKS["lengths"],
    "padding": series.STACKS["padding"],
    "fillings": series.STACKS["fillings"],
    "batch": series.batch,
    "varied": series.varied,
    "per_step": True,
    "sees_ahead": lambda combination: combination["bidirectional"] != "none",
    "rows": tiny_steps,
}
"""What the cases of both tasks hold."""
TINY_RUN: dict[str, Any] = {
    "data.source": "frame",
    "data.values": ["warmth", "noise"],
    "model.cell": "gru",
    "model.units": [6],
    "train.epochs": 8,
    "train.batch_size": 16,
    "train.learning_rate": 0.03,
}

"""What ``classify_series`` and ``regress_series`` share: keys and tiny models."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cases.case import STACK_OPTIONS, STACKED
from cases.keys import STACK, TINY, Change, Changes
from seqkit.layers.series_padding import PADDING

LONG = {"data.source": "csv:long.csv", "data.layout": "long", "data.id": "id"}
ACCENTS = {"data.source": "csv:accents.csv"}
DATA: Changes = {
    "source": Change("csv:other.csv", shows="train"),
    "data_dir": Change("two", shows="train", base={"data.source": "tfds:tiny_rows"}),
    "encoding": Change(
        "latin-1", shows="columns", base=ACCENTS | {"data.values": None}
    ),
    # No file holds both a series a row and a step a row.
    "layout": Change(
        "long",
        shows="train",
        base={"data.source": "csv:long.csv"},
        also={"data.id": "id"},
        refused=True,
    ),
    "id": Change("half", shows="rows", base=LONG),
    "values": (
        Change(["noise"], shows="train", others=(["noise", "warmth"],)),
        Change(None, shows="columns", base=ACCENTS),
    ),
    "missing": Change(
        "drop",
        shows="train",
        base={"data.source": "csv:gaps.csv"},
        others=("interpolate",),
        refused=True,
    ),
    "validation": Change(0.3, shows="validation"),
    "test": Change(0.3, shows="test"),
    "split_seed": Change(1, shows="test"),
    "max_timesteps": Change(3, shows="train"),
    "truncating": Change("pre", shows="train", base={"data.max_timesteps": 3}),
    "scale": Change("none", shows="train", others=("minmax", "series")),
}
MODEL: Changes = STACK | {
    "residual": Change(
        True, shows="answers", base={"model.pooling": "mean", "model.embedding": 4}
    ),
    "embedding": Change(5, shows="shapes", others=(6,)),
    "noise": Change(0.5, shows="training"),
    "architecture": Change("lstm_fcn", shows="shapes"),
    "filters": Change(
        [2, 3, 4],
        shows="shapes",
        base={"model.architecture": "lstm_fcn"},
        others=([2, 3, 5],),
    ),
    "scaling_noise": Change(0.5, shows="training"),
    "window_warp": Change(0.5, shows="training"),
    "wide": Change("kernels", shows="shapes"),
    "pooling": (
        Change("mean", shows="answers", others=("max",)),
        Change("attention", shows="shapes"),
    ),
}
BASE = TINY | {
    "data.source": "csv:rows.csv",
    "data.values": ["warmth"],
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.pooling": "last",
    "train.learning_rate": 0.1,
}


def steps_of(seed: int) -> pd.DataFrame:
    """40 series of 3 to 9 steps, a row a step; a third of the labels are 1."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(40):
        label, length = int(number % 3 == 0), 3 + number % 7
        for step in range(length):
            warmth, noise = draw.normal(label, 1), draw.normal()
            rows.append(
                {
                    "id": f"s{number}",
                    "half": f"s{number}.{int(step > 1)}",
                    "warmth": round(warmth, 3),
                    "noise": round(noise, 3),
                    "label": label,
                    "stars": number % 4,
                    "target": round(number / 3, 3),
                    "depth": number % 5,
                }
            )
    return pd.DataFrame(rows)


def nested(rows: pd.DataFrame) -> pd.DataFrame:
    """The same with a row a series, whose cells are JSON lists."""
    numbers = rows.groupby("id", sort=False)[["warmth", "noise"]].agg(list)
    cells = numbers.map(json.dumps)
    answers = rows.groupby("id", sort=False)[["label", "stars", "target", "depth"]]
    return cells.join(answers.first()).reset_index(drop=True)


def frames(answer: str) -> dict[str, pd.DataFrame]:
    rows = nested(steps_of(0))
    gaps = rows.copy()
    gaps.loc[3, "warmth"] = "[0.5, null, 0.75, 2.5]"
    accents = rows.rename(columns={"noise": "l\u00e4rm"})
    return {
        "rows": rows,
        "other": nested(steps_of(1)),
        "long": steps_of(0),
        "gaps": gaps,
        "accents": accents[["warmth", "l\u00e4rm", answer]],
    }


def prepared(data: Any, preprocessing: Any, stores: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "columns": preprocessing.value_columns,
        "classes": preprocessing.signature.classes,
        "rows": sum(map(data.count, ("train", "validation", "test"))),
        "test": [
            one.tolist() for chunk in data.examples("test") for one in chunk.inputs
        ],
        "sample_weights": stores["train"].weights.tolist(),
    }
    for part, store in stores.items():
        steps = store.arrays(np.arange(len(store)))[0]
        plain[part] = [steps.tolist(), store.targets.tolist()]
    return plain


def inputs(model: Any) -> Any:
    """Eight series that vary, one shorter than the others."""
    (_, _, columns) = model.input.shape
    steps = np.random.default_rng(0).normal(size=(8, 6, columns)).astype(np.float32)
    steps[1, 3:] = PADDING
    return steps


def answers(data: Any, answer: Any) -> Any:
    return [answer(chunk.inputs).tolist() for chunk in data.examples("test")]


# A model

STACKS: dict[str, Any] = {
    "model": {"units": [3]},
    "options": STACK_OPTIONS
    | {"embedding": 4, "noise": 0.5, "scaling_noise": 0.5, "window_warp": 0.5},
    "implied": STACKED | {("architecture", "lstm_fcn"): {"filters": [3, 4, 3]}},
    "in_turn": ("architecture",),
    "lengths": (6, 4, 1),
    "padding": PADDING,
    "fillings": (-2.0, 0.0, 3.0),
}
"""What the cases of both tasks hold."""


def batch(model: Any) -> NDArray[np.float32]:
    """Three series of 6, 4 and 1 steps."""
    (_, _, columns) = model.input.shape
    steps = np.random.default_rng(1).normal(size=(3, 6, columns)).astype(np.float32)
    steps[1, 4:], steps[2, 1:] = PADDING, PADDING
    return steps


def varied(model: Any) -> NDArray[np.float32]:
    """The first series, and the same with other numbers in each step."""
    others = np.repeat(batch(model)[:1], 7, axis=0)
    others[np.arange(1, 7), np.arange(6)] += [1.5, -1.5]
    return others

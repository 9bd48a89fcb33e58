"""The keys of ``classify_series`` and ``regress_series``."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from recipe_keys import STACK, TINY, Case, Cases, TaskKeys

from seqkit.layers.series_padding import PADDING

LONG = {"data.source": "csv:long.csv", "data.layout": "long", "data.id": "id"}
ACCENTS = {"data.source": "csv:accents.csv"}
DATA: Cases = {
    "source": Case("csv:other.csv", shows="train"),
    "data_dir": Case("two", shows="train", base={"data.source": "tfds:tiny_rows"}),
    "encoding": Case("latin-1", shows="columns", base=ACCENTS | {"data.values": None}),
    # No file holds both a series a row and a step a row.
    "layout": Case(
        "long",
        shows="train",
        base={"data.source": "csv:long.csv"},
        also={"data.id": "id"},
        refused=True,
    ),
    "id": Case("half", shows="rows", base=LONG),
    "values": (
        Case(["noise"], shows="train", others=(["noise", "warmth"],)),
        Case(None, shows="columns", base=ACCENTS),
    ),
    "missing": Case(
        "drop",
        shows="train",
        base={"data.source": "csv:gaps.csv"},
        others=("interpolate",),
        refused=True,
    ),
    "validation": Case(0.3, shows="validation"),
    "test": Case(0.3, shows="test"),
    "split_seed": Case(1, shows="test"),
    "max_timesteps": Case(3, shows="train"),
    "truncating": Case("pre", shows="train", base={"data.max_timesteps": 3}),
    "scale": Case("none", shows="train", others=("minmax", "series")),
}
CLASS_DATA: Cases = DATA | {
    "label": Case("stars", shows="classes"),
    "class_names": Case(["bad", "good"], shows="classes"),
    "class_weight": Case("balanced", shows="sample_weights"),
}
NUMBER_DATA: Cases = DATA | {
    "target": Case("depth", shows="train"),
    "target_scale": Case("none", shows="train"),
}
MODEL: Cases = STACK | {
    "residual": Case(
        True, shows="answers", base={"model.pooling": "mean", "model.embedding": 4}
    ),
    "embedding": Case(5, shows="shapes", others=(6,)),
    "noise": Case(0.5, shows="training"),
    "pooling": (
        Case("mean", shows="answers", others=("max",)),
        Case("attention", shows="shapes"),
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


CLASS_KEYS = TaskKeys(
    recipe="motion_classification",
    base=BASE | {"data.label": "label"},
    data=CLASS_DATA,
    model=MODEL,
    frames=lambda: frames("label"),
    prepared=prepared,
    inputs=inputs,
    row=np.ndarray.tolist,
    answers=answers,
    quick=("data", "model"),
)
NUMBER_KEYS = TaskKeys(
    recipe="adding_problem",
    base=BASE | {"data.target": "target"},
    data=NUMBER_DATA,
    model=MODEL | {"loss": Case("mae", shows="weights", others=("huber",))},
    frames=lambda: frames("target"),
    prepared=prepared,
    inputs=inputs,
    row=np.ndarray.tolist,
    answers=answers,
    quick=("data", "model.loss"),
)

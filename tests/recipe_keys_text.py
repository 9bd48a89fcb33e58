"""The keys of ``classify_text``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from recipe_keys import STACK, TINY, Case, Cases, TaskKeys

DATA: Cases = {
    "source": Case("csv:other.csv", shows="train"),
    "data_dir": Case("two", shows="train", base={"data.source": "tfds:tiny_rows"}),
    "encoding": Case("latin-1", shows="vocabulary"),
    "missing": (
        Case("empty", shows="rows"),
        Case("drop", shows="rows", base={"data.missing": "error"}, refused=True),
    ),
    "validation": Case(0.3, shows="validation"),
    "test": Case(0.3, shows="test"),
    "split_seed": Case(1, shows="test"),
    "text": Case("summary", shows="train"),
    "label": Case("stars", shows="classes"),
    "vocab_size": Case(5, shows="vocabulary"),
    "max_timesteps": Case(3, shows="train"),
    "level": Case("character", shows="vocabulary"),
    "truncating": Case(
        "pre", shows="train", base={"data.max_timesteps": 3}, others=("middle",)
    ),
    "lowercase": Case(False, shows="vocabulary"),
    "class_names": Case(["bad", "good"], shows="classes"),
    "class_weight": Case("balanced", shows="sample_weights"),
}
MODEL: Cases = STACK | {
    "residual": Case(True, shows="answers", base={"model.pooling": "mean"}),
    "embedding": Case(5, shows="shapes"),
    "embedding_dropout": Case(0.5, shows="training"),
    "token_dropout": Case(0.5, shows="training"),
    "pooling": (
        Case("mean", shows="answers", others=("max",)),
        Case("attention", shows="shapes"),
    ),
}
BASE = TINY | {
    "data.source": "csv:rows.csv",
    "data.missing": "drop",
    "data.vocab_size": 60,
    "data.max_timesteps": 12,
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.embedding": 4,
    "model.pooling": "last",
}
IDS = np.array([[2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 0, 0]], np.int32)


def reviews(words: str) -> pd.DataFrame:
    """30 rows and one without a text; a third of the labels are 1."""
    rows: list[dict[str, Any]] = []
    for row in range(30):
        places = (row % 5, (row + 2) % 5, (row * 3) % 5)
        text = " ".join(words.split()[place] for place in places)
        rows.append(
            {
                "text": f"{text} Caf\u00e9 {row}",
                "summary": f"short {row}",
                "label": str(int(row % 3 == 0)),
                "stars": str(row % 4),
            }
        )
    rows.append({"text": None, "summary": "nothing", "label": "0", "stars": "0"})
    return pd.DataFrame(rows)


def frames() -> dict[str, pd.DataFrame]:
    return {
        "rows": reviews("Film film plot cast bad"),
        "other": reviews("Song song tune band bad"),
    }


def prepared(data: Any, preprocessing: Any, stores: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "classes": preprocessing.answer.classes,
        "vocabulary": preprocessing.inputs.encoder.vocabulary,
        "rows": sum(map(data.count, ("train", "validation", "test"))),
        "test": [text for chunk in data.examples("test") for text in chunk.inputs],
        "sample_weights": stores["train"].weights.tolist(),
    }
    for part, store in stores.items():
        ids = store.arrays(np.arange(len(store)))[0]
        plain[part] = ids.tolist() + store.targets.tolist()
    return plain


def answers(data: Any, answer: Any) -> Any:
    return [answer(chunk.inputs).tolist() for chunk in data.examples("test")]


KEYS = TaskKeys(
    recipe="sample_sentiment",
    base=BASE,
    data=DATA,
    model=MODEL,
    frames=frames,
    prepared=prepared,
    inputs=lambda model: IDS,
    row=str,
    answers=answers,
)

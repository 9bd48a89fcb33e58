"""``classify_text``: its keys, its tiny models and a run of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from tiny import TINY as TINY_RUN
from tiny import reviews as good_and_bad

from cases.case import STACK_OPTIONS, Case, all_steps_tell, are_probabilities
from cases.keys import STACK, TINY, Change, Changes, TaskKeys
from seqkit.signature import Signature

DATA: Changes = {
    "source": Change("csv:other.csv", shows="train"),
    "data_dir": Change("two", shows="train", base={"data.source": "tfds:tiny_rows"}),
    "encoding": Change("latin-1", shows="vocabulary"),
    "missing": (
        Change("empty", shows="rows"),
        Change("drop", shows="rows", base={"data.missing": "error"}, refused=True),
    ),
    "validation": Change(0.3, shows="validation"),
    "test": Change(0.3, shows="test"),
    "split_seed": Change(1, shows="test"),
    "text": Change("summary", shows="train"),
    "label": Change("stars", shows="classes"),
    "vocab_size": Change(5, shows="vocabulary"),
    "max_timesteps": Change(3, shows="train"),
    "level": Change(
        "character",
        shows="vocabulary",
        base={"data.vocab_size": 300},
        others=("subword",),
    ),
    "truncating": Change(
        "pre", shows="train", base={"data.max_timesteps": 3}, others=("middle",)
    ),
    "lowercase": Change(False, shows="vocabulary"),
    "class_names": Change(["bad", "good"], shows="classes"),
    "class_weight": Change("balanced", shows="sample_weights"),
}
MODEL: Changes = STACK | {
    "residual": Change(True, shows="answers", base={"model.pooling": "mean"}),
    "embedding": Change(5, shows="shapes"),
    "embedding_dropout": Change(0.5, shows="training"),
    "token_dropout": Change(0.5, shows="training"),
    "pooling": (
        Change("mean", shows="answers", others=("max",)),
        Change("attention", shows="shapes"),
    ),
    "wide": Change("ngrams", shows="shapes"),
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
    # Gradients of embeddings are sparse: their norm is a contract of its own.
    quick=("data", "model", "train.clip_norm"),
)

# A model

WORDS = ("", "[UNK]", *"good bad film the a not was and of it".split())
BATCH = np.array(
    [[2, 3, 4, 5, 6, 1], [7, 8, 9, 10, 0, 0], [11, 0, 0, 0, 0, 0]], np.int32
)


def varied(model: Any) -> Any:
    """The first text, and the same with another word in each place."""
    others = np.repeat(BATCH[:1], 7, axis=0)
    others[np.arange(1, 7), np.arange(6)] = 11
    return others


CASE = Case(
    keys=KEYS,
    model={"units": [3], "embedding": 4},
    options=STACK_OPTIONS | {"embedding_dropout": 0.5, "token_dropout": 0.5},
    held=("units", "embedding", "pretrained_vectors", "frozen_vectors"),
    signature=lambda combination: Signature(
        timesteps=8, vocabulary=len(WORDS), classes=("bad", "good", "so-so")
    ),
    batch=lambda model: BATCH,
    varied=varied,
    check=are_probabilities,
    tells=all_steps_tell,
    lengths=(6, 4, 1),
    fillings=(1, 2, 3, 4, 5, 6, 9),
    tiny=TINY_RUN | {"train.learning_rate": 0.02},
    rows=lambda: good_and_bad(400),
    exported=(0, 1),
    formats=("savedmodel", "keras", "onnx", "litert"),
)

"""``extract_summary``: its keys, its tiny models and a run of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cases import sequences
from cases.case import STACK_OPTIONS, Case
from cases.keys import STACK, TINY, TRAIN, Change, Changes, TaskKeys
from cases.pairs import Combination
from seqkit.signature import Signature

OF_PAIRS = (
    "output_vocab_size",
    "shared",
    "max_output",
    "output",
    "input",
    "title",
    "lowercase",
)
DATA: Changes = {
    key: value for key, value in sequences.DATA.items() if key not in OF_PAIRS
} | {
    "input": Change("other", shows="train"),
    "output": Change("label", shows="train"),
    "title": Change("other", shows="train"),
    "lowercase": Change(False, shows="vocabulary"),
    "max_sentences": Change(1, shows="train"),
}
MODEL: Changes = STACK | {
    "residual": Change(True, shows="answers"),
    "embedding": Change(5, shows="shapes"),
    "embedding_dropout": Change(0.5, shows="training"),
    "token_dropout": Change(0.5, shows="training"),
    "sentence_encoder": Change("lstm", shows="shapes"),
    "sentence_units": Change(6, shows="shapes"),
}
TRAINING: Changes = TRAIN | {
    "keep": Change(
        "last",
        shows="kept",
        # Under this seed such a decay lets the loss rise; it ends at 1.
        base={
            "train.learning_rate": 0.5,
            "train.weight_decay": 5.0,
            "train.seed": 1,
        },
    )
}
BASE = TINY | {
    "data.source": "csv:rows.csv",
    "data.missing": "drop",
    "data.vocab_size": 60,
    "data.max_timesteps": 6,
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.embedding": 4,
    "model.sentence_units": 4,
}


def texts_of(words: str) -> pd.DataFrame:
    """30 rows and one without an input; one of three sentences is the summary."""
    rows: list[dict[str, Any]] = []
    for row in range(30):
        word, other = (words.split()[(row + more) % 5] for more in (0, 2))
        told = f"We show a caf\u00e9 {word} {row}."
        rest = [f"It is {other} known.", f"Many {word} {other} are old and dear."]
        rest.insert(row % 3, told)
        rows.append(
            {
                "input": " ".join(rest),
                "other": f"A {word} {row}? No {other}.",
                "output": f"We show {word} {row}",
                "label": f"{word} known",
            }
        )
    rows.append({"input": None, "other": "none", "output": "no", "label": "no"})
    return pd.DataFrame(rows)


def frames() -> dict[str, pd.DataFrame]:
    return {
        "rows": texts_of("Film film plot cast bad"),
        "other": texts_of("Song song tune band bad"),
    }


def prepared(data: Any, preprocessing: Any, stores: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "vocabulary": preprocessing.inputs.encoder.vocabulary,
        "rows": sum(map(data.count, ("train", "validation", "test"))),
        "test": [text for chunk in data.examples("test") for text in chunk.inputs],
    }
    for part, store in stores.items():
        plain[part] = [one.tolist() for one in store.arrays(np.arange(len(store)))]
    return plain


def answers(data: Any, answer: Any) -> Any:
    return [
        [outputs["output"], outputs["score"]]
        for outputs in (answer(chunk.inputs) for chunk in data.examples("test"))
    ]


WORDS = 12
BATCH = np.array(
    [
        [[2, 3, 4], [5, 6, 7], [8, 9, 1], [2, 5, 8]],
        [[7, 8, 9], [4, 2, 0], [0, 0, 0], [0, 0, 0]],
        [[10, 3, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]],
    ],
    np.int32,
)
KEYS = TaskKeys(
    recipe="extractive_summary",
    base=BASE,
    data=DATA,
    model=MODEL,
    frames=frames,
    prepared=prepared,
    inputs=lambda model: BATCH,
    row=str,
    answers=answers,
    quick=(
        "decode",
        "data.max_sentences",
        "data.title",
        "data.output",
        "model.sentence_encoder",
        "model.sentence_units",
    ),
    train=TRAINING,
    decode={"sentences": Change(2, shows="answers")},
)


def varied(model: Any) -> NDArray[np.int32]:
    """The first text, and the same with another word in each sentence."""
    others = np.repeat(BATCH[:1], 5, axis=0)
    others[np.arange(1, 5), np.arange(4), 1] = 11
    return others


def are_shares(combination: Combination, rows: NDArray[np.float32]) -> None:
    """Each row holds a probability of each of four sentences."""
    assert rows.shape[1:] == (4,)
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-6)


def told_texts(rows: int = 240) -> pd.DataFrame:
    """Texts of three sentences; the one that begins with We is the summary."""
    return pd.concat([texts_of("Film film plot cast bad")[:30]] * (rows // 30)).assign(
        input=lambda frame: [f"{one} Row {n}." for n, one in enumerate(frame["input"])]
    )


CASE = Case(
    keys=KEYS,
    model={"units": [3], "embedding": 4, "sentence_units": 4},
    options=STACK_OPTIONS | {"embedding_dropout": 0.5, "token_dropout": 0.5},
    held=("units", "embedding", "sentence_units"),
    signature=lambda combination: Signature(timesteps=4, vocabulary=WORDS),
    batch=lambda model: BATCH,
    varied=varied,
    check=are_shares,
    # A highest value need not see every word.
    tells=lambda combination: bool(combination["sentence_encoder"] == "lstm"),
    lengths=(4, 2, 1),
    fillings=(3, 5, 9),
    per_step=True,
    atol=1e-5,
    # Its stack and its reader of sentences are a tagger's.
    like="tag_text",
    tiny={
        "data.source": "frame",
        "data.input": "input",
        "data.output": "output",
        "model.units": [8],
        "model.embedding": 8,
        "model.sentence_units": 16,
        "train.epochs": 6,
        "train.batch_size": 16,
        "train.learning_rate": 0.02,
        "train.patience": None,
    },
    rows=told_texts,
    combined=True,
    exported=(),
)

"""``tag_text``: its keys, its tiny models and a run of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cases.case import STACK_OPTIONS, Case
from cases.keys import STACK, TINY, Change, Changes, TaskKeys
from cases.pairs import Combination
from seqkit.data.sources.sample_tags import tags as made_up
from seqkit.signature import Signature

LETTERS = {"data.tokens": "letters", "data.tags": "kinds"}
DATA: Changes = {
    "source": Change("csv:other.csv", shows="train"),
    "data_dir": Change("two", shows="train", base={"data.source": "tfds:tiny_rows"}),
    "encoding": Change("latin-1", shows="vocabulary"),
    "missing": Change(
        "drop", shows="rows", base={"data.missing": "error"}, refused=True
    ),
    "validation": Change(0.3, shows="validation"),
    "test": Change(0.3, shows="test"),
    "split_seed": Change(1, shows="test"),
    "tokens": Change("others", shows="train"),
    "tags": Change("kinds", shows="classes", base=LETTERS | {"data.tags": "more"}),
    "tag_names": Change(
        ["O", "B-name", "I-name"], shows="classes", base={"data.tags": "numbers"}
    ),
    "scheme": Change(
        "plain",
        shows="scheme",
        base={"data.tags": "loose", "data.scheme": "iob2"},
    ),
    "groups": Change("document", shows="test"),
    "level": Change("character", shows="vocabulary", base=LETTERS),
    "lowercase": Change(False, shows="vocabulary"),
    "vocab_size": Change(5, shows="vocabulary"),
    "max_timesteps": Change(3, shows="train"),
    "overlap": Change(0.5, shows="train", base={"data.max_timesteps": 2}),
}
CNN = {"model.characters": "cnn"}
MODEL: Changes = STACK | {
    "residual": Change(True, shows="answers"),
    "embedding": Change(5, shows="shapes"),
    "embedding_dropout": Change(0.5, shows="training"),
    "token_dropout": Change(0.5, shows="training"),
    "characters": Change("cnn", shows="shapes", others=("lstm",)),
    "character_embedding": Change(5, shows="shapes", base=CNN),
    "character_units": Change(5, shows="shapes", base=CNN),
    "casing": Change(True, shows="shapes"),
    "unknown_rate": Change(0.9, shows="weights"),
    "head": Change("crf", shows="shapes"),
}
BASE = TINY | {
    "data.source": "csv:rows.csv",
    "data.missing": "drop",
    "data.vocab_size": 60,
    "data.max_timesteps": 12,
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.embedding": 4,
    "model.characters": "none",
    "model.casing": False,
    "model.head": "softmax",
}
NAMES = ("O", "B-name", "I-name")


def sentences(words: str) -> pd.DataFrame:
    """30 rows and one without tokens; two tokens of each are a name."""
    rows: list[dict[str, Any]] = []
    for row in range(30):
        places = (row % 5, (row + 2) % 5, (row * 3) % 5)
        plain = " ".join(words.split()[place] for place in places)
        rows.append(
            {
                "tokens": f"Caf\u00e9 {row} {plain}",
                "others": f"short {row} {plain}",
                "tags": "B-name I-name O O O",
                "loose": "I-name B-thing O O O",
                "numbers": json.dumps([1, 2, 0, 0, 0]),
                "letters": "abcd"[row % 4] + "ab"[row % 2] + "x",
                "kinds": "yyz"[row % 3] + "zz",
                "more": "v" + "vvw"[row % 3] + "w",
                "document": f"d{row // 3}",
            }
        )
    rows.append(dict.fromkeys(rows[0]))
    return pd.DataFrame(rows)


def frames() -> dict[str, pd.DataFrame]:
    return {
        "rows": sentences("Film film plot cast bad"),
        "other": sentences("Song song tune band bad"),
    }


def prepared(data: Any, preprocessing: Any, stores: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "classes": preprocessing.answer.tags,
        "scheme": preprocessing.answer.scheme,
        "vocabulary": preprocessing.inputs.vocabulary.words,
        "rows": sum(map(data.count, ("train", "validation", "test"))),
        "test": [one for chunk in data.examples("test") for one in chunk.inputs],
    }
    for part, store in stores.items():
        inputs, targets, weights = store.arrays(np.arange(len(store)))
        words = inputs["words"] if isinstance(inputs, dict) else inputs
        plain[part] = [words.tolist(), targets.tolist(), weights.tolist()]
    return plain


def answers(data: Any, answer: Any) -> Any:
    return [
        [tags.tolist() for tags in answer(chunk.inputs)["tags"]]
        for chunk in data.examples("test")
    ]


def inputs_of(words: NDArray[np.int32]) -> dict[str, NDArray[np.int32]]:
    """What a model reads of words: letters and a casing that they decide."""
    letters = np.where(words > 0, 2 + words % 5, 0)[..., np.newaxis]
    return {
        "words": words,
        "letters": np.repeat(letters, 4, axis=-1).astype(np.int32),
        "casing": np.where(words > 0, 1 + words % 4, 0).astype(np.int32),
    }


IDS = np.array([[2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 0, 0]], np.int32)
KEYS = TaskKeys(
    recipe="sample_tags",
    base=BASE,
    data=DATA,
    model=MODEL,
    frames=frames,
    prepared=prepared,
    inputs=lambda model: inputs_of(IDS),
    row=list,
    answers=answers,
    quick=(
        "data",
        "decode",
        *(f"model.{key}" for key in ("characters", "casing", "unknown_rate", "head")),
    ),
    slow=("data.data_dir",),
    decode={"method": Change("argmax", shows="answers")},
)

# A model

WORDS = 12
BATCH = np.array(
    [[2, 3, 4, 5, 6, 1], [7, 8, 9, 10, 0, 0], [11, 0, 0, 0, 0, 0]], np.int32
)


def varied(model: Any) -> Any:
    """The first sentence, and the same with another word in each place."""
    others = np.repeat(BATCH[:1], 7, axis=0)
    others[np.arange(1, 7), np.arange(6)] = 11
    return inputs_of(others)


def are_steps(combination: Combination, rows: NDArray[np.float32]) -> None:
    """Each step has three numbers: probabilities unless a CRF takes them."""
    assert rows.shape[2:] == (3,)
    if combination["head"] == "softmax":
        np.testing.assert_allclose(rows.sum(axis=-1), 1, rtol=1e-6)


def tiny_sentences(rows: int = 300, part: str = "train") -> pd.DataFrame:
    """Some of the sentences that seqkit makes up."""
    return made_up()[part][:rows]


LOSS: Callable[[Any, Any], Any] = lambda model, outputs: model.loss(  # noqa: E731
    np.array([[1, 2, 0, 1, 1, 2], [0, 1, 2, 2, 0, 0], [1, 0, 0, 0, 0, 0]]), outputs
)
CASE = Case(
    keys=KEYS,
    # Read forwards alone, no step sees what stands behind it.
    model={
        "units": [3],
        "bidirectional": "concat",
        "embedding": 4,
        "character_embedding": 3,
        "character_units": 4,
    },
    options=STACK_OPTIONS | {"embedding_dropout": 0.5, "token_dropout": 0.5},
    held=(
        "pretrained_vectors",
        "frozen_vectors",
        "units",
        "bidirectional",
        "embedding",
        "character_embedding",
        "character_units",
        "casing",
        "unknown_rate",
    ),
    signature=lambda combination: Signature(
        vocabulary=WORDS,
        classes=NAMES,
        details=(("singletons", (1, 1)), ("alphabet", 9), ("scheme", "iob2")),
    ),
    batch=lambda model: inputs_of(BATCH),
    varied=varied,
    check=are_steps,
    sees_ahead=lambda combination: combination["cell"] != "tcn",
    loss=LOSS,
    lengths=(6, 4, 1),
    fillings=(1, 2, 3),
    per_step=True,
    tiny={
        "model.units": [8],
        "model.embedding": 8,
        "model.characters": "none",
        "train.epochs": 6,
        "train.batch_size": 16,
        "train.learning_rate": 0.02,
        "train.patience": None,
    },
    rows=tiny_sentences,
    exported=(0, 1),
)

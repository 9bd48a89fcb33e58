"""``translate``, ``summarise`` and ``transduce``: one model under three headlines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cases.case import STACK_OPTIONS, Case
from cases.keys import STACK, TINY, Change, Changes, TaskKeys
from cases.pairs import Combination
from seqkit.signature import Signature

SHARED = {"data.shared": True}
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
    "input": Change("other", shows="train"),
    "output": Change("label", shows="outputs"),
    "title": Change("other", shows="train"),
    "groups": Change("label", shows="test"),
    "vocab_size": Change(8, shows="vocabulary"),
    "output_vocab_size": Change(8, shows="outputs"),
    "shared": Change(True, shows="vocabulary"),
    "max_timesteps": Change(3, shows="train"),
    "max_output": Change(3, shows="train"),
    "level": Change(
        "character",
        shows="vocabulary",
        base={"data.level": "word", "data.vocab_size": 300},
        others=("subword",),
    ),
    "truncating": Change(
        "pre", shows="train", base={"data.max_timesteps": 3}, others=("middle",)
    ),
    "lowercase": Change(True, shows="vocabulary"),
}
SAMPLED = {"model.scheduled_sampling": "linear", "model.sampling_steps": 4}
MODEL: Changes = STACK | {
    "residual": Change(True, shows="answers"),
    "embedding": Change(5, shows="shapes"),
    "embedding_dropout": Change(0.5, shows="training"),
    "token_dropout": Change(0.5, shows="training"),
    "decoder_cell": Change("gru", shows="shapes", others=("lstm",)),
    "decoder_units": Change([5], shows="shapes"),
    "attention": (
        Change("additive", shows="shapes", others=("dot",)),
        Change("none", shows="shapes", base={"model.attention": "additive"}),
    ),
    "attention_units": Change(5, shows="shapes"),
    "input_feeding": Change(True, shows="shapes"),
    "tie": (
        Change("output", shows="shapes"),
        Change("all", shows="shapes", base={**SHARED, "model.tie": "output"}),
    ),
    "copy": Change(True, shows="shapes", base=SHARED),
    "coverage": Change(1.0, shows="shapes"),
    "label_smoothing": Change(0.3, shows="weights"),
    "scheduled_sampling": Change(
        "linear",
        shows="weights",
        base={"model.sampling_rate": 0.9, "model.sampling_steps": 4},
        others=("constant", "inverse_sigmoid"),
    ),
    "sampling_rate": Change(0.9, shows="weights", base=SAMPLED),
    "sampling_steps": Change(1, shows="weights", base=SAMPLED),
}
DRAWN = {"decode.method": "sample"}
DECODE: Changes = {
    "method": Change("greedy", shows="answers", others=("sample",)),
    "beam": Change(1, shows="answers"),
    "length_penalty": Change(0.0, shows="answers"),
    "n_best": Change(2, shows="answers"),
    "no_repeat": Change(1, shows="answers"),
    "temperature": Change(0.3, shows="answers", base=DRAWN),
    "top_k": Change(1, shows="answers", base=DRAWN),
    "top_p": Change(0.1, shows="answers", base=DRAWN),
    "seed": Change(1, shows="answers", base=DRAWN),
}
BASE = TINY | {
    "data.source": "csv:rows.csv",
    "data.missing": "drop",
    "data.level": "character",
    "data.vocab_size": 60,
    "data.max_timesteps": 12,
    "data.max_output": 8,
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.embedding": 4,
    "model.attention": "general",
    "model.bidirectional": "none",
    "decode.beam": 3,
}


def pairs_of(words: str) -> pd.DataFrame:
    """30 rows and one without an input; outputs are two letters and a number."""
    rows: list[dict[str, Any]] = []
    for row in range(30):
        word = words.split()[row % 5]
        rows.append(
            {
                "input": f"{word} \u00e9{row}",
                "other": f"no {row} {word}",
                "output": f"{word[:2]} {row % 4}",
                "label": word,
            }
        )
    rows.append({"input": None, "other": "none", "output": "no", "label": "no"})
    return pd.DataFrame(rows)


def frames() -> dict[str, pd.DataFrame]:
    return {
        "rows": pairs_of("Film film plot cast bad"),
        "other": pairs_of("Song song tune band bad"),
    }


def prepared(data: Any, preprocessing: Any, stores: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "vocabulary": preprocessing.inputs.encoder.vocabulary,
        "outputs": preprocessing.answer.tokenizer.vocabulary,
        "rows": sum(map(data.count, ("train", "validation", "test"))),
        "test": [text for chunk in data.examples("test") for text in chunk.inputs],
    }
    for part, store in stores.items():
        inputs, targets, weights = store.arrays(np.arange(len(store)))
        arrays = (*inputs.values(), targets, weights)
        plain[part] = [array.tolist() for array in arrays]
    return plain


def answers(data: Any, answer: Any) -> Any:
    return [
        [outputs["outputs"].tolist(), outputs["scores"].tolist()]
        for outputs in (answer(chunk.inputs) for chunk in data.examples("test"))
    ]


IDS = {
    "tokens": np.array([[2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 0, 0]], np.int32),
    "previous": np.array([[2, 4, 5, 6, 7, 8], [2, 9, 10, 11, 0, 0]], np.int32),
}
KEYS = TaskKeys(
    recipe="addition",
    base=BASE,
    data=DATA,
    model=MODEL,
    frames=frames,
    prepared=prepared,
    inputs=lambda model: IDS,
    row=str,
    answers=answers,
    quick=(
        "data",
        "decode",
        *(
            f"model.{key}"
            for key in (
                "decoder_cell",
                "decoder_units",
                "attention",
                "attention_units",
                "input_feeding",
                "tie",
                "copy",
                "coverage",
                "label_smoothing",
                "scheduled_sampling",
            )
        ),
    ),
    slow=("data.data_dir",),
    decode=DECODE,
)

# A model

SIZE = 12
BATCH = {
    "tokens": np.array(
        [[2, 3, 4, 5, 6, 1], [7, 8, 9, 10, 0, 0], [11, 0, 0, 0, 0, 0]], np.int32
    ),
    "previous": np.array(
        [[2, 4, 5, 6, 7, 1], [2, 8, 9, 10, 0, 0], [2, 0, 0, 0, 0, 0]], np.int32
    ),
}


def varied(model: Any) -> dict[str, NDArray[np.int32]]:
    """The first pair, and the same with another token in each place of the source."""
    others = {name: np.repeat(ids[:1], 7, axis=0) for name, ids in BATCH.items()}
    others["tokens"][np.arange(1, 7), np.arange(6)] = 11
    return others


def are_logits(combination: Combination, rows: NDArray[np.float32]) -> None:
    assert rows.shape[2:] == (SIZE,)
    if combination["copy"]:
        np.testing.assert_allclose(np.exp(rows).sum(axis=-1), 1, rtol=1e-5)


def digits(rows: int = 300) -> pd.DataFrame:
    """Numbers, and the same from the last digit to the first."""
    texts = [str(37 * row + 11) for row in range(rows)]
    return pd.DataFrame({"input": texts, "output": [text[::-1] for text in texts]})


CASE = Case(
    keys=KEYS,
    # Kinds of attention and directions are crossed in tests/models/pairs.
    model={"units": [3], "embedding": 3, "bidirectional": "sum"},
    options=STACK_OPTIONS
    | {
        "embedding_dropout": 0.5,
        "token_dropout": 0.5,
        "input_feeding": True,
        "copy": True,
        "coverage": 1.0,
    },
    held=(
        "units",
        "embedding",
        "bidirectional",
        "attention",
        "decoder_cell",
        "decoder_units",
        "attention_units",
        "label_smoothing",
        "scheduled_sampling",
        "sampling_rate",
        "sampling_steps",
    ),
    data={"data.shared": True},
    signature=lambda combination: Signature(
        timesteps=8,
        vocabulary=SIZE,
        details=(("output_vocabulary", SIZE), ("output_timesteps", 8)),
    ),
    batch=lambda model: BATCH,
    varied=varied,
    check=are_logits,
    lengths=(6, 4, 1),
    fillings=(3, 5, 9),
    per_step=True,
    rtol=1e-5,
    tiny={
        "data.source": "frame",
        "data.level": "character",
        "data.shared": True,
        "data.max_output": 8,
        "model.units": [12],
        "model.embedding": 8,
        "train.epochs": 6,
        "train.batch_size": 16,
        "train.learning_rate": 0.02,
        "train.patience": None,
    },
    rows=digits,
    exported=(0,),
)


def like_it(recipe: str) -> Case:
    """The case of a task that differs in its headline and in its rivals alone."""
    base = KEYS.base | {"data.input": "input", "data.output": "output"}
    keys = replace(KEYS, recipe=recipe, quick=(), base=base)
    tiny = {
        **CASE.tiny,
        "data.input": "input",
        "data.output": "output",
        "model.tie": "none",
        "model.copy": False,
    }
    return replace(
        CASE, keys=keys, tiny=tiny, like="transduce", combined=True, exported=()
    )

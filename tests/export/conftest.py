"""A small model of each kind of file that a run ships, with weights from a seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqkit.export import Shipment

CLASSES = ("neg", "very good/é")
WORDS = "good bad film the a not was and of it ! 😀 café don't".split()
TEXTS = [
    "A good film!",
    "bad, BAD film... <br />not good",
    "",
    "😀🤷‍♀️ CAFÉ \x00 'quoted' don't",
    "the film was not good, it was bad and " * 20,
]


def make_shipment(core: Any = None, **options: Any) -> Shipment:
    """A two-class text model; ``options`` go to its TextEncoder."""
    import keras
    import pandas as pd
    import tensorflow as tf

    from seqkit.layers import LabelDecoder, MaskedMeanPooling, TextEncoder

    vocabulary = ["", "[UNK]", *WORDS]
    options = {"max_timesteps": 30, "truncating": "middle", **options}
    encoder = TextEncoder(vocabulary, **options)
    if core is None:
        keras.utils.set_random_seed(3)
        ids = keras.Input((None,), dtype="int32", name="ids")
        # Weights so large that every sample has an answer of its own.
        wide = keras.initializers.RandomNormal(stddev=1.0)
        steps = keras.layers.Embedding(
            len(vocabulary), 4, mask_zero=True, embeddings_initializer=wide
        )(ids)
        layer = keras.layers.LSTM(4, return_sequences=True, recurrent_dropout=0.3)
        steps = MaskedMeanPooling()(keras.layers.Bidirectional(layer)(steps))
        head = keras.layers.Dense(2, activation="softmax", kernel_initializer=wide)
        core = keras.Model(ids, head(steps))
    text = keras.Input((), dtype="string", name="text")
    serving = keras.Model({"text": text}, LabelDecoder(CLASSES)(core(encoder(text))))

    def predict(samples: Any) -> dict[str, list[Any]]:
        rows = core(encoder(tf.constant(samples["text"]))).numpy()
        answers: dict[str, Any] = {"label": [CLASSES[best] for best in rows.argmax(1)]}
        answers["probability"] = rows.max(1)
        answers |= {f"p_{name}": rows[:, i] for i, name in enumerate(CLASSES)}
        return pd.DataFrame(answers).to_dict("list")

    files = {
        "vocabulary.json": json.dumps(vocabulary, ensure_ascii=False),
        "classes.json": json.dumps(CLASSES).encode(),
        "preprocessing.json": json.dumps(
            {"level": encoder.level, "lowercase": encoder.lowercase, **options}
        ),
    }
    card = "# trial\n\nA card.\n"
    return Shipment("trial", serving, core, files, {"text": TEXTS}, predict, card)


@pytest.fixture(scope="session")
def shipment() -> Shipment:
    return make_shipment()


@pytest.fixture(scope="session")
def new_shipment() -> Callable[..., Shipment]:
    return make_shipment


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """The content of a folder, by path below it."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read

"""Ask a ``.keras`` file all inputs at once, then one at a time: FOLDER DATA_FOLDER."""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

import seqkit.layers  # noqa: F401


def main(folder: str, data: str) -> None:
    """Write the answers of ``model.keras`` in ``folder``."""
    samples = json.loads(Path(data, "samples.json").read_text("utf-8"))
    ((name, texts),) = samples.items()
    model = keras.saving.load_model(Path(folder, "model.keras"), compile=False)
    raw = tf.constant([text.encode("utf-8", "replace") for text in texts])
    named = isinstance(model.input, dict)

    # One graph for all: step by step a long text takes seconds.
    answer = tf.function(
        lambda rows: model({name: rows} if named else rows),
        input_signature=[tf.TensorSpec((None,), tf.string)],
    )

    def ask(rows: tf.Tensor) -> dict[str, list[Any]]:
        return _plain(answer(rows))

    together = ask(raw)
    singles = [ask(raw[row : row + 1]) for row in range(len(texts))]
    alone = {name: [one[name][0] for one in singles] for name in together}
    answers = json.dumps([together, alone])
    Path(data, "answers.json").write_text(answers, encoding="utf-8")


def _plain(outputs: dict[str, Any]) -> dict[str, list[Any]]:
    plain = {name: values.numpy().tolist() for name, values in outputs.items()}
    return {
        name: [v.decode() if isinstance(v, bytes) else v for v in values]
        for name, values in plain.items()
    }


if __name__ == "__main__":
    main(*sys.argv[1:])

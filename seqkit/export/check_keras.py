"""Ask a ``.keras`` file all inputs at once, then one at a time: FOLDER DATA_FOLDER."""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

import seqkit.models.registered  # noqa: F401


def main(folder: str, data: str) -> None:
    """Write the answers of ``model.keras`` in ``folder``."""
    samples = json.loads(Path(data, "samples.json").read_text("utf-8"))
    model = keras.saving.load_model(Path(folder, "model.keras"), compile=False)
    named = isinstance(model.input, dict)
    expected = model.input if named else dict.fromkeys(samples, model.input)
    inputs = {
        name: _tensor(rows, expected[name].dtype) for name, rows in samples.items()
    }
    specs = {
        name: tf.TensorSpec((None, *expected[name].shape[1:]), expected[name].dtype)
        for name in samples
    }

    # One graph for all: step by step a long input takes seconds.
    answer = tf.function(
        lambda rows: model(rows if named else next(iter(rows.values()))),
        input_signature=[specs],
    )

    together = _plain(answer(inputs))
    count = len(next(iter(samples.values())))
    singles = [
        _plain(answer({name: rows[row : row + 1] for name, rows in inputs.items()}))
        for row in range(count)
    ]
    alone = {name: [one[name][0] for one in singles] for name in together}
    answers = json.dumps([together, alone])
    Path(data, "answers.json").write_text(answers, encoding="utf-8")


def _tensor(rows: list[Any], dtype: str) -> tf.Tensor:
    return tf.constant(_encoded(rows) if dtype == "string" else rows, dtype)


def _encoded(texts: Any) -> Any:
    """Texts as UTF-8; lists of them, however deep, as they are."""
    if isinstance(texts, list):
        return [_encoded(one) for one in texts]
    return texts.encode("utf-8", "replace")


def _plain(outputs: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: _decoded(values.numpy().tolist()) for name, values in outputs.items()}


def _decoded(values: Any) -> Any:
    if isinstance(values, list):
        return [_decoded(one) for one in values]
    return values.decode() if isinstance(values, bytes) else values


if __name__ == "__main__":
    main(*sys.argv[1:])

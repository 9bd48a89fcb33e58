"""Ask a SavedModel one input at a time, then 1000 at once: FOLDER DATA_FOLDER."""

import json
import sys
from pathlib import Path
from typing import Any

# With TensorFlow alone: an import of seqkit fails from here on.
sys.modules["seqkit"] = None  # type: ignore[assignment]

import tensorflow as tf  # noqa: E402

ROWS = 1000


def main(folder: str, data: str) -> None:
    """Write the answers of the SavedModel in ``folder``."""
    samples = json.loads(Path(data, "samples.json").read_text(encoding="utf-8"))
    model = tf.saved_model.load(folder)
    serve = model.signatures["serving_default"]
    _, specs = serve.structured_input_signature
    inputs = {name: _tensor(rows, specs[name].dtype) for name, rows in samples.items()}
    count = len(next(iter(samples.values())))
    singles = [
        serve(**{name: rows[row : row + 1] for name, rows in inputs.items()})
        for row in range(count)
    ]
    alone = {name: tf.concat([one[name] for one in singles], 0) for name in singles[0]}
    many = tf.range(ROWS) % count
    together = serve(**{name: tf.gather(rows, many) for name, rows in inputs.items()})
    passes = [alone, together]
    if "step" in model.signatures:
        passes.append(_streamed(model.signatures["step"], inputs))
    answers = [
        {name: _plain(values) for name, values in outputs.items()} for outputs in passes
    ]
    Path(data, "answers.json").write_text(json.dumps(answers), encoding="utf-8")


def _streamed(step: Any, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """All samples as streams side by side: the answers once their values have come."""
    _, specs = step.structured_input_signature
    rows, lookback = inputs["values"].shape
    carried = [name for name in specs if name.startswith("state_")]
    state = {
        name: tf.fill(
            [rows, *specs[name].shape[1:]], tf.constant(float("nan"), specs[name].dtype)
        )
        for name in carried
    }
    ahead = specs["future"].shape[1] if "future" in specs else 0
    answers = {}
    for t in range(lookback):
        told = {"value": inputs["values"][:, t]}
        if "past" in specs:
            told["past"] = inputs["past"][:, t]
        if "future" in specs:
            told["future"] = inputs["future"][:, t : t + ahead]
        fixed = {name: inputs[name] for name in specs if name in inputs}
        answers = step(**(fixed | told), **state)
        state = {name: answers.pop(name) for name in carried}
    return answers


def _tensor(rows: list[Any], dtype: tf.DType) -> tf.Tensor:
    return tf.constant(_encoded(rows) if dtype == tf.string else rows, dtype)


def _encoded(texts: Any) -> Any:
    """Texts as UTF-8; lists of them, however deep, as they are."""
    if isinstance(texts, list):
        return [_encoded(one) for one in texts]
    return texts.encode("utf-8", "replace")


def _plain(values: tf.Tensor) -> list[Any]:
    plain: list[Any] = values.numpy().tolist()
    return _decoded(plain) if values.dtype == tf.string else plain


def _decoded(texts: Any) -> Any:
    if isinstance(texts, list):
        return [_decoded(one) for one in texts]
    return texts.decode()


if __name__ == "__main__":
    main(*sys.argv[1:])

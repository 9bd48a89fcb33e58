"""Ask an ONNX model all inputs at once, then one at a time: FOLDER DATA_FOLDER."""

import json
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import onnxruntime


def main(folder: str, data: str) -> None:
    """Write the answers of ``model.onnx`` in ``folder``, fed by ``encode.py``."""
    (texts,) = json.loads(Path(data, "samples.json").read_text("utf-8")).values()
    classes = json.loads(Path(folder, "classes.json").read_text("utf-8"))
    session = onnxruntime.InferenceSession(Path(folder, "model.onnx"))
    encoder = run_path(str(Path(folder, "encode.py")))["Encoder"](folder)

    def ask(texts: list[str]) -> Any:
        ids = np.array(encoder.batch(texts), np.int32)
        return session.run(["probabilities"], {"ids": ids})[0]

    alone = np.concatenate([ask([text]) for text in texts])
    answers = [_named(rows, classes) for rows in (ask(texts), alone)]
    Path(data, "answers.json").write_text(json.dumps(answers), encoding="utf-8")


def _named(rows: Any, classes: list[str]) -> dict[str, list[Any]]:
    return {
        "label": [classes[best] for best in rows.argmax(-1)],
        "probability": rows.max(-1).tolist(),
        **{f"p_{name}": rows[:, i].tolist() for i, name in enumerate(classes)},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])

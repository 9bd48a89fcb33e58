"""Ask a LiteRT model one input at a time: FOLDER DATA_FOLDER."""

import json
import sys
from importlib import import_module
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np


def main(folder: str, data: str) -> None:
    """Write the answers of ``model.tflite`` in ``folder``, fed by ``encode.py``."""
    (texts,) = json.loads(Path(data, "samples.json").read_text("utf-8")).values()
    classes = json.loads(Path(folder, "classes.json").read_text("utf-8"))
    interpreter = _interpreter()(str(Path(folder, "model.tflite")))
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]
    encoder = run_path(str(Path(folder, "encode.py")))["Encoder"](folder)

    def ask(text: str) -> Any:
        ids = np.array([encoder.ids(text)], np.int32)
        interpreter.resize_tensor_input(source, ids.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(source, ids)
        interpreter.invoke()
        return interpreter.get_tensor(target)[0]

    rows = np.array([ask(text) for text in texts])
    answers = {
        "label": [classes[best] for best in rows.argmax(-1)],
        "probability": rows.max(-1).tolist(),
        **{f"p_{name}": rows[:, i].tolist() for i, name in enumerate(classes)},
    }
    Path(data, "answers.json").write_text(json.dumps([answers]), encoding="utf-8")


def _interpreter() -> Any:
    """LiteRT's own interpreter where it is installed, else the one in TensorFlow."""
    try:
        return import_module("ai_edge_litert.interpreter").Interpreter
    except ImportError:
        return import_module("tensorflow").lite.Interpreter


if __name__ == "__main__":
    main(*sys.argv[1:])

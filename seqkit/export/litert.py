"""LiteRT (once TensorFlow Lite): the core model for phones and small devices."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from seqkit.export.base import Format, inference_graph, quiet
from seqkit.export.shipment import Shipment
from seqkit.export.tokens.core import (
    USAGE,
    core_function,
    example_text,
    write_core_files,
)
from seqkit.shared.keras_private import frozen, lower_tensor_lists

FILE = "model.tflite"


class LiteRTFormat(Format):
    """``model.tflite``: ids (1, timesteps) to probabilities (1, classes)."""

    name = "litert"
    instead = "savedmodel"

    def write(self, shipment: Shipment, folder: Path) -> None:
        write_core_files(shipment, folder, self.name)
        with quiet(), inference_graph(shipment.core):
            (folder / FILE).write_bytes(_converted(shipment.core))

    def usage(self, shipment: Shipment) -> str:
        return f"""\
{USAGE}
It answers one sequence a call, of any length.

```python
import json
from pathlib import Path

import numpy as np
from encode import Encoder

try:
    from ai_edge_litert.interpreter import Interpreter  # pip install ai-edge-litert
except ImportError:
    import tensorflow as tf

    Interpreter = tf.lite.Interpreter

interpreter = Interpreter("{FILE}")
source = interpreter.get_input_details()[0]["index"]
target = interpreter.get_output_details()[0]["index"]
classes = json.loads(Path("classes.json").read_text("utf-8"))
for text in [{example_text(shipment)!r}]:
    ids = np.array([Encoder(".").ids(text)], np.int32)
    interpreter.resize_tensor_input(source, ids.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(source, ids)
    interpreter.invoke()
    row = interpreter.get_tensor(target)[0]
    print("label", classes[row.argmax()], dict(zip(classes, row.tolist())))
```"""


def _converted(core: object) -> bytes:
    """The core as a flat buffer of built-in operations, batch 1, any length."""
    graph = core_function(core, batch=1).get_concrete_function()
    # Frozen constants and lists lowered to arrays: with variables or TensorList
    # operations the converter falls back on Flex, which the runtimes lack.
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen(graph)], core)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    lower_tensor_lists(converter)
    converted: bytes = converter.convert()
    return converted

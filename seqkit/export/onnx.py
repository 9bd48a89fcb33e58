"""ONNX: the core model for ONNX Runtime, with its preprocessing beside it."""

from __future__ import annotations

from pathlib import Path

from seqkit.export.base import Format, inference_graph, quiet
from seqkit.export.shipment import Shipment
from seqkit.export.tokens.core import (
    USAGE,
    core_function,
    example_text,
    write_core_files,
)

FILE = "model.onnx"
OPSET = 17
DIMENSIONS = ("batch", "timesteps")


class OnnxFormat(Format):
    """``model.onnx``: ``ids`` (batch, timesteps) to ``probabilities``."""

    name = "onnx"
    instead = "savedmodel"
    packages = ("onnx", "tf2onnx", "onnxruntime")

    def write(self, shipment: Shipment, folder: Path) -> None:
        import tf2onnx

        write_core_files(shipment, folder, self.name)
        with quiet(), inference_graph(shipment.core):
            answer = core_function(shipment.core, batch=None)
            model, _ = tf2onnx.convert.from_function(
                answer, input_signature=answer.input_signature, opset=OPSET
            )
        for tensor in (*model.graph.input, *model.graph.output):
            shape = tensor.type.tensor_type.shape.dim
            for name, dimension in zip(DIMENSIONS, shape, strict=True):
                if not dimension.dim_value:
                    dimension.dim_param = name
        (folder / FILE).write_bytes(model.SerializeToString())

    def usage(self, shipment: Shipment) -> str:
        return f"""\
{USAGE}
```python
# pip install onnxruntime
import json
from pathlib import Path

import numpy as np
import onnxruntime
from encode import Encoder

session = onnxruntime.InferenceSession("{FILE}")
ids = np.array(Encoder(".").batch([{example_text(shipment)!r}]), np.int32)
(probabilities,) = session.run(["probabilities"], {{"ids": ids}})
classes = json.loads(Path("classes.json").read_text("utf-8"))
for row in probabilities:
    print("label", classes[row.argmax()], dict(zip(classes, row.tolist())))
```"""

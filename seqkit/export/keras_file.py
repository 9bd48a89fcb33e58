"""A ``.keras`` file: the whole model from raw inputs to answers, to train on or cut."""

from __future__ import annotations

from pathlib import Path

from seqkit.export.base import Format, example_tensors
from seqkit.export.shipment import Shipment

FILE = "model.keras"


class KerasFormat(Format):
    """``model.keras``, loaded by Keras with the layers of seqkit."""

    name = "keras"
    instead = "savedmodel"
    needs_seqkit = True

    def write(self, shipment: Shipment, folder: Path) -> None:
        shipment.serving.save(folder / FILE)

    def usage(self, shipment: Shipment) -> str:
        tensors = example_tensors(shipment)
        inputs = ", ".join(f'"{name}": {tensor}' for name, tensor in tensors.items())
        inputs = f"{{{inputs}}}"
        if not isinstance(shipment.serving.input, dict):
            (inputs,) = tensors.values()
        return f"""\
Keras loads it where seqkit is installed; the snippet runs in this folder.

```python
import keras
import seqkit.models.registered  # registers the layers in the file
import tensorflow as tf

model = keras.saving.load_model("{FILE}", compile=False)
answers = model({inputs})
for output, values in sorted(answers.items()):
    print(output, values.numpy())
```"""

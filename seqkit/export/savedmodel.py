"""SavedModel: raw inputs to named answers, for TensorFlow alone."""

from __future__ import annotations

import re
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from seqkit.export.base import Format, inference_graph, quiet
from seqkit.export.shipment import Shipment


class SavedModelFormat(Format):
    """The folder itself is the SavedModel; its signature is ``serving_default``."""

    name = "savedmodel"
    instead = "keras"

    def write(self, shipment: Shipment, folder: Path) -> None:
        model = shipment.serving
        archive = keras.export.ExportArchive()
        for layer in model._flatten_layers():
            # For their lookup tables. The endpoint brings the variables itself: of a
            # layer that is tracked as well Keras stores them twice.
            if layer.built and not layer.variables:
                archive.track(layer)
        with quiet(), inference_graph(model):
            archive.add_endpoint(
                "serve",
                partial(model.__call__, training=False),
                input_signature=[keras.tree.map_structure(_spec, model.input)],
            )
            archive.write_out(folder, verbose=False)

    def usage(self, shipment: Shipment) -> str:
        (name,) = shipment.samples
        example = shipment.example()
        # saved_model_cli splits what it is given at semicolons and quotes.
        plain = re.sub(r"[^A-Za-z0-9 ]+", "", str(example)).strip() or "one"
        call = shlex.quote(f'{name}=["{plain}"]')
        return f"""\
TensorFlow alone loads it; the snippet runs in this folder.

```python
import tensorflow as tf

serve = tf.saved_model.load(".").signatures["serving_default"]
answers = serve({name}=tf.constant([{example!r}]))
for output, values in sorted(answers.items()):
    print(output, values.numpy())
```

Or from the command line:

```sh
saved_model_cli run --dir . --tag_set serve --signature_def serving_default \\
  --input_exprs {call}
```

TensorFlow Serving takes this folder as a version of a model: `/models/NAME/1`."""


def _spec(tensor: keras.KerasTensor) -> Any:
    """The signature of one input: its name and dtype, any number of rows."""
    return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype, tensor.name)

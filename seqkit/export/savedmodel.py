"""SavedModel: raw inputs to named answers, for TensorFlow alone."""

from __future__ import annotations

import re
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from seqkit.export.base import Format, example_tensors, inference_graph, quiet
from seqkit.export.shipment import Shipment
from seqkit.shared.keras_private import every_layer, trace_endpoints_once


class SavedModelFormat(Format):
    """The folder itself is the SavedModel; its signature is ``serving_default``.

    Models that can follow a stream have the signature ``step`` beside it, and some have
    others that take raw inputs of another form.
    """

    name = "savedmodel"
    instead = "keras"

    def write(self, shipment: Shipment, folder: Path) -> None:
        model = shipment.serving
        archive = keras.export.ExportArchive()
        trace_endpoints_once(archive)
        models = [model, *shipment.beside.values()]
        layers = {id(one): one for each in models for one in every_layer(each)}
        for layer in layers.values():
            # For their lookup tables. The endpoint brings the variables itself: of a
            # layer that is tracked as well Keras stores them twice.
            if layer.built and not layer.variables:
                archive.track(layer)
        with quiet(), inference_graph(model):
            _add_endpoint(archive, "serve", model)
            if shipment.streaming:
                _add_endpoint(archive, "step", shipment.streaming)
            for name, other in shipment.beside.items():
                _add_endpoint(archive, name, other)
            archive.write_out(folder, verbose=False)

    def usage(self, shipment: Shipment) -> str:
        arguments = ", ".join(
            f"{name}={tensor}" for name, tensor in example_tensors(shipment).items()
        )
        return f"""\
TensorFlow alone loads it; the snippet runs in this folder.

```python
import tensorflow as tf

serve = tf.saved_model.load(".").signatures["serving_default"]
answers = serve({arguments})
for output, values in sorted(answers.items()):
    print(output, values.numpy())
```

Or from the command line:

```sh
saved_model_cli {_command(shipment)}
```

TensorFlow Serving takes this folder as a version of a model: `/models/NAME/1`.
{_streaming(shipment)}{_beside(shipment)}"""


def _add_endpoint(archive: Any, name: str, model: keras.Model) -> None:
    archive.add_endpoint(
        name,
        partial(model.__call__, training=False),
        input_signature=[keras.tree.map_structure(_spec, model.input)],
    )


def _streaming(shipment: Shipment) -> str:
    """How to follow a stream; nothing where the model cannot."""
    if shipment.streaming is None:
        return ""
    inputs, example = shipment.streaming.input, shipment.example()
    state = [name for name in inputs if name.startswith("state_")]
    begin = ", ".join(
        f'"{name}": float("nan") * tf.ones({_one_row(inputs[name])})' for name in state
    )
    fresh = {
        name: f"tf.constant([{example[name]!r}])"
        if isinstance(example.get(name), str)
        else f"tf.ones({_one_row(tensor)})"
        for name, tensor in inputs.items()
        if name not in state
    }
    values = ", ".join(f"{name}={tensor}" for name, tensor in fresh.items())
    note = f" {shipment.stream_note}".rstrip()
    return f"""
For a stream the signature `step` takes one new value at a time, and its own state, all
NaN in the beginning.{note}

```python
step = tf.saved_model.load(".").signatures["step"]
state = {{{begin}}}
for _ in range(3):
    answers = step({values}, **state)
    state = {{name: answers[name] for name in state}}
```"""


def _beside(shipment: Shipment) -> str:
    """The other signatures, with what they take and give."""
    return "".join(
        f"\nThe signature `{name}` takes {_named(other.input)} in their place, and "
        f"gives {_named(other.output)}.\n"
        for name, other in shipment.beside.items()
    )


def _named(tensors: dict[str, Any]) -> str:
    return ", ".join(f"`{name}` {_shape(one)}" for name, one in tensors.items())


def _shape(tensor: Any) -> str:
    sizes = ", ".join("any" if size is None else str(size) for size in tensor.shape)
    return f"({sizes})"


def _one_row(tensor: Any) -> str:
    """Shape and dtype of an input of one row, as code."""
    return f"{[1, *tensor.shape[1:]]}, {str(tensor.dtype)!r}"


def _command(shipment: Shipment) -> str:
    """What the command line asks a text model; of others it shows the inputs."""
    where = "--dir . --tag_set serve --signature_def serving_default"
    example = shipment.example()
    ((name, value), *more) = example.items()
    if more or not isinstance(value, str):
        return f"show {where}"
    # saved_model_cli splits what it is given at semicolons and quotes.
    plain = re.sub(r"[^A-Za-z0-9 ]+", "", value).strip() or "one"
    call = shlex.quote(f'{name}=["{plain}"]')
    return f"run {where} \\\n  --input_exprs {call}"


def _spec(tensor: keras.KerasTensor) -> Any:
    """The signature of one input: its name and dtype, any number of rows."""
    return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype, tensor.name)

"""What seqkit takes of Keras and TensorFlow that they do not export.

Each name stands in a function of its own, which imports it when it is called, and has a
test of its own: where a release moves one, that test tells which, and here is the one
place to mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def data_adapter() -> type[Any]:
    """The class that ``Model.fit`` takes "custom data adapters" by."""
    from keras.src.trainers.data_adapters.data_adapter import DataAdapter

    adapter: type[Any] = DataAdapter
    return adapter


def every_layer(model: keras.Model) -> list[keras.Layer]:
    """A model with all layers in it, and those inside of them."""
    return list(model._flatten_layers())


def draws_recurrent_dropout(layer: keras.Layer) -> bool:
    """Whether dropout inside a cell draws random numbers, in inference, too."""
    return hasattr(layer, "get_recurrent_dropout_mask")


def is_deterministic() -> bool:
    """Whether operations are made deterministic in this process."""
    from tensorflow.python.framework import config

    return bool(config.is_op_determinism_enabled())


def end_determinism() -> None:
    """Undo ``tf.config.experimental.enable_op_determinism``."""
    from tensorflow.python.framework import config

    config.disable_op_determinism()


def dismantle_graph(graph: Any) -> None:
    """Free a graph whose loops hold it in circles that Python does not see."""
    from tensorflow.python.framework.func_graph import dismantle_func_graph

    dismantle_func_graph(graph)


def trace_endpoints_once(archive: Any) -> None:
    """Have a ``keras.export.ExportArchive`` hold its endpoints as they are traced.

    Of functions that it holds, TensorFlow traces each again while it saves.
    """
    import tensorflow as tf

    def traced(name: str, function: Any, signature: Any) -> Any:
        graph = tf.function(function, signature, autograph=False)
        return graph.get_concrete_function()

    assert hasattr(archive, "_backend_add_endpoint")
    archive._backend_add_endpoint = traced


@contextmanager
def new_gradients_forgotten() -> Iterator[None]:
    """Take back the gradients that TensorFlow registers meanwhile.

    It keeps those that tracing adds, and with them the graph, for ever.
    """
    gradients = registered_gradients()
    before = set(gradients)
    yield
    for name in set(gradients) - before:
        del gradients[name]


def registered_gradients() -> dict[str, Any]:
    """The gradients of operations that TensorFlow has, by name: the registry itself."""
    from tensorflow.python.framework.ops import gradient_registry

    registry: dict[str, Any] = gradient_registry._registry
    return registry


def frozen(function: Any) -> Any:
    """A concrete function with its variables as constants and its loops as they are."""
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    return convert_variables_to_constants_v2(function, lower_control_flow=False)


def lower_tensor_lists(converter: Any) -> None:
    """Have a LiteRT converter make arrays of the lists that loops write."""
    # Set on a converter that does not know it, it would do nothing, silently.
    assert hasattr(converter, "_experimental_lower_tensor_list_ops")
    converter._experimental_lower_tensor_list_ops = True

"""A model as one graph for inputs of any length; Keras's predict stalls for seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def compiled_model(model: keras.Model) -> Callable[[Any], Any]:
    """``model`` in inference, from inputs of its own structure to its outputs."""
    import keras
    import tensorflow as tf

    specs = keras.tree.map_structure(
        lambda tensor: tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype),
        model.input,
    )
    graph = tf.function(
        lambda inputs: model(inputs, training=False),
        input_signature=[specs],
        autograph=False,
    )
    # Concrete: TensorFlow takes one function a model for retracing, and warns of it.
    return graph.get_concrete_function()

"""A loop over ``step(state, x) -> (state, y)``, in the graph and with gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Step = Callable[[Any, Any], tuple[Any, Any]]
"""From a state and what comes in to the next state and what goes out."""


def scan(
    step: Step,
    state: Any,
    inputs: Any = None,
    count: int | None = None,
    mask: Any = None,
    dtypes: Any = tf.float32,
) -> tuple[Any, Any]:
    """Take one step after the other: all outputs (batch, steps, ...), the last state.

    A graph holds the step once, however many there are; there is one at least.

    Args:
        step: ``x`` is None where there are no ``inputs``.
        state: before the first step, tensors (batch, ...) in any nest; each keeps its
            shape and type.
        inputs: (batch, steps, ...) in any nest.
        count: how many steps; None: those of ``inputs``.
        mask: (batch, steps), False where a step leaves the row's state as it is.
        dtypes: the types of outputs, in a nest as theirs.
    """
    sequences = {"x": inputs} if mask is None else {"x": inputs, "live": mask}
    if count is None:
        count = tf.shape(tf.nest.flatten(inputs)[0])[1]
    arrays = tf.nest.map_structure(_by_step, sequences)
    written = tf.nest.map_structure(lambda one: tf.TensorArray(one, count), dtypes)

    def body(place: Any, state: Any, written: Any) -> tuple[Any, Any, Any]:
        here = tf.nest.map_structure(
            lambda array: None if array is None else array.read(place), arrays
        )
        after, outputs = step(state, here["x"])
        if mask is not None:
            after = kept_where(here["live"], after, state)
        return (
            place + 1,
            of_shapes(after, state),
            tf.nest.map_structure(lambda a, y: a.write(place, y), written, outputs),
        )

    _, state, written = tf.while_loop(
        lambda place, *_: place < count,
        body,
        (tf.constant(0), state, written),
        # What a step reads is what the one before it wrote.
        parallel_iterations=1,
        maximum_iterations=count,
    )
    return tf.nest.map_structure(lambda a: _by_row(a.stack()), written), state


def of_shapes(new: Any, old: Any) -> Any:
    """``new`` tensors with the static shapes of ``old`` ones, as a loop wants them."""
    return tf.nest.map_structure(lambda n, o: tf.ensure_shape(n, o.shape), new, old)


def kept_where(live: Any, new: Any, old: Any) -> Any:
    """Rows of ``new`` tensors (batch, ...) where ``live`` (batch,), else of ``old``."""

    def chosen(one: Any, other: Any) -> Any:
        ones = tf.ones([tf.rank(one) - 1], tf.int32)
        return tf.where(tf.reshape(live, tf.concat([[-1], ones], 0)), one, other)

    return tf.nest.map_structure(chosen, new, old)


def _by_step(sequence: Any) -> Any:
    if sequence is None:
        return None
    steps = _by_row(tf.convert_to_tensor(sequence))
    return tf.TensorArray(steps.dtype, tf.shape(steps)[0]).unstack(steps)


def _by_row(steps: Any) -> Any:
    """(steps, batch, ...) to (batch, steps, ...), and the other way round."""
    if steps.shape.rank is not None:
        return tf.transpose(steps, (1, 0, *range(2, steps.shape.rank)))
    further = tf.range(2, tf.rank(steps))
    return tf.transpose(steps, tf.concat([[1, 0], further], axis=0))

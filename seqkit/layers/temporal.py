"""A temporal convolutional network, one residual block a layer (Bai et al. 2018).

The block is called as Keras's recurrent layers are, so that stacks, decoders and
streams take it for one: its states are the last inputs of its convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

Shape = tuple[Any, ...]


@keras.saving.register_keras_serializable("seqkit")
class TemporalBlock(keras.layers.Layer):
    """Two causal convolutions (batch, timesteps, features) and a way around them.

    y = relu(x + f(f(x))) with f(x)_t = dropout(relu(b + sum_i W_i x_{t - i dilation})),
    i < kernel_size; x goes through a linear layer where its width is another.
    ("An Empirical Evaluation of Generic Convolutional and Recurrent Networks for
    Sequence Modeling", section 3; weights are not normalised.) Masked steps are passed
    over: those around them are read as neighbours.

    Args:
        units: filters of each convolution.
        kernel_size: steps that each reads.
        dilation: steps from one of these to the next.
        dropout: of whole filters, one mask a sequence.
        return_sequences: give (batch, timesteps, units), not the last step's (batch,
            units).
        return_state: give the last ``(kernel_size - 1) * dilation`` inputs of each
            convolution besides.
    """

    state_names = ("inputs", "hidden")

    def __init__(
        self,
        units: int,
        kernel_size: int = 3,
        dilation: int = 1,
        dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.units, self.kernel_size, self.dilation = units, kernel_size, dilation
        self.dropout = dropout
        self.return_sequences, self.return_state = return_sequences, return_state
        self.convolutions = [
            keras.layers.Dense(
                units, "relu", kernel_initializer="he_uniform", name=f"convolution_{i}"
            )
            for i in (1, 2)
        ]
        self.drops = [
            keras.layers.SpatialDropout1D(dropout, name=f"drop_{i}") for i in (1, 2)
        ]
        self.project = keras.layers.Dense(units, name="project")

    @property
    def reach(self) -> int:
        """Steps before its own that each convolution reads."""
        return (self.kernel_size - 1) * self.dilation

    def build(self, steps_shape: Shape, initial_state_shape: Any = None) -> None:
        width = steps_shape[-1]
        for convolution, below in zip(
            self.convolutions, (width, self.units), strict=True
        ):
            convolution.build((None, None, self.kernel_size * below))
        if width != self.units:
            self.project.build((None, None, width))

    def call(
        self,
        steps: Any,
        initial_state: Sequence[Any] | None = None,
        mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        # What is masked goes behind the rest, and back at the end.
        order = None if mask is None else _masked_last(mask)
        inputs = outputs = steps if order is None else _taken(steps, order)
        starts = initial_state or self._zeros(inputs)
        states = []
        for convolution, drop, start in zip(
            self.convolutions, self.drops, starts, strict=True
        ):
            read = ops.concatenate([start, outputs], axis=1)
            states.append(self._last(read, mask))
            outputs = drop(convolution(self._windows(read)), training=training)
        if inputs.shape[-1] != self.units:
            inputs = self.project(inputs)
        outputs = ops.relu(inputs + outputs)
        if not self.return_sequences:
            outputs = _last_step(outputs, mask)
        elif order is not None:
            outputs = _taken(outputs, ops.argsort(order, axis=1))
        return (outputs, *states) if self.return_state else outputs

    def _zeros(self, inputs: Any) -> list[Any]:
        rows, widths = ops.shape(inputs)[0], (inputs.shape[-1], self.units)
        return [ops.zeros((rows, self.reach, width)) for width in widths]

    def _windows(self, read: Any) -> Any:
        """For each step what a convolution reads of it, as one vector."""
        starts = range(0, self.reach + 1, self.dilation)
        parts = [read[:, at : (at - self.reach) or None] for at in starts]
        return ops.concatenate(parts, axis=-1)

    def _last(self, read: Any, mask: Any) -> Any:
        """The last inputs, of which ``reach`` came before the first step."""
        if mask is None:
            return read[:, -self.reach :]
        places = ops.expand_dims(_lengths(mask), 1) + ops.arange(self.reach)
        return _taken(read, places)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        mask = previous_mask if self.return_sequences else None
        return (mask, None, None) if self.return_state else mask

    def compute_output_shape(
        self, steps_shape: Shape, initial_state_shape: Any = None
    ) -> Any:
        batch, timesteps, width = steps_shape
        steps = (timesteps,) if self.return_sequences else ()
        outputs = (batch, *steps, self.units)
        if not self.return_state:
            return outputs
        return outputs, *((batch, self.reach, each) for each in (width, self.units))

    def get_config(self) -> dict[str, Any]:
        names = ("units", "kernel_size", "dilation", "dropout")
        flags = ("return_sequences", "return_state")
        own = {name: getattr(self, name) for name in (*names, *flags)}
        return {**super().get_config(), **own}


def _masked_last(mask: Any) -> Any:
    """The places of the steps (batch, timesteps), those that are masked behind all."""
    masked = ops.cast(ops.logical_not(mask), "int32")
    steps = ops.shape(mask)[1]
    return ops.argsort(masked * steps + ops.arange(steps), axis=1)


def _taken(steps: Any, places: Any) -> Any:
    return ops.take_along_axis(steps, ops.expand_dims(places, -1), axis=1)


def _lengths(mask: Any) -> Any:
    return ops.sum(ops.cast(mask, "int32"), axis=1)


def _last_step(steps: Any, mask: Any) -> Any:
    """The last step before the masked ones; 0 where all are masked."""
    if mask is None:
        return steps[:, -1]
    lengths = ops.expand_dims(_lengths(mask), 1)
    last = _taken(steps, ops.maximum(lengths - 1, 0))[:, 0]
    return ops.where(lengths > 0, last, 0.0)

"""One seam under all that runs step by step: ``step(state, x) -> (state, y)``.

A state is a dict of tensors by name, the batch first; nothing is kept in a layer, so
that training, streams and decoding carry it in and out alike, each with loops of its
own: ``seqkit.layers.scan`` over the steps of inputs, ``seqkit.layers.decoding`` where
each output is the next input.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import keras

Shape = tuple[int, ...]
State = dict[str, Any]
"""Tensors (batch, ...) by name."""


class Core(Protocol):
    """Whatever reads a sequence one way: once through, or a step at a time."""

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of each state without the batch; it need not be a vector."""

    def step(
        self, state: Mapping[str, Any], inputs: Any, training: bool | None = None
    ) -> tuple[State, Any]:
        """Read one step (batch, ...): the next state, and what leaves the core."""

    def run(
        self,
        steps: Any,
        state: Mapping[str, Any] | None = None,
        mask: Any = None,
        training: bool | None = None,
    ) -> tuple[Any, State]:
        """Read (batch, timesteps, ...): what leaves at each step, and the last state.

        Args:
            steps: the whole sequences.
            state: what they go on from; None: ``initial_state``.
            mask: (batch, timesteps), False at steps that leave the state as it is.
            training: whether dropout acts.
        """


def initial_state(shapes: Mapping[str, Shape], batch: Any) -> State:
    """Zeros for states of these shapes, before the first step of ``batch`` rows."""
    return {
        name: keras.ops.zeros((batch, *shape), "float32")
        for name, shape in shapes.items()
    }


def projected(vector: Any, shape: Shape, name: str) -> Any:
    """A state of ``shape`` from (batch, width) by a linear layer (Cho et al. 2014)."""
    state = keras.layers.Dense(math.prod(shape), name=name)(vector)
    if len(shape) == 1:
        return state
    return keras.layers.Reshape(shape, name=f"{name}_shape")(state)

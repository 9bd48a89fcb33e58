"""Stacked layers of a core: any depth, one way or both, with what stands between.

The same layers are used in three ways: ``stack`` reads whole sequences, ``Stack.run``
does so from given states to the last ones, and ``Stack.step`` takes one step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras

from seqkit.errors import UsageError
from seqkit.layers.pooling import AttentionPooling, MaskedMaxPooling, MaskedMeanPooling
from seqkit.models.cores.seam import Shape, State
from seqkit.models.cores.spec import CoreSpec, StackSpec
from seqkit.registry import CELLS

MERGE_MODES = {"concat": "concat", "sum": "sum", "mean": "ave", "multiply": "mul"}
"""seqkit's names for the merges of ``keras.layers.Bidirectional``."""

POOLINGS = {
    "mean": MaskedMeanPooling,
    "max": MaskedMaxPooling,
    "attention": AttentionPooling,
}

Step = Callable[[Mapping[str, Any], Any], tuple[State, Any]]
"""From a state and one step's inputs to the next state and what leaves the stack."""

STATES = ("hidden", "cell")
"""What a cell's states are called, in Keras's order: h, and where there is one c."""


def core_layer(
    spec: CoreSpec, units: int, depth: int = 0, **options: Any
) -> keras.layers.Layer:
    """A layer of the core, for a depth from 0 on, which reads one way."""
    return CELLS.get(spec.cell)(units, **spec.layer_options(depth), **options)


def both_ways(layer: keras.layers.Layer, spec: CoreSpec) -> keras.layers.Layer:
    """The layer, wrapped to read both ways if the spec says."""
    if not isinstance(spec, StackSpec) or spec.bidirectional == "none":
        return layer
    name, merge_mode = layer.name, MERGE_MODES[spec.bidirectional]
    return keras.layers.Bidirectional(layer, merge_mode=merge_mode, name=f"both_{name}")


def state_shapes(layer: keras.layers.Layer, step: Shape) -> dict[str, Shape]:
    """The shapes of a recurrent layer's states by name, each without the batch.

    Args:
        layer: any layer of a core with ``return_state``. A state need not be a
            vector: that of a ConvLSTM is (height, width, channels).
        step: the shape of one step of the layer's input, without the batch.
    """
    _, *shapes = layer.compute_output_shape((None, None, *step))
    ways = ["forward_", "backward_"] if hasattr(layer, "backward_layer") else [""]
    names = getattr(layer, "state_names", STATES)[: len(shapes) // len(ways)]
    keys = [way + name for way in ways for name in names]
    return {key: tuple(shape[1:]) for key, shape in zip(keys, shapes, strict=True)}


class Depth(NamedTuple):
    """A layer of a core and what stands behind it; None where there is nothing."""

    layer: keras.layers.Layer
    project: keras.layers.Layer | None = None
    add: keras.layers.Layer | None = None
    norm: keras.layers.Layer | None = None
    drop: keras.layers.Layer | None = None

    def behind(self, inputs: Any, outputs: Any, **training: Any) -> Any:
        """What leaves this depth, of whole sequences or of one step."""
        if self.add is not None:
            inputs = inputs if self.project is None else self.project(inputs)
            outputs = self.add([inputs, outputs])
        if self.norm is not None:
            outputs = self.norm(outputs)
        return outputs if self.drop is None else self.drop(outputs, **training)


def _depths(
    spec: CoreSpec, width: int, per_timestep: bool, name: str = "", **options: Any
) -> list[Depth]:
    """The layers for steps (width,); they draw their first weights in this order."""
    depths, last = [], len(spec.units) - 1
    for depth, units in enumerate(spec.units):
        own = f"{name}{spec.cell}_{depth + 1}"
        sequences = per_timestep or depth < last
        layer = core_layer(
            spec, units, depth, name=own, return_sequences=sequences, **options
        )
        layer, below, width = both_ways(layer, spec), width, spec.width(depth)
        if not isinstance(spec, StackSpec):
            depths.append(Depth(layer))
            continue
        project = add = norm = drop = None
        if spec.residual and sequences:
            if below != width:
                project = keras.layers.Dense(
                    width, use_bias=False, name=f"project_{own}"
                )
            add = keras.layers.Add(name=f"residual_{own}")
        if spec.layer_norm:
            norm = keras.layers.LayerNormalization(name=f"{name}norm_{depth + 1}")
        if spec.dropout and depth < last:
            drop = keras.layers.Dropout(spec.dropout, name=f"{name}drop_{depth + 1}")
        depths.append(Depth(layer, project, add, norm, drop))
    return depths


def stack(steps: Any, spec: CoreSpec, per_timestep: bool) -> Any:
    """Run (batch, timesteps, features) through the layers of ``spec``.

    Returns (batch, timesteps, width) if ``per_timestep``, else the last state
    (batch, width). Dropout stands between the layers; before a head see ``dropped``.
    """
    for depth in _depths(spec, steps.shape[-1], per_timestep):
        steps = depth.behind(steps, depth.layer(steps))
    return steps


def dropped(outputs: Any, spec: CoreSpec, name: str = "dropout") -> Any:
    """What leaves a core, as heads read it: under its dropout, where it has one."""
    rate = getattr(spec, "dropout", 0.0)
    return keras.layers.Dropout(rate, name=name)(outputs) if rate else outputs


@dataclass(frozen=True)
class Stack:
    """The same layers with their states, a ``seam.Core``.

    Attributes:
        depths: the layers, from the input upwards.
        width: of its outputs.
        shapes: of its states by name, e.g. ``lstm_1_hidden``, or, where the stack
            reads both ways, ``lstm_1_forward_hidden``.
    """

    depths: tuple[Depth, ...]
    width: int
    shapes: dict[str, Shape]

    @classmethod
    def of(cls, spec: CoreSpec, width: int, name: str = "") -> Stack:
        """Layers for steps (width,), with an output at each; see ``spec``.

        Args:
            spec: what is stacked.
            width: of the inputs.
            name: what the names of layers begin with, e.g. ``decoder_``.
        """
        depths = _depths(spec, width, per_timestep=True, name=name, return_state=True)
        shapes: dict[str, Shape] = {}
        for number, depth in enumerate(depths):
            own, layer = state_shapes(depth.layer, (width,)), _own_name(depth)
            shapes |= {f"{layer}_{key}": shape for key, shape in own.items()}
            if hasattr(depth.layer, "cell"):
                # Keras calls all cells alike; in a model of one step they stand alone.
                depth.layer.cell.name = f"{layer}_step"
            width = spec.width(number)
        return cls(tuple(depths), width, shapes)

    def run(
        self,
        steps: Any,
        state: Mapping[str, Any] | None = None,
        mask: Any = None,
        training: bool | None = None,
    ) -> tuple[Any, State]:
        """Read (batch, timesteps, features) from ``state``: outputs and last states."""
        last: State = {}
        for depth in self.depths:
            names = self._states_of(depth)
            start = None if state is None else [state[name] for name in names]
            outputs, *states = depth.layer(
                steps, initial_state=start, mask=mask, training=training
            )
            last |= zip(names, states, strict=True)
            steps = depth.behind(steps, outputs, training=training)
        return steps, last

    def step(
        self, state: Mapping[str, Any], inputs: Any, training: bool | None = None
    ) -> tuple[State, Any]:
        """Read one step (batch, features).

        Where ``training`` has dropout of the cell act, each step draws it anew.
        """
        after, outputs = self._step(state, inputs, training)
        self._forget_masks()
        return after, outputs

    @contextmanager
    def one_mask(
        self, state: Mapping[str, Any], inputs: Any, training: bool | None = None
    ) -> Iterator[Step]:
        """A ``step`` in whose every call dropout of the cell has the same masks.

        So it is where ``run`` reads whole sequences.

        Args:
            state: as the first step takes it.
            inputs: the same.
            training: whether dropout acts.
        """
        if training:
            # Keras keeps the masks that a cell has drawn until it is told not to.
            self._step(state, inputs, training)
        try:
            yield lambda state, inputs: self._step(state, inputs, training)
        finally:
            self._forget_masks()

    def _step(
        self, state: Mapping[str, Any], inputs: Any, training: bool | None
    ) -> tuple[State, Any]:
        after: State = {}
        for depth in self.depths:
            names = self._states_of(depth)
            before = [state[name] for name in names]
            outputs, states = _step(depth, before, inputs, training)
            after |= zip(names, states, strict=True)
            inputs = depth.behind(inputs, outputs, training=training)
        return after, inputs

    def _forget_masks(self) -> None:
        # Keras keeps masks of dropout until a layer has read a whole sequence.
        for depth in self.depths:
            if hasattr(depth.layer, "cell"):
                depth.layer.cell.reset_dropout_mask()
                depth.layer.cell.reset_recurrent_dropout_mask()

    def _states_of(self, depth: Depth) -> list[str]:
        start = f"{_own_name(depth)}_"
        return [name for name in self.shapes if name.startswith(start)]


def _own_name(depth: Depth) -> str:
    return str(depth.layer.name).removeprefix("both_")


def _step(
    depth: Depth, state: list[Any], inputs: Any, training: bool | None
) -> tuple[Any, list[Any]]:
    """One step of a layer: what leaves it, and its next states."""
    if hasattr(depth.layer, "backward_layer"):
        raise UsageError(
            f"{_own_name(depth)} reads both ways, and cannot go on a step at a time. "
            "Set bidirectional to none."
        )
    if not hasattr(depth.layer, "cell"):
        outputs, *states = depth.layer(
            inputs[:, None], initial_state=state, training=training
        )
        return outputs[:, 0], states
    outputs, states = depth.layer.cell(inputs, state, training=training)
    return outputs, keras.tree.flatten(states)

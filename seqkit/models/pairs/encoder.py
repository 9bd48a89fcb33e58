"""The encoder: source tokens to what a decoder looks at and begins with."""

from __future__ import annotations

import math
import re
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.dropout import TokenDropout
from seqkit.layers.one_step import with_a_step
from seqkit.models.cores.seam import Shape, State
from seqkit.models.cores.stack import Depth, Stack
from seqkit.models.pairs.spec import EncoderDecoderModel


def stack_layers(stack: Stack) -> list[keras.layers.Layer]:
    """All layers of a stack; who has them as an attribute saves their weights."""
    return [layer for depth in stack.depths for layer in depth if layer is not None]


def build_stack(stack: Stack, width: int) -> None:
    """Make the weights of a stack for steps (width,)."""
    for depth in stack.depths:
        shape = (None, None, width)
        depth.layer.build(shape)
        if depth.project is not None:
            depth.project.build(shape)
        width = _width(depth, width)
        if depth.norm is not None:
            depth.norm.build((None, None, width))


def _width(depth: Depth, width: int) -> int:
    outputs, *_ = depth.layer.compute_output_shape((None, None, width))
    return int(outputs[-1])


def token_dropout(spec: EncoderDecoderModel) -> TokenDropout | None:
    """The layer that takes tokens as unknown, if the model has one."""
    return TokenDropout(spec.token_dropout) if spec.token_dropout else None


class Bridge(keras.layers.Layer):
    """The encoder's last states as the decoder's first ones.

    Layers meet from the top: the last one of the decoder begins with the states of the
    last one of the encoder. A state goes over as it is where it is the only one of its
    kind and has the right shape; else a linear layer makes it of those of its kind in
    both directions, or, where the encoder's cell has none, of the hidden ones.
    """

    def __init__(
        self, given: dict[str, Shape], wanted: dict[str, Shape], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.given = given
        self.wanted = wanted
        self.sources = bridged(list(given), list(wanted))
        self.linear = {
            name: keras.layers.Dense(math.prod(shape), name=name)
            for name, shape in wanted.items()
            if [given[source] for source in self.sources[name]] != [shape]
        }

    def build(self, input_shape: Any = None) -> None:
        for name, layer in self.linear.items():
            layer.build((None, sum(self._width(one) for one in self.sources[name])))

    def _width(self, source: str) -> int:
        return math.prod(self.given[source])

    def call(self, states: State) -> State:
        return {name: self._made(name, states) for name in self.wanted}

    def _made(self, name: str, states: State) -> Any:
        if name not in self.linear:
            return states[self.sources[name][0]]
        flat = [
            tf.reshape(states[one], [-1, self._width(one)])
            for one in self.sources[name]
        ]
        made = self.linear[name](tf.concat(flat, axis=-1))
        return tf.reshape(made, [-1, *self.wanted[name]])


def bridged(given: list[str], wanted: list[str]) -> dict[str, list[str]]:
    """By wanted state the given ones that it is made of.

    >>> bridged(["gru_1_hidden", "gru_2_hidden"], ["lstm_1_hidden", "lstm_1_cell"])
    {'lstm_1_hidden': ['gru_2_hidden'], 'lstm_1_cell': ['gru_2_hidden']}
    """
    above = max(map(_depth, given)) - max(map(_depth, wanted))
    sources = {}
    for name in wanted:
        depth = max(_depth(name) + above, 1)
        there = [one for one in given if _depth(one) == depth]
        own = [one for one in there if _kind(one) == _kind(name)]
        sources[name] = own or [one for one in there if _kind(one) == "hidden"]
    return sources


def _kind(state: str) -> str:
    return state.rpartition("_")[2]


def _depth(state: str) -> int:
    match = re.search(r"_(\d+)_(?:forward_|backward_)?[a-z]+$", state)
    assert match
    return int(match[1])


class SourceEncoder(keras.layers.Layer):
    """Source ids (batch, places), 0 at padding, to memory, mask and first states.

    Args:
        spec: the model.
        vocabulary: ids of the source.
        wanted: the shapes of the decoder's states by name.
        embedding: the layer to embed tokens by; None: one of its own.
    """

    def __init__(
        self,
        spec: EncoderDecoderModel,
        vocabulary: int,
        wanted: dict[str, Shape],
        embedding: keras.layers.Layer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        width = spec.embedding
        self.width = width
        self.token_dropout = token_dropout(spec)
        self.embedding = embedding or keras.layers.Embedding(
            vocabulary, width, name="source_embedding"
        )
        self.feature_dropout = keras.layers.SpatialDropout1D(spec.embedding_dropout)
        self.stack = Stack.of(spec.encoder, width, "encoder_")
        self.layers = stack_layers(self.stack)
        self.drop = keras.layers.Dropout(spec.stack_dropout)
        self.bridge = Bridge(self.stack.shapes, wanted, name="bridge")

    def build(self, input_shape: Any = None) -> None:
        if not self.embedding.built:
            self.embedding.build()
        build_stack(self.stack, self.width)
        self.bridge.build()

    def call(self, tokens: Any, training: bool = False) -> tuple[Any, Any, Any, State]:
        """The ids read, (batch, places, width), True where live, the states."""
        tokens = with_a_step(tokens)
        live = tokens != 0
        ids = tokens
        if self.token_dropout is not None:
            ids = self.token_dropout(ids, training=training)
        steps = self.feature_dropout(self.embedding(ids), training=training)
        memory, states = self.stack.run(steps, mask=live, training=training)
        return (
            tokens,
            self.drop(memory, training=training),
            live,
            self.bridge(states),
        )

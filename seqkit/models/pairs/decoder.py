"""The decoder: one token after the other, or whole outputs at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.attention import Attention, with_copies
from seqkit.layers.scan import scan
from seqkit.models.cores.seam import State
from seqkit.models.cores.stack import Stack, Step
from seqkit.models.pairs.encoder import build_stack, stack_layers, token_dropout
from seqkit.models.pairs.sampling import OwnTokens
from seqkit.models.pairs.spec import EncoderDecoderModel

Parts = dict[str, Any]
"""What the head reads of each step, tensors (batch, steps, ...) by name.

``vector``; where there is attention ``weights`` (batch, steps, places); where tokens
may be copied ``switch`` (batch, steps, 1); where attention is covered ``overlap``
(batch, steps), what of it comes to places again (See et al. 2017, eq. 12).
"""


class TokenDecoder(keras.layers.Layer):
    """Tokens so far, a memory and a state to logits of the next token.

    A recurrent stack reads the tokens, attention asks the memory by what leaves it, and
    one layer makes a vector of both: tanh(W [context; hidden]) (Luong et al. 2015, eq.
    5). The head reads this vector; under input feeding so does the next step.

    ``state`` holds the stack's states by their names, ``fed`` (batch, width) under
    input feeding and ``covered`` (batch, places) under coverage; ``constants``, which
    no step changes, ``memory``, ``keys``, ``live`` and ``source``.

    Args:
        spec: the model.
        vocabulary: ids of the output.
    """

    def __init__(
        self, spec: EncoderDecoderModel, vocabulary: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.read_width = spec.embedding + spec.input_feeding * spec.vector_width
        kind = "Embedding" if spec.tie == "none" else "ReversibleEmbedding"
        self.embedding = getattr(keras.layers, kind)(
            vocabulary, spec.embedding, name="embedding"
        )
        self.token_dropout = token_dropout(spec)
        self.feature_dropout = keras.layers.SpatialDropout1D(spec.embedding_dropout)
        self.stack = Stack.of(spec.decoder, self.read_width, "decoder_")
        self.layers = stack_layers(self.stack)
        self.drop = keras.layers.Dropout(spec.stack_dropout)
        self.attention: keras.layers.Layer | None = None
        self.switch = self.project = self.own = None
        width = spec.vector_width
        if spec.attention != "none":
            self.attention = Attention(
                spec.attention, width, spec.coverage > 0, name="attention"
            )
            self.combine = keras.layers.Dense(width, activation="tanh", name="combine")
        if spec.copy:
            self.switch = keras.layers.Dense(1, name="switch")
        if spec.tie == "none":
            self.head = keras.layers.Dense(vocabulary, name="head")
        elif width != spec.embedding:
            self.project = keras.layers.Dense(
                spec.embedding, use_bias=False, name="project"
            )
        if spec.scheduled_sampling != "none" and spec.sampling_rate:
            self.own = OwnTokens(
                spec.scheduled_sampling,
                spec.sampling_rate,
                spec.sampling_steps,
                name="own_tokens",
            )

    def build(self, input_shape: Any = None) -> None:
        hidden, memory = self.stack.width, self.spec.memory_width
        self.embedding.build()
        build_stack(self.stack, self.read_width)
        if self.attention is not None:
            self.attention.build((None, None, hidden), (None, None, memory))
            self.combine.build((None, None, memory + hidden))
        if self.switch is not None:
            self.switch.build((None, None, memory + hidden + self.spec.embedding))
        if self.project is not None:
            self.project.build((None, None, self.spec.vector_width))
        if self.spec.tie == "none":
            self.head.build((None, None, self.spec.vector_width))
        if self.own is not None:
            self.own.build(None)

    def begin(
        self, source: Any, memory: Any, live: Any, states: State
    ) -> tuple[State, State]:
        """Constants, and the state before the first step."""
        batch, places = tf.shape(live)[0], tf.shape(live)[1]
        constants: State = {}
        state = dict(states)
        if self.attention is not None:
            keys = self.attention.keys(memory)
            constants = {"memory": memory, "keys": keys, "live": live}
        if self.spec.copy:
            constants["source"] = source
        if self.spec.input_feeding:
            state["fed"] = tf.zeros([batch, self.spec.vector_width])
        if self.spec.coverage:
            state["covered"] = tf.zeros([batch, places])
        return constants, state

    def step(self, state: Mapping[str, Any], token: Any) -> tuple[State, Any]:
        """One step in which ``state`` holds the constants, too: the seam's."""
        embedded = self.embedding(token)
        after, parts = self._read_one(self.stack.step, state, state, embedded, False)
        whole = {name: part[:, tf.newaxis] for name, part in parts.items()}
        return after, self.logits(whole, state)[:, 0]

    def run(
        self, previous: Any, constants: State, state: State, training: bool = False
    ) -> Parts:
        """All steps (batch, steps) of tokens ``previous``, begin the first of them."""
        own = self.own(previous) if training and self.own is not None else None
        if self.token_dropout is not None:
            previous = self.token_dropout(previous, training=training)
        steps = self.embedding(previous)
        noise = tf.ones_like(steps[:, :1])
        if self.spec.embedding_dropout:
            noise = self.feature_dropout(noise, training=training)
            steps *= noise
        if own is None and not self.spec.input_feeding and not self.spec.coverage:
            return self._read_all(steps, constants, state, training)
        return self._read_each(steps, own, noise[:, 0], constants, state, training)

    def logits(self, parts: Parts, constants: Mapping[str, Any]) -> Any:
        """(batch, steps, vocabulary); log probabilities where tokens may be copied."""
        vector = parts["vector"]
        if self.project is not None:
            vector = self.project(vector)
        if self.spec.tie == "none":
            logits = self.head(vector)
        else:
            logits = self.embedding(vector, reverse=True)
        if self.switch is None:
            return logits
        weights, source = parts["weights"], constants["source"]
        return with_copies(logits, parts["switch"], weights, source)

    def _read_all(
        self, steps: Any, constants: State, state: State, training: bool
    ) -> Parts:
        hidden, _ = self.stack.run(steps, state, training=training)
        return self._parts(hidden, steps, constants, None, training)

    def _read_each(
        self,
        steps: Any,
        own: Any,
        noise: Any,
        constants: State,
        state: State,
        training: bool,
    ) -> Parts:
        """The same step by step, where a step reads what the one before has made."""
        inputs = {"steps": steps}
        if own is not None:
            inputs["own"] = own
            state = state | {"last": tf.zeros_like(own[:, 0], tf.int32)}

        def step(state: State, x: State) -> tuple[State, Parts]:
            embedded = x["steps"]
            if own is not None:
                mine = self.embedding(state["last"]) * noise
                embedded = tf.where(x["own"][:, tf.newaxis], mine, embedded)
            after, parts = self._read_one(core, state, constants, embedded, training)
            if own is not None:
                after["last"] = self._likeliest(parts, constants)
            return after, parts

        types = dict.fromkeys(self._part_widths(), tf.float32)
        first = self._fed(steps[:, 0], state)
        with self.stack.one_mask(state, first, training) as core:
            parts, _ = scan(step, state, inputs, dtypes=types)
        return {
            name: tf.ensure_shape(parts[name], [None, None, *width])
            for name, width in self._part_widths().items()
        }

    def _read_one(
        self,
        core: Step,
        state: Mapping[str, Any],
        constants: Mapping[str, Any],
        embedded: Any,
        training: bool,
    ) -> tuple[State, Parts]:
        after, hidden = core(state, self._fed(embedded, state))
        whole = self._parts(
            hidden[:, tf.newaxis],
            embedded[:, tf.newaxis],
            constants,
            state.get("covered"),
            training,
        )
        parts = {name: part[:, 0] for name, part in whole.items()}
        if self.spec.input_feeding:
            after["fed"] = parts["vector"]
        if self.spec.coverage:
            after["covered"] = state["covered"] + parts["weights"]
        return after, parts

    def _fed(self, embedded: Any, state: Mapping[str, Any]) -> Any:
        """What the stack reads of a step."""
        if not self.spec.input_feeding:
            return embedded
        return tf.concat([embedded, state["fed"]], axis=-1)

    def _parts(
        self,
        hidden: Any,
        embedded: Any,
        constants: Mapping[str, Any],
        covered: Any,
        training: bool,
    ) -> Parts:
        if self.attention is None:
            return {"vector": self.drop(hidden, training=training)}
        memory, keys, live = (constants[name] for name in ("memory", "keys", "live"))
        context, weights = self.attention(hidden, memory, keys, live, covered)
        both = tf.concat([context, hidden], axis=-1)
        vector = self.drop(self.combine(both), training=training)
        parts = {"vector": vector, "weights": weights}
        if self.switch is not None:
            parts["switch"] = self.switch(tf.concat([both, embedded], axis=-1))
        if covered is not None:
            again = tf.minimum(weights, covered[:, tf.newaxis])
            parts["overlap"] = tf.reduce_sum(again, axis=-1)
        return parts

    def _part_widths(self) -> dict[str, list[int | None]]:
        widths: dict[str, list[int | None]] = {"vector": [self.spec.vector_width]}
        if self.attention is not None:
            widths["weights"] = [None]
        if self.switch is not None:
            widths["switch"] = [1]
        if self.spec.coverage:
            widths["overlap"] = []
        return widths

    def _likeliest(self, parts: Parts, constants: State) -> Any:
        """The token (batch,) that the decoder itself would write; no gradient."""
        whole = {
            name: tf.stop_gradient(part[:, tf.newaxis]) for name, part in parts.items()
        }
        logits = tf.stop_gradient(self.logits(whole, constants))
        return tf.argmax(logits[:, 0], axis=-1, output_type=tf.int32)

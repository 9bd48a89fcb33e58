"""Linear-chain conditional random fields as layers; ``chain.py`` holds the formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from seqkit.layers.chain import Chain, live_steps, marginals, viterbi

FORBIDDEN = -1e4
"""What a move that is not allowed adds to a score."""
SMALLEST = 1e-30
"""Probabilities below it count as it: its logarithm is far above FORBIDDEN."""
SOURCE = "_seqkit_crf"
"""The attribute by which emissions tell their Crf, as Keras's masks travel."""


class Allowed(NamedTuple):
    """The moves that a path may make; None: all."""

    transitions: Sequence[Sequence[bool]] | None = None
    """(tags, tags), whether the tag of the row may stand before that of the column."""
    starts: Sequence[bool] | None = None
    """(tags,), whether a path may begin with the tag."""
    ends: Sequence[bool] | None = None
    """(tags,), whether it may end with it."""

    def penalties(self, tags: int) -> Chain:
        """0 where a move is allowed, FORBIDDEN where not."""
        return Chain(
            _penalty(self.transitions, "transitions", (tags, tags)),
            _penalty(self.starts, "starts", (tags,)),
            _penalty(self.ends, "ends", (tags,)),
        )

    def plain(self) -> dict[str, Any]:
        """Lists of True and False by name, as JSON holds them."""
        return {
            name: None if moves is None else np.asarray(moves, bool).tolist()
            for name, moves in self._asdict().items()
        }


def _penalty(moves: Any, name: str, shape: tuple[int, ...]) -> Any:
    if moves is None:
        return np.zeros(shape, np.float32)
    allowed = np.asarray(moves, bool)
    if allowed.shape != shape:
        raise ValueError(
            f"Allowed {name} must have the shape {shape} of the tags, got "
            f"{allowed.shape}. Give True or False for every move."
        )
    if not allowed.any():
        raise ValueError(
            f"Allowed {name} must let some move pass, got False alone. Set one to True."
        )
    return np.where(allowed, 0, FORBIDDEN).astype(np.float32)


class _PathLayer(keras.layers.Layer):
    """Knows which moves are allowed."""

    def __init__(
        self,
        allowed_transitions: Any = None,
        allowed_starts: Any = None,
        allowed_ends: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.allowed = Allowed(allowed_transitions, allowed_starts, allowed_ends)

    def get_config(self) -> dict[str, Any]:
        moves = {f"allowed_{name}": v for name, v in self.allowed.plain().items()}
        return {**super().get_config(), **moves}


@keras.saving.register_keras_serializable("seqkit")
class Crf(_PathLayer):
    """A linear-chain CRF upon emissions (batch, steps, tags), masked or not.

    Called with ``gives``:
        emissions: the emissions as they came. They tell the loss whose ``chain`` they
            belong to (``seqkit.models.step_losses.CrfLoss``).
        tags: the best path (batch, steps), int32; 0 at padding.
        probabilities: the marginals (batch, steps, tags); 0 at padding.

    One layer serves training and answers, which are two models upon one graph:

        network = keras.Model(inputs, crf(emissions))
        answerer = keras.Model(inputs, {"tags": crf(emissions, gives="tags"), ...})

    Args:
        allowed_transitions, allowed_starts, allowed_ends: see ``Allowed``. Other moves
            score FORBIDDEN, in training and decoding alike.
    """

    def build(self, emissions_shape: Any) -> None:
        tags = emissions_shape[-1]
        self._penalties = self.allowed.penalties(tags)
        options = {"initializer": "zeros", "dtype": "float32"}
        self.transitions = self.add_weight((tags, tags), name="transitions", **options)
        self.start = self.add_weight((tags,), name="start", **options)
        self.end = self.add_weight((tags,), name="end", **options)

    @property
    def chain(self) -> Chain:
        """The scores of all moves, those of forbidden ones among them."""
        weights = self.transitions, self.start, self.end
        return Chain(
            *(
                tf.convert_to_tensor(weight) + penalty
                for weight, penalty in zip(weights, self._penalties, strict=True)
            )
        )

    def call(self, emissions: Any, mask: Any = None, gives: str = "emissions") -> Any:
        if gives == "emissions":
            emissions = tf.identity(emissions)
            setattr(emissions, SOURCE, self)
            return emissions
        answer = {"tags": viterbi, "probabilities": marginals}[gives]
        live = live_steps(emissions, mask)
        return answer(self.chain, tf.cast(emissions, tf.float32), live)

    def compute_output_spec(
        self, emissions: Any, mask: Any = None, gives: str = "emissions"
    ) -> keras.KerasTensor:
        if gives == "emissions":
            return keras.KerasTensor(emissions.shape, dtype=emissions.dtype)
        return _answer_spec(emissions, gives)


@keras.saving.register_keras_serializable("seqkit")
class LegalPath(_PathLayer):
    """The likeliest path that is allowed, of probabilities (batch, steps, tags).

    It is for heads that see each step by itself. Called with ``gives``: ``tags``
    (batch, steps), int32, or ``probabilities`` as they came; both are 0 at padding.

    Args:
        allowed_transitions, allowed_starts, allowed_ends: see ``Allowed``.
    """

    def call(self, probabilities: Any, mask: Any = None, gives: str = "tags") -> Any:
        probabilities = tf.cast(probabilities, tf.float32)
        live = live_steps(probabilities, mask)
        if gives == "probabilities":
            return tf.where(live[..., tf.newaxis], probabilities, 0)
        scores = tf.math.log(tf.maximum(probabilities, SMALLEST))
        return viterbi(self.allowed.penalties(scores.shape[-1]), scores, live)

    def compute_output_spec(
        self, probabilities: Any, mask: Any = None, gives: str = "tags"
    ) -> keras.KerasTensor:
        return _answer_spec(probabilities, gives)


def _answer_spec(steps: Any, gives: str) -> keras.KerasTensor:
    if gives == "tags":
        return keras.KerasTensor(steps.shape[:2], dtype="int32")
    return keras.KerasTensor(steps.shape, dtype="float32")

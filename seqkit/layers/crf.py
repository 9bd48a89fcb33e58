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

    def plain(self) -> list[Any]:
        """Lists of True and False in the order of the fields, as JSON holds them."""
        return [
            None if moves is None else np.asarray(moves, bool).tolist()
            for moves in self
        ]


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


class PathLayer(keras.layers.Layer):
    """Steps (batch, steps, tags) to the best path that is allowed, or to what it hides.

    Called with ``gives``: ``tags``, the path (batch, steps), int32, 0 at padding; or
    what else the layer can give (batch, steps, tags).

    Args:
        allowed: the moves that a path may make; see ``Allowed``.
    """

    def __init__(self, allowed: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.allowed = Allowed(*allowed)

    def compute_output_spec(
        self, steps: Any, mask: Any = None, gives: str = "tags"
    ) -> keras.KerasTensor:
        if gives == "tags":
            return keras.KerasTensor(steps.shape[:2], dtype="int32")
        dtype = steps.dtype if gives == "emissions" else "float32"
        return keras.KerasTensor(steps.shape, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "allowed": self.allowed.plain()}


@keras.saving.register_keras_serializable("seqkit")
class Crf(PathLayer):
    """A linear-chain CRF upon emissions (batch, steps, tags), masked or not.

    It gives ``tags``; ``probabilities``, the marginals, 0 at padding; or ``emissions``
    as they came. These tell the loss whose ``chain`` they belong to
    (``seqkit.models.step_losses.CrfLoss``). Moves that are not allowed score FORBIDDEN,
    in training and decoding alike.

    One layer serves training and answers, which are two models upon one graph:

        network = keras.Model(inputs, crf(emissions, gives="emissions"))
        answerer = keras.Model(inputs, {"tags": crf(emissions, gives="tags"), ...})
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

    def call(self, emissions: Any, mask: Any = None, gives: str = "tags") -> Any:
        if gives == "emissions":
            emissions = tf.identity(emissions)
            setattr(emissions, SOURCE, self)
            return emissions
        answer = {"tags": viterbi, "probabilities": marginals}[gives]
        live = live_steps(emissions, mask)
        return answer(self.chain, tf.cast(emissions, tf.float32), live)


@keras.saving.register_keras_serializable("seqkit")
class LegalPath(PathLayer):
    """The likeliest path of probabilities (batch, steps, tags).

    It is for heads that see each step by itself. It gives ``tags``, or
    ``probabilities`` as they came, 0 at padding.
    """

    def call(self, probabilities: Any, mask: Any = None, gives: str = "tags") -> Any:
        probabilities = tf.cast(probabilities, tf.float32)
        live = live_steps(probabilities, mask)
        if gives == "probabilities":
            return tf.where(live[..., tf.newaxis], probabilities, 0)
        scores = tf.math.log(tf.maximum(probabilities, SMALLEST))
        return viterbi(self.allowed.penalties(scores.shape[-1]), scores, live)

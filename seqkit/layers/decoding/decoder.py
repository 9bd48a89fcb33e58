"""What every way of decoding goes by: the step, where it ends, what may not come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from seqkit.errors import UsageError
from seqkit.layers.decoding.repeats import without_repeats
from seqkit.layers.scan import of_shapes

State = Mapping[str, Any]
"""Tensors (rows, ...) by name, or further mappings of such."""


class Decoded(NamedTuple):
    """Answers; those of a beam have (batch, n_best, ...), the best one first."""

    tokens: Any
    """(batch, max_length) int32: the answer without its end, then padding."""
    lengths: Any
    """(batch,) int32: tokens of the answer, its end not among them."""
    log_probability: Any
    """(batch,): of all these tokens, and of the end if the model gave one."""
    score: Any
    """(batch,): by what beams are ranked; elsewhere the log probability."""


@dataclass(frozen=True)
class Decoder:
    """A step that writes one token after the other, and its limits.

    Args:
        step: ``step(state, token) -> (state, logits)``, with ``token`` (rows,) int32
            the one that came last, and ``logits`` (rows, vocabulary). The state that
            it takes holds ``constants`` too; of what it gives, the state's names count.
        end: the token that ends an answer.
        max_length: tokens of the longest answer, its end among them.
        block: no run of so many tokens is written twice; 0: any may be.
        pad: what stands behind an answer, a token or -1.
        never: tokens that are not written, however likely they are.
    """

    step: Callable[[Any, Any], tuple[Any, Any]]
    end: int
    max_length: int
    block: int = 0
    pad: int = 0
    never: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.max_length < 1:
            raise UsageError(
                f"max_length must be at least 1, got {self.max_length}. The end of an "
                "answer is a token as well."
            )

    def next(
        self, state: State, constants: State, last: Any, tokens: Any, place: Any
    ) -> tuple[Any, Any, Any]:
        """One step: the next state, and what each token is worth.

        Args:
            state: (rows, ...) by name.
            constants: the same, never changed.
            last: (rows,), the tokens that came last.
            tokens: (rows, max_length), all that were written.
            place: how many.

        Returns:
            the state; logits (rows, vocabulary), minus infinity where a token is never
            written or would repeat what is blocked; and (rows,) what is taken off a
            logit to make a log probability of it.
        """
        after, logits = self.step({**constants, **state}, last)
        after = of_shapes({name: after[name] for name in state}, dict(state))
        logits = tf.cast(logits, tf.float32)
        total = tf.reduce_logsumexp(logits, axis=-1)
        if self.never:
            numbers = tf.range(tf.shape(logits)[-1])[:, None]
            is_barred = tf.reduce_any(numbers == list(self.never), axis=-1)
            logits = tf.where(is_barred, float("-inf"), logits)
        return after, without_repeats(logits, tokens, place, self.block), total

    def unwritten(self, *rows: Any) -> Any:
        """Tokens (rows, max_length) before the first step."""
        return tf.fill([*rows, self.max_length], self.pad)

    def written(self, tokens: Any, token: Any, place: Any, live: Any) -> Any:
        """``tokens`` with ``token`` (rows,) at ``place``, where ``live``, save ends."""
        is_place = tf.range(self.max_length) == place
        writes = live & (token != self.end)
        return tf.where(writes[..., None] & is_place, token[..., None], tokens)

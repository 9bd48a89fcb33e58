"""Paths through a chain of tags: how probable each is, and which is the best.

A path y_1 ... y_n of tags through emissions e (n, tags) scores

    start[y_1] + e_1[y_1] + transitions[y_1, y_2] + e_2[y_2] + ... + end[y_n]

and has the probability exp(score) / Z, Z the sum of exp(score) over all paths (Lafferty
et al. 2001). The functions take emissions (batch, steps, tags) and ``live`` (batch,
steps), which is True at the front of each row and False at its padding. Padding takes
no part, however long it is; a row without live steps has no path, and Z = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from seqkit.layers.one_step import with_a_step


class Chain(NamedTuple):
    """What a path scores beside its emissions."""

    transitions: Any
    """(tags, tags), from the tag of the row to that of the column."""
    start: Any
    """(tags,), of the first tag."""
    end: Any
    """(tags,), of the last tag."""


def log_partition(chain: Chain, emissions: Any, live: Any) -> Any:
    """log Z (batch,); 0 for a row without live steps."""
    ahead = _ahead(chain, emissions, live, tf.reduce_logsumexp)
    first = with_a_step(chain.start + emissions + _levelled(ahead))[:, 0]
    levels = tf.where(live, _levels(ahead)[..., 0], 0)
    z = tf.reduce_logsumexp(first, axis=1)
    return tf.where(tf.reduce_any(live, axis=1), z, 0) + tf.reduce_sum(levels, axis=1)


def step_costs(chain: Chain, emissions: Any, live: Any, tags: Any) -> Any:
    """-log p(y_t | y_1 ... y_{t-1}) of paths ``tags`` (batch, steps), in nats a step.

    The sum over a row's steps is -log p of its path; padding costs 0.
    """
    ahead = _ahead(chain, emissions, live, tf.reduce_logsumexp)
    chosen = tf.one_hot(tags, emissions.shape[-1], dtype=emissions.dtype)
    # To the tag of each step leads the row of ``transitions`` of the tag before.
    moves = tf.matmul(chosen[:, :-1], chain.transitions)
    start = tf.zeros_like(emissions[:, :1]) + chain.start
    scores = tf.concat([start, moves], axis=1) + emissions + _levelled(ahead)
    costs = tf.reduce_logsumexp(scores, axis=2) - tf.reduce_sum(scores * chosen, axis=2)
    return tf.where(live, costs, 0)


def log_likelihood(chain: Chain, emissions: Any, live: Any, tags: Any) -> Any:
    """log p (batch,) of paths ``tags`` (batch, steps)."""
    return -tf.reduce_sum(step_costs(chain, emissions, live, tags), axis=1)


def marginals(chain: Chain, emissions: Any, live: Any) -> Any:
    """The probability of each tag at each step (batch, steps, tags); 0 at padding."""
    scores = emissions + _behind(chain, emissions, live)
    scores += _ahead(chain, emissions, live, tf.reduce_logsumexp)
    return tf.where(live[..., tf.newaxis], tf.nn.softmax(scores), 0)


def viterbi(chain: Chain, emissions: Any, live: Any) -> Any:
    """The best path of each row (batch, steps), int32; 0 at padding.

    Messages with the maximum for the sum say what the best rest of a path scores, so
    the path can be read off from its beginning (Viterbi 1967).
    """
    scores = emissions + _levelled(_ahead(chain, emissions, live, tf.reduce_max))
    count = tf.shape(emissions)[-1]
    moves = tf.concat([chain.transitions, chain.start[tf.newaxis]], axis=0)

    def following(tag: Any, scores: Any) -> Any:
        return tf.argmax(tf.gather(moves, tag) + scores, -1, tf.int32)

    before = tf.fill([tf.shape(emissions)[0]], count)
    by_step = tf.transpose(with_a_step(scores), (1, 0, 2))
    tags = tf.transpose(tf.scan(following, by_step, before))
    return tf.where(live, tags[:, : tf.shape(emissions)[1]], 0)


def _ahead(chain: Chain, emissions: Any, live: Any, reduce: Callable[..., Any]) -> Any:
    """For each step and tag, what the rest of the path scores (batch, steps, tags)."""
    moves, end = chain.transitions, chain.end
    after = _moved(emissions, -1), _moved(live, -1)
    return _messages(moves, end, *after, reduce=reduce, reverse=True)


def _behind(chain: Chain, emissions: Any, live: Any) -> Any:
    """For each step and tag, what all paths up to it score, itself not counted."""
    moves, start = tf.transpose(chain.transitions), chain.start
    before = _moved(emissions, 1), _moved(live, 1)
    return _messages(moves, start, *before, reduce=tf.reduce_logsumexp, reverse=False)


def _moved(steps: Any, by: int) -> Any:
    """Each step's neighbour after it (-1) or before it (1); zeros where it has none."""
    nothing = tf.zeros_like(steps[:, :1])
    pair = [steps[:, 1:], nothing] if by < 0 else [nothing, steps[:, :-1]]
    return tf.concat(pair, axis=1)


def _messages(
    moves: Any,
    border: Any,
    emissions: Any,
    live: Any,
    reduce: Callable[..., Any],
    reverse: bool,
) -> Any:
    """What each step hears from its neighbour (batch, steps, tags).

    ``emissions`` and ``live`` are the neighbour's; ``moves`` lead from this step's tag
    to its. A step without a live neighbour hears ``border``. Messages are passed on
    levelled, so that float32 is as exact at step 5,000 as at step 1.
    """

    def heard(message: Any, neighbour: Any) -> Any:
        emission, is_live = neighbour
        scores = emission + _levelled(message)
        passed = reduce(moves + scores[:, tf.newaxis, :], axis=-1)
        return tf.where(is_live[:, tf.newaxis], passed, border)

    neighbours = (
        tf.transpose(with_a_step(emissions), (1, 0, 2)),
        tf.transpose(with_a_step(live)),
    )
    first = tf.zeros((tf.shape(emissions)[0], 1), emissions.dtype) + border
    messages = tf.scan(heard, neighbours, first, reverse=reverse)
    return tf.transpose(messages, (1, 0, 2))[:, : tf.shape(emissions)[1]]


def _levels(messages: Any) -> Any:
    """The highest of each message (..., 1)."""
    return tf.stop_gradient(tf.reduce_max(messages, axis=-1, keepdims=True))


def _levelled(messages: Any) -> Any:
    """Messages less their highest value."""
    return messages - _levels(messages)


def live_steps(steps: Any, mask: Any) -> Any:
    """A mask (batch, steps) as bool; None: all of ``steps`` (batch, steps, ...)."""
    if mask is None:
        return tf.ones(tf.shape(steps)[:2], tf.bool)
    return tf.cast(mask, tf.bool)

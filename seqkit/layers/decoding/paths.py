"""One answer a row: the likeliest token each time, or one that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqkit.layers.decoding.decoder import Decoded, Decoder, State


def greedy(
    decoder: Decoder, state: State, begin: Any, constants: State | None = None
) -> Decoded:
    """Take the likeliest token each time, of equals the one with the lowest number.

    Args:
        decoder: the step and its limits.
        state: before the first step, (batch, ...) by name.
        begin: (batch,) int32, the token before the first.
        constants: what the step reads of each row and never changes, by name.
    """

    def likeliest(logits: Any, place: Any) -> Any:
        return tf.math.top_k(logits, 1).indices[:, 0]

    return _path(decoder, state, begin, constants or {}, likeliest)


def sample(
    decoder: Decoder,
    state: State,
    begin: Any,
    seeds: Any,
    constants: State | None = None,
    temperature: Any = 1.0,
    top_k: Any = 0,
    top_p: Any = 1.0,
) -> Decoded:
    """Draw each token; temperature first, then ``top_k``, then ``top_p``.

    Args:
        decoder: the step and its limits.
        state: before the first step, (batch, ...) by name.
        begin: (batch,) int32, the token before the first.
        seeds: (batch,) int64, one a row: equal ones draw equal answers of equal rows,
            whatever else is in the batch.
        constants: what the step reads of each row and never changes, by name.
        temperature: divides the logits; 0 takes the likeliest. This and the next ones
            are a number, or (batch,), and may be inputs of an export.
        top_k: draw among so many of the likeliest; 0: among all.
        top_p: draw among the fewest of the likeliest that have so much probability
            together (nucleus; Holtzman et al. 2020).
    """
    batch = tf.shape(begin)[0]

    def one_a_row(value: Any, dtype: Any) -> Any:
        return tf.broadcast_to(tf.cast(value, dtype), [batch])[:, None]

    temperature = one_a_row(temperature, tf.float32)
    likely = one_a_row(top_k, tf.int32)
    nucleus = one_a_row(top_p, tf.float64)
    is_cold = temperature <= 0
    temperature = tf.where(is_cold, 1.0, temperature)
    likely = tf.where(is_cold, 1, tf.where(likely > 0, likely, tf.int32.max))
    draws = _draws(seeds, decoder.max_length)

    def drawn(logits: Any, place: Any) -> Any:
        best = tf.reduce_max(logits, axis=-1, keepdims=True)
        scaled = (logits - best) / temperature
        draw = draws[:, place]
        words = tf.shape(scaled)[-1]
        is_open = (likely >= words) & (nucleus >= 1)
        count = tf.minimum(tf.reduce_max(tf.where(is_open, 1, likely)), words)
        # A row's way is its own, so that batch mates do not change what it draws.
        return tf.where(
            is_open[:, 0],
            _if_any(is_open, lambda: _among_all(scaled, draw)),
            _if_any(
                ~is_open,
                lambda: _among_likeliest(scaled, draw, count, likely, nucleus),
            ),
        )

    return _path(decoder, state, begin, constants or {}, drawn)


def _if_any(rows: Any, tokens: Callable[[], Any]) -> Any:
    """``tokens()`` (batch,) if they count for any of ``rows`` (batch, 1), else 0."""
    return tf.cond(
        tf.reduce_any(rows), tokens, lambda: tf.zeros(tf.shape(rows)[:1], tf.int32)
    )


def _among_all(scaled: Any, draw: Any) -> Any:
    """Tokens by ``draw``, in the order of their numbers: nothing is sorted."""
    return _place_of(draw, tf.nn.softmax(tf.cast(scaled, tf.float64)))


def _among_likeliest(
    scaled: Any, draw: Any, count: Any, likely: Any, nucleus: Any
) -> Any:
    """Tokens by ``draw``, from the likeliest down; no row needs more than ``count``."""
    total = tf.reduce_logsumexp(tf.cast(scaled, tf.float64), axis=-1, keepdims=True)
    values, tokens = tf.math.top_k(scaled, count)
    ranks = tf.range(count)
    p = tf.exp(tf.cast(values, tf.float64) - total)
    p = _share(tf.where(ranks < likely, p, 0))
    before = tf.cumsum(p, axis=-1, exclusive=True)
    p = _share(tf.where((before < nucleus) | (ranks == 0), p, 0))
    return tf.gather(tokens, _place_of(draw, p), batch_dims=1)


def _draws(seeds: Any, count: int) -> Any:
    """(batch, count) from 0 up to 1, float64, each row by its own seed."""
    return tf.map_fn(
        lambda seed: tf.random.stateless_uniform(
            [count], tf.stack([seed, 0]), dtype=tf.float64, alg="philox"
        ),
        tf.cast(seeds, tf.int64),
        fn_output_signature=tf.TensorSpec([count], tf.float64),
    )


def _share(p: Any) -> Any:
    return p / tf.reduce_sum(p, axis=-1, keepdims=True)


def _place_of(draw: Any, p: Any) -> Any:
    """Where ``draw`` (batch,) falls among probabilities (batch, places)."""
    place = tf.reduce_sum(tf.cast(tf.cumsum(p, -1) <= draw[:, None], tf.int32), -1)
    # The sum of all may be rounded to less than 1.
    places = tf.range(tf.shape(p)[-1])
    return tf.minimum(place, tf.reduce_max(tf.where(p > 0, places, 0), -1))


def _path(
    decoder: Decoder,
    state: State,
    begin: Any,
    constants: State,
    choose: Callable[[Any, Any], Any],
) -> Decoded:
    """Write the token that ``choose(logits, place)`` (batch,) gives."""
    begin = tf.cast(begin, tf.int32)
    batch = tf.shape(begin)[0]

    def goes_on(place: Any, state: Any, path: dict[str, Any]) -> Any:
        return tf.reduce_any(path["live"])

    def write(place: Any, state: Any, path: dict[str, Any]) -> Any:
        live, tokens = path["live"], path["tokens"]
        last = path["last"]
        state, logits, total = decoder.next(state, constants, last, tokens, place)
        token = tf.ensure_shape(choose(logits, place), begin.shape)
        gained = tf.gather(logits, token, batch_dims=1) - total
        tokens = decoder.written(tokens, token, place, live)
        after = {
            "last": token,
            "live": live & (token != decoder.end),
            "tokens": tf.ensure_shape(tokens, path["tokens"].shape),
            "length": path["length"] + tf.cast(live & (token != decoder.end), tf.int32),
            "sum": path["sum"] + tf.where(live, gained, 0),
        }
        return place + 1, state, after

    path = {
        "last": begin,
        "live": tf.ones_like(begin, tf.bool),
        "tokens": decoder.unwritten(batch),
        "length": tf.zeros_like(begin),
        "sum": tf.zeros_like(begin, tf.float32),
    }
    _, _, path = tf.while_loop(
        goes_on,
        write,
        (tf.constant(0), dict(state), path),
        parallel_iterations=1,
        maximum_iterations=decoder.max_length,
    )
    return Decoded(path["tokens"], path["length"], path["sum"], path["sum"])

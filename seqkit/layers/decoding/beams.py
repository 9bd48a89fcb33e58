"""Beam search: the best answers among those that look best at every step.

A beam has ``width`` places a row. Open ones go on by every token; ended ones stay as
they are, and keep their place while they are among the best (Wu et al. 2016, section 7,
the length penalty of equation 14 without its coverage).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from seqkit.errors import UsageError
from seqkit.layers.decoding.decoder import Decoded, Decoder, State
from seqkit.layers.scan import of_shapes

NEVER = float("-inf")


def beam(
    decoder: Decoder,
    state: State,
    begin: Any,
    constants: State | None = None,
    width: int = 5,
    n_best: int = 1,
    alpha: float = 0.6,
) -> Decoded:
    """The ``n_best`` answers of each row, the best first.

    An answer's score is its log probability over ((5 + length) / 6) ** alpha, where the
    length counts its end. Of equal scores the better place of the step before comes
    first, then the lower token. A row stops as soon as no open answer can come among
    its ``n_best``. Where there are fewer answers, the rest score minus infinity.

    Args:
        decoder: the step and its limits.
        state: before the first step, (batch, ...) by name.
        begin: (batch,) int32, the token before the first.
        constants: what the step reads of each row and never changes, by name; repeated
            once for all places.
        width: answers that are followed at once.
        n_best: how many are given.
        alpha: 0: plain log probability, which likes short answers best.

    Raises:
        UsageError: more answers are asked for than are followed, or alpha is negative.
    """
    if not 1 <= n_best <= width:
        raise UsageError(
            f"n_best must be from 1 to the beam's width ({width}), got {n_best}. Widen "
            "the beam."
        )
    if alpha < 0:
        raise UsageError(f"alpha must be at least 0, got {alpha}. 0 is no penalty.")
    search = _Search(decoder, width, n_best, alpha)
    begin = tf.cast(begin, tf.int32)
    fixed = search.repeated(constants or {})

    def goes_on(place: Any, state: Any, places: dict[str, Any]) -> Any:
        return tf.reduce_any(places["is_searched"])

    def grow(place: Any, state: Any, places: dict[str, Any]) -> Any:
        return place + 1, *search.grown(place, state, fixed, places)

    _, _, places = tf.while_loop(
        goes_on,
        grow,
        (tf.constant(0), search.repeated(state), search.first(begin)),
        parallel_iterations=1,
        maximum_iterations=decoder.max_length,
    )
    names = ("tokens", "length", "sum", "score")
    return Decoded(*(places[name][:, :n_best] for name in names))


@dataclass(frozen=True)
class _Search:
    """One step of the search, on tensors (batch, width, ...) by name.

    ``tokens``, ``last`` token, ``sum`` of log probabilities, ``length`` without the
    end, ``is_ended``, ``score``; and of each row ``is_searched`` (batch,).
    """

    decoder: Decoder
    width: int
    n_best: int
    alpha: float

    def repeated(self, tensors: State) -> Any:
        """(batch, ...) to (batch * width, ...), the places of a row side by side."""

        def repeat(tensor: Any) -> Any:
            tensor = tf.convert_to_tensor(tensor)
            places = tf.repeat(tensor, self.width, axis=0)
            return tf.ensure_shape(places, [None, *tensor.shape[1:]])

        return tf.nest.map_structure(repeat, dict(tensors))

    def first(self, begin: Any) -> dict[str, Any]:
        """All places before the first step, which goes on from one of them alone."""
        rows = begin[:, None] + tf.zeros([self.width], tf.int32)
        is_first = tf.range(self.width) == 0
        start = tf.where(is_first, 0.0, NEVER) + tf.zeros_like(rows, tf.float32)
        return {
            "last": rows,
            "tokens": self.decoder.unwritten(tf.shape(begin)[0], self.width),
            "sum": start,
            "length": tf.zeros_like(rows),
            "is_ended": tf.zeros_like(rows, tf.bool),
            "score": start,
            "is_searched": tf.ones_like(begin, tf.bool),
        }

    def grown(
        self, place: Any, state: Any, constants: Any, places: dict[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """The next state, and the best of all places that the present ones become."""
        decoder, width = self.decoder, self.width
        tokens = tf.reshape(places["tokens"], [-1, decoder.max_length])
        last = tf.reshape(places["last"], [-1])
        state, logits, total = decoder.next(state, constants, last, tokens, place)
        # No place has more than ``width`` among the best; a search of these is quick.
        count = tf.minimum(width, tf.shape(logits)[-1])
        best, words = tf.math.top_k(logits, count)
        gains = tf.reshape(best - total[:, None], [-1, width, count])
        # An ended answer goes on in one way, which costs nothing.
        is_ended = places["is_ended"]
        stay = tf.where(tf.range(count) == 0, 0.0, NEVER)
        gains = tf.where(is_ended[..., None], stay, gains)
        sums = places["sum"][..., None] + gains
        lengths = tf.where(is_ended, places["length"] + 1, place + 1)
        scores = sums / self.penalty(lengths)[..., None]

        def in_row(tensor: Any) -> Any:
            return tf.reshape(tensor, [-1, width * count])

        score, chosen = tf.math.top_k(in_row(scores), width)
        parent = chosen // count
        token = tf.gather(in_row(words), chosen, batch_dims=1)

        def of_parent(name: str) -> Any:
            return tf.gather(places[name], parent, batch_dims=1)

        is_open = ~of_parent("is_ended") & (token != decoder.end)
        after = {
            "last": token,
            "tokens": decoder.written(of_parent("tokens"), token, place, is_open),
            "sum": tf.gather(in_row(sums), chosen, batch_dims=1),
            "length": of_parent("length") + tf.cast(is_open, tf.int32),
            "is_ended": ~is_open,
            "score": score,
        }
        after = of_shapes(after, {name: places[name] for name in after})
        # The best of a row that is searched no longer stay what they are.
        after["is_searched"] = self._may_change(after)
        row = tf.range(tf.shape(parent)[0])[:, None] * width
        own = tf.reshape(row + parent, [-1])
        return tf.nest.map_structure(lambda one: tf.gather(one, own), state), after

    def _may_change(self, places: dict[str, Any]) -> Any:
        """(batch,): whether an open answer may still come among the best.

        A sum only falls, and the longest answer divides it by most.
        """
        ended = tf.where(places["is_ended"], places["score"], NEVER)
        last_best = tf.math.top_k(ended, self.n_best).values[:, -1]
        open_sums = tf.where(places["is_ended"], NEVER, places["sum"])
        most = tf.reduce_max(open_sums, axis=-1)
        best = most / self.penalty(self.decoder.max_length)
        return (most > NEVER) & (best >= last_best)

    def penalty(self, length: Any) -> Any:
        """((5 + length) / 6) ** alpha."""
        return ((5.0 + tf.cast(length, tf.float32)) / 6.0) ** self.alpha

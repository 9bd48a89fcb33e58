"""Text cut into pieces by longest match, in core TensorFlow operations.

Pieces are strings of bytes. Each byte that UTF-8 has is a piece as well, so that
whatever is cut can be put together again exactly: nothing is unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

SINGLE_BYTES = (*range(0x01, 0xC0), *range(0xC2, 0xF5))
"""The bytes of UTF-8, but for NUL, for which a space stands in cleaned text."""

FREE, ROOT = -2, -1
"""Parents of places where no node stands, and of the root."""
ROOM = 1024
"""Free places behind the last node, while a trie is built, at least."""


def byte_name(byte: int) -> str:
    """How a vocabulary writes the piece of one byte.

    >>> byte_name(65), byte_name(195)
    ('A', '<0xC3>')
    """
    return chr(byte) if byte < 0x80 else f"<0x{byte:02X}>"


BYTE_NAMES = tuple(byte_name(byte) for byte in SINGLE_BYTES)


def piece_bytes(pieces: Sequence[str]) -> list[bytes]:
    """The bytes of pieces that begin with ``BYTE_NAMES``."""
    learnt = pieces[len(SINGLE_BYTES) :]
    return [*(bytes([b]) for b in SINGLE_BYTES), *(piece.encode() for piece in learnt)]


class LongestMatch:
    """Cut texts so that each piece is the longest that fits where the last one ended.

    A double-array trie (Aoe 1989, "An Efficient Digital Search Algorithm by Using a
    Double-Array Structure") says what follows what: from ``node`` a byte leads to
    ``base[node] + byte``, if the parent there is ``node``.

    Args:
        pieces: strings of bytes, each byte of the texts among them.
        first: the id of the first of them.
    """

    def __init__(self, pieces: Sequence[bytes], first: int) -> None:
        self.base, self.parent, self.ids = _double_array(pieces, first)

    def __call__(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Ids (batch, None) of texts (batch,) without NUL."""
        # All texts stand in one row of bytes, each with NUL, which ends every match.
        ends = tf.cumsum(tf.strings.length(text) + 1) - 1
        starts = tf.concat([[0], ends + 1], axis=0)[:-1]
        joined = tf.strings.reduce_join(tf.strings.join([text, "\0"]))
        raw = tf.cast(tf.io.decode_raw(joined, tf.uint8), tf.int32)
        ids, lengths = self._longest(raw)
        begins = _reached(starts, tf.range(tf.size(raw)) + lengths)
        places = tf.boolean_mask(tf.range(tf.size(raw)), begins & (raw > 0))
        rows = tf.searchsorted(ends, places, out_type=tf.int64)
        count = tf.size(text, tf.int64)
        return tf.RaggedTensor.from_value_rowids(tf.gather(ids, places), rows, count)

    def _longest(self, raw: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """At each byte (bytes,) the longest piece that begins there: id and length."""
        size = tf.size(raw)
        # The matches that still grow: where they began, and their place in the trie.
        places = tf.range(size)
        nodes = tf.zeros([size], tf.int32)
        best, lengths = tf.zeros([size], tf.int32), tf.zeros([size], tf.int32)

        def grown(
            length: tf.Tensor,
            places: tf.Tensor,
            nodes: tf.Tensor,
            best: tf.Tensor,
            lengths: tf.Tensor,
        ) -> tuple[tf.Tensor, ...]:
            following = tf.gather(self.base, nodes) + tf.gather(raw, places + length)
            alive = tf.equal(tf.gather(self.parent, following), nodes)
            places = tf.boolean_mask(places, alive)
            nodes = tf.boolean_mask(following, alive)
            ids = tf.gather(self.ids, nodes)
            at = tf.boolean_mask(places, ids > 0)[:, tf.newaxis]
            best = tf.tensor_scatter_nd_update(best, at, tf.boolean_mask(ids, ids > 0))
            length += 1
            longer = tf.fill(tf.shape(at)[:1], length)
            lengths = tf.tensor_scatter_nd_update(lengths, at, longer)
            return length, places, nodes, best, lengths

        some = tf.TensorShape([None])
        *_, best, lengths = tf.while_loop(
            lambda length, places, *_: tf.size(places) > 0,
            grown,
            (tf.constant(0), places, nodes, best, lengths),
            shape_invariants=(tf.TensorShape([]), some, some, some, some),
        )
        return best, lengths


def _reached(starts: tf.Tensor, following: tf.Tensor) -> tf.Tensor:
    """Which places are reached from ``starts`` by going on to what follows each.

    Each turn doubles the strides, so that a text of a million bytes takes twenty.
    """
    marks = tf.scatter_nd(
        starts[:, tf.newaxis], tf.ones_like(starts), tf.shape(following)
    )
    marks = marks > 0

    def further(
        marks: tf.Tensor, following: tf.Tensor, before: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        targets = tf.boolean_mask(following, marks)[:, tf.newaxis]
        news = tf.ones(tf.shape(targets)[:1], tf.bool)
        after = tf.tensor_scatter_nd_update(marks, targets, news)
        count = tf.math.count_nonzero(marks)
        return after, tf.gather(following, following), count

    some = tf.TensorShape([None])
    reached, *_ = tf.while_loop(
        lambda marks, _, before: tf.math.count_nonzero(marks) > before,
        further,
        (marks, following, tf.constant(-1, tf.int64)),
        shape_invariants=(some, some, tf.TensorShape([])),
    )
    return reached


def _double_array(
    pieces: Sequence[bytes], first: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """``base``, ``parent`` and id by node of a trie whose root is node 0."""
    children: dict[bytes, list[int]] = {b"": []}
    for piece in pieces:
        for end in range(len(piece), 0, -1):
            known = piece[: end - 1] in children
            children.setdefault(piece[: end - 1], []).append(piece[end - 1])
            if known:
                break
    nodes, parent = {b"": 0}, {0: ROOT}
    base: dict[int, int] = {}
    # Where somebody stands; behind the last there is always room for all bytes.
    taken = bytearray(b"\1") + bytes(ROOM)
    # Where the search for as many neighbours began to find room.
    begins: dict[int, int] = defaultdict(lambda: 1)
    for prefix in sorted(children, key=lambda prefix: (len(prefix), prefix)):
        offsets = sorted(set(children[prefix]))
        at = max(begins[len(offsets)] - offsets[0], 0)
        while any(taken[at + offset] for offset in offsets):
            at = taken.index(0, at + 1 + offsets[0]) - offsets[0]
        begins[len(offsets)] = at + offsets[0]
        base[nodes[prefix]] = at
        for byte in offsets:
            nodes[prefix + bytes([byte])] = at + byte
            parent[at + byte] = nodes[prefix]
            taken[at + byte] = 1
        if at + ROOM > len(taken):
            taken.extend(bytes(len(taken)))
    bases, parents, ids = (np.zeros(max(parent) + 256, np.int32) for _ in range(3))
    bases[list(base)] = list(base.values())
    parents[:] = FREE
    parents[list(parent)] = list(parent.values())
    ids[[nodes[piece] for piece in pieces]] = range(first, first + len(pieces))
    return bases, parents, ids

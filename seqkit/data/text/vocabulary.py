"""The vocabulary of texts, and texts as token ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import nlargest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.text.spec import TextData

if TYPE_CHECKING:
    from seqkit.layers.text import TextEncoder


ENCODE_ROWS = 512
"""Texts that are encoded in one go, so that one huge text costs little padding."""


COUNTED_TOKENS = 500_000
"""Different tokens that are counted at one time; beyond, the rarer half is forgotten:
ids and misspellings without end take no memory without end."""


def fit_vocabulary(texts: Iterator[list[str]], spec: TextData) -> list[str]:
    """The most frequent tokens of ``texts``, by falling frequency.

    Begins with padding and unknown; holds ``spec.vocab_size`` tokens at most. Give it
    training texts only.
    """
    import tensorflow as tf

    from seqkit.layers.text import PADDING, UNKNOWN, clean_text, cut_tokens

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def counted(text: tf.Tensor) -> Any:
        tokens = cut_tokens(clean_text(text, spec.level, spec.lowercase), spec.level)
        return tf.unique_with_counts(tokens.flat_values)

    counts: Counter[bytes] = Counter()
    for chunk in texts:
        for piece in _pieces(chunk):
            tokens, _, times = counted(tf.constant(piece, tf.string))
            counts.update(
                dict(zip(tokens.numpy().tolist(), times.numpy().tolist(), strict=True))
            )
            if len(counts) > max(COUNTED_TOKENS, 2 * spec.vocab_size):
                counts = Counter(dict(_most_frequent(counts, len(counts) // 2)))
    known = _most_frequent(counts, spec.vocab_size - 2)
    return [PADDING, UNKNOWN, *(token.decode() for token, _ in known)]


def _most_frequent(counts: Counter[bytes], number: int) -> list[tuple[bytes, int]]:
    """Tokens with counts; equal ones in an order that the rows do not decide."""
    return nlargest(number, counts.items(), key=lambda item: (item[1], item[0]))


def make_encoder(vocabulary: list[str], spec: TextData) -> TextEncoder:
    """The layer that turns raw text into ids, as ``spec`` says."""
    from seqkit.layers.text import TextEncoder

    return TextEncoder(
        vocabulary, spec.max_timesteps, spec.level, spec.truncating, spec.lowercase
    )


class Encoded(NamedTuple):
    """Encoded texts: ``ids`` is flat, ``lengths`` (rows,) cuts it into texts."""

    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]
    whole_lengths: NDArray[np.int64]
    """Lengths (rows,) before texts were cut to ``max_timesteps``."""


def encode(encoder: TextEncoder, texts: list[str]) -> Iterator[Encoded]:
    """Encode texts piece by piece."""
    import tensorflow as tf

    for piece in _pieces(texts):
        whole = encoder.untruncated(tf.constant(piece, tf.string))
        kept = encoder.truncated(whole)
        yield Encoded(
            kept.flat_values.numpy(),
            kept.row_lengths().numpy(),
            whole.row_lengths().numpy(),
        )


def _pieces(texts: list[str]) -> Iterator[list[bytes]]:
    """Texts for TensorFlow; half a surrogate pair, not UTF-8, becomes ``?``."""
    for start in range(0, len(texts), ENCODE_ROWS):
        piece = texts[start : start + ENCODE_ROWS]
        yield [text.encode("utf-8", "replace") for text in piece]

"""Tokens as they are given to ids, letters and casing, inside the graph.

Nothing is stripped and no token is lost: what goes in at a step comes out at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.one_step import with_a_step
from seqkit.layers.text import UNKNOWN, fold_case

CASINGS = (
    "none",
    "lower",
    "title",
    "upper",
    "mixed",
    "has digit",
    "all digit",
    "punctuation",
)
"""How a token is written; the first is padding. Letters without case are lower."""

LONGEST_SUFFIX = 3
"""Letters of a suffix that tells classes of unknown words apart, at most."""

_CASING_RULES = (
    (r"[\p{N}\p{P}\p{S}]*\p{N}[\p{N}\p{P}\p{S}]*", "all digit"),
    (r"(?s).*\p{N}.*", "has digit"),
    (r"[^\p{L}]*", "punctuation"),
    (r"[^\p{Lu}\p{Lt}]*", "lower"),
    (r"[^\p{L}]*[\p{Lu}\p{Lt}][^\p{Lu}\p{Lt}]*", "title"),
    (r"(?s)[^\p{Ll}]*", "upper"),
)
"""The first rule that a whole token fits says its casing; else it is mixed."""


def whole_tokens(tokens: Any) -> Any:
    """Tokens as UTF-8; bytes that are none become U+FFFD."""
    return tf.strings.unicode_transcode(tokens, "UTF-8", "UTF-8", errors="replace")


def casings(tokens: Any) -> Any:
    """The casing of tokens of any shape, int32, as its number in CASINGS."""
    numbers = tf.fill(tf.shape(tokens), CASINGS.index("mixed"))
    for pattern, casing in reversed(_CASING_RULES):
        fits = tf.strings.regex_full_match(tokens, pattern)
        numbers = tf.where(fits, CASINGS.index(casing), numbers)
    return numbers


def unknown_classes(tokens: Any) -> list[Any]:
    """Names of the classes of tokens (tokens,) if no vocabulary holds them.

    From the narrowest to the widest: ``title:ing`` for a token in title case with this
    suffix of three letters, then of two, one and none. Digits count as 0.
    """
    folded = tf.strings.regex_replace(fold_case(tokens), r"\p{N}", "0")
    casing = tf.gather(CASINGS, casings(tokens)) + ":"
    length = tf.strings.length(folded, unit="UTF8_CHAR")
    names = []
    for letters in range(LONGEST_SUFFIX, -1, -1):
        begin = tf.maximum(length - letters, 0)
        count = tf.minimum(length, letters)
        suffix = tf.strings.substr(folded, begin, count, unit="UTF8_CHAR")
        names.append(casing + suffix)
    return names


def letter_ragged(tokens: Any, limit: int) -> tf.RaggedTensor:
    """The letters of tokens (tokens,); long ones keep both ends, ``limit`` in all."""
    letters = tf.strings.unicode_split(tokens, "UTF-8")
    head = limit // 2
    return tf.concat(
        [letters[:, :head], letters[:, head:][:, -(limit - head) :]], axis=1
    )


def _table(keys: Sequence[str], first: int, default: int) -> Any:
    """Ids from ``first`` on for ``keys``; ``default`` for all others."""
    texts = [key.encode("utf-8") for key in keys]
    ids = list(range(first, first + len(keys)))
    if not keys:
        # TensorFlow makes no table without an entry: what is no text stands in.
        texts, ids = [b"\xff"], [default]
    initializer = tf.lookup.KeyValueTensorInitializer(
        tf.constant(texts), tf.constant(ids, tf.int32)
    )
    return tf.lookup.StaticHashTable(initializer, default)


@keras.saving.register_keras_serializable("seqkit")
class TokenEncoder(keras.layers.Layer):
    """Tokens (batch, steps), text padded with ``""`` at the end, to a dict of ids:

    ``words`` (batch, steps): 0 padding, 1 unknown, then the vocabulary, then the
    classes of unknown words (``unknown_classes``: the first that is there);
    ``letters`` (batch, steps, max_letters) and ``casing`` (batch, steps), 0 at padding.
    At level ``character`` tokens are letters themselves, and ``words`` is all there is.

    An empty token before the end of its row is an unknown word. There is one step at
    least.

    Args:
        vocabulary: words by id, beginning with ``""`` and ``"[UNK]"``.
        unknowns: names of the classes of unknown words that have ids of their own.
        alphabet: letters by id, beginning with ``""`` and ``"[UNK]"``.
        max_letters: letters of a token that are kept, half of them at each end.
        level: ``word`` or ``character``.
        lowercase: look words up in lower case; letters and casing stay as they are.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        unknowns: Sequence[str] = (),
        alphabet: Sequence[str] = ("", UNKNOWN),
        max_letters: int = 20,
        level: str = "word",
        lowercase: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "token_encoder")
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)
        self.unknowns = list(unknowns)
        self.alphabet = list(alphabet)
        self.max_letters = max_letters
        self.level = level
        self.lowercase = lowercase
        self._words = _table(self.vocabulary[2:], 2, 0)
        self._unknowns = _table(self.unknowns, len(self.vocabulary), 0)
        self._letters = _table(self.alphabet[2:], 2, 1)

    def build(self, input_shape: Any) -> None:
        """Do nothing: the vocabulary came with the constructor."""

    def call(self, tokens: Any) -> dict[str, Any]:
        tokens = whole_tokens(with_a_step(tokens))
        filled = tf.cast(tf.not_equal(tokens, ""), tf.int32)
        live = tf.cumsum(filled, axis=1, reverse=True) > 0
        columns = self.columns(tf.boolean_mask(tokens, live))
        places = tf.where(live)
        shape = tf.shape(tokens, tf.int64)
        return {
            name: tf.scatter_nd(
                places, values, tf.concat([shape, values.shape[1:]], axis=0)
            )
            for name, values in columns.items()
        }

    def columns(self, tokens: Any) -> dict[str, Any]:
        """The same for tokens without padding: (tokens,), letters (tokens, ...)."""
        different, places = tf.unique(tokens)
        columns = {"words": self._word_ids(different)}
        if self.level == "word":
            letters = letter_ragged(different, self.max_letters)
            ids = letters.with_flat_values(self._letters.lookup(letters.flat_values))
            columns["letters"] = ids.to_tensor(shape=(None, self.max_letters))
            columns["casing"] = casings(different)
        return {name: tf.gather(values, places) for name, values in columns.items()}

    def _word_ids(self, tokens: Any) -> Any:
        words = fold_case(tokens) if self.lowercase else tokens
        ids = self._words.lookup(words)
        if self.level == "word" and self.unknowns:
            for name in unknown_classes(tokens):
                ids = tf.where(ids > 0, ids, self._unknowns.lookup(name))
        return tf.maximum(ids, 1)

    def compute_output_spec(self, tokens: Any) -> dict[str, keras.KerasTensor]:
        shape = (tokens.shape[0], None)
        shapes: dict[str, tuple[Any, ...]] = {"words": shape}
        if self.level == "word":
            shapes |= {"letters": (*shape, self.max_letters), "casing": shape}
        return {
            name: keras.KerasTensor(shape, dtype="int32")
            for name, shape in shapes.items()
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "unknowns": self.unknowns,
            "alphabet": self.alphabet,
            "max_letters": self.max_letters,
            "level": self.level,
            "lowercase": self.lowercase,
        }

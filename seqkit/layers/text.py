"""Raw text to token ids, inside the graph, so that it travels with every export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.one_step import with_a_step
from seqkit.layers.pieces import LongestMatch, piece_bytes

PADDING, UNKNOWN, BEGIN, END = "", "[UNK]", "[BEGIN]", "[END]"
BEGIN_ID, END_ID = 2, 3
"""Of vocabularies with ends; tokens follow them."""

_MARKUP = r"</?[A-Za-z!][^<>]{0,60}>"
_SPACE = r"[\p{Z}\p{C}]+"
_APOSTROPHES = "[\u2018\u2019\u02bc]"
_QUOTE_BEFORE = r"(^|[^\p{L}\p{N}])'+"
_QUOTE_AFTER = r"'+([^\p{L}\p{N}]|$)"
_PUNCTUATION = r"[^\s\p{L}\p{M}\p{N}\p{So}!?']+"
_OWN_TOKEN = r"([!?\p{So}])"
_PIECES_WITHIN = r" ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s+"
"""What pieces are learnt within: a word and the space before it, a number, signs."""

# The lower case of these depends on the letters around them or on the language of the
# machine that runs the graph: under LANG=tr_TR an I would become a dotless one.
CASE_RULES = (
    ("[\u03a3\u03c2]", "\u03c3"),  # sigma, final or not
    ("\u0130", "i\u0307"),  # I with a dot
    ("\u012e", "\u012f"),  # I with an ogonek
    ("\u00cc", "\u00ec"),  # I with a grave
    ("\u00cd", "\u00ed"),  # I with an acute
    ("\u0128", "\u0129"),  # I with a tilde
)
WORD_RULES = (
    (_MARKUP, " "),
    (_SPACE, " "),
    (_APOSTROPHES, "'"),
    (_QUOTE_BEFORE, r"\1 "),
    (_QUOTE_AFTER, r" \1"),
    (_PUNCTUATION, " "),
    (_OWN_TOKEN, r" \1 "),
)
"""What is replaced by what, in order, before a text is cut at spaces (RE2 syntax)."""


def fold_case(text: tf.Tensor) -> tf.Tensor:
    """Lower the case of UTF-8 text letter by letter, the same on every machine."""
    text = tf.strings.lower(text)
    for pattern, by in CASE_RULES:
        text = tf.strings.regex_replace(text, pattern, by)
    return tf.strings.lower(text, encoding="utf-8")


def clean_text(text: tf.Tensor, level: str, lowercase: bool) -> tf.Tensor:
    """Normalise raw text (batch,) before it is cut into tokens.

    Bytes that are not UTF-8 become U+FFFD. At the word level markup and punctuation
    become spaces; ``!``, ``?`` and symbols (emoji) stand alone, as they carry feeling;
    apostrophes stay inside words (``don't``).
    """
    text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
    text = tf.strings.regex_replace(text, r"\x00", " ")
    if lowercase:
        text = fold_case(text)
    if level != "word":
        return text
    for pattern, by in WORD_RULES:
        text = tf.strings.regex_replace(text, pattern, by)
    return text


def cut_tokens(text: tf.Tensor, level: str) -> tf.RaggedTensor:
    """Cut cleaned text (batch,) into tokens (batch, None), as ``vectorizer`` does.

    At level ``subword`` into the words that pieces are learnt within.
    """
    if level == "word":
        return tf.strings.split(text)
    if level == "subword":
        parted = tf.strings.regex_replace(text, f"({_PIECES_WITHIN})", "\\1\0")
        words = tf.strings.split(parted, "\0")
        return tf.ragged.boolean_mask(words, tf.not_equal(words, ""))
    return tf.strings.unicode_split(text, "UTF-8")


def vectorizer(level: str, **options: Any) -> keras.layers.TextVectorization:
    """A TextVectorization of cleaned text: whitespace words, or Unicode characters."""
    split = "whitespace" if level == "word" else "character"
    return keras.layers.TextVectorization(
        standardize=None, split=split, ragged=True, **options
    )


def first_token(ends: bool) -> int:
    """The id of the first token behind padding, unknown, and begin and end."""
    return END_ID + 1 if ends else 2


def with_ends(ids: tf.RaggedTensor) -> tf.RaggedTensor:
    """Ids (batch, None) between begin and end."""
    begin = tf.fill([ids.nrows(), 1], tf.constant(BEGIN_ID, ids.dtype))
    return tf.concat([begin, ids, tf.fill(tf.shape(begin), END_ID)], axis=1)


@keras.saving.register_keras_serializable("seqkit")
class TextEncoder(keras.layers.Layer):
    """Turn raw text (batch,) into token ids (batch, timesteps), int32.

    Id 0 is padding, always at the end; id 1 stands for every unknown token. A text
    without any token becomes one unknown token, so that no sequence is empty.

    Args:
        vocabulary: all tokens by id, beginning with ``""`` and ``"[UNK]"``.
        max_timesteps: longer sequences are cut to this many tokens.
        level: ``word``, ``character`` or ``subword``.
        truncating: where a long sequence loses tokens: ``pre`` (its beginning),
            ``post`` (its end) or ``middle`` (keeps both ends, as the head+tail of
            Sun et al. 2019, "How to Fine-Tune BERT for Text Classification").
        lowercase: fold letters to lower case first.
        ends: whether ids 2 and 3 are begin and end, which no text is encoded to;
            ``with_ends`` puts them around.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        max_timesteps: int,
        level: str = "word",
        truncating: str = "post",
        lowercase: bool = True,
        ends: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "text_encoder")
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)
        self.max_timesteps = max_timesteps
        self.level = level
        self.truncating = truncating
        self.lowercase = lowercase
        self.ends = ends
        if level == "subword":
            first = first_token(ends)
            self._vectorizer = LongestMatch(piece_bytes(self.vocabulary[first:]), first)
            return
        # Keras makes no table without an entry: what is no token of either level
        # stands in.
        known = self.vocabulary[2:] or ["no token"]
        self._vectorizer = vectorizer(level, vocabulary=known)

    def build(self, input_shape: Any) -> None:
        """Do nothing: the vocabulary came with the constructor."""

    def call(self, text: tf.Tensor) -> tf.Tensor:
        """Encode texts (batch,) to ids (batch, longest), one step at least."""
        return with_a_step(self.ragged(text).to_tensor())

    def ragged(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Encode texts (batch,) to ids without padding."""
        return self.truncated(self.untruncated(text))

    def untruncated(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Encode texts (batch,) to all their ids, at least one a text."""
        cleaned = clean_text(text, self.level, self.lowercase)
        ids = tf.cast(self._vectorizer(cleaned), tf.int32)
        unknown = tf.ones((tf.shape(text)[0], 1), tf.int32)
        empty = tf.equal(ids.row_lengths(), 0)
        stand_in = tf.ragged.boolean_mask(unknown, empty[:, tf.newaxis])
        return tf.concat([ids, stand_in], axis=1)

    def truncated(self, ids: tf.RaggedTensor) -> tf.RaggedTensor:
        """Cut every sequence to at most ``max_timesteps`` ids."""
        limit = self.max_timesteps
        if self.truncating == "post":
            return ids[:, :limit]
        if self.truncating == "pre":
            return ids[:, -limit:]
        head = limit // 2
        return tf.concat([ids[:, :head], ids[:, head:][:, -(limit - head) :]], axis=1)

    def compute_output_spec(self, text: Any) -> keras.KerasTensor:
        return keras.KerasTensor((text.shape[0], None), dtype="int32")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "max_timesteps": self.max_timesteps,
            "level": self.level,
            "truncating": self.truncating,
            "lowercase": self.lowercase,
            "ends": self.ends,
        }

"""Text as token ids and back: words, characters, or pieces of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.frequent import COUNTED_TOKENS, most_frequent
from seqkit.errors import UsageError

if TYPE_CHECKING:
    from seqkit.layers.text import TextEncoder
    from seqkit.layers.text_decoder import TextDecoder


ENCODE_ROWS = 512
"""Texts that are encoded in one go, so that one huge text costs little padding."""
LONGEST_PIECE = 16
"""Characters of a learnt piece, at most."""
REPEATED = 10_000
"""How often a word stands in one text from which pieces are learnt, at most."""


@dataclass(frozen=True)
class Tokenizer:
    """What turns text into token ids and back; plain data, for JSON.

    >>> tokenizer = Tokenizer.fit([["a good film", "a film"]], 10)
    >>> tokenizer.vocabulary
    ('', '[UNK]', 'film', 'a', 'good')
    >>> tokenizer.encode(["Film, good plot!"])
    [[2, 4, 1, 1]]
    >>> tokenizer.decode([[2, 4, 1, 1]])
    ['film good [UNK] [UNK]']
    """

    vocabulary: tuple[str, ...]
    """By id: padding, unknown, begin and end if ``ends``, the bytes of UTF-8 at level
    ``subword``, then what was learnt."""
    level: str = "word"
    """``word``, ``character`` or ``subword``."""
    lowercase: bool = True
    ends: bool = False
    """Whether begin (2) and end (3) have ids, which decoders need."""

    @classmethod
    def fit(
        cls,
        texts: Iterable[list[str]],
        size: int,
        level: str = "word",
        lowercase: bool = True,
        ends: bool = False,
    ) -> Tokenizer:
        """Learn ``size`` tokens at most from training texts, given in chunks.

        Two columns share a vocabulary if the texts of both are given, one after the
        other.

        Raises:
            UsageError: the level is ``subword``, and ``tokenizers`` is not installed.
        """
        from seqkit.layers.pieces import BYTE_NAMES
        from seqkit.layers.text import BEGIN, END, PADDING, UNKNOWN

        first = [PADDING, UNKNOWN, *([BEGIN, END] if ends else [])]
        if level == "subword":
            _tokenizers()
            first += BYTE_NAMES
        counts = _counted(texts, size, level, lowercase)
        free = max(size - len(first), 0)
        if level == "subword":
            learnt = _learnt_pieces(counts, free)
        else:
            learnt = [token.decode() for token, _ in most_frequent(counts, free)]
        return cls((*first, *learnt), level, lowercase, ends)

    def encoder(
        self,
        max_timesteps: int,
        truncating: str = "post",
        name: str = "text_encoder",
    ) -> TextEncoder:
        """The layer that turns raw text into ids in the graph."""
        from seqkit.layers.text import TextEncoder

        return TextEncoder(
            self.vocabulary,
            max_timesteps,
            self.level,
            truncating,
            self.lowercase,
            self.ends,
            name=name,
        )

    @cached_property
    def decoder(self) -> TextDecoder:
        """The layer that turns ids into text in the graph."""
        from seqkit.layers.text_decoder import TextDecoder

        return TextDecoder(self.vocabulary, self.level, self.ends)

    @cached_property
    def _whole(self) -> TextEncoder:
        return self.encoder(2**31 - 1)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of whole texts; one without a token is one unknown token."""
        rows: list[list[int]] = []
        for ids, lengths, _ in encode(self._whole, list(texts)):
            rows += [row.tolist() for row in np.split(ids, np.cumsum(lengths)[:-1])]
        return rows

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Texts of ids, each up to its end, if that has an id."""
        import tensorflow as tf

        if not ids:
            return []
        texts = self.decoder(tf.ragged.constant(ids, tf.int32, 1).to_tensor())
        return [text.decode() for text in texts.numpy()]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Tokenizer:
        """The tokenizer that ``to_dict`` wrote."""
        return cls(**{**plain, "vocabulary": tuple(plain["vocabulary"])})


@cache
def _counter(level: str, lowercase: bool) -> Any:
    """A graph from texts (batch,) to their tokens, each once, and how often."""
    import tensorflow as tf

    from seqkit.layers.text import clean_text, cut_tokens

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def counted(text: tf.Tensor) -> Any:
        tokens = cut_tokens(clean_text(text, level, lowercase), level)
        return tf.unique_with_counts(tokens.flat_values)

    return counted


def _counted(
    texts: Iterable[list[str]], size: int, level: str, lowercase: bool
) -> Counter[bytes]:
    """How often each token, or at level ``subword`` each word, is in ``texts``."""
    import tensorflow as tf

    counted = _counter(level, lowercase)
    counts: Counter[bytes] = Counter()
    for chunk in texts:
        for piece in byte_pieces(chunk):
            tokens, _, times = counted(tf.constant(piece, tf.string))
            counts.update(
                dict(zip(tokens.numpy().tolist(), times.numpy().tolist(), strict=True))
            )
            if len(counts) > max(COUNTED_TOKENS, 2 * size):
                counts = Counter(dict(most_frequent(counts, len(counts) // 2)))
    return counts


def _learnt_pieces(counts: Counter[bytes], number: int) -> list[str]:
    """Byte-pair pieces of counted words: letters beyond ASCII, then merges in order."""
    words = {word.decode(): count for word, count in counts.items()}
    letters: Counter[str] = Counter()
    for word, count in words.items():
        for letter in word:
            letters[letter] += count
    # Rare letters stay bytes; NUL stands for them, and nothing is learnt across it.
    frequent = sorted(letters, key=lambda letter: (-letters[letter], letter))
    spared = [one for one in frequent if not one.isascii()][number // 2 :]
    rare = {*spared, *(one for one in letters if letters[one] == 1)}
    blank = str.maketrans(dict.fromkeys(rare, "\0"))

    def repeated() -> Iterator[str]:
        for word in sorted(words):
            text, count = word.translate(blank) + "\0", words[word]
            for done in range(0, count, REPEATED):
                yield text * min(REPEATED, count - done)

    library = _tokenizers()
    model = library.Tokenizer(library.models.BPE())
    model.pre_tokenizer = library.pre_tokenizers.Split("\0", "removed")
    trainer = library.trainers.BpeTrainer(
        # Letters of ASCII are pieces already.
        vocab_size=number + 128,
        min_frequency=2,
        max_token_length=LONGEST_PIECE,
        show_progress=False,
    )
    model.train_from_iterator(repeated(), trainer)
    ids = model.get_vocab()
    return [piece for piece in sorted(ids, key=ids.get) if len(piece.encode()) > 1][
        :number
    ]


def _tokenizers() -> Any:
    try:
        import tokenizers
    except ImportError:
        raise UsageError(
            "The level subword learns its pieces with tokenizers, which is not "
            "installed: pip install 'seqkit[subword]'."
        ) from None
    return tokenizers


class Encoded(NamedTuple):
    """Encoded texts: ``ids`` is flat, ``lengths`` (rows,) cuts it into texts."""

    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]
    whole_lengths: NDArray[np.int64]
    """Lengths (rows,) before texts were cut to ``max_timesteps``."""


def encode(encoder: TextEncoder, texts: list[str]) -> Iterator[Encoded]:
    """Encode texts piece by piece."""
    import tensorflow as tf

    for piece in byte_pieces(texts):
        whole = encoder.untruncated(tf.constant(piece, tf.string))
        kept = encoder.truncated(whole)
        yield Encoded(
            kept.flat_values.numpy(),
            kept.row_lengths().numpy(),
            whole.row_lengths().numpy(),
        )


def as_bytes(texts: list[str]) -> list[bytes]:
    """Texts for TensorFlow; half a surrogate pair, not UTF-8, becomes ``?``."""
    return [text.encode("utf-8", "replace") for text in texts]


def byte_pieces(texts: list[str]) -> Iterator[list[bytes]]:
    """The same, piece by piece."""
    for start in range(0, len(texts), ENCODE_ROWS):
        yield as_bytes(texts[start : start + ENCODE_ROWS])

"""Rows of text: read and checked, and encoded to ids by a fitted vocabulary."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.sources.base import Source
from seqkit.data.spec import TextData
from seqkit.errors import DataError, DataWarning
from seqkit.nodes import is_unicode
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.layers.text import TextEncoder

ENCODE_ROWS = 512
"""Texts that are encoded in one go, so that one huge text costs little padding."""

COUNTED_TOKENS = 500_000
"""Different tokens that are counted at one time; beyond, the rarer half is forgotten:
ids and misspellings without end take no memory without end."""


@dataclass(frozen=True)
class TextRows:
    """A chunk of rows; ``labels`` is empty where none were asked for."""

    texts: list[str]
    labels: list[str]


def label_text(value: Any) -> str:
    """A label as text: ``"1"`` for 1, 1.0 and ``"1"``; ``"True"`` for True."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value)


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing; a list always holds something."""
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def label_texts(values: Iterable[Any], column: str, name: str) -> list[str]:
    """Labels as text.

    Raises:
        DataError: one is a list or mapping; names it, its column and its source.
    """
    labels = []
    for value in values:
        if isinstance(value, (list, tuple, dict, set, np.ndarray)):
            raise DataError(
                f"Column {column!r} of {name} must hold a label in each row, text or a "
                f"number, got the {_kind(value)} {shortened(value)}. Mend it, or name "
                "another column."
            )
        text = label_text(value)
        if not is_unicode(text):
            raise DataError(
                f"Column {column!r} of {name} holds half a character (U+D800 to "
                f"U+DFFF) in {shortened(text)}. Write it anew."
            )
        labels.append(text)
    return labels


def _kind(value: Any) -> str:
    return "mapping" if isinstance(value, dict) else "list"


def read_rows(
    source: Source,
    part: str,
    spec: TextData,
    label: str | None = None,
    tell: bool = False,
) -> Iterator[TextRows]:
    """Read a part of ``source`` in chunks, its text and label columns checked.

    Args:
        source: where they come from.
        part: which of its parts.
        spec: names the text column, and says what happens where a text is missing.
        label: the column of labels; None: not asked for.
        tell: say in a DataWarning how many rows were left out.

    Raises:
        DataError: a text is missing and ``spec.missing`` is ``error``, or a label is.
    """
    columns = [spec.text] + ([label] if label else [])
    start = dropped = 0
    for frame in source.chunks(part, columns):
        rows = len(frame)
        frame = frame.reset_index(drop=True)
        frame = _without_missing(frame, start, source, spec)
        dropped += rows - len(frame)
        if label:
            _refuse_missing_labels(frame, start, source, label)
        start += rows
        if frame.empty:
            continue
        texts = [text if isinstance(text, str) else "" for text in frame[spec.text]]
        labels = label_texts(frame[label], label, source.name) if label else []
        yield TextRows(texts, labels)
    if tell:
        tell_dropped(dropped, start, "rows", source.name, "text")


def tell_dropped(dropped: int, rows: int, unit: str, name: str, lacks: str) -> None:
    """Say in a DataWarning what data.missing leaves out, if it does."""
    if dropped:
        warnings.warn(
            f"Left out, as data.missing says: {dropped:,} of {rows:,} {unit} of "
            f"{name}, where a {lacks} is missing.",
            DataWarning,
            stacklevel=3,
        )


def _without_missing(
    frame: pd.DataFrame, start: int, source: Source, spec: TextData
) -> pd.DataFrame:
    texts = frame[spec.text]
    missing = texts.isna().to_numpy()
    if missing.any() and spec.missing == "error":
        row = start + int(np.argmax(missing)) + 1
        raise DataError(
            f"Column {spec.text!r} of {source.name} has no value in row {row:,}. Mend "
            "it, or set data.missing to drop (leave such rows out) or empty (take them "
            "as empty)."
        )
    if spec.missing == "drop":
        frame = frame[~missing]
    wrong = [v for v in texts[~missing] if not isinstance(v, str)][:1]
    if wrong:
        raise DataError(
            f"Column {spec.text!r} of {source.name} must hold text, got "
            f"{shortened(wrong[0])} of type {type(wrong[0]).__name__}. Name the "
            "column: data.text=COLUMN."
        )
    return frame


def _refuse_missing_labels(
    frame: pd.DataFrame, start: int, source: Source, label: str
) -> None:
    unlabelled = frame.index[frame[label].isna()]
    if len(unlabelled):
        raise DataError(
            f"Column {label!r} of {source.name} has no label in row "
            f"{start + unlabelled[0] + 1:,}. Label the row or leave it out."
        )


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

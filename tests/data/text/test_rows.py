"""Texts: read and checked, cleaned, cut into tokens, and encoded to ids."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data.rows.labels import label_text
from seqkit.data.sources.base import CHUNK_ROWS
from seqkit.data.sources.frame import FrameSource
from seqkit.data.text import tokenizer as text_module
from seqkit.data.text.rows import read_rows
from seqkit.data.text.spec import TextData
from seqkit.data.text.tokenizer import Tokenizer, encode
from seqkit.errors import DataError
from seqkit.layers.text import (
    PADDING,
    UNKNOWN,
    TextEncoder,
    clean_text,
    vectorizer,
)

WORDS = (PADDING, UNKNOWN, "film", "good", "bad")
LETTERS = (PADDING, UNKNOWN, *"abcdefg ")


def spec(**changed: Any) -> TextData:
    return TextData(source="frame", **changed)


def fit_vocabulary(texts: Any, spec: TextData) -> list[str]:
    fitted = Tokenizer.fit(texts, spec.vocab_size, spec.level, spec.lowercase)
    return list(fitted.vocabulary)


def make_encoder(vocabulary: list[str], spec: TextData) -> TextEncoder:
    tokenizer = Tokenizer(tuple(vocabulary), spec.level, spec.lowercase)
    return tokenizer.encoder(spec.max_timesteps, spec.truncating)


def read(texts: list[Any], label: list[Any] | None = None, **changed: Any) -> list[str]:
    """All texts of a frame with the columns text and label."""
    frame = pd.DataFrame({"text": pd.Series(texts, dtype=object)})
    if label is not None:
        frame["label"] = pd.Series(label, dtype=object)
    source = FrameSource(frame)
    chunks = read_rows(source, "train", spec(**changed), "label" if label else None)
    return [text for rows in chunks for text in rows.inputs]


@cache
def encoder_of(
    vocabulary: tuple[str, ...] = WORDS, max_timesteps: int = 50, **options: Any
) -> TextEncoder:
    return TextEncoder(vocabulary, max_timesteps, **options)


def ids(texts: list[str] | list[bytes], *options: Any, **named: Any) -> list[list[int]]:
    """Ids by text, without padding, of the encoder with these options."""
    encoder = encoder_of(*options, **named)
    rows: list[list[int]] = encoder.ragged(tf.constant(texts)).to_list()
    return rows


def tokens(text: str | bytes, **options: Any) -> list[str]:
    """What a text is cut into, by way of a vocabulary that is fitted on it alone."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    vocabulary = fit_vocabulary(iter([[plain]]), spec(**options))
    made = make_encoder(vocabulary, spec(**options))
    (row,) = made.ragged(tf.constant([text])).to_list()
    return [vocabulary[number] for number in row]


# Reading


@pytest.mark.parametrize("gap", [None, float("nan"), pd.NA], ids=repr)
def test_a_missing_text_is_an_error_that_names_the_row(gap: Any) -> None:
    with pytest.raises(DataError) as error:
        read(["a", "b", gap, "d", gap])
    assert str(error.value) == (
        "Column 'text' of frame has no value in row 3. Mend it, or set data.missing "
        "to drop (leave such rows out) or empty (take them as empty)."
    )


def test_a_missing_text_is_left_out_or_taken_as_empty() -> None:
    assert read(["a", None, "c"], missing="drop") == ["a", "c"]
    assert read(["a", None, "c"], missing="empty") == ["a", "", "c"]


def test_labels_stay_with_their_texts_when_rows_are_left_out() -> None:
    frame = pd.DataFrame({"text": ["a", None, "c"], "label": ["x", None, "z"]})
    (rows,) = read_rows(FrameSource(frame), "train", spec(missing="drop"), "label")
    assert (rows.inputs, rows.answers) == (["a", "c"], ["x", "z"])


def test_row_numbers_count_across_chunks() -> None:
    texts: list[Any] = ["a"] * (CHUNK_ROWS + 5)
    texts[CHUNK_ROWS + 1] = None
    with pytest.raises(DataError, match=f"in row {CHUNK_ROWS + 2:,}\\."):
        read(texts)


def test_a_chunk_of_missing_rows_is_passed_over() -> None:
    texts = [None] * CHUNK_ROWS + ["a"]
    frame = pd.DataFrame({"text": texts})
    chunks = list(read_rows(FrameSource(frame), "train", spec(missing="drop")))
    assert [rows.inputs for rows in chunks] == [["a"]]


@pytest.mark.parametrize(
    ("value", "kind"), [(7, "int"), (b"x", "bytes"), (["a"], "list")]
)
def test_a_column_without_text_is_an_error(value: Any, kind: str) -> None:
    with pytest.raises(DataError) as error:
        read(["a", value])
    assert str(error.value) == (
        f"Column 'text' of frame must hold text, got {value!r} of type {kind}. Name "
        "the column: data.text=COLUMN."
    )


def test_a_missing_label_is_an_error_that_names_the_row() -> None:
    with pytest.raises(DataError, match="'label' of frame has no label in row 2. "):
        read(["a", "b"], label=["x", None])


def test_rows_left_out_still_count_in_the_row_that_is_named() -> None:
    with pytest.raises(DataError, match="no label in row 3. "):
        read(["a", None, "c"], label=["x", "y", None], missing="drop")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        (np.int64(1), "1"),
        (np.float32(1), "1"),
        (-2.0, "-2"),
        (1.5, "1.5"),
        (np.float32(0.5), "0.5"),
        ("1.0", "1.0"),
        (True, "True"),
        (np.bool_(True), "True"),
        ("True", "True"),
        (float("inf"), "inf"),
        ("spam ", "spam "),
    ],
)
def test_a_label_is_the_same_text_however_it_is_stored(value: Any, text: str) -> None:
    assert label_text(value) == text


# The vocabulary


def test_vocabulary_goes_by_frequency_and_then_by_the_words_themselves() -> None:
    texts = [["b a", "c b"], ["b", "A d"]]
    vocabulary = fit_vocabulary(iter(texts), spec())
    assert vocabulary == [PADDING, UNKNOWN, "b", "a", "d", "c"]


def test_vocabulary_does_not_depend_on_the_order_of_rows() -> None:
    texts = ["a b", "b c", "c d d", "e", "", "a"]
    for order in ((0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (2, 5, 0, 4, 1, 3)):
        kept = fit_vocabulary(iter([[texts[i] for i in order]]), spec(vocab_size=5))
        # All but e come twice: among equals the last letters go first.
        assert kept == [PADDING, UNKNOWN, "d", "c", "b"]


@pytest.mark.parametrize("level", ["word", "character"])
@pytest.mark.parametrize("vocab_size", [3, 40, 1000])
def test_vocabulary_is_that_which_keras_would_adapt(
    level: str, vocab_size: int
) -> None:
    draw = np.random.default_rng(0)
    texts = [
        " ".join(f"w{n}\u00e9!" for n in draw.zipf(1.5, 20) if n < 1000)
        for _ in range(700)
    ]
    layer = vectorizer(level, max_tokens=vocab_size)
    layer.adapt(clean_text(tf.constant(texts), level, lowercase=True))
    options = spec(level=level, vocab_size=vocab_size)
    fitted = fit_vocabulary(iter([texts[:300], texts[300:]]), options)
    assert fitted == layer.get_vocabulary()


def test_frequent_tokens_outlive_a_stream_of_rare_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text_module, "COUNTED_TOKENS", 100)
    counted: list[int] = []
    keep = text_module.most_frequent

    def watched(counts: Any, number: int) -> Any:
        counted.append(len(counts))
        return keep(counts, number)

    monkeypatch.setattr(text_module, "most_frequent", watched)
    chunks = (
        [f"often once{row}" for row in range(i, i + 40)] for i in range(0, 4000, 40)
    )
    vocabulary = fit_vocabulary(chunks, spec(vocab_size=3))
    assert vocabulary == [PADDING, UNKNOWN, "often"]
    assert len(counted) > 20 and max(counted) <= 100 + 41


def test_vocabulary_holds_no_more_than_vocab_size_tokens() -> None:
    texts = [[f"word{i % n}" for i in range(n)] for n in range(1, 30)]
    vocabulary = fit_vocabulary(iter(texts), spec(vocab_size=6))
    assert vocabulary == [PADDING, UNKNOWN, "word0", "word1", "word2", "word3"]


@pytest.mark.parametrize(
    "texts", [[], [[]], [["", " "]], [["...", "<br />"]]], ids=repr
)
def test_texts_without_tokens_give_padding_and_unknown_alone(
    texts: list[list[str]],
) -> None:
    vocabulary = fit_vocabulary(iter(texts), spec())
    assert vocabulary == [PADDING, UNKNOWN]
    encoder = make_encoder(vocabulary, spec())
    assert encoder(tf.constant(["good film"])).numpy().tolist() == [[1, 1]]


# The private-use character once stood in for a vocabulary that is empty.
@pytest.mark.parametrize("text", ["\ue000", "no token", "x"])
def test_an_empty_vocabulary_knows_no_letter(text: str) -> None:
    (row,) = ids([text], (PADDING, UNKNOWN), level="character")
    assert row == [1] * len(text)


def test_half_a_surrogate_pair_is_read_as_a_question_mark() -> None:
    # json.loads gives one for "\ud83d".
    vocabulary = fit_vocabulary(iter([["good \ud83d film"]]), spec())
    assert sorted(vocabulary[2:]) == ["?", "film", "good"]
    encoder = make_encoder(vocabulary, spec())
    ((flat, lengths, _),) = encode(encoder, ["good \ud83d"])
    assert [vocabulary[i] for i in flat] == ["good", "?"] and lengths.tolist() == [2]


# Cutting texts into tokens


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("A good FILM", ["a", "good", "film"]),
        ("good, bad; (film).", ["good", "bad", "film"]),
        ("Great!!  Why?", ["great", "!", "!", "why", "?"]),
        ("one<br /><br />two", ["one", "two"]),
        ("<!-- no --><i class='x'>two</i>", ["two"]),
        ("<3 or 4 stars, but > 2", ["3", "or", "4", "stars", "but", "2"]),
        ("don't 'quote' it\u2019s", ["don't", "quote", "it's"]),
        ("caf\u00e9 \u00c9t\u00c9", ["caf\u00e9", "\u00e9t\u00e9"]),
        (
            "\u041f\u0420\u0418\u0412\u0415\u0422",
            ["\u043f\u0440\u0438\u0432\u0435\u0442"],
        ),
        ("good\U0001f600film", ["good", "\U0001f600", "film"]),
        ("\U0001f468\u200d\U0001f469", ["\U0001f468", "\U0001f469"]),
        ("a\u00a0b\u3000c\td\ne", ["a", "b", "c", "d", "e"]),
        ("a\x00b", ["a", "b"]),
        (b"a \xff\xfe b", ["a", "\ufffd", "\ufffd", "b"]),
    ],
)
def test_words(text: str | bytes, cut: list[str]) -> None:
    assert tokens(text) == cut


def test_case_stays_where_it_is_not_folded() -> None:
    assert tokens("Good GOOD", lowercase=False) == ["Good", "GOOD"]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Ab, c", ["a", "b", ",", " ", "c"]),
        ("\U0001f600\u00e9", ["\U0001f600", "\u00e9"]),
        ("a\x00b", ["a", " ", "b"]),
        (b"a\xffb", ["a", "\ufffd", "b"]),
        (" ", [" "]),
    ],
)
def test_characters(text: str | bytes, cut: list[str]) -> None:
    assert tokens(text, level="character") == cut


@settings(max_examples=20)
@given(st.text(max_size=60))
def test_any_text_is_encoded_to_ids_of_the_vocabulary(text: str) -> None:
    raw = text.encode("utf-8", "replace")
    for level, vocabulary in (("word", WORDS), ("character", LETTERS)):
        (row,) = ids([raw], vocabulary, level=level)
        assert row and 1 <= min(row) and max(row) < len(vocabulary)


@settings(max_examples=20)
@given(st.binary(max_size=60))
def test_any_bytes_are_encoded_to_ids_of_the_vocabulary(raw: bytes) -> None:
    for level, vocabulary in (("word", WORDS), ("character", LETTERS)):
        (row,) = ids([raw], vocabulary, level=level)
        assert row and 1 <= min(row) and max(row) < len(vocabulary)


@settings(max_examples=20)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_characters_agree_with_python(text: str) -> None:
    (row,) = ids([text], LETTERS, level="character", lowercase=False)
    known = {letter: number for number, letter in enumerate(LETTERS)}
    expected = [known.get(letter, 1) for letter in text.replace("\x00", " ")]
    assert row == (expected or [1])


# Ids


@pytest.mark.parametrize("text", ["", "  ", "...", "<br />"])
def test_a_text_without_tokens_is_one_unknown_token(text: str) -> None:
    assert ids([text, "film"]) == [[1], [2]]


@pytest.mark.parametrize(
    ("truncating", "kept"),
    [("post", "abcde"), ("pre", "cdefg"), ("middle", "abefg")],
)
def test_truncating_keeps_what_it_says(truncating: str, kept: str) -> None:
    (row,) = ids(
        ["abcdefg"], LETTERS, level="character", truncating=truncating, max_timesteps=5
    )
    assert "".join(LETTERS[number] for number in row) == kept


@pytest.mark.parametrize("truncating", ["post", "pre", "middle"])
@pytest.mark.parametrize("limit", [1, 2, 7, 8])
def test_truncating_to_the_limit_leaves_short_texts_whole(
    truncating: str, limit: int
) -> None:
    options: dict[str, Any] = {"level": "character", "truncating": truncating}
    rows = ids(["abcdefg", "a", ""], LETTERS, **options, max_timesteps=limit)
    assert [len(row) for row in rows] == [min(7, limit), 1, 1]
    if limit >= 7:
        assert rows[0] == list(range(2, 9))


def test_a_batch_is_padded_with_0_behind_each_text() -> None:
    encoder = TextEncoder(WORDS, 50)
    batch = encoder(tf.constant(["good film", "", "bad bad bad"]))
    assert batch.dtype == tf.int32
    assert batch.numpy().tolist() == [[3, 2, 0], [1, 0, 0], [4, 4, 4]]


def test_a_very_long_text_costs_no_more_than_its_length() -> None:
    text = "good film " * 100_000
    started = time.perf_counter()
    (row,) = ids([text], max_timesteps=400, truncating="pre")
    assert row == [3, 2] * 200
    (row,) = ids(["x" * 1_000_000])
    assert row == [1]
    (row,) = ids(["<" * 1_000_000])
    assert row == [1]
    assert time.perf_counter() - started < 20


def test_encoding_goes_piece_by_piece_and_loses_nothing() -> None:
    texts = [f"film {'good ' * (i % 4)}" for i in range(1300)]
    encoder = TextEncoder(WORDS, max_timesteps=3)
    pieces = list(encode(encoder, texts))
    assert len(pieces) == 3
    ids, kept, whole = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    assert whole.tolist() == [1 + i % 4 for i in range(1300)]
    assert kept.tolist() == [min(1 + i % 4, 3) for i in range(1300)]
    expected = [[2, 3, 3][: 1 + i % 4] for i in range(1300)]
    assert ids.tolist() == sum(expected, [])
    assert list(encode(encoder, [])) == []

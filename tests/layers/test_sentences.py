"""Sentences to tokens: the rule, and that offsets point at them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqkit.layers.sentences import SentenceSplitter

SENTENCES = {
    "Don't buy 3,000.50 apples, @bob!": [
        "Don't", "buy", "3,000.50", "apples", ",", "@", "bob", "!",
    ],
    "at 12:30, 1/2 of x_1": ["at", "12:30", ",", "1/2", "of", "x_1"],
    "na\u00efve\u2019s \U0001f600\u00a0ok": ["na\u00efve\u2019s", "\U0001f600", "ok"],
    "cafe\u0301 'quoted' rock'n'roll": [
        "cafe\u0301", "'", "quoted", "'", "rock'n'roll",
    ],
    "a\x00b\nc\x02d\x03e\r\n": ["a", "b", "c", "d", "e"],
    "al-Zaman...": ["al", "-", "Zaman", ".", ".", "."],
    "  ": [],
    "": [],
}  # fmt: skip
split = tf.function(
    SentenceSplitter(), input_signature=[tf.TensorSpec((None,), tf.string)]
)


def cut(sentences: list[str]) -> list[list[tuple[str, int, int]]]:
    """Tokens of each sentence with their characters."""
    encoded = [text.encode("utf-8", "replace") for text in sentences]
    answers = split(tf.constant(encoded, tf.string))
    columns = [answers[name].numpy().tolist() for name in ("tokens", "starts", "ends")]
    return [
        [(t.decode(), begin, end) for t, begin, end in zip(*row, strict=True) if t]
        for row in zip(*columns, strict=True)
    ]


def test_tokens_are_numbers_words_and_single_marks() -> None:
    found = cut(list(SENTENCES))
    assert [[token for token, _, _ in row] for row in found] == list(SENTENCES.values())


def test_offsets_are_characters_of_the_sentence() -> None:
    for sentence, row in zip(SENTENCES, cut(list(SENTENCES)), strict=True):
        assert [sentence[begin:end] for _, begin, end in row] == [t for t, _, _ in row]


def is_space(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind == "Cc" or kind.startswith("Z")


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_any_text_is_cut_into_what_is_no_space(sentences: list[str]) -> None:
    for sentence, row in zip(sentences, cut(sentences), strict=True):
        last = 0
        for token, begin, end in row:
            assert last <= begin < end and sentence[begin:end] == token
            assert all(map(is_space, sentence[last:begin]))
            last = end
        assert all(map(is_space, sentence[last:]))


def test_bytes_that_are_no_text_are_one_character_each() -> None:
    answers = split(tf.constant([b"a\xffb c"]))
    tokens = [token.decode() for token in answers["tokens"].numpy()[0]]
    assert tokens == ["a", "\ufffd", "b", "c"]
    assert answers["starts"].numpy().tolist() == [[0, 1, 2, 4]]


@pytest.mark.parametrize("rows", [0, 2])
def test_batches_without_tokens_have_one_step(rows: int) -> None:
    for answer in split(tf.fill([rows], " ")).values():
        assert answer.shape == (rows, 1)
    assert not split(tf.fill([rows], " "))["ends"].numpy().any()


def test_files_give_the_same_tokens(tmp_path: Path) -> None:
    text = keras.Input((), dtype="string", name="text")
    model = keras.Model({"text": text}, SentenceSplitter()(text))
    rows = tf.constant(list(SENTENCES))
    truth = {name: values.numpy().tolist() for name, values in split(rows).items()}
    model.save(tmp_path / "model.keras")
    model.export(str(tmp_path / "model"), verbose=False)
    serve = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for answers in (loaded({"text": rows}), serve(text=rows)):
        found = {name: values.numpy().tolist() for name, values in answers.items()}
        assert found == truth

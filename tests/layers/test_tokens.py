"""Tokens as they are given: to ids, letters and casing, none lost, none moved."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.tokens import CASINGS, TokenEncoder, casings, unknown_classes

WORDS = ["", "[UNK]", "the", "cat", "don't", "\u00e9t\u00e9", "\n"]
UNKNOWNS = ["title:ing", "lower:", "has digit:0b"]
ALPHABET = ["", "[UNK]", "t", "h", "e", "T"]


def encoder_of(**options: Any) -> TokenEncoder:
    options = {"unknowns": UNKNOWNS, "alphabet": ALPHABET, "max_letters": 5} | options
    return TokenEncoder(WORDS, **options)


def words(tokens: list[list[str]], **options: Any) -> Any:
    return encoder_of(**options)(tf.constant(tokens))["words"].numpy().tolist()


def test_words_are_looked_up_in_lower_case_and_nothing_is_stripped() -> None:
    tokens = [["The", "CAT", "don't", "\u00c9t\u00e9", "the.", "\n"]]
    assert words(tokens) == [[2, 3, 4, 5, 8, 6]]
    assert words([["The", "the"]], lowercase=False, unknowns=[]) == [[1, 2]]


def test_unknown_words_have_the_narrowest_class_that_there_is() -> None:
    # "lower:" takes whatever is written so; the others need their suffix.
    tokens = [["Going", "going", "a2b", "2b", "Gone", "GOING", "..."]]
    assert words(tokens) == [[7, 8, 9, 9, 1, 1, 1]]


def test_classes_are_named_by_casing_and_suffix_with_digits_as_nought() -> None:
    names = [level.numpy().tolist() for level in unknown_classes(["Go1ng", "\u00e9x"])]
    assert names == [
        [b"has digit:0ng", "lower:\u00e9x".encode()],
        [b"has digit:ng", "lower:\u00e9x".encode()],
        [b"has digit:g", b"lower:x"],
        [b"has digit:", b"lower:"],
    ]


def casing_by_python(token: str) -> str:
    """The same rules on Python's own view of Unicode."""
    kinds = {unicodedata.category(letter) for letter in token}
    majors = [kind[0] for kind in map(unicodedata.category, token)]
    if "N" in majors:
        return "all digit" if set(majors) <= set("NPS") else "has digit"
    letters = [
        unicodedata.category(c) for c in token if unicodedata.category(c)[0] == "L"
    ]
    capital = [kind in ("Lu", "Lt") for kind in letters]
    if not letters:
        return "punctuation"
    if not any(capital):
        return "lower"
    if sum(capital) == 1 and capital[0]:
        return "title"
    return "upper" if "Ll" not in kinds else "mixed"


def test_casing_is_that_of_the_letters() -> None:
    tokens = {
        "cat": "lower",
        "Cat": "title",
        "A": "title",
        "@Bob": "title",
        "CAT": "upper",
        "U.S.": "upper",
        "iPhone": "mixed",
        "McAdam": "mixed",
        "B2b": "has digit",
        "3,000.50": "all digit",
        "$5": "all digit",
        "...": "punctuation",
        "\U0001f600": "punctuation",
        "\n": "punctuation",
        "\u65e5\u672c": "lower",
        "\u00c9t\u00e9": "title",
        "don't": "lower",
        "a\nB": "mixed",
    }
    numbers = casings(tf.constant(list(tokens))).numpy()
    assert [CASINGS[number] for number in numbers] == list(tokens.values())
    assert [casing_by_python(token) for token in tokens] == list(tokens.values())


def test_letters_keep_their_case_and_both_ends_of_the_word() -> None:
    letters = encoder_of()(tf.constant([["The", "t\u00e9the", "thexxeth"]]))["letters"]
    assert letters.numpy().tolist() == [
        [[5, 3, 4, 0, 0], [2, 1, 2, 3, 4], [2, 3, 4, 2, 3]]
    ]


def test_padding_is_nought_in_every_column() -> None:
    columns = encoder_of()(tf.constant([["the", "cat", "x"], ["the", "", ""]]))
    assert set(columns) == {"words", "letters", "casing"}
    for column in columns.values():
        assert not column.numpy()[1, 1:].any()
        assert column.numpy()[0].any(axis=-1).all()


def test_an_empty_token_inside_a_sentence_is_a_word() -> None:
    columns = encoder_of()(tf.constant([["the", "", "cat"], ["the", "", ""]]))
    assert columns["words"].numpy().tolist() == [[2, 1, 3], [2, 0, 0]]
    casing = [CASINGS.index(name) for name in ("lower", "punctuation", "lower")]
    assert columns["casing"].numpy()[0].tolist() == casing


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 0), (2, 3)])
def test_batches_without_tokens_have_one_step(shape: tuple[int, int]) -> None:
    columns = encoder_of()(tf.fill(shape, ""))
    steps = max(shape[1], 1)
    assert columns["words"].shape == columns["casing"].shape == (shape[0], steps)
    assert columns["letters"].shape == (shape[0], steps, 5)
    assert not any(column.numpy().any() for column in columns.values())


def test_characters_are_words_themselves() -> None:
    encoder = TokenEncoder(["", "[UNK]", "a", "C"], level="character", lowercase=False)
    columns = encoder(tf.constant([["a", "A", "C", "c"]]))
    assert {name: c.numpy().tolist() for name, c in columns.items()} == {
        "words": [[2, 1, 3, 1]]
    }


def test_bytes_that_are_no_text_do_no_harm() -> None:
    columns = encoder_of()(tf.constant([[b"\xff\xfe", b"the", b"a\x00b"]]))
    assert columns["words"].numpy()[0, 1] == 2 and columns["words"].numpy().all()


def test_files_give_the_same_ids(tmp_path: Path) -> None:
    tokens = keras.Input((None,), dtype="string", name="tokens")
    model = keras.Model({"tokens": tokens}, encoder_of()(tokens))
    rows = tf.constant([["The", "Going", "\n"], ["x1b", "", ""]])
    truth = model({"tokens": rows})
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    model.export(str(tmp_path / "model"), verbose=False)
    serve = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    for answers in (loaded({"tokens": rows}), serve(tokens=rows)):
        assert set(answers) == set(truth)
        for name, ids in truth.items():
            assert np.array_equal(answers[name], ids)
            assert model.output[name].shape[:2] == (None, None)
    config = loaded.layers[-1].get_config()
    assert config == model.layers[-1].get_config()

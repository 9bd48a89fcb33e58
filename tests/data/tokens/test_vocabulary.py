"""What tagging learns of its tokens: words, classes of unknown words, letters."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf

from seqkit.data.tokens.vocabulary import (
    TokenVocabulary,
    encode_tokens,
    fit_tokens,
)

# "the" and "cat" come twice, whatever their case; eleven words come once.
ONCE = ["running", "Seeing", "being", "going", "doing", "lying", "Zz", "a1b", "x"]
SENTENCES = [["The", "cat", *ONCE[:5]], ["the", "CAT", *ONCE[5:], "", "!"]]


def fitted(**options: object) -> TokenVocabulary:
    return fit_tokens(SENTENCES, 50, **options)  # type: ignore[arg-type]


def test_words_come_by_frequency_and_those_seen_once_last() -> None:
    vocabulary = fitted()
    assert vocabulary.words[:4] == ("", "[UNK]", "the", "cat")
    assert set(vocabulary.words[4:]) == {word.lower() for word in ONCE} | {"!"}
    assert fitted(lowercase=False).words[2:].count("The") == 1


def test_suffixes_of_words_seen_once_make_classes() -> None:
    vocabulary = fitted()
    # "running", "being", "going", "doing", "lying": five in lower case, as many as it
    # needs. "Seeing" is written otherwise.
    assert vocabulary.unknowns == ("lower:ing",)
    assert vocabulary.singletons == (5, 5)
    assert {*vocabulary.words[-5:]} == {"running", "being", "going", "doing", "lying"}


def test_an_encoder_gives_the_class_that_training_took() -> None:
    vocabulary = fitted()
    encoder = vocabulary.encoder(max_letters=4)
    ids = encoder(tf.constant([["jumping", "Jumping", "going", "THE"]]))["words"]
    first = len(vocabulary.words)
    assert ids.numpy().tolist() == [[first, 1, vocabulary.words.index("going"), 2]]


def test_a_class_holds_what_no_narrower_one_has_taken() -> None:
    narrow = [f"{letter}ing" for letter in "abcde"]
    wide = [f"{letter}ng" for letter in "vwxyz"] + ["bang"]
    vocabulary = fit_tokens([narrow + wide], 50)
    assert vocabulary.unknowns == ("lower:ing", "lower:ng")
    assert vocabulary.singletons == (0, 5, 6)
    # Two letters are too few for a narrower class: the same name on two levels.
    short = fit_tokens([[f"{letter}g" for letter in "abcde"] + ["vag", "wag"]], 50)
    assert len(set(short.unknowns)) == len(short.unknowns)


def test_a_small_vocabulary_leaves_rare_words_to_their_classes() -> None:
    vocabulary = fit_tokens(SENTENCES, 4)
    assert vocabulary.words == ("", "[UNK]", "the", "cat")
    assert vocabulary.unknowns == ("lower:ing",) and vocabulary.singletons == (0, 0)


def test_letters_keep_their_case() -> None:
    alphabet = fitted().alphabet
    assert alphabet[:2] == ("", "[UNK]")
    assert set(alphabet[2:]) == set("".join(SENTENCES[0] + SENTENCES[1]))


def test_characters_are_words_alone() -> None:
    vocabulary = fit_tokens(
        [["M", "K", "M"], ["k"]], 9, level="character", lowercase=False
    )
    assert vocabulary.words == ("", "[UNK]", "M", "k", "K")
    assert vocabulary.unknowns == () and vocabulary.singletons == (0,)
    assert vocabulary.alphabet == ("", "[UNK]")


def test_plain_data_give_the_same_vocabulary() -> None:
    vocabulary = fitted()
    plain = json.loads(json.dumps(vocabulary.to_dict()))
    assert TokenVocabulary.from_dict(plain) == vocabulary


def test_rows_do_not_decide_the_order() -> None:
    assert fit_tokens(SENTENCES[::-1], 50) == fitted()


@pytest.mark.parametrize("piece", [20_000, 3])
def test_columns_for_training_are_those_that_serving_makes(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqkit.data.tokens.vocabulary.ENCODE_TOKENS", piece)
    encoder = fitted().encoder(max_letters=6)
    rows = [*SENTENCES, [], ["\ud800", "jumping", "3"]]
    pieces = list(encode_tokens(encoder, rows))
    lengths = np.concatenate([each.lengths for each in pieces])
    assert lengths.tolist() == [len(row) for row in rows]
    padded = [
        [token.encode("utf-8", "replace") for token in row] + [b""] * (9 - len(row))
        for row in (row[:9] for row in rows)
    ]
    for name, served in encoder(tf.constant(padded)).items():
        flat = np.concatenate([each.columns[name] for each in pieces])
        for row, column in enumerate(np.split(flat, np.cumsum(lengths)[:-1])):
            column = column[:9]
            assert np.array_equal(served.numpy()[row, : len(column)], column)


def test_no_more_tokens_are_counted_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqkit.data.tokens.vocabulary.COUNTED_TOKENS", 10)
    sentences = [["the"], ["the"], *([f"w{number}"] for number in range(50))]
    vocabulary = fit_tokens(sentences, 4)
    assert vocabulary.words[:3] == ("", "[UNK]", "the")


def test_no_sentences_make_an_empty_vocabulary() -> None:
    vocabulary = fit_tokens([], 50)
    assert vocabulary.words == ("", "[UNK]") and vocabulary.singletons == (0,)
    ids = vocabulary.encoder(4)(tf.constant([["a"]]))
    assert ids["words"].numpy().tolist() == [[1]]
    assert list(encode_tokens(vocabulary.encoder(4), [])) == []
    (nothing,) = encode_tokens(vocabulary.encoder(4), [[], []])
    assert nothing.lengths.tolist() == [0, 0]
    assert nothing.columns["letters"].shape == (0, 4)

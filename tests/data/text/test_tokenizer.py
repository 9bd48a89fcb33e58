"""The tokenizer: text to ids and back, at each level; pieces by longest match."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqkit.data.text.tokenizer import Tokenizer
from seqkit.errors import UsageError
from seqkit.export.tokens.characters import character_tables
from seqkit.export.tokens.encode import Encoder
from seqkit.layers.pieces import BYTE_NAMES, LongestMatch, piece_bytes
from seqkit.layers.text import BEGIN_ID, END_ID, TextEncoder, clean_text, with_ends

TEXTS = [
    f"{word} {ending}, {number}!"
    for number, word in enumerate(
        "The walking walker walked; Gr\u00fc\u00dfe \u4f60\u597d".split() * 6
    )
    for ending in ("walking", "talking", "talked  twice\n", "\U0001f600\U0001f600")
]
ODD = [
    "",
    " ",
    "\0",
    "\ufeffBOM \ufeff",
    "\ufffd\ufffe",
    "<0xC3>",
    "[END] [UNK]",
    "\r\n\u2028",
    "\U0010ffff\u05d0",
    "walk" * 5000,
]
ANY_TEXT = st.lists(
    st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(TEXTS),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def subword() -> Tokenizer:
    return Tokenizer.fit([TEXTS], 320, "subword", lowercase=False, ends=True)


def cleaned(texts: list[str], tokenizer: Tokenizer) -> list[str]:
    texts = clean_text(tf.constant(texts), tokenizer.level, tokenizer.lowercase)
    return [text.decode() for text in texts.numpy()]


def longest_match(text: str, pieces: list[bytes], first: int) -> list[int]:
    raw, ids = text.encode(), []
    while raw:
        best = max((piece for piece in pieces if raw.startswith(piece)), key=len)
        ids.append(first + pieces.index(best))
        raw = raw[len(best) :]
    return ids


@settings(max_examples=20, deadline=None)
@given(ANY_TEXT)
@example([*TEXTS, *ODD])
def test_any_text_comes_back_exactly(subword: Tokenizer, texts: list[str]) -> None:
    assert subword.decode(subword.encode(texts)) == cleaned(texts, subword)


def test_pieces_are_the_longest_that_fit(subword: Tokenizer) -> None:
    first = END_ID + 1
    pieces = piece_bytes(subword.vocabulary[first:])
    texts = [*TEXTS[:40], *ODD[3:-1], "walkwalk \u00e9"]
    wanted = [longest_match(text, pieces, first) for text in cleaned(texts, subword)]
    assert subword.encode(texts) == wanted


@settings(max_examples=20, deadline=None)
@given(st.sets(st.text("abc", min_size=1, max_size=5)), st.lists(st.text("abc")))
def test_the_trie_finds_what_a_search_does(pieces: set[str], texts: list[str]) -> None:
    raw = sorted({piece.encode() for piece in pieces | set("abc")})
    ids = LongestMatch(raw, 7)(tf.constant(texts, tf.string)).to_list()
    assert ids == [longest_match(text, raw, 7) for text in texts]


def test_frequent_words_are_pieces_and_rare_letters_are_bytes(
    subword: Tokenizer,
) -> None:
    learnt = subword.vocabulary[len(BYTE_NAMES) + 4 :]
    assert " walk" in learnt or " walking" in learnt
    assert len(subword.vocabulary) <= 320
    (row,) = subword.encode(["\u05d0"])
    assert [subword.vocabulary[number] for number in row] == ["<0xD7>", "<0x90>"]


def test_pieces_do_not_depend_on_the_order_of_rows(subword: Tokenizer) -> None:
    chunks = [TEXTS[row : row + 7] for row in range(0, len(TEXTS), 7)]
    again = Tokenizer.fit(chunks[::-1], 320, "subword", False, True)
    assert again == subword


@pytest.mark.parametrize("level", ["word", "character", "subword"])
def test_begin_and_end_stand_around_and_a_text_stops_at_its_end(level: str) -> None:
    fitted = Tokenizer.fit([["good film", "film"] * 3], 320, level, ends=True)
    ids = fitted.encode(["good film"])
    assert min(ids[0]) > END_ID
    around = with_ends(tf.ragged.constant(ids, tf.int32))
    assert around.to_list() == [[BEGIN_ID, *ids[0], END_ID]]
    assert fitted.decode([[*around.to_list()[0], *ids[0]], [END_ID]]) == [
        "good film",
        "",
    ]


def test_unknown_words_and_characters_are_seen_in_text() -> None:
    word = Tokenizer.fit([["good film"]], 10)
    assert word.decode(word.encode(["A film"])) == ["[UNK] film"]
    letter = Tokenizer.fit([["good"]], 10, "character")
    assert letter.decode(letter.encode(["go x"])) == ["go\ufffd\ufffd"]


def test_two_columns_share_a_vocabulary_or_have_their_own() -> None:
    german, english = ["haus haus"], ["house"]
    shared = Tokenizer.fit(chain([german], [english]), 10)
    assert set(shared.vocabulary[2:]) == {"haus", "house"}
    assert Tokenizer.fit([german], 10).vocabulary[2:] == ("haus",)


def test_bytes_that_are_no_text_are_replaced(subword: Tokenizer) -> None:
    lead = subword.vocabulary.index("<0xC3>")
    assert subword.decode([[lead, subword.vocabulary.index("a")]]) == ["\ufffda"]


def test_a_tokenizer_is_one_json_file(subword: Tokenizer) -> None:
    plain = json.loads(json.dumps(subword.to_dict()))
    assert Tokenizer.from_dict(plain) == subword


def both_layers(subword: Tokenizer) -> keras.Model:
    """Texts to ids and back."""
    text = keras.Input((), dtype="string", name="text")
    return keras.Model(text, subword.decoder(subword.encoder(10_000)(text)))


def test_both_layers_travel_in_files_of_both_kinds(
    subword: Tokenizer, tmp_path: Path
) -> None:
    model, texts = both_layers(subword), [*TEXTS[:9], *ODD[:-1]]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    model.export(tmp_path / "model", verbose=False)
    served = tf.saved_model.load(tmp_path / "model").serve
    assert served(tf.constant([], tf.string)).shape == (0,)
    for answer in (loaded, served):
        answers = answer(tf.constant(texts)).numpy()
        assert [text.decode() for text in answers] == cleaned(texts, subword)


@pytest.mark.slow
def test_both_layers_travel_in_a_saved_model_to_tensorflow_alone(
    subword: Tokenizer, tmp_path: Path, python: Callable[..., str]
) -> None:
    both_layers(subword).export(tmp_path / "model", verbose=False)
    texts = [*TEXTS[:9], *ODD[:-1]]
    answers = python(f"""
import tensorflow as tf
served = tf.saved_model.load({str(tmp_path / "model")!r})
texts = served.serve(tf.constant({texts!r}))
print(ascii([text.decode() for text in texts.numpy()]))
assert served.serve(tf.constant([], tf.string)).shape == (0,)
""")
    assert answers.strip() == ascii(cleaned(texts, subword))


def test_n_best_ids_become_n_best_texts(subword: Tokenizer) -> None:
    ids = subword.encoder(9)(tf.constant(["a", "b"]))
    answers = subword.decoder(tf.stack([ids, ids[::-1]], axis=1))
    assert answers.numpy().tolist() == [[b"a", b"b"], [b"b", b"a"]]


def test_encode_py_gives_the_graphs_pieces(tmp_path: Path) -> None:
    fitted = Tokenizer.fit([TEXTS], 320, "subword")
    options = {"level": "subword", "lowercase": True, "max_timesteps": 8}
    for name, content in (
        ("vocabulary", fitted.vocabulary),
        ("preprocessing", options | {"truncating": "middle"}),
        ("characters", character_tables("subword", True)),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    layer = TextEncoder(fitted.vocabulary, 8, "subword", "middle")
    texts = [*TEXTS, *ODD]
    assert Encoder(tmp_path).batch(texts) == layer(tf.constant(texts)).numpy().tolist()


def test_without_the_library_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UsageError) as error:
        Tokenizer.fit([TEXTS], 320, "subword")
    assert str(error.value) == (
        "The level subword learns its pieces with tokenizers, which is not "
        "installed: pip install 'seqkit[subword]'."
    )

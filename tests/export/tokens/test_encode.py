"""``encode.py`` gives the ids of the graph, for any text on earth."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.export.tokens.characters import character_tables
from seqkit.export.tokens.encode import Encoder
from seqkit.layers.text import TextEncoder, clean_text, fold_case

LETTERS = [chr(c) for c in range(0x21, 0x250)] + list("ςσ😀’ʼ🤷️")
WORDS = "a b i don't ! ? film br not good i̇ 😀 ️ ο λογοσ".split()
NASTY = st.one_of(
    st.text(
        alphabet="<>ab i/'’\"!?.\n\t\x00İIΣςσ😀🤷‍️é\u0301\u0307\x85\u2028", max_size=40
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
    st.lists(st.sampled_from([*WORDS, "<br />", "'tis", "rock'n'roll", "ΛΟΓΟΣ"]))
    .map(" ".join)
    .map(str.upper),
)


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., tuple[Encoder, TextEncoder]]:
    """The stand-alone encoder and the layer, with the same vocabulary and options."""

    def make(
        level: str = "word",
        lowercase: bool = True,
        truncating: str = "post",
        max_timesteps: int = 50,
    ) -> tuple[Encoder, TextEncoder]:
        folder = tmp_path_factory.mktemp("encoder")
        vocabulary = ["", "[UNK]", *(WORDS if level == "word" else LETTERS)]
        options = {
            "level": level,
            "lowercase": lowercase,
            "truncating": truncating,
            "max_timesteps": max_timesteps,
        }
        tables = character_tables(level, lowercase)
        for name, content in (
            ("vocabulary", vocabulary),
            ("preprocessing", options),
            ("characters", tables),
        ):
            (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        return Encoder(folder), TextEncoder(vocabulary, **options)

    return make


@pytest.mark.parametrize(
    "truncating, max_timesteps, level",
    [
        ("pre", 5, "word"),
        ("post", 5, "character"),
        ("middle", 5, "character"),
        ("middle", 1, "word"),
    ],
)
def test_ids_are_the_graphs_ids(pair, level, truncating, max_timesteps):
    encoder, layer = pair(level, True, truncating, max_timesteps)

    @settings(max_examples=20)
    @given(st.lists(NASTY, min_size=1, max_size=12))
    def same(texts: list[str]) -> None:
        assert encoder.batch(texts) == layer(tf.constant(texts)).numpy().tolist()

    same()


@pytest.mark.parametrize("level", ["word", "character"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_cleaned_text_is_the_graphs(pair, level, lowercase):
    encoder, _ = pair(level, lowercase)

    @settings(max_examples=100)
    @given(st.lists(NASTY, min_size=1, max_size=12))
    def same(texts: list[str]) -> None:
        cleaned = clean_text(tf.constant(texts), level, lowercase).numpy()
        assert [encoder.clean(text) for text in texts] == [t.decode() for t in cleaned]

    same()


@pytest.mark.parametrize("level", ["word", "character"])
def test_bytes_that_are_not_utf8_are_read_as_the_graph_reads_them(pair, level):
    encoder, layer = pair(level)
    pieces = [
        b"a",
        b"\xff",
        b"\xc3",
        b"\xa9",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\xed\xa0",
    ]
    broken = st.one_of(st.binary(), st.lists(st.sampled_from(pieces)).map(b"".join))

    @settings(max_examples=100)
    @given(broken)
    def same(raw: bytes) -> None:
        cleaned = clean_text(tf.constant([raw]), level, True).numpy()[0]
        assert encoder.clean(raw) == cleaned.decode()
        assert encoder.batch([raw]) == layer(tf.constant([raw])).numpy().tolist()

    same()


def test_every_character_is_cleaned_as_in_the_graph(pair):
    encoder, _ = pair()
    # Planes 4 to 13 hold nothing, 15 and 16 are for private use: some of each will do.
    points = [*range(0xD800), *range(0xE000, 0x40000), *range(0x40000, 0x110000, 97)]
    text = "".join(f"a'{chr(point)}'B " for point in points)
    cleaned = clean_text(tf.constant([text]), "word", True).numpy()[0]
    assert encoder.clean(text) == cleaned.decode()


def test_words_are_cut_as_a_reader_would(pair):
    encoder, _ = pair()
    text = "Don't <br />STOP!! 'Tis (so) good\N{EM DASH}5/10 😀?"
    words = "don't stop ! ! tis so good 5 10 😀 ?"
    assert encoder.tokens(text) == words.split()


def test_ids_follow_the_vocabulary_and_pad_at_the_end(pair):
    encoder, _ = pair(max_timesteps=4)
    film, good = 2 + WORDS.index("film"), 2 + WORDS.index("good")
    assert encoder.batch(["Good FILM", "", "good x good film film"]) == [
        [good, film, 0, 0],
        [1, 0, 0, 0],
        [good, 1, good, film],
    ]


@pytest.mark.parametrize(
    "truncating, kept", [("pre", "def"), ("post", "abc"), ("middle", "aef")]
)
def test_long_texts_lose_tokens_where_the_recipe_says(pair, truncating, kept):
    encoder, _ = pair("character", True, truncating, 3)
    assert encoder.ids("abcdef") == [2 + LETTERS.index(letter) for letter in kept]


def test_half_a_surrogate_pair_becomes_a_question_mark_as_in_training(pair):
    encoder, _ = pair()
    assert encoder.tokens("film \ud83d") == ["film", "?"]


def test_encode_py_needs_the_standard_library_alone():
    source = Path(__file__).parents[3] / "seqkit" / "export" / "tokens" / "encode.py"
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert imported
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("text, lowered", [("TITANIC", "titanic"), ("ÌÍĨĮ", "ìíĩį")])
def test_case_is_folded_letter_by_letter(text, lowered):
    assert fold_case(tf.constant([text])).numpy()[0].decode() == lowered


def test_final_sigma_is_a_sigma_in_small_and_in_capital_letters():
    folded = fold_case(tf.constant(["ΛΟΓΟΣ", "λογος", "λογοσ"])).numpy()
    assert {text.decode() for text in folded} == {"λογοσ"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["tr_TR", "lt_LT"])
def test_case_is_folded_alike_whatever_language_the_machine_speaks(
    python, monkeypatch, language
):
    monkeypatch.setenv("LC_ALL", f"{language}.UTF-8")
    folded = python("""
import tensorflow as tf
from seqkit.layers.text import fold_case
text = "TITANIC I\\u0307 \\u0130 J\\u0301 \\u00cc\\u00cd\\u0128\\u012e"
print(ascii(fold_case(tf.constant([text])).numpy()[0].decode()))
""")
    assert folded == ascii("titanic i\u0307 i\u0307 j\u0301 \u00ec\u00ed\u0129\u012f")


@pytest.mark.data
@pytest.mark.parametrize("level", ["word", "character"])
def test_real_reviews_get_the_graphs_ids(pair, level, data_folder):
    import pandas as pd

    reviews = pd.read_csv(data_folder / "imdb" / "imdb_test.csv.gz", nrows=300)["text"]
    encoder, layer = pair(level, True, "middle", 400)
    ids = layer(tf.constant(reviews)).numpy().tolist()
    assert encoder.batch(list(reviews)) == ids
    cleaned = clean_text(tf.constant(reviews), level, True).numpy()
    assert [encoder.clean(text) for text in reviews] == [t.decode() for t in cleaned]

"""Schemes of tags: spans against seqeval, moves against definitions, conversions."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from seqeval.scheme import IOB1, IOB2, IOBES, Entities

from seqkit.data.tokens.schemes import (
    PREFIXES,
    Span,
    convert,
    illegal_move,
    illegal_moves,
    is_legal,
    mended,
    parsed,
    span_types,
    spans,
    written,
)
from seqkit.errors import DataError, UsageError
from seqkit.layers.crf import Allowed
from seqkit.tasks.answers.tags import allowed_moves

TYPES = ("a", "b-c")


def tags_of(scheme: str) -> list[str]:
    prefixes = PREFIXES[scheme].replace("O", "")
    return ["O", *(f"{prefix}-{type_}" for prefix in prefixes for type_ in TYPES)]


def sentences(scheme: str, most: int = 9) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(tags_of(scheme)), min_size=1, max_size=most)


@st.composite
def span_lists(draw: st.DrawFn) -> tuple[list[Span], int]:
    """Spans that do not overlap, in a sentence of so many tokens."""
    found, place = [], 0
    for gap, length, type_ in draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(TYPES)),
            max_size=5,
        )
    ):
        found.append(Span(place + gap, place + gap + length, type_))
        place += gap + length
    return found, max(1, place + draw(st.integers(0, 2)))


def by_seqeval(tags: list[str], scheme: type) -> list[Span]:
    (entities,) = Entities([tags], scheme).entities
    return [Span(one.start, one.end, one.tag) for one in entities]


def allowed_arrays(tags: list[str], scheme: str) -> list[NDArray[np.bool_]]:
    """Which tag may follow which (tags, tags), which may be first, which last."""
    return [np.array(each, bool) for each in allowed_moves(tags, scheme)]


@given(sentences("iob2"))
def test_iob2_spans_are_those_of_strict_seqeval_legal_or_not(tags: list[str]) -> None:
    assert spans(tags, "iob2") == by_seqeval(tags, IOB2)


@given(sentences("iobes"))
def test_iobes_spans_are_those_of_strict_seqeval_legal_or_not(tags: list[str]) -> None:
    assert spans(tags, "iobes") == by_seqeval(tags, IOBES)


@given(sentences("iob1"))
def test_iob1_spans_of_legal_tags_are_those_of_seqeval(tags: list[str]) -> None:
    legal = mended(tags, "iob1")
    assert spans(legal, "iob1") == by_seqeval(legal, IOB1)


@pytest.mark.parametrize("scheme", ["iob2", "iobes"])
def test_all_short_sentences_agree_with_seqeval(scheme: str) -> None:
    theirs = {"iob2": IOB2, "iobes": IOBES}[scheme]
    for length in (1, 2, 3):
        for tags in product(tags_of(scheme), repeat=length):
            assert spans(tags, scheme) == by_seqeval(list(tags), theirs)


@settings(max_examples=50)
@given(span_lists())
def test_written_spans_are_read_again(made: tuple[list[Span], int]) -> None:
    found, tokens = made
    for scheme in ("iob2", "iobes"):
        tags = written(found, tokens, scheme)
        assert spans(tags, scheme) == found
        assert illegal_moves(tags, scheme) == []


@settings(max_examples=50)
@given(span_lists())
def test_conversion_keeps_the_spans(made: tuple[list[Span], int]) -> None:
    found, tokens = made
    iob2 = written(found, tokens, "iob2")
    assert convert(iob2, "iob2", "iobes") == written(found, tokens, "iobes")
    assert convert(written(found, tokens, "iobes"), "iobes", "iob2") == iob2
    iob1 = mended([tag.replace("B-", "I-", 1) for tag in iob2], "iob1")
    assert illegal_moves(iob1, "iob1") == []


def test_conversion_by_hand() -> None:
    iob1 = ["I-p", "I-p", "O", "I-p", "B-p", "I-l"]
    iob2 = ["B-p", "I-p", "O", "B-p", "B-p", "B-l"]
    assert convert(iob1, "iob1", "iob2") == iob2
    assert convert(iob1, "iob1", "iobes") == ["B-p", "E-p", "O", "S-p", "S-p", "S-l"]
    assert convert(["X", "Y"], "plain", "plain") == ["X", "Y"]
    assert spans(["X", "O"], "plain") == []


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "iobes"])
def test_mended_tags_are_legal_and_keep_types_and_legal_tags(scheme: str) -> None:
    for tags in product(tags_of(scheme), repeat=3):
        mend = mended(tags, scheme)
        assert illegal_moves(mend, scheme) == []
        assert [tag[1:] for tag in mend] == [tag[1:] for tag in tags]
        if not illegal_moves(tags, scheme):
            assert mend == list(tags)


@pytest.mark.parametrize("scheme", ["iob2", "iobes"])
def test_moves_are_legal_just_where_every_tag_is_in_a_span(scheme: str) -> None:
    """A sentence is legal where writing down its spans gives it back."""
    tags = tags_of(scheme)
    transitions, starts, ends = allowed_arrays(tags, scheme)
    for length in (1, 2, 3, 4) if scheme == "iob2" else (1, 2, 3):
        for places in product(range(len(tags)), repeat=length):
            sentence = [tags[place] for place in places]
            allowed = starts[places[0]] and ends[places[-1]]
            allowed &= all(
                transitions[a, b] for a, b in zip(places, places[1:], strict=False)
            )
            whole = written(spans(sentence, scheme), length, scheme) == sentence
            assert allowed == whole, sentence
            assert allowed == (illegal_moves(sentence, scheme) == [])


def test_moves_of_iob1_by_hand() -> None:
    transitions, starts, ends = allowed_arrays(["O", "B-a", "I-a", "I-b"], "iob1")
    assert starts.tolist() == [True, False, True, True]
    assert ends.all()
    assert transitions[:, 1].tolist() == [False, True, True, False]
    assert transitions[:, [0, 2, 3]].all()


def test_every_plain_move_is_legal() -> None:
    assert allowed_moves(["NOUN", "VERB", "B-x"], "plain") == Allowed()
    edges = (None, "NOUN", "B-x")
    assert all(is_legal(a, b, "plain") for a, b in product(edges, repeat=2))
    assert illegal_moves(["I-x", "VERB"], "plain") == []


def test_tags_without_a_type_are_spans_of_no_type() -> None:
    assert spans(["B", "I", "O", "B"], "iob2") == [Span(0, 2, ""), Span(3, 4, "")]
    assert written([Span(0, 2, "")], 3, "iobes") == ["B", "E", "O"]


def test_types_are_those_that_tags_spell() -> None:
    assert span_types(["O", "I-b", "B-a", "I-a"], "iob2") == ("a", "b")
    assert span_types(["NOUN"], "plain") == ()


@pytest.mark.parametrize(
    "tag", ["", "NOUN", "B-", "O-x", "b-x", "-x", "S-x", "Bx", "B_x", "-"]
)
def test_what_is_no_tag_of_the_scheme_is_told(tag: str) -> None:
    assert parsed(tag, "iob2") is None
    with pytest.raises(DataError, match=r"^Tags of the scheme iob2 are O, or one of I"):
        spans([tag], "iob2")


def test_illegal_tags_are_not_converted() -> None:
    with pytest.raises(DataError) as error:
        convert(["O", "I-x"], "iob2", "iobes")
    wanted = "In iob2, 'I-x' may not follow 'O' (token 2). Mend the tags."
    assert str(error.value) == wanted
    assert illegal_move(["B-x"], 1, "iobes") == (
        "In iobes, the end may not follow 'B-x' (token 2)."
    )


@pytest.mark.parametrize("pair", [("plain", "iob2"), ("iob2", "plain"), ("iob2", "x")])
def test_plain_tags_are_converted_to_nothing_else(pair: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="converted from iob1, iob2 or iobes"):
        convert(["O"], *pair)


def test_mended_iob1_by_hand() -> None:
    tags = ["B-O", "I-O", "B-O", "B-a", "O", "B-a"]
    wanted = ["I-O", "I-O", "B-O", "I-a", "O", "I-a"]
    assert mended(tags, "iob1") == wanted
    assert mended(["B-x", "B-x", "E-x", "I-x"], "iobes") == ["S-x", "B-x", "E-x", "S-x"]
    assert mended(["I-x"], "plain") == ["I-x"]

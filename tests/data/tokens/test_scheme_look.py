"""Which scheme tags are in, and what is illegal in it, with its first place."""

from __future__ import annotations

import random

import pytest

from seqkit.data.tokens.scheme_look import SchemeLook
from seqkit.data.tokens.schemes import SCHEMES, convert, illegal_moves
from seqkit.errors import DataError

IOB2 = [["O", "B-p", "I-p", "B-p"], ["B-l"], ["O"]]
IOB1 = [["O", "I-p", "I-p", "B-p"], ["I-l"], ["O"]]
IOBES = [["O", "B-p", "E-p", "S-p"], ["S-l"], ["O"]]
PLAIN = [["NOUN", "VERB"], ["NOUN"]]


def looked(rows: list[list[str]]) -> SchemeLook:
    look = SchemeLook("jsonl:x", "tags")
    for row in rows:
        look.add([row])
    return look


@pytest.mark.parametrize(
    ("rows", "scheme"),
    [
        (IOB2, "iob2"),
        (IOB1, "iob1"),
        (IOBES, "iobes"),
        (PLAIN, "plain"),
        ([["O", "O"]], "iob2"),
        ([["B-p", "I-p"], ["O", "B-p"]], "iob2"),
        ([["h", "e", "c"]], "plain"),
        ([["B-p", "L-p"]], "plain"),
    ],
)
def test_scheme_is_found(rows: list[list[str]], scheme: str) -> None:
    look = looked(rows)
    assert look.detected() == look.checked("auto") == scheme
    assert look.illegal(scheme).count == 0 and look.remark(scheme) == ""


def test_a_slip_among_many_sentences_changes_no_scheme() -> None:
    look = looked(IOB2 * 5 + [["O", "O", "I-p"]])
    assert look.detected() == look.checked("iob2") == "iob2"
    assert look.remark("iob2") == (
        "1 move is illegal in iob2 in column 'tags' of jsonl:x, the first 'I-p' after "
        "'O', row 16, token 3. A tag that continues nothing is taken as the beginning "
        "of a span."
    )


def test_counts_and_first_place_are_those_of_a_walk_over_all_rows() -> None:
    random.seed(0)
    for scheme in ("iob1", "iob2", "iobes"):
        tags = ["O", "B-a", "I-a", "B-b", "I-b", "E-a", "S-b"]
        tags = tags if scheme == "iobes" else tags[:5]
        rows = [random.choices(tags, k=random.randint(1, 6)) for _ in range(40)]
        wrong = [
            (row, token)
            for row, one in enumerate(rows, 1)
            for token in illegal_moves(one, scheme)
        ]
        illegal = looked(rows).illegal(scheme)
        assert illegal.count == len(wrong) > 0
        first = illegal.first
        assert first is not None and (first.row, first.token - 1) == wrong[0]


@pytest.mark.parametrize(
    ("rows", "declared", "told"),
    [
        (
            IOB1,
            "iob2",
            "data.scheme is iob2, but the tags in column 'tags' of jsonl:x are iob1: 2 "
            "moves are illegal in iob2 and none is in iob1. The first is 'I-p' after "
            "'O', row 1, token 2. Set data.scheme to iob1, or mend the tags.",
        ),
        (
            IOBES,
            "iob2",
            "data.scheme is iob2, but column 'tags' of jsonl:x holds 'E-p', row 1, "
            "token 3, which is no tag of it. Set data.scheme to iobes, or mend the "
            "tags.",
        ),
        (PLAIN, "iob2", "which is no tag of it. Set data.scheme to plain, or mend"),
        (IOB2, "iobes", "are iob2: 3 moves are illegal in iobes and none is in iob2."),
        (IOB2, "iob1", "are iob2: 2 moves are illegal in iob1 and none is in iob2."),
        ([["B-p", "L-p", "U-p"]], "iobes", "For BILOU, write E- for L- and S- for U-."),
    ],
)
def test_another_scheme_than_declared_is_an_error(
    rows: list[list[str]], declared: str, told: str
) -> None:
    with pytest.raises(DataError) as error:
        looked(rows).checked(declared)
    assert told in str(error.value)


def test_span_tags_may_be_declared_plain() -> None:
    assert looked(IOB2).checked("plain") == "plain"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_converted_tags_are_found_in_their_new_scheme(scheme: str) -> None:
    if scheme in ("iob2", "iobes"):
        rows = [convert(row, "iob1", scheme) for row in IOB1]
        assert looked(rows).detected() == scheme


def test_a_column_of_words_is_not_taken_for_tags() -> None:
    look = SchemeLook("csv:x.csv", "tokens")
    with pytest.raises(DataError, match="more than 1,000 different tags by row 1,001"):
        look.add([[f"word{number}"] for number in range(2000)])

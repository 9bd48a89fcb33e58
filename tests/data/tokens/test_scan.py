"""Which scheme tags are in, and what is illegal in it, with its first place."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest

from seqkit.data.rows.parted import PartedRows
from seqkit.data.rows.reading import AnsweredRows
from seqkit.data.sources.frame import FrameSource
from seqkit.data.tokens.rows import TokensReading
from seqkit.data.tokens.scan import TagScan
from seqkit.data.tokens.schemes import SCHEMES, convert, illegal_moves
from seqkit.data.tokens.spec import TaggedText
from seqkit.errors import DataError

IOB2 = [["O", "B-p", "I-p", "B-p"], ["B-l"], ["O"]]
IOB1 = [["O", "I-p", "I-p", "B-p"], ["I-l"], ["O"]]
IOBES = [["O", "B-p", "E-p", "S-p"], ["S-l"], ["O"]]
PLAIN = [["NOUN", "VERB"], ["NOUN"]]


def scanned(rows: list[list[str]], scheme: Any = "auto") -> TagScan:
    scan = TagScan(TaggedText(source="jsonl:x", scheme=scheme), "jsonl:x")
    for number, row in enumerate(rows, 1):
        scan.note(AnsweredRows([], [row], numbers=[number]))
    return scan


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
    scan = scanned(rows)
    assert scan.detected() == scan.checked_scheme() == scheme
    assert scan.illegal(scheme) == (0, "")
    if len(scan.tags) > 1:
        scan.finish()
        assert (scan.scheme, scan.remark) == (scheme, "")


def test_a_slip_among_many_sentences_changes_no_scheme() -> None:
    scan = scanned(IOB2 * 5 + [["O", "O", "I-p"]], "iob2")
    scan.finish()
    assert scan.detected() == scan.scheme == "iob2"
    assert scan.remark == (
        "1 move is illegal in iob2 in column 'tags' of jsonl:x, the first 'I-p' after "
        "'O', row 16, token 3. A tag that continues nothing is taken as the beginning "
        "of a span."
    )


def test_notes_of_a_run_count_illegal_moves() -> None:
    tags = IOB2 * 5 + [["O", "O", "I-p"]]
    tokens = [[f"{row}"] * len(one) for row, one in enumerate(tags)]
    source = FrameSource(pd.DataFrame({"tokens": tokens, "tags": tags}))
    spec = TaggedText(source="frame")
    scan = TagScan(spec, "frame")
    parted = PartedRows(source, TokensReading(spec, "tags"), scan, spec)
    assert parted.remarks() == [scan.remark] and "row 16, token 3" in scan.remark


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
        count, first = scanned(rows).illegal(scheme)
        assert count == len(wrong) > 0
        row, token = wrong[0]
        assert first.endswith(f", row {row}, token {token + 1}")


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
        scanned(rows, declared).checked_scheme()
    assert told in str(error.value)


def test_span_tags_may_be_declared_plain() -> None:
    assert scanned(IOB2, "plain").checked_scheme() == "plain"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_converted_tags_are_found_in_their_new_scheme(scheme: str) -> None:
    if scheme in ("iob2", "iobes"):
        rows = [convert(row, "iob1", scheme) for row in IOB1]
        assert scanned(rows).detected() == scheme


def test_a_column_of_words_is_not_taken_for_tags() -> None:
    words = [[f"word{number}"] for number in range(2000)]
    with pytest.raises(DataError, match="more than 1,000 different tags by row 1,001"):
        scanned(words)

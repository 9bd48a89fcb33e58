"""What one pass over tagged rows finds, and tags made legal."""

from __future__ import annotations

import pytest

from seqkit.data.tokens.rows import TaggedRows
from seqkit.data.tokens.scan import TagScan, hashes, scan
from seqkit.data.tokens.schemes import illegal_moves
from seqkit.errors import DataError

TOKENS = [["a", "b"], ["c"], ["a", "b"]]
TAGS = [["O", "B-x"], ["O"], ["B-y", "I-y"]]


def scanned(
    tokens: list[list[str]],
    tags: list[list[str]],
    groups: tuple[str, ...] = (),
    cut: int = 9,
) -> TagScan:
    rows = TaggedRows(tokens, tags, list(groups))
    places = range(len(tokens))
    chunks = [rows.taken(places[i : i + cut]) for i in range(0, len(tokens), cut)]
    return scan(chunks, "auto", "tags", "frame")


def test_a_scan_tells_tags_types_lengths_and_scheme() -> None:
    found = scanned(TOKENS, TAGS)
    assert found.tags == ("O", "B-x", "B-y", "I-y") and found.types == ("x", "y")
    assert found.scheme == "iob2" and found.remark == ""
    assert found.lengths.tolist() == [2, 1, 2]


def test_equal_sentences_or_groups_have_equal_hashes() -> None:
    first, second, third = scanned(TOKENS, TAGS).groups
    assert first == third != second
    first, second, third = scanned(TOKENS, TAGS, ("d", "d", "e")).groups
    assert first == second != third
    first, second, third = scanned(TOKENS, TAGS, ("", "", "e")).groups
    assert len({first, second, third}) == 3
    assert len(set(hashes([["ab", "c"], ["a", "bc"], ["abc"], ["a", "b", "c"]]))) == 4


def test_a_fingerprint_tells_tokens_tags_and_order_but_not_chunks() -> None:
    one = scanned(TOKENS, TAGS).fingerprint
    assert one == scanned(TOKENS, TAGS, cut=1).fingerprint
    others = [
        scanned(TOKENS[::-1], TAGS[::-1]),
        scanned([["a", "B"], *TOKENS[1:]], TAGS),
        scanned(TOKENS, [["O", "B-y"], *TAGS[1:]]),
    ]
    assert one not in {other.fingerprint for other in others}


@pytest.mark.parametrize("slip", [["I-z", "I-x"], ["O", "I-x"], ["B-y", "I-x"]])
def test_illegal_tags_are_told_and_mended_to_known_ones(slip: list[str]) -> None:
    tags = [*TAGS * 3, slip]
    found = scanned([*TOKENS * 3, ["p", "q"]], tags)
    assert found.scheme == "iob2" and "illegal in iob2" in found.remark
    mended = found.ready(TaggedRows([["p", "q"]], [slip])).tags[0]
    assert illegal_moves(mended, "iob2") == [] and set(mended) <= set(found.tags)
    legal = TaggedRows(TOKENS, TAGS)
    assert found.ready(legal) == legal


def test_no_rows_and_one_tag_are_refused() -> None:
    with pytest.raises(DataError, match="frame holds no rows to train on"):
        scanned([], [])
    with pytest.raises(DataError, match="holds one tag only"):
        scanned([["a"]], [["O"]])
    with pytest.raises(DataError, match="data.scheme is iobes, but the tags"):
        scan([TaggedRows(TOKENS, TAGS)], "iobes", "tags", "frame")

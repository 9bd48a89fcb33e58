"""Long sentences in pieces: nothing is lost, and the middle of a piece is believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data.rows.pieces import kept_weights, pieces
from seqkit.errors import UsageError

sizes = st.tuples(st.integers(1, 60), st.integers(1, 12)).flatmap(
    lambda pair: st.tuples(
        st.just(pair[0]), st.just(pair[1]), st.integers(0, pair[1] - 1)
    )
)


@given(sizes)
def test_each_token_is_kept_by_the_piece_where_it_is_farthest_from_an_edge(
    size: tuple[int, int, int],
) -> None:
    tokens, most, overlap = size
    places = pieces(tokens, most, overlap)

    def distance(token: int, start: int, end: int) -> float:
        if not start <= token < end:
            return -1
        left = token - start if start else np.inf
        right = end - 1 - token if end < tokens else np.inf
        return min(left, right)

    for token in range(tokens):
        distances = [distance(token, piece.start, piece.end) for piece in places]
        (keeper,) = [i for i, p in enumerate(places) if p.first <= token < p.last]
        assert keeper == int(np.argmax(distances))


@given(sizes)
def test_pieces_are_as_long_as_they_may_be_and_share_what_they_should(
    size: tuple[int, int, int],
) -> None:
    tokens, most, overlap = size
    places = pieces(tokens, most, overlap)
    assert places[0].start == 0 and places[-1].end == tokens
    for before, after in zip(places, places[1:], strict=False):
        assert before.start < after.start and before.end < after.end
        assert before.end - after.start >= overlap
    if tokens > most:
        assert {piece.end - piece.start for piece in places} == {most}
    else:
        assert len(places) == 1


@given(sizes)
def test_kept_tokens_are_each_one_in_order(size: tuple[int, int, int]) -> None:
    tokens, most, overlap = size
    places = pieces(tokens, most, overlap)
    row = np.arange(tokens)
    kept = [row[piece.start : piece.end][piece.kept] for piece in places]
    np.testing.assert_array_equal(np.concatenate(kept), row)
    assert sum(kept_weights(piece).sum() for piece in places) == tokens


def test_an_example_by_hand() -> None:
    first, second = pieces(10, 6, 2)
    assert (first, second) == ((0, 6, 0, 5), (4, 10, 5, 10))
    assert kept_weights(second).tolist() == [0, 1, 1, 1, 1, 1]
    assert [first.kept, second.kept] == [slice(0, 5), slice(1, 6)]


@pytest.mark.parametrize(("most", "overlap"), [(4, 4), (4, 5), (4, -1), (0, 0)])
def test_pieces_are_longer_than_what_they_share(most: int, overlap: int) -> None:
    with pytest.raises(
        UsageError, match="overlap must be from 0 to less than max_time"
    ):
        pieces(9, most, overlap)

"""Splits: repeatable, blind to the order of rows, no text on two sides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqkit.data.rows.splits import TEST, TRAIN, VALIDATION, split_rows

RATES = st.floats(0, 0.9)
ROWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=200
)
"""Pairs of group and stratum; groups repeat, also across strata."""


def parts_of(
    rows: list[tuple[int, int]], validation: float, test: float, seed: int = 0
) -> NDArray[np.uint8]:
    groups, strata = np.array(rows, np.int64).T
    return split_rows(groups.astype(np.uint64), strata, validation, test, seed)


def distinct(sizes: list[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Rows of a group each, so many of each stratum."""
    strata = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(len(strata), dtype=np.uint64), strata


def shares(parts: NDArray[np.uint8]) -> list[int]:
    return np.bincount(parts, minlength=3).tolist()


def test_shares_are_of_all_rows_and_then_of_the_rest() -> None:
    groups, strata = distinct([1000])
    # 200 of 1000 are test, and a quarter of the other 800 are validation.
    assert shares(split_rows(groups, strata, 0.25, 0.2, seed=1)) == [600, 200, 200]


def test_every_stratum_gives_the_same_shares() -> None:
    groups, strata = distinct([1000, 100, 30])
    parts = split_rows(groups, strata, 0.1, 0.1, seed=1)
    assert shares(parts[strata == 0]) == [810, 90, 100]
    assert shares(parts[strata == 1]) == [81, 9, 10]
    assert shares(parts[strata == 2]) == [24, 3, 3]


def test_strata_too_small_for_every_part_give_the_shares_together() -> None:
    groups, strata = distinct([2] * 100)
    parts = split_rows(groups, strata, 0.1, 0.1, seed=1)
    # One whose only spare row is test has none left for validation.
    assert shares(parts) == [163, 17, 20]
    tested = np.bincount(strata[parts == TEST], minlength=100)
    assert tested.max() == 1


@pytest.mark.parametrize("sizes", [[195, 5], [5, 195], [4] * 100, [3, 3], [3]])
def test_a_stratum_of_three_groups_is_in_every_part(sizes: list[int]) -> None:
    groups, strata = distinct(sizes)
    for seed in range(5):
        parts = split_rows(groups, strata, 0.1, 0.1, seed)
        for part in (TRAIN, VALIDATION, TEST):
            assert set(strata[parts == part]) == set(range(len(sizes)))


def test_a_rare_stratum_takes_a_row_of_the_part_and_leaves_the_others_theirs() -> None:
    groups, strata = distinct([195, 5])
    parts = split_rows(groups, strata, 0.1, 0.1, seed=0)
    assert np.bincount(strata[parts == TEST]).tolist() == [20, 1]
    assert np.bincount(strata[parts == VALIDATION]).tolist() == [18, 1]


def test_a_stratum_of_large_groups_gives_its_smallest() -> None:
    # Four texts of 30, 20, 10 and 25 rows: a tenth of them is less than any.
    groups = np.repeat(np.arange(4, dtype=np.uint64), [30, 20, 10, 25])
    parts = split_rows(groups, np.zeros(85, np.int64), 0.1, 0.1, seed=0)
    train, validation, test = shares(parts)
    assert test == min(size for size in (10, 20) if size != train)
    assert validation and train


def test_three_groups_share_the_parts_however_large_the_test_is() -> None:
    groups, strata = distinct([3])
    assert shares(split_rows(groups, strata, 0.1, 0.9, seed=0)) == [1, 1, 1]
    assert shares(split_rows(groups, strata, 0.0, 0.9, seed=0)) == [1, 0, 2]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_tiny_stratum_keeps_a_row_for_training(size: int) -> None:
    groups, strata = distinct([size] * 20)
    parts = split_rows(groups, strata, 0.9, 0.9, seed=3)
    assert (np.bincount(strata[parts == TRAIN], minlength=20) >= 1).all()


def test_one_large_group_does_not_keep_the_others_out_of_the_test_part() -> None:
    groups = np.concatenate([np.zeros(60), np.arange(1, 41)]).astype(np.uint64)
    for seed in range(20):
        parts = split_rows(groups, np.zeros(100, np.int64), 0.1, 0.1, seed)
        assert shares(parts) == [81, 9, 10]


def test_without_shares_every_row_trains() -> None:
    groups, strata = distinct([50, 1])
    assert shares(split_rows(groups, strata, 0.0, 0.0, seed=0)) == [51, 0, 0]


def test_another_seed_gives_another_split() -> None:
    groups, strata = distinct([200])
    one, other = (split_rows(groups, strata, 0.2, 0.2, seed) for seed in (0, 1))
    assert shares(one) == shares(other)
    # Two independent fifths share a fifth of their rows.
    both = ((one == TEST) & (other == TEST)).sum()
    assert 1 <= both <= 20


def test_every_row_can_come_to_every_part() -> None:
    groups, strata = distinct([30])
    drawn = np.array([split_rows(groups, strata, 0.3, 0.3, seed) for seed in range(99)])
    for part, share in ((TEST, 9 / 30), (VALIDATION, 6 / 30)):
        often = (drawn == part).mean(axis=0)
        # Four standard deviations of 99 draws.
        assert np.abs(often - share).max() < 4 * np.sqrt(share * (1 - share) / 99)


@settings(max_examples=40)
@given(ROWS, RATES, RATES, st.integers(0, 2**31))
def test_same_rows_and_seed_give_the_same_split(
    rows: list[tuple[int, int]], validation: float, test: float, seed: int
) -> None:
    one, other = (parts_of(rows, validation, test, seed) for _ in range(2))
    assert np.array_equal(one, other)
    assert one.dtype == np.uint8 and len(one) == len(rows)


@settings(max_examples=50)
@given(st.data(), ROWS, RATES, RATES)
def test_the_order_of_rows_plays_no_part(
    data: st.DataObject, rows: list[tuple[int, int]], validation: float, test: float
) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = parts_of([rows[i] for i in order], validation, test)
    assert np.array_equal(shuffled, parts_of(rows, validation, test)[list(order)])


@settings(max_examples=50)
@given(ROWS, RATES, RATES)
def test_duplicates_stay_on_one_side(
    rows: list[tuple[int, int]], validation: float, test: float
) -> None:
    parts = parts_of(rows, validation, test)
    side: dict[int, int] = {}
    for (group, _), part in zip(rows, parts.tolist(), strict=True):
        assert side.setdefault(group, part) == part


@given(ROWS, RATES, RATES)
def test_no_part_is_larger_than_its_share_and_every_stratum_trains(
    rows: list[tuple[int, int]], validation: float, test: float
) -> None:
    parts = parts_of(rows, validation, test)
    smallest: dict[int, int] = {}
    for group, stratum in rows:
        smallest[group] = min(stratum, smallest.get(group, stratum))
    size = Counter(group for group, _ in rows)
    # A stratum of three groups or more may have to give one whole group.
    strata = Counter(smallest.values())
    extra = sum(
        max(size[group] for group, stratum in smallest.items() if stratum == one)
        for one, groups in strata.items()
        if groups >= 3
    )
    # Rounding may add half a row.
    assert (parts == TEST).sum() <= test * len(rows) + 0.5 + extra
    rest = len(rows) - (parts == TEST).sum()
    assert (parts == VALIDATION).sum() <= validation * rest + 0.5 + extra
    for one, groups in strata.items():
        if groups >= 3:
            found = {
                part
                for (group, _), part in zip(rows, parts.tolist(), strict=True)
                if smallest[group] == one
            }
            asked = [TRAIN, VALIDATION][: 1 + (validation > 0)] + [TEST] * (test > 0)
            assert found == set(asked)
    trained = {smallest[g] for (g, _), p in zip(rows, parts, strict=True) if p == TRAIN}
    assert trained == set(smallest.values())

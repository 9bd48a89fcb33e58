"""sample:addition and sample:reverse are right, and the same everywhere."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from seqkit.data.sources.sample_symbols import addition, reverse
from seqkit.errors import DataError


def digest(frames: dict[str, pd.DataFrame]) -> str:
    text = "".join(
        frame.to_csv(index=False, lineterminator="\n") for frame in frames.values()
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_sums_are_right_and_no_pair_of_numbers_is_in_both_parts() -> None:
    frames = addition()
    pairs = {}
    for part, rows in [("train", 45_000), ("test", 5_000)]:
        numbers = frames[part]["input"].str.split("+", expand=True).astype(int)
        assert (numbers.sum(axis=1).astype(str) == frames[part]["output"]).all()
        assert 0 <= numbers.min().min() and numbers.max().max() == 999
        pairs[part] = {tuple(sorted(pair)) for pair in numbers.itertuples(index=False)}
        assert len(pairs[part]) == len(frames[part]) == rows
    assert not pairs["train"] & pairs["test"]
    # One number of ten has fewer than three digits.
    shares = frames["train"]["input"].str.len().value_counts(normalize=True)
    assert abs(shares[7] - 0.81) < 0.01


def test_letters_are_reversed_and_no_word_is_in_both_parts() -> None:
    frames = reverse("5")
    words = pd.concat(frames)
    assert [len(frame) for frame in frames.values()] == [9_000, 1_000]
    assert words["input"].is_unique
    assert set(words["input"].str.len()) == {1, 2, 3, 4, 5}
    assert set("".join(words["input"])) == set("abcdefghijklmnopqrstuvwxyz")
    assert [word[::-1] for word in words["input"]] == words["output"].tolist()


def test_rows_are_the_same_on_every_machine() -> None:
    assert digest(addition()) == "800ef1a4bb967103"
    assert digest(reverse()) == "bdefeebf423e24aa"


def test_numbers_may_have_more_digits() -> None:
    frame = addition("9")["test"]
    assert frame["input"].str.len().max() == 19


@pytest.mark.parametrize("digits", ["2", "10", "", "-3", "3.0", "\u0663", "9" * 5000])
def test_a_wrong_number_of_digits_is_an_error(digits: str) -> None:
    told = "sample:addition:DIGITS takes a whole number of digits from 3 to 9, got "
    with pytest.raises(DataError, match=told):
        addition(digits)


@pytest.mark.parametrize("letters", ["3", "101", "many"])
def test_a_wrong_number_of_letters_is_an_error(letters: str) -> None:
    told = "sample:reverse:LETTERS takes a whole number of letters from 4 to 100, got "
    with pytest.raises(DataError, match=told):
        reverse(letters)

"""sample:adding is the adding problem, and the same everywhere."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from seqkit.data.sources.sample_adding import adding
from seqkit.errors import DataError


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return adding("40")


def test_the_target_is_the_sum_of_the_two_marked_values(
    frames: dict[str, pd.DataFrame],
) -> None:
    for frame, rows in zip(frames.values(), (20_000, 2_000), strict=True):
        assert len(frame) == rows
        values = np.stack(frame["value"].tolist())
        markers = np.stack(frame["marker"].tolist())
        assert values.shape == markers.shape == (rows, 40)
        assert values.dtype == np.float32
        np.testing.assert_allclose((values * markers).sum(axis=1), frame["target"])
        assert (markers[:, :20].sum(axis=1) == 1).all()
        assert (markers[:, 20:].sum(axis=1) == 1).all()
        assert set(np.unique(markers)) == {0.0, 1.0}


def test_values_are_uniform_and_places_even(frames: dict[str, pd.DataFrame]) -> None:
    values = np.stack(frames["train"]["value"].tolist())
    assert values.min() >= 0 and values.max() <= 1
    counts, _ = np.histogram(values, 10, (0, 1))
    assert abs(counts / values.size - 0.1).max() < 0.002
    places = np.stack(frames["train"]["marker"].tolist()).mean(axis=0)
    # A place in each half has 1 of 20: five standard deviations of 20,000 draws.
    assert abs(places - 0.05).max() < 0.008
    # The variance of a sum of two uniform numbers: what answering the mean costs.
    assert abs(frames["train"]["target"].var() - 1 / 6) < 0.005


def test_rows_are_the_same_on_every_machine() -> None:
    frame = adding("4")["test"]
    raw = np.stack(frame["value"].tolist()).astype("<f4").tobytes()
    raw += np.stack(frame["marker"].tolist()).astype("<f4").tobytes()
    assert hashlib.sha256(raw).hexdigest()[:16] == "10844531ea5d7287"


@pytest.mark.parametrize("steps", ["1", "0", "-3", "2.5", "many", "", "2001"])
def test_a_wrong_number_of_steps_is_an_error(steps: str) -> None:
    with pytest.raises(
        DataError, match="takes a whole number of steps from 2 to 2,000"
    ):
        adding(steps)

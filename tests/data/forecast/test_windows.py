"""Windows gathered from prepared series: every value where it belongs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from seqkit.data.forecast.windows import PreparedSeries, WindowStore
from seqkit.data.stores.feed import Feed


def prepared(start: int, steps: int, number: int = 1) -> PreparedSeries:
    """Values start, start + 1, ...; covariates 1000 more and, known ahead, 2000."""
    values = np.arange(start, start + steps, dtype=np.float32)
    ahead = 2000 + np.arange(start, start + steps + 3, dtype=np.float32)[:, None]
    columns = np.stack([values, 1000 + values, ahead[:steps, 0]], axis=1)
    return PreparedSeries(columns, ahead, np.array([start], np.float32), number)


def store(**options: Any) -> WindowStore:
    series = [prepared(0, 10, 1), prepared(100, 8, 2)]
    places = [np.array([4, 7]), np.array([5])]
    return WindowStore(series, places, 4, 3, **options)


def test_window_holds_the_steps_before_its_origin_and_the_targets_from_it_on() -> None:
    inputs, targets, weights = store().arrays(np.array([0, 2, 1]))
    assert inputs["steps"][:, :, 0].tolist() == [
        [0, 1, 2, 3],
        [101, 102, 103, 104],
        [3, 4, 5, 6],
    ]
    assert (inputs["steps"][:, :, 1] - inputs["steps"][:, :, 0] == 1000).all()
    assert targets.tolist() == [[4, 5, 6], [105, 106, 107], [7, 8, 9]]
    assert inputs["future"][:, :, 0].tolist() == [
        [2004, 2005, 2006],
        [2105, 2106, 2107],
        [2007, 2008, 2009],
    ]
    assert inputs["static"].tolist() == [[0], [100], [0]]
    assert weights.tolist() == [1, 1, 1]
    assert "series" not in inputs


def test_series_are_told_apart_where_the_model_asks() -> None:
    inputs, _, _ = store(series_input=True).arrays(np.array([0, 2]))
    assert inputs["series"].tolist() == [1, 2]


def test_targets_of_differences_are_their_sums() -> None:
    _, targets, _ = store(lags=(1, 0)).arrays(np.array([0]))
    assert targets.tolist() == [[4, 9, 15]]
    _, targets, _ = store(lags=(0, 2)).arrays(np.array([0]))
    assert targets.tolist() == [[4, 5, 10]]


def check(spec: tf.TensorSpec, array: NDArray[Any]) -> None:
    assert spec.is_compatible_with(tf.constant(array))


def test_feed_gives_every_window_once_with_the_spec_it_declares() -> None:
    windows = store(series_input=True)
    batches = list(Feed(windows, 2, seed=1).arrays())
    tf.nest.map_structure(check, windows.element_spec(), batches[0])
    origins = np.concatenate([inputs["steps"][:, -1, 0] for inputs, _, _ in batches])
    assert sorted(origins.tolist()) == [3, 6, 104]
    assert batches[0][0]["future"].shape == (2, 3, 1)


@pytest.mark.parametrize("rows", [[0], [2, 1]])
def test_a_row_is_the_same_in_any_batch(rows: list[int]) -> None:
    whole, _, _ = store().arrays(np.arange(3))
    some, _, _ = store().arrays(np.array(rows))
    assert np.array_equal(some["steps"], whole["steps"][rows])

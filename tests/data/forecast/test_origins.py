"""Series parted by time: which origins belong to which part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data.forecast.origins import (
    Parts,
    origins,
    parts_of,
    require_windows,
    usable,
)
from seqkit.data.forecast.series import Series, SeriesSet
from seqkit.data.forecast.spec import ForecastData
from seqkit.errors import DataError, DataWarning


def spec(**keys: Any) -> ForecastData:
    defaults = {"source": "frame", "lookback": 4, "horizon": 2, "test": 4}
    return ForecastData(**{**defaults, "validation": 3, **keys})


def series(steps: int, id: str = "a") -> Series:
    nothing = np.zeros((steps, 0))
    return Series(id, np.arange(steps, dtype=float), None, nothing, nothing)


def test_parts_by_steps_and_by_shares() -> None:
    assert parts_of(20, spec()) == Parts(13, 16, 20)
    # The airline's tutorial trains on 67% of 144 months.
    assert parts_of(144, spec(test=0.33, validation=12)) == Parts(84, 96, 144)
    assert parts_of(100, spec(test=0.2, validation=0.25)) == Parts(60, 80, 100)
    assert parts_of(10, spec(test=0, validation=0)) == Parts(10, 10, 10)


def test_origins_of_each_part_by_hand() -> None:
    parts = Parts(13, 16, 20)
    assert origins(parts, "train", spec()).tolist() == [4, 5, 6, 7, 8, 9, 10, 11]
    assert origins(parts, "train", spec(stride=3)).tolist() == [5, 8, 11]
    assert origins(parts, "validation", spec()).tolist() == [13]
    assert origins(parts, "validation", spec(test_stride=1)).tolist() == [13, 14]
    assert origins(parts, "test", spec()).tolist() == [16, 18]
    assert origins(parts, "test", spec(test_stride=1)).tolist() == [16, 17, 18]


@settings(max_examples=50)
@given(
    steps=st.integers(5, 60),
    lookback=st.integers(1, 12),
    horizon=st.integers(1, 8),
    stride=st.integers(1, 5),
    validation=st.integers(0, 15),
    test=st.integers(0, 15),
)
def test_no_window_forecasts_beyond_its_part(
    steps: int, lookback: int, horizon: int, stride: int, validation: int, test: int
) -> None:
    keys = {"lookback": lookback, "horizon": horizon, "stride": stride}
    recipe = spec(**keys, validation=validation, test=test, test_stride=stride)
    parts = parts_of(steps, recipe)
    borders = [0, parts.train_end, parts.validation_end, parts.test_end]
    for number, part in enumerate(("train", "validation", "test")):
        for origin in origins(parts, part, recipe):
            assert origin >= lookback
            assert borders[number] <= origin
            assert origin + horizon <= borders[number + 1]


def test_windows_of_a_model_that_goes_one_step_at_a_time_need_one_step() -> None:
    parts = Parts(13, 16, 20)
    assert origins(parts, "train", spec(), 1).tolist() == list(range(4, 13))
    assert origins(parts, "validation", spec(), 1).tolist() == [13, 14, 15]


def test_latest_training_window_is_always_there() -> None:
    for stride in range(1, 9):
        assert origins(Parts(30, 33, 37), "train", spec(stride=stride))[-1] == 28


def test_short_series_are_an_error_that_says_how_many_are_needed() -> None:
    data = SeriesSet("csv:a.csv", (series(20), series(7, "b")), None)
    with pytest.raises(DataError) as error:
        usable(data, spec())
    assert str(error.value) == (
        "Series 'b' has 7 points, but lookback 4 and the test's 4 need at least 8. "
        "Shorten data.lookback or data.test, give more history or set data.short=drop."
    )
    with pytest.warns(DataWarning, match="1 of 2 series of csv:a.csv"):
        assert [one.id for one in usable(data, spec(short="drop"))] == ["a"]


def test_all_series_too_short_cannot_be_dropped() -> None:
    data = SeriesSet("csv:a.csv", (series(7),), None)
    with pytest.raises(DataError, match="need at least 8"):
        usable(data, spec(short="drop"))


def test_no_training_window_says_what_is_needed() -> None:
    recipe = spec(lookback=8)
    parts = [parts_of(16, recipe)]
    with pytest.raises(DataError) as error:
        require_windows([series(16)], parts, recipe)
    assert "lookback 8 + horizon 2 need 10 points" in str(error.value)
    assert "('a', 16 points) has 9 there" in str(error.value)


def test_test_part_shorter_than_the_horizon_is_an_error() -> None:
    recipe = spec(test=1)
    with pytest.raises(DataError, match="1 steps, fewer than the horizon \\(2\\)"):
        require_windows([series(30)], [parts_of(30, recipe)], recipe)
    none = spec(test=0)
    require_windows([series(30)], [parts_of(30, none)], none)

"""What a person is told of timestamps that are not evenly apart."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.forecast.frames import read_series
from seqkit.data.forecast.series import SeriesSet
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency

DRAW = np.random.default_rng(5)


def read(stamps: Any, **data: Any) -> SeriesSet:
    frame = pd.DataFrame({"timestamp": stamps})
    frame["value"] = DRAW.normal(size=len(frame))
    frame = frame.assign(**{key: data.pop(key) for key in ("id",) if key in data})
    keys = {"id": "id"} if "id" in frame else {}
    spec = ForecastData(source="frame", lookback=1, horizon=1, **keys, **data)
    return read_series(FrameSource(frame), "train", spec)


def refusal(stamps: Any, **data: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(stamps, **data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("step", "wide"), [("5min", "2s"), ("h", "10min"), ("D", "4h"), ("30s", "5s")]
)
def test_stamps_that_waver_are_to_be_rounded(step: str, wide: str) -> None:
    even = pd.date_range("2024-01-01", periods=60, freq=step)
    off = DRAW.integers(-1, 2, 60) * pd.Timedelta(wide)
    said = refusal(even + off)
    assert f"dt.round('{step}')" in said and "data.timestamp to null" in said
    assert "data.gaps" not in said
    # What the sentence asks for is enough.
    assert read((even + off).round(step)).frequency == Frequency(step)
    assert read(even + off, timestamp=None).frequency is None


def test_hours_of_opening_are_no_gaps_to_fill() -> None:
    days = pd.date_range("2024-01-01", periods=10, freq="B")
    stamps = [day + pd.Timedelta(hours=hour) for day in days for hour in range(9, 15)]
    said = refusal(stamps)
    assert "Filling would invent 78% of the steps" in said
    assert "data.gaps" not in said and "data.timestamp to null" in said
    assert "to null" not in refusal(stamps, calendar=["hour"])


def test_days_without_sundays_are_told() -> None:
    days = pd.date_range("2024-01-01", periods=60)
    said = refusal(days[days.day_of_week < 6])
    assert "8 steps are missing" in said and "All are Sundays." in said
    assert "data.gaps to interpolate" in said and "data.timestamp to null" in said


def test_few_gaps_are_to_be_filled() -> None:
    said = refusal(pd.date_range("2024-01-01", periods=60).delete([5, 17, 30]))
    assert said.endswith("set data.gaps to interpolate or forward_fill.")


def test_frequency_that_is_another_is_named_where_it_fits() -> None:
    stamps = Frequency("M-30").stamps(np.datetime64("2001-01-30"), 40)
    assert "fit with data.frequency null" in refusal(stamps, frequency="MS")
    uneven = np.delete(stamps, 3)
    uneven = np.append(uneven, uneven[-1] + np.timedelta64(3, "D"))
    said = refusal(uneven, frequency="MS")
    assert "null to have it found" not in said and "Give steps of MS." in said


def test_stamps_without_a_frequency_are_told_so() -> None:
    stamps = np.datetime64("2001-01-01", "h") + np.cumsum(DRAW.integers(20, 200, 60))
    said = refusal(stamps)
    assert "They have no frequency" in said and "data.frequency" not in said


def test_short_series_do_not_mix_months_that_others_tell_apart() -> None:
    ends = pd.date_range("2001-01-31", periods=40, freq="BME")
    few = pd.DatetimeIndex(["2001-01-31", "2001-02-28"])
    found = read(ends.append(few), id=["a"] * 40 + ["b"] * 2)
    assert found.frequency == Frequency("BME")


def test_last_trading_days_before_a_holiday_are_month_ends() -> None:
    ends = pd.date_range("2001-01-31", periods=60, freq="BME")
    traded = ends.where(ends != "2002-03-29", pd.Timestamp("2002-03-28"))
    with pytest.warns(
        DataWarning, match="1 timestamps, .* 2002-03-28 in .* last business"
    ):
        found = read(traded)
    assert found.frequency == Frequency("BME") and len(found.series[0]) == 60
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(ends)
    assert "grid of its frequency, BME: first 2002-03-05" in refusal(
        ends.where(ends != "2002-03-29", pd.Timestamp("2002-03-05"))
    )

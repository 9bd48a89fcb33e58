"""Whole numbers as timestamps: years, dates of digits, counted steps."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.forecast.frames import read_series
from seqkit.data.forecast.series import SeriesSet
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.rows.number_stamps import are_steps, digit_stamps, epoch_unit
from seqkit.data.sources.base import open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency


def read(stamps: Any, values: Any = None, **data: Any) -> SeriesSet:
    frame = pd.DataFrame({"timestamp": stamps})
    frame["value"] = np.arange(len(frame), dtype=float) if values is None else values
    columns = {key: data.pop(key) for key in ("id", "rain") if key in data}
    frame = frame.assign(**columns)
    keys = {"id": "id"} if "id" in columns else {}
    keys |= {"past": ["rain"]} if "rain" in columns else {}
    spec = ForecastData(source="frame", lookback=1, horizon=1, **keys, **data)
    return read_series(FrameSource(frame), "train", spec)


FORMS = ["%Y%m%d", "%Y%m", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S"]


@pytest.mark.parametrize(
    ("form", "freq"), list(zip(FORMS, ["D", "MS", "h", "15min", "7s"], strict=True))
)
def test_dates_of_digits_are_those_of_pandas(form: str, freq: str) -> None:
    index = pd.date_range("2019-12-28", periods=200, freq=freq)
    numbers = index.strftime(form).astype("int64").to_numpy()
    truth = pd.to_datetime(index.strftime(form), format=form).to_numpy()
    np.testing.assert_array_equal(digit_stamps(numbers), truth.astype("datetime64[s]"))


@pytest.mark.parametrize("number", [20200230, 20201301, 20200100, 202013, 1577836800])
def test_numbers_that_are_no_dates_have_no_stamp(number: int) -> None:
    assert np.isnat(digit_stamps(np.array([number]))).all()


@pytest.mark.parametrize("kind", [int, float, str, "Int64", object])
def test_dates_of_digits_are_read_in_a_frame_as_in_a_csv(
    kind: Any, tmp_path: Any
) -> None:
    frame = pd.DataFrame({"timestamp": [20200228, 20200229, 20200301]})
    frame["value"] = [1.0, 2.0, 4.0]
    frame.to_csv(tmp_path / "x.csv", index=False)
    spec = ForecastData(source=f"csv:{tmp_path}/x.csv", lookback=1, horizon=1)
    of_csv = read_series(open_source(spec), "train", spec)
    of_frame = read(frame["timestamp"].astype(kind), frame["value"])
    assert of_frame.frequency == of_csv.frequency == Frequency("D")
    assert of_frame.fingerprint == of_csv.fingerprint
    assert of_frame.series[0].start == np.datetime64("2020-02-28")


def test_wrong_date_among_dates_is_named() -> None:
    with pytest.raises(DataError, match="number 20200230 in row 2, .* no timestamp"):
        read([20200229, 20200230, 20200301, 20200302])


@pytest.mark.parametrize("first", [0, 1, 3000, 12345])
@pytest.mark.parametrize("kind", [int, float, str])
def test_numbers_that_count_are_steps_and_no_years(first: int, kind: Any) -> None:
    found = read(np.arange(first, first + 40).astype(kind))
    assert found.frequency is None and found.series[0].start is None
    assert found.series[0].values.tolist() == list(range(40))


def test_counter_from_1_to_3000_is_no_run_of_years() -> None:
    assert are_steps(np.arange(1, 3001))
    assert not are_steps(np.arange(1949, 1961))


def test_years_are_told_where_the_name_does_not_say_so() -> None:
    with pytest.warns(DataWarning, match="1000 to 1039, which are read as years"):
        assert read(np.arange(1000, 1040)).frequency == Frequency("YS-JAN")
    frame = pd.DataFrame({"Year": np.arange(1949, 1961), "value": np.arange(12.0)})
    spec = ForecastData(source="frame", timestamp="Year", lookback=1, horizon=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_series(FrameSource(frame), "train", spec)
    assert found.frequency == Frequency("YS-JAN")


def test_seconds_since_1970_are_refused_with_their_unit() -> None:
    for unit, size in (("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)):
        with pytest.raises(DataError, match=f"unit='{unit}'"):
            read((1_577_836_800 + 3600 * np.arange(5)) * size)
        assert epoch_unit(1_577_836_800 * size) == unit
    assert epoch_unit(5) is None and epoch_unit(10**400) is None


def test_steps_that_lack_are_gaps() -> None:
    steps = [0, 1, 2, 4, 5, 7]
    with pytest.raises(DataError, match="2 values are missing. .* step 4 of series"):
        read(steps)
    with pytest.warns(DataWarning, match="Gaps were filled"):
        found = read(steps, [0, 1, 2, 4, 5, 7], gaps="interpolate", rain=steps)
    assert found.series[0].values.tolist() == list(range(8))
    assert found.series[0].past[:, 0].tolist() == list(range(8))


def test_series_know_the_numbers_of_their_steps() -> None:
    with pytest.warns(DataWarning, match="1 steps before the first value"):
        found = read(
            [5, 10, 15, 20, 103, 108],
            [None, 1, 2, None, 3, 4],
            id=list("aaaabb"),
            gaps="interpolate",
        )
    numbers = [one.step_numbers(0, 3).tolist() for one in found.series]
    assert numbers == [[10, 15, 20], [103, 108, 113]]


def test_steps_are_sorted_and_made_one_as_timestamps_are() -> None:
    with pytest.raises(DataError, match="first step 1 in series .* after step 2"):
        read([0, 2, 1, 3])
    with pytest.raises(DataError, match="already, first step 1 in series"):
        read([0, 1, 1, 2])
    with pytest.warns(DataWarning, match="rows were"):
        found = read([0, 2, 1, 3], unsorted="sort")
    assert found.series[0].values.tolist() == [0, 2, 1, 3]


def test_steps_of_several_series_and_other_widths() -> None:
    found = read([0, 5, 10, 100, 105], id=list("aaabb"))
    assert [one.values.tolist() for one in found.series] == [[0, 1, 2], [3, 4]]
    with pytest.raises(DataError, match="mostly 5 apart, but has step 12 in series 'v"):
        read([0, 5, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("calendar", ["month"]),
        ("frequency", "D"),
        ("until", "2020"),
        ("timezone", "UTC"),
        ("decompose", "seasons"),
    ],
)
def test_what_needs_dates_is_refused_with_steps(key: str, value: Any) -> None:
    with pytest.raises(DataError, match=rf"\(0 to 39\), but data.{key} needs dates"):
        read(np.arange(40), **{key: value})


@pytest.mark.parametrize("form", ["{}Q{}", "{}-Q{}", "{} q{}"])
def test_quarters_are_read(form: str) -> None:
    found = read([form.format(2001 + k // 4, k % 4 + 1) for k in range(9)])
    assert found.frequency == Frequency("QS-JAN")
    assert found.series[0].start == np.datetime64("2001-01-01")

"""Timestamps read strictly, and daylight-saving jumps undone."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.forecast.frames import read_series
from seqkit.data.forecast.series import Series, SeriesSet
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.forecast.timestamps import read_stamps
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency, Stamps

BERLIN = "Europe/Berlin"


def stamps_of(values: Any, **how: Any) -> Stamps:
    return read_stamps(pd.Series(values, name="when", **how), "frame").stamps


def read(stamps: Any, **data: Any) -> SeriesSet:
    frame = pd.DataFrame({"timestamp": stamps})
    frame["value"] = np.arange(len(frame), dtype=float)
    spec = ForecastData(source="frame", lookback=1, horizon=1, **data)
    return read_series(FrameSource(frame), "train", spec)


def only(found: SeriesSet) -> Series:
    assert len(found.series) == 1
    return found.series[0]


def hours(start: str, periods: int, freq: str = "h") -> pd.DatetimeIndex:
    """Hours of Berlin, aware."""
    utc = pd.date_range(start, periods=periods, freq=freq, tz="UTC")
    return utc.tz_convert(BERLIN)


SPRING = hours("2024-03-30 12:00", 36)
AUTUMN = hours("2024-10-26 12:00", 36)


# Reading


@pytest.mark.parametrize(
    "values",
    [
        ["1949-01", "1949-02"],
        ["1949-01-01", "1949-02-01"],
        [" 1949-01-01 00:00:00", "1949-02-01"],
        ["1949-01-01T00:00:00", "1949-02-01T00:00:00"],
        [datetime.date(1949, 1, 1), datetime.date(1949, 2, 1)],
        [datetime.datetime(1949, 1, 1), datetime.datetime(1949, 2, 1)],
        pd.date_range("1949-01-01", periods=2, freq="MS"),
        pd.period_range("1949-01", periods=2, freq="M"),
        pd.Categorical(["1949-01", "1949-02"]),
    ],
)
def test_timestamps_of_many_kinds(values: Any) -> None:
    assert stamps_of(values).astype(str).tolist() == [
        "1949-01-01T00:00:00",
        "1949-02-01T00:00:00",
    ]


@pytest.mark.parametrize("values", [[1979, 1981], [1979.0, 1981.0], ["1979", "1981"]])
@pytest.mark.parametrize("dtype", [None, object])
def test_years_are_timestamps(values: list[Any], dtype: Any) -> None:
    with pytest.warns(DataWarning, match="numbers 1979 to 1981, .* read as years"):
        stamps = stamps_of(values, dtype=dtype)
    days = stamps.astype("datetime64[D]").astype(str)
    assert days.tolist() == ["1979-01-01", "1981-01-01"]


@pytest.mark.parametrize("bad", ["13/01/1949", "2024-02-30", "194901", "now", "?"])
def test_text_that_is_no_timestamp_is_named(bad: str) -> None:
    with pytest.raises(DataError, match="'when' .* in row 3, which is no timestamp"):
        stamps_of(["2024-02-28", "2024-02-29", bad])


@pytest.mark.parametrize("number", [1979.5, -20200101, 10**400])
def test_numbers_that_are_no_dates_are_refused(number: float) -> None:
    with pytest.raises(DataError, match="in row 1, which is no timestamp: numbers"):
        stamps_of([number])


@pytest.mark.parametrize(
    "values",
    [
        ["1949-01", "1949-01-02"],
        ["1949", "1949-02"],
        ["2024-01-01 00:00", "2024-01-01 00:00Z"],
        [1979, "1980-01-01"],
        [datetime.datetime(2024, 1, 1), "2024-01-02"],
        [
            datetime.datetime(2024, 1, 1),
            datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
        ],
    ],
)
def test_mixed_timestamps_are_refused(values: list[Any]) -> None:
    with pytest.raises(DataError, match="two kinds: .* first in row 2"):
        stamps_of(values, dtype=object)


@pytest.mark.parametrize(
    "values", [[None, "2024-01-01"], [pd.NaT, pd.Timestamp("2024")]]
)
def test_missing_timestamp_is_refused(values: list[Any]) -> None:
    with pytest.raises(DataError, match="1 rows without a timestamp, first row 1"):
        stamps_of(values)


@pytest.mark.parametrize("text", [False, True])
def test_fractions_of_a_second_are_refused(text: bool) -> None:
    values = ["2024-01-01 00:00:00", "2024-01-01 00:00:00.5"]
    with pytest.raises(DataError, match="fractions of a second.* in row 2"):
        stamps_of(values if text else pd.to_datetime(values, format="ISO8601"))


@pytest.mark.parametrize("value", [True, 1 + 2j, (2024, 1)])
def test_other_things_are_no_timestamps(value: Any) -> None:
    with pytest.raises(DataError, match="in row 1, which is no timestamp"):
        stamps_of([value, value], dtype=object)


# Time zones


@pytest.mark.parametrize("jump", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("form", ["naive", "aware", "text", "objects"])
@pytest.mark.parametrize("step", ["h", "15min"])
def test_jumps_are_undone(jump: pd.DatetimeIndex, form: str, step: str) -> None:
    local = pd.date_range(jump[0], jump[-1], freq=step)
    stamps: Any = {
        "naive": local.tz_localize(None).strftime("%Y-%m-%d %H:%M"),
        "aware": local,
        "text": local.strftime("%Y-%m-%d %H:%M:%S%z"),
        "objects": pd.Series(list(local.to_pydatetime()), dtype=object),
    }[form]
    found = read(stamps, timezone=BERLIN)
    assert found.frequency == Frequency(step) and len(only(found)) == len(local)
    # Standard time of Berlin is an hour before UTC all year round.
    begin = local[0].tz_convert("UTC").tz_localize(None) + pd.Timedelta("1h")
    assert only(found).start == begin.to_datetime64()


def test_standard_time_is_winter_time_on_both_sides_of_the_globe() -> None:
    for zone, offset in [("Australia/Sydney", 10), ("Europe/London", 0), ("UTC", 0)]:
        for month in ("01", "07"):
            aware = pd.date_range(f"2024-{month}-05", periods=4, freq="h", tz="UTC")
            start = only(read(aware.tz_convert(zone), timezone=zone)).start
            hour = (pd.Timestamp(start) - pd.Timestamp(f"2024-{month}-05")).seconds
            assert hour == offset * 3600


@pytest.mark.parametrize("aware", [False, True])
def test_days_stay_the_days_of_the_calendar(aware: bool) -> None:
    zone = BERLIN if aware else None
    days = pd.date_range("2024-03-25", periods=14, tz=zone)
    found = read(days, timezone=BERLIN)
    assert found.frequency == Frequency("D")
    assert only(found).start == np.datetime64("2024-03-25")


def test_frequency_tells_hours_from_days_where_one_stamp_cannot() -> None:
    noon = ["2024-07-01 12:00"]
    hour = only(read(noon, timezone=BERLIN, frequency="h")).start
    assert hour == np.datetime64("2024-07-01T11:00")
    day = only(read(noon, timezone=BERLIN, frequency="D")).start
    assert day == np.datetime64("2024-07-01T12:00")


def test_aware_stamps_need_a_zone() -> None:
    for stamps in (SPRING, SPRING.strftime("%Y-%m-%d %H:%M:%S%z")):
        with pytest.raises(DataError, match="Set data.timezone"):
            read(stamps)


@pytest.mark.parametrize("zone", ["Europe/Berln", "MEZ+1", "../etc"])
def test_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(
        DataError, match=f"must name a time zone.*got {re.escape(repr(zone))}"
    ):
        read(SPRING, timezone=zone)


def test_two_series_have_each_its_autumn() -> None:
    naive = AUTUMN.tz_localize(None)
    frame = pd.DataFrame({"timestamp": [*naive, *naive], "value": range(72)})
    frame["id"] = ["a"] * 36 + ["b"] * 36
    spec = ForecastData(source="frame", lookback=1, horizon=1, id="id", timezone=BERLIN)
    found = read_series(FrameSource(frame), "train", spec)
    assert [len(one) for one in found.series] == [36, 36]


def test_autumn_out_of_order_cannot_be_told() -> None:
    with pytest.raises(DataError, match="2024-10-27 02:00 twice, and rows out of"):
        read(AUTUMN.tz_localize(None)[::-1], timezone=BERLIN, unsorted="sort")


def test_time_that_clocks_skip_is_read_and_told() -> None:
    naive = SPRING.tz_localize(None).to_series().reset_index(drop=True)
    skipped = pd.Timestamp("2024-03-31 02:00")
    naive[naive == skipped + pd.Timedelta("1h")] = skipped
    with pytest.warns(DataWarning, match="1 times that the clocks of Europe/Berlin"):
        assert len(only(read(naive, timezone=BERLIN))) == 36


def test_hint_tells_jumps_where_no_zone_is_set() -> None:
    hint = "looks like daylight-saving time"
    with pytest.raises(DataError, match=f"data.duplicates .*{hint}"):
        read(AUTUMN.tz_localize(None))
    with pytest.raises(DataError, match=f"data.gaps .*{hint}"):
        read(SPRING.tz_localize(None))
    quarters = hours("2024-10-26 12:00", 144, "15min").tz_localize(None)
    with pytest.raises(DataError, match=f"data.unsorted .*{hint}"):
        read(quarters)


def test_other_gaps_get_no_hint_of_jumps() -> None:
    stamps = pd.date_range("2024-06-03", periods=48, freq="h").delete(30)
    with pytest.raises(DataError) as caught:
        read(stamps)
    assert "daylight" not in str(caught.value)

"""Series read from frames: layouts, numbers, gaps, duplicates and what stops them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.forecast.frames import read_series
from seqkit.data.forecast.series import Series, SeriesSet
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.sources.base import Source, check_request, open_source
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency

HOLES = [1.0, None, 3.0, None, None, 6.0]


class ChunkedSource(Source):
    """A frame in chunks of three rows."""

    name = "chunked"

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def columns(self) -> tuple[str, ...]:
        return tuple(self.frame.columns)

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        for start in range(0, len(self.frame), 3):
            chunk = self.frame.iloc[start : start + 3]
            yield chunk[list(columns)].reset_index(drop=True)


def read(frame: pd.DataFrame, **data: Any) -> SeriesSet:
    spec = ForecastData(source="frame", lookback=1, horizon=1, **data)
    return read_series(ChunkedSource(frame), "train", spec)


def read_quietly(frame: pd.DataFrame, **data: Any) -> SeriesSet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return read(frame, **data)


def days(values: Sequence[Any], **columns: Any) -> pd.DataFrame:
    """A value a day from 2024-01-01 (a Monday) on, as csv would give timestamps."""
    stamps = pd.date_range("2024-01-01", periods=len(values)).strftime("%Y-%m-%d")
    return pd.DataFrame(
        {"timestamp": stamps.astype(object), "value": list(values), **columns}
    )


def two(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Two series, a and b, whose rows alternate as far as they can."""
    frames = [a.assign(id="a"), b.assign(id="b")]
    return pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)


def only(found: SeriesSet) -> Series:
    assert len(found.series) == 1
    return found.series[0]


# Layouts


def test_long_frame_gives_series_in_order_of_first_rows() -> None:
    frame = two(days([5, 6, 7]), days([1, 2, 3, 4]))[::-1].reset_index(drop=True)
    found = read_quietly(frame, id="id", unsorted="sort")
    assert found.ids == ("b", "a") and found.frequency == Frequency("D")
    np.testing.assert_array_equal(found.series[0].values, [1, 2, 3, 4])
    np.testing.assert_array_equal(found.series[1].values, [5, 6, 7])
    assert found.series[1].start == np.datetime64("2024-01-01")


def test_rows_of_series_may_alternate() -> None:
    found = read(two(days([5, 6, 7]), days([1, 2, 3])), id="id")
    assert [one.values.tolist() for one in found.series] == [[5, 6, 7], [1, 2, 3]]


def test_one_long_series_is_called_after_its_column() -> None:
    frame = days([1, 2, 3]).rename(columns={"value": "sales"})
    assert read(frame, values=["sales"]).ids == ("sales",)
    assert read(days([1, 2, 3])).ids == ("value",)


def test_wide_frame_gives_a_series_a_column_with_shared_covariates() -> None:
    frame = days([1, 2, 3], other=[4, 5, 6], rain=[7, 8, 9], holiday=[0, 1, 0])
    found = read(frame, layout="wide", past=["rain"], future=["holiday"])
    assert found.ids == ("value", "other")
    for one, values in zip(found.series, ([1, 2, 3], [4, 5, 6]), strict=True):
        np.testing.assert_array_equal(one.values, values)
        np.testing.assert_array_equal(one.past, [[7], [8], [9]])
        np.testing.assert_array_equal(one.future, [[0], [1], [0]])


def test_rows_end_with_their_last_value() -> None:
    frame = pd.DataFrame(
        {
            "name": ["x", "y"],
            "V1": ["1", "4"],
            "V2": ["2", "5"],
            "V3": [None, "6"],
            "V4": [None, None],
        }
    )
    found = read(frame, layout="rows", timestamp=None, id="name")
    assert found.ids == ("x", "y") and found.frequency is None
    assert [one.values.tolist() for one in found.series] == [[1, 2], [4, 5, 6]]
    assert all(one.start is None for one in found.series)


def test_rows_without_names_are_numbered() -> None:
    frame = pd.DataFrame({"V1": [1, 3], "V2": [2, 4]})
    assert read(frame, layout="rows", timestamp=None).ids == ("1", "2")


def test_row_that_comes_twice_is_refused() -> None:
    frame = pd.DataFrame({"name": ["x", "x"], "V1": [1, 2], "V2": [3, 4]})
    with pytest.raises(DataError, match="the series 'x' twice, again in row 2"):
        read(frame, layout="rows", timestamp=None, id="name")


def test_hole_within_a_row_is_a_gap() -> None:
    frame = pd.DataFrame({"V1": [1.0], "V2": [None], "V3": [3.0], "V4": [None]})
    with pytest.raises(DataError, match="the value at step 2 of series '1'"):
        read(frame, layout="rows", timestamp=None)
    found = read_quietly(frame, layout="rows", timestamp=None, gaps="interpolate")
    assert only(found).values.tolist() == [1, 2, 3]


def test_series_without_timestamps_are_in_order() -> None:
    frame = two(days([5, 6, 7]), days([1, 2, 3]))
    found = read(frame, timestamp=None, id="id")
    assert found.frequency is None
    assert [one.values.tolist() for one in found.series] == [[5, 6, 7], [1, 2, 3]]


@pytest.mark.parametrize("values", [["1", "2.5", "1e3"], [1, 2.5, 1000]])
def test_text_and_numbers_read_alike(values: list[Any]) -> None:
    frame = days(pd.Series(values, dtype=object))
    assert only(read(frame)).values.tolist() == [1, 2.5, 1000]


@pytest.mark.parametrize("dtype", ["int64", "Int64", "boolean", "bool", "float32"])
def test_typed_columns_become_float64(dtype: str) -> None:
    one = only(read(days(pd.Series([1, 0, 1], dtype=dtype))))
    assert one.values.dtype == np.float64 and one.values.tolist() == [1, 0, 1]


def test_static_columns_are_numbers_where_all_are() -> None:
    frame = two(days([1, 2]), days([3, 4]))
    frame["size"] = frame["id"].map({"a": "1", "b": "2.5"})
    frame["town"] = frame["id"].map({"a": "7", "b": "Ulm"})
    found = read(frame, id="id", static=["size", "town"])
    assert [one.static for one in found.series] == [(1.0, "7"), (2.5, "Ulm")]


# What is no number


@pytest.mark.parametrize("text", ["abc", "1,5", "1 000", "0x10", "True", "null"])
def test_text_that_is_no_number_is_named(text: str) -> None:
    frame = days(pd.Series(["1", "2", "3", text, "x"], dtype=object), id="s")
    with pytest.raises(DataError) as caught:
        read(frame, id="id")
    expected = f"chunked holds {text!r} in column 'value', row 4 (series 's')"
    assert str(caught.value).startswith(expected)
    assert "2 such values" in str(caught.value)


def test_number_in_the_rows_layout_is_placed() -> None:
    frame = pd.DataFrame({"n": ["x", "y"], "V1": ["1", "2"], "V2": ["3", "?"]})
    with pytest.raises(DataError, match=r"column 'V2', row 2 \(series 'y'\)"):
        read(frame, layout="rows", timestamp=None, id="n")


@pytest.mark.parametrize("text", ["", "NA", "nan", " NaN "])
def test_some_texts_are_missing_values(text: str) -> None:
    frame = days(pd.Series(["1", text, "3"], dtype=object))
    assert only(read_quietly(frame, gaps="interpolate")).values.tolist() == [1, 2, 3]


@pytest.mark.parametrize("infinite", [np.inf, "-inf", "1e999"])
def test_infinite_values_are_refused(infinite: Any) -> None:
    frame = days(pd.Series([1, infinite, infinite], dtype=object))
    with pytest.raises(DataError, match="2 infinite values, .* 'value', row 2"):
        read(frame, gaps="interpolate")


def test_covariate_of_classes_is_refused_with_its_mend() -> None:
    with pytest.raises(DataError, match="'NW' in column 'wind'.*get_dummies"):
        read(days([1, 2], wind=["NW", "SE"]), past=["wind"])


def test_wide_column_of_text_asks_for_the_columns_to_forecast() -> None:
    with pytest.raises(DataError, match="'NW' in column 'wind'.* data.values"):
        read(days([1, 2], wind=["NW", "SE"]), layout="wide")


def test_parquet_and_csv_give_the_same_series(tmp_path: Path) -> None:
    frame = two(days([1, None, 3, 4]), days([5, 6, 7, 8]))
    frame.to_csv(tmp_path / "x.csv", index=False)
    typed = frame.assign(timestamp=pd.to_datetime(frame["timestamp"]))
    typed["value"] = typed["value"].astype("Int64")
    typed.to_parquet(tmp_path / "x.parquet")
    found = []
    for kind in ("csv", "parquet"):
        spec = ForecastData(
            source=f"{kind}:{tmp_path}/x.{kind}",
            lookback=1,
            horizon=1,
            id="id",
            gaps="interpolate",
        )
        with pytest.warns(DataWarning, match="1 values are missing"):
            found.append(read_series(open_source(spec), "train", spec))
    assert found[0].fingerprint == found[1].fingerprint


def test_static_that_changes_is_refused() -> None:
    frame = days([1, 2, 3], id="a", town=["Ulm", "Ulm", "Bonn"])
    with pytest.raises(DataError, match="within series 'a': Ulm, then Bonn"):
        read(frame, id="id", static=["town"])


def test_static_that_is_missing_is_refused() -> None:
    frame = days([1, 2], id="a", town=["Ulm", None])
    with pytest.raises(DataError, match="1 missing values, first for series 'a'"):
        read(frame, id="id", static=["town"])


# Columns


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"timestamp": "time"}, "'time', which data.timestamp names.*'timestamp'"),
        ({"timestamp": "date"}, "set data.timestamp to null"),
        ({"values": ["valu"]}, "Did you mean 'value'"),
        ({"id": "shop"}, "which data.id names.*Name the right one in data.id"),
        ({"layout": "wide", "past": ["value"]}, "no column but those"),
    ],
)
def test_column_that_lacks_is_named(data: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(days([1, 2]), **data)


def test_date_in_several_columns_gets_its_mend() -> None:
    frame = pd.DataFrame({"Year": [2020], "month": [1], "value": [1]})
    with pytest.raises(DataError, match=r"frame\[\['Year', 'month'\]\]"):
        read(frame)


def test_row_that_names_no_series_is_refused() -> None:
    with pytest.raises(DataError, match="1 rows that name no series, first row 2"):
        read(days([1, 2, 3], id=["a", None, "a"]), id="id")


def test_unknown_frequency_is_refused() -> None:
    with pytest.raises(ValueError, match="No frequency 'hourly'"):
        read(days([1, 2]), frequency="hourly")


# Order and duplicates


def test_timestamps_that_go_back_are_refused_or_sorted() -> None:
    frame = days([1, 2, 3, 4]).iloc[[0, 2, 1, 3]].reset_index(drop=True)
    with pytest.raises(DataError, match=r"1 timestamps that go back, first 2024-01-02"):
        read(frame)
    with pytest.warns(DataWarning, match=r"rows were sorted \(data.unsorted: sort\)"):
        assert only(read(frame, unsorted="sort")).values.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("policy", "value", "rain"),
    [("first", 2, 1), ("last", 6, 4), ("mean", 4, 2.5), ("sum", 8, 2.5)],
)
def test_duplicates_become_one(policy: str, value: float, rain: float) -> None:
    frame = days([1, 2, 3], rain=[0, 1, 0])
    again = frame.iloc[[1]].assign(value=6, rain=4)
    frame = pd.concat([frame[:2], again, frame[2:]], ignore_index=True)
    with pytest.raises(DataError, match="1 rows whose series has .* 2024-01-02"):
        read(frame, past=["rain"])
    with pytest.warns(DataWarning, match=f"data.duplicates: {policy}"):
        one = only(read(frame, past=["rain"], duplicates=policy))
    assert one.values.tolist() == [1, value, 3]
    assert one.past[:, 0].tolist() == [0, rain, 0]


def test_sum_of_what_is_missing_is_missing() -> None:
    frame = pd.concat([days([1, None, 3])] * 2).sort_values("timestamp")
    frame = frame.reset_index(drop=True)
    found = read_quietly(frame, duplicates="sum", gaps="forward_fill")
    assert only(found).values.tolist() == [2, 2, 6]


def test_duplicates_without_an_id_ask_for_it() -> None:
    frame = two(days([1, 2]), days([3, 4]))
    with pytest.raises(DataError, match="name the column that tells them in data.id"):
        read(frame)


# Gaps


def test_missing_values_are_counted() -> None:
    with pytest.raises(DataError, match="3 values are missing. .*2024-01-02 in series"):
        read(days(HOLES))


def test_missing_steps_are_counted() -> None:
    frame = days(range(6)).drop(index=[2, 3]).reset_index(drop=True)
    with pytest.raises(DataError, match="2 steps are missing.* step at 2024-01-03"):
        read(frame)


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize(
    ("policy", "filled"),
    [("interpolate", [1, 2, 3, 4, 5, 6]), ("forward_fill", [1, 1, 3, 3, 3, 6])],
)
def test_gaps_are_filled(drop: bool, policy: str, filled: list[float]) -> None:
    frame = days(HOLES).dropna() if drop else days(HOLES)
    found = "3 steps" if drop else "3 values"
    with pytest.warns(DataWarning, match=f"{found} are missing.*gaps: {policy}"):
        one = only(read(frame.reset_index(drop=True), frequency="D", gaps=policy))
    assert one.values.tolist() == filled


def test_ends_without_values_are_cut_off() -> None:
    with pytest.warns(DataWarning, match="2 steps before the first .* 1 steps after"):
        one = only(read(days([None, None, 3, 4, None]), gaps="interpolate"))
    assert one.values.tolist() == [3, 4]
    assert one.start == np.datetime64("2024-01-03")


def test_past_covariates_are_filled_as_values_are() -> None:
    frame = days([1, 2, 3, 4, 5], rain=[None, 2, None, 6, None])
    with pytest.raises(DataError, match="first is 'rain' at 2024-01-01"):
        read(frame, past=["rain"])
    one = only(read_quietly(frame, past=["rain"], gaps="interpolate"))
    assert one.values.tolist() == [2, 3, 4, 5]
    assert one.past[:, 0].tolist() == [2, 4, 6, 6]


def test_covariate_without_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="covariate 'rain' .* no number"):
        read(days([1, 2], rain=[None, None]), past=["rain"], gaps="interpolate")


def test_future_covariates_go_on_beyond_the_values() -> None:
    frame = days([1, 2, None, None], holiday=[0, 1, 0, 1], rain=[5, 6, None, None])
    one = only(read(frame, past=["rain"], future=["holiday"]))
    assert one.values.tolist() == [1, 2] and one.past[:, 0].tolist() == [5, 6]
    assert one.future[:, 0].tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("drop", [False, True])
def test_future_covariate_that_lacks_beyond_the_values_is_refused(drop: bool) -> None:
    frame = days([1, 2, None, None, None], holiday=[0, 1, 0, None, 1])
    frame = frame.drop(index=[3] if drop else []).reset_index(drop=True)
    with pytest.raises(DataError, match="'holiday' at 2024-01-04 in series 'value'"):
        read(frame, future=["holiday"], gaps="interpolate")


def test_series_without_values_is_refused_or_dropped() -> None:
    frame = two(days([None, None]), days([1, 2]))
    with pytest.raises(DataError, match="1 of the 2 series .* no values, first 'a'"):
        read(frame, id="id", gaps="interpolate")
    with pytest.warns(DataWarning, match="data.short: drop"):
        assert read(frame, id="id", short="drop").ids == ("b",)
    with (
        pytest.warns(DataWarning),
        pytest.raises(DataError, match="no series with values"),
    ):
        read(days([None, None]), short="drop")


def test_stamp_of_another_century_is_not_filled_up_to() -> None:
    stamps = ["2024-01-01 00:00:00", "2024-01-01 00:00:01", "9024-01-01 00:00:00"]
    frame = pd.DataFrame({"timestamp": stamps, "value": [1, 2, 3]})
    with pytest.raises(DataError, match="steps of s from 2024-01-01 to 9024-01-01"):
        read(frame, gaps="interpolate")


# Frequency


def test_mixed_frequencies_are_named() -> None:
    b = days([1, 2, 3, 4]).iloc[[0, 2]].reset_index(drop=True)
    with pytest.raises(DataError, match="'a' has steps of D, series 'b' of 2D"):
        read(two(days([1, 2, 3]), b), id="id")


def test_one_week_of_days_goes_with_business_days() -> None:
    frame = days(range(15))
    frame["timestamp"] = pd.bdate_range("2024-01-01", periods=15)
    found = read(two(frame, frame[:3]), id="id")
    assert found.frequency == Frequency("B")
    assert [len(one) for one in found.series] == [15, 3]


def test_stamp_beside_the_grid_is_named() -> None:
    stamps = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:30"]
    stamps += ["2024-01-01 03:00", "2024-01-01 04:00"]
    frame = pd.DataFrame({"timestamp": stamps, "value": range(5)})
    with pytest.raises(DataError, match=r"1 timestamps .* h: first 2024-01-01 02:30"):
        read(frame, frequency="h")


def test_recipe_frequency_must_fit_the_weekday() -> None:
    frame = days([1, 2, 3])
    frame["timestamp"] = ["2024-01-01", "2024-01-08", "2024-01-15"]
    with pytest.raises(DataError, match="W-SUN: first 2024-01-01 .* a Monday"):
        read(frame, frequency="W")
    assert read(frame).frequency == Frequency("W-MON")


def test_frequency_cannot_be_told_from_one_stamp() -> None:
    with pytest.raises(DataError, match="no series with two timestamps"):
        read(days([1]))
    assert read(days([1]), frequency="D").frequency == Frequency("D")


# Until and constant series


@pytest.mark.parametrize(
    ("until", "last"),
    [("2024-01", 31), ("2024-01-05", 5), ("2024-01-05 12:00", 5), ("2024", 40)],
)
def test_until_includes_the_period_it_names(until: str, last: int) -> None:
    assert len(only(read(days(range(40)), until=until))) == last


def test_until_spares_what_comes_later() -> None:
    frame = days(pd.Series([1, 2, "x", np.inf], dtype=object))
    assert only(read(frame, until="2024-01-02")).values.tolist() == [1, 2]


@pytest.mark.parametrize("until", ["soon", "2024-01-02T00:00Z", "20240102"])
def test_until_must_be_a_timestamp(until: str) -> None:
    with pytest.raises(DataError, match="data.until must be a timestamp"):
        read(days([1, 2]), until=until)


def test_until_before_everything_is_refused() -> None:
    with pytest.raises(DataError, match="no timestamp up to data.until, 2020"):
        read(days([1, 2]), until="2020")


def test_constant_series_are_refused_dropped_or_kept() -> None:
    frame = two(days([4, 4, 4]), days([1, 2, 3]))
    with pytest.raises(DataError, match="1 of 2 series that never change, first 'a'"):
        read(frame, id="id")
    with pytest.warns(DataWarning, match="data.constant: drop"):
        assert read(frame, id="id", constant="drop").ids == ("b",)
    assert read(frame, id="id", constant="keep").ids == ("a", "b")


# Real data


def read_file(path: Path, **data: Any) -> SeriesSet:
    spec = ForecastData(source=f"csv:{path}", lookback=1, horizon=1, **data)
    return read_series(open_source(spec), "train", spec)


@pytest.mark.data
def test_airline_months(data_folder: Path) -> None:
    path = data_folder / "classic_ts" / "airline-passengers.csv"
    found = read_file(path, timestamp="Month", values=["Passengers"], until="1958-12")
    assert found.frequency == Frequency("MS") and len(only(found)) == 120
    assert only(found).values[[0, -1]].tolist() == [112, 337]


@pytest.mark.data
def test_temperatures_lack_the_last_days_of_leap_years(data_folder: Path) -> None:
    path = data_folder / "classic_ts" / "daily-min-temperatures.csv"
    data = {"timestamp": "Date", "values": ["Temp"]}
    with pytest.raises(DataError, match="2 steps are missing.* 1984-12-31"):
        read_file(path, **data)
    with pytest.warns(DataWarning, match="2 steps are missing"):
        assert len(only(read_file(path, **data, gaps="interpolate"))) == 3652


@pytest.mark.data
def test_pollution_has_its_date_in_four_columns(data_folder: Path) -> None:
    path = data_folder / "classic_ts" / "pollution.csv.gz"
    with pytest.raises(DataError, match="Make one column of year, month, day, hour"):
        read_file(path, values=["pm2.5"])
    with pytest.warns(DataWarning, match="2,043 values are missing; 24 steps before"):
        found = read_file(
            path, values=["pm2.5"], timestamp=None, gaps="interpolate", past=["TEMP"]
        )
    assert only(found).past.shape == (43_800, 1)


@pytest.mark.data
def test_hourly_competition_series(data_folder: Path) -> None:
    path = data_folder / "m4" / "Hourly-train.csv.gz"
    found = read_file(path, layout="rows", timestamp=None, id="V1")
    lengths = [len(one) for one in found.series]
    assert found.ids[0] == "H1" and len(lengths) == 414
    assert (min(lengths), max(lengths)) == (700, 960)
    assert found.series[0].values[:3].tolist() == [605, 586, 586]


@pytest.mark.data
def test_transformer_temperatures(data_folder: Path) -> None:
    path = data_folder / "ett" / "ETTh1.csv.gz"
    found = read_file(path, layout="wide", timestamp="date")
    assert found.frequency == Frequency("h") and len(found.series) == 7
    assert {len(one) for one in found.series} == {17_420}
    assert found.ids[-1] == "OT"

"""Timestamps in the graph, against pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.frequency import Frequency
from seqkit.layers.forecast.calendar import (
    PERIODS,
    StepOrdinal,
    WindowCalendar,
    calendar_features,
    calendar_fields,
    civil_from_days,
    days_from_civil,
    parse_timestamps,
    stamps_around,
    step_ordinals,
)

# Every day of two centuries, each at another time of the day.
DAYS = pd.date_range("1900-01-01", "2100-12-31", freq="D")
STAMPS = DAYS + pd.to_timedelta(np.arange(len(DAYS)) * 4567 % 86_400, unit="s")
SECONDS = STAMPS.to_numpy().astype("datetime64[s]").astype(np.int64)
ALIASES = [
    *("h", "15min", "30s", "D", "W-SUN", "W-WED", "B", "MS", "ME", "2ME", "3MS"),
    *("QS-FEB", "QE-DEC", "YS-JAN", "YE-JUN", "BME", "3BME", "BMS"),
    *("SMS-15", "SMS-7", "SME-15", "SME-1"),
]
TRACED = tf.function(parse_timestamps)


def seconds(text: str | list[str]) -> Any:
    return parse_timestamps(tf.constant(text)).numpy()


def test_dates_and_days_turn_into_each_other_as_pandas_counts_them() -> None:
    days = DAYS.to_numpy().astype("datetime64[D]").astype(np.int64)
    dates = (DAYS.year, DAYS.month, DAYS.day)
    year, month, day = (np.asarray(part, np.int64) for part in dates)
    assert np.array_equal(days_from_civil(year, month, day), days)
    for found, truth in zip(civil_from_days(days), (year, month, day), strict=True):
        assert np.array_equal(found, truth)


def test_every_feature_is_that_of_pandas() -> None:
    fields = calendar_fields(tf.constant(SECONDS))
    truth = {
        "minute": STAMPS.minute,
        "hour": STAMPS.hour,
        "day_of_week": STAMPS.day_of_week,
        "day_of_month": STAMPS.day - 1,
        "day_of_year": STAMPS.day_of_year - 1,
        "week_of_year": STAMPS.isocalendar().week - 1,
        "month": STAMPS.month - 1,
        "quarter": STAMPS.quarter - 1,
    }
    assert fields.keys() == truth.keys() == PERIODS.keys()
    for name, values in truth.items():
        assert np.array_equal(fields[name].numpy(), values.to_numpy(np.int64)), name


def test_timestamps_are_read_as_pandas_reads_them() -> None:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        assert np.array_equal(seconds(list(STAMPS.strftime(form))), SECONDS)
    to_minute, to_day = SECONDS // 60 * 60, SECONDS // 86_400 * 86_400
    assert np.array_equal(seconds(list(STAMPS.strftime("%Y-%m-%d %H:%M"))), to_minute)
    assert np.array_equal(seconds(list(STAMPS.strftime("%Y-%m-%d"))), to_day)


def test_a_month_alone_is_its_first_day_and_any_shape_will_do() -> None:
    march = pd.Timestamp("2024-03-01").value // 10**9
    assert seconds("2024-03") == march
    text = tf.constant([["2024-03", "1970-01"]])
    assert parse_timestamps(text).numpy().tolist() == [[march, 0]]


@pytest.mark.parametrize(
    "text",
    [
        *("", "2024", "2024-2-3", "20240203", "2024-02-03 12", "02/03/2024", "now"),
        *("2023-02-29", "2024-13-01", "2024-00-01", "2024-04-31", "2024-01-00"),
        *("2024-02-03 24:00", "2024-02-03 12:60", "2024-02-03 12:00:60"),
        *("2024-02-03 12:00:00Z", "2024-02-03 12:00:00.5", " 2024-02-03"),
    ],
)
def test_what_is_no_timestamp_is_refused_by_one_sentence(text: str) -> None:
    for parse in (parse_timestamps, TRACED):
        with pytest.raises(tf.errors.InvalidArgumentError, match="must be a date as"):
            parse(tf.constant(["2024-02-29", text]))


@pytest.mark.parametrize("alias", ALIASES)
def test_steps_around_a_stamp_are_those_of_pandas(alias: str) -> None:
    frequency = Frequency.of(alias)
    stamps = pd.date_range("1967-12-03 00:00", periods=400, freq=alias)
    truth = stamps.to_numpy().astype("datetime64[s]").astype(np.int64)
    ends = np.arange(9, 390, 7)
    around = stamps_around(tf.constant(truth[ends]), frequency, 10, 6).numpy()
    assert np.array_equal(around, truth[ends[:, np.newaxis] + np.arange(-9, 7)])


@pytest.mark.parametrize("alias", ALIASES)
def test_ordinals_are_those_of_the_frequency_and_one_apart(alias: str) -> None:
    frequency = Frequency.of(alias)
    stamps = pd.date_range("1967-12-03 00:00", periods=400, freq=alias).to_numpy()
    stamps = stamps.astype("datetime64[s]")
    ordinals = step_ordinals(tf.constant(stamps.astype(np.int64)), frequency).numpy()
    assert np.array_equal(ordinals, frequency.ordinal(stamps))
    assert set(np.diff(ordinals)) == {1}


@pytest.mark.parametrize("alias", ["M-29", "M-30", "2M-30"])
def test_days_that_some_months_lack_are_those_of_the_frequency(alias: str) -> None:
    frequency = Frequency(alias)
    truth = frequency.stamps(np.datetime64("1967-12-" + alias[-2:] + "T06:30"), 400)
    ends = np.arange(9, 390, 7)
    last = tf.constant(truth[ends].astype(np.int64))
    around = stamps_around(last, frequency, 10, 6).numpy()
    wanted = truth[ends[:, np.newaxis] + np.arange(-9, 7)].astype(np.int64)
    assert np.array_equal(around, wanted)
    assert np.array_equal(
        step_ordinals(last, frequency), frequency.ordinal(truth[ends])
    )


@settings(max_examples=25)
@given(
    st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2100-12-31")),
    st.integers(-30, 30),
)
def test_month_ends_keep_their_time_of_day(stamp: Any, steps: int) -> None:
    last = pd.Timestamp(stamp).floor("s") + pd.offsets.MonthEnd(0)
    moved = last + pd.offsets.MonthEnd(steps) if steps else last
    before, after = max(1 - steps, 1), max(steps, 1)
    at = tf.constant([last.value // 10**9])
    around = stamps_around(at, Frequency.of("ME"), before, after).numpy()
    assert around[0, before - 1 + steps] == moved.value // 10**9


def test_features_are_sine_and_cosine_of_each_in_turn() -> None:
    stamps = np.array(["2024-01-01T06:00", "2024-10-01T18:00"], "datetime64[s]")
    features = calendar_features(stamps, ["hour", "month", "day_of_week"]).numpy()
    assert features.shape == (2, 6) and features.dtype == np.float32
    tuesday = 2 * np.pi / 7
    truth = [
        [1, 0, 0, 1, 0, 1],
        [-1, 0, -1, 0, np.sin(tuesday), np.cos(tuesday)],
    ]
    np.testing.assert_allclose(features, truth, atol=1e-7)


def test_features_offline_are_those_of_the_layer() -> None:
    layer = WindowCalendar("h", list(PERIODS), lookback=30, horizon=20)
    last = "2024-02-28 23:00:00"
    stamps = Frequency.of("h").stamps(np.datetime64("2024-02-27T18:00:00"), 50)
    offline = calendar_features(stamps, list(PERIODS)).numpy()
    assert np.array_equal(layer(tf.constant([last]))[0].numpy(), offline)


def test_layers_are_the_same_in_a_graph_and_after_saving(tmp_path: Path) -> None:
    stamp = keras.Input((), dtype="string", name="timestamp")
    features = WindowCalendar("ME", ["month", "quarter"], 5, 3)(stamp)
    outputs = {"features": features, "ordinal": StepOrdinal("ME")(stamp)}
    model = keras.Model({"timestamp": stamp}, outputs)
    model.save(tmp_path / "calendar.keras")
    again = keras.saving.load_model(tmp_path / "calendar.keras")
    text = tf.constant(["2024-02-29", "2023-12-31T00:00", "1969-01-31"])
    eager = WindowCalendar("ME", ["month", "quarter"], 5, 3)(text).numpy()
    graph = tf.function(again)({"timestamp": text})
    assert outputs["features"].shape == (None, 8, 4)
    assert np.array_equal(graph["features"].numpy(), eager)
    assert graph["ordinal"].numpy().tolist() == [54 * 12 + 1, 54 * 12 - 1, -12]

"""Timestamps in a graph: read, stepped on, counted, and turned into features.

All arithmetic is on int64 with operators alone, so NumPy arrays and tensors take the
same way. Seconds are counted from 1970-01-01 00:00:00, days from 1970-01-01, in the
Gregorian calendar and without time zones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqkit.frequency import Frequency

DAY = 86_400

PERIODS = {
    "minute": 60.0,
    "hour": 24.0,
    "day_of_week": 7.0,
    "day_of_month": 31.0,
    "day_of_year": 365.25,
    "week_of_year": 365.25 / 7,
    "month": 12.0,
    "quarter": 4.0,
}
"""Each feature and the number of its values after which it begins anew."""

_ISO = r"\d{4}-\d{2}(-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?)?"
_REST = "0001-01-01 00:00:00"
"""What a timestamp that breaks off goes on with, place by place."""


def days_from_civil(year: Any, month: Any, day: Any) -> Any:
    """Days since 1970-01-01 of a date.

    Howard Hinnant's days_from_civil, "chrono-Compatible Low-Level Date Algorithms":
    years begin in March, so that the leap day is the last.
    """
    year = year - (14 - month) // 12
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    leap_days = year_of_era // 4 - year_of_era // 100
    return era * 146_097 + year_of_era * 365 + leap_days + day_of_year - 719_468


def civil_from_days(days: Any) -> tuple[Any, Any, Any]:
    """Year, month and day of days since 1970-01-01 (Hinnant's civil_from_days)."""
    days = days + 719_468
    era = days // 146_097
    day_of_era = days - era * 146_097
    short = day_of_era // 1460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - short) // 365
    leap_days = year_of_era // 4 - year_of_era // 100
    day_of_year = day_of_era - (365 * year_of_era + leap_days)
    march_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * march_month + 2) // 5 + 1
    month = (march_month + 2) % 12 + 1
    return year_of_era + era * 400 + (14 - month) // 12, month, day


def parse_timestamps(text: tf.Tensor) -> tf.Tensor:
    """ISO timestamps, text of any shape, to seconds, int64.

    Takes ``2024-02``, ``2024-02-29``, ``2024-02-29 13:45`` and ``2024-02-29 13:45:59``,
    with a space or a ``T``. Anything else, and a date or time that is none, is an
    InvalidArgumentError.
    """
    text = tf.convert_to_tensor(text)
    written = tf.strings.regex_full_match(text, _ISO)
    readable = tf.where(written, text, "1970-01-01")
    # A "T" stands where the fixed places below pass over it.
    length = tf.strings.length(readable)
    rest = tf.strings.substr(tf.fill(tf.shape(text), _REST), length, 19 - length)
    whole = readable + rest

    def number(start: int, digits: int) -> tf.Tensor:
        return tf.strings.to_number(
            tf.strings.substr(whole, start, digits), out_type=tf.int64
        )

    date = number(0, 4), number(5, 2), number(8, 2)
    hour, minute, second = number(11, 2), number(14, 2), number(17, 2)
    days = days_from_civil(*date)
    there = (hour < 24) & (minute < 60) & (second < 60) & written
    for written_part, real_part in zip(date, civil_from_days(days), strict=True):
        there &= tf.equal(written_part, real_part)
    message = (
        "A timestamp must be a date as 2024-02-29, 2024-02-29 13:45 or 2024-02. "
        "Write it so; got:"
    )
    wrong = tf.boolean_mask(tf.reshape(text, [-1]), tf.reshape(~there, [-1]))
    check = tf.debugging.Assert(tf.reduce_all(there), [message, wrong])
    with tf.control_dependencies([] if check is None else [check]):
        return days * DAY + hour * 3600 + minute * 60 + tf.identity(second)


def calendar_fields(seconds: Any) -> dict[str, Any]:
    """Each feature's value at ``seconds``, int64 of the same shape, counted from 0.

    Weeks begin on Monday; ``week_of_year`` is the ISO week.
    """
    days, rest = seconds // DAY, seconds % DAY
    year, month, day = civil_from_days(days)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    thursday = days - weekday + 3  # which says what year its week belongs to
    week_year, _, _ = civil_from_days(thursday)
    return {
        "minute": rest // 60 % 60,
        "hour": rest // 3600,
        "day_of_week": weekday,
        "day_of_month": day - 1,
        "day_of_year": days - days_from_civil(year, 1, 1),
        "week_of_year": (thursday - days_from_civil(week_year, 1, 1)) // 7,
        "month": month - 1,
        "quarter": (month - 1) // 3,
    }


def calendar_features(stamps: Any, names: Sequence[str]) -> Any:
    """Sine and cosine of each named feature over its period.

    Takes datetime64 or seconds as int64, of any shape; gives float32 of that shape and
    one axis more, (..., 2 * len(names)): the sine, then the cosine, of each name.
    """
    if isinstance(stamps, np.ndarray) and stamps.dtype.kind == "M":
        stamps = stamps.astype("datetime64[s]").astype(np.int64)
    fields = calendar_fields(ops.convert_to_tensor(stamps, dtype="int64"))
    pairs = []
    for name in names:
        angle = ops.cast(fields[name], "float64") * (2 * math.pi / PERIODS[name])
        pairs += [ops.sin(angle), ops.cos(angle)]
    return ops.cast(ops.stack(pairs, axis=-1), "float32")


def step_ordinals(seconds: Any, frequency: Frequency) -> Any:
    """Whole steps since 1970-01-01, int64, as ``Frequency.ordinal`` counts them."""
    if frequency.seconds:
        return seconds // frequency.seconds
    days = seconds // DAY
    if frequency.unit == "B":
        return _business_days(days)
    begin = 1970 * 12 * (1 + frequency.halves)
    return (_month_numbers(days, frequency) - begin) // _numbers_a_step(frequency)


def stamps_around(last: Any, frequency: Frequency, lookback: int, horizon: int) -> Any:
    """Seconds (batch, lookback + horizon) of the steps that end with, and follow, last.

    ``last`` (batch,) are the seconds of each window's last value. Frequencies that name
    a day of the month stay there: its last, its last business day, its 15th; others
    keep the day, or the month's last if it is short.
    """
    steps = np.arange(1 - lookback, horizon + 1)
    last = last[:, np.newaxis]
    if frequency.seconds:
        return last + steps * frequency.seconds
    days, rest = last // DAY, last % DAY
    if frequency.unit == "B":
        return _days_of_business(_business_days(days) + steps) * DAY + rest
    numbers = _month_numbers(days, frequency) + steps * _numbers_a_step(frequency)
    return _days_of_months(numbers, days, frequency) * DAY + rest


def _numbers_a_step(frequency: Frequency) -> int:
    return frequency.months or frequency.halves


def _month_numbers(days: Any, frequency: Frequency) -> Any:
    """Months since the year 0; half months where these are the frequency's steps."""
    year, month, day = civil_from_days(days)
    numbers = year * 12 + month - 1
    if not frequency.halves:
        return numbers
    # The second half begins with the day of SMS, or after that of SME.
    begin = frequency.day + (frequency.unit == "SME")
    return numbers * 2 + (day + 31 - begin) // 31


def _days_of_months(numbers: Any, days: Any, frequency: Frequency) -> Any:
    """The day that the alias names in each month or half month.

    ``MS``, ``QS`` and ``YS`` name that of ``days``, or the last of a short month.
    """
    unit, month_day = frequency.unit, frequency.day
    count = numbers // (1 + frequency.halves)
    first = days_from_civil(count // 12, count % 12 + 1, 1)
    after = count + 1
    length = days_from_civil(after // 12, after % 12 + 1, 1) - first
    if at_month_end(frequency):
        return first + length - 1
    if unit == "BME":
        last = first + length - 1
        weekday = (last + 3) % 7
        return last - weekday // 5 * (weekday - 4)
    if unit == "BMS":
        weekday = (first + 3) % 7
        return first + weekday // 5 * (7 - weekday)
    if unit == "M":
        return first + ops.minimum(month_day, length) - 1
    second = numbers % 2
    if unit == "SMS":
        return first + second * (month_day - 1)
    if unit == "SME":
        return first + month_day - 1 + second * (length - month_day)
    _, _, day = civil_from_days(days)
    return first + ops.minimum(day - 1 + 0 * count, length - 1)


def at_month_end(frequency: Frequency) -> bool:
    """Whether steps are the last days of months: ME, QE-DEC, YE-DEC."""
    return frequency.unit in ("ME", "QE", "YE")


def _business_days(days: Any) -> Any:
    """Mondays to Fridays from 1970-01-01 to a day, which is one of them."""
    since_monday = days + 3  # from 1969-12-29
    return since_monday // 7 * 5 + since_monday % 7 - 3


def _days_of_business(business: Any) -> Any:
    since_monday = business + 3
    return since_monday // 5 * 7 + since_monday % 5 - 3


class _StampLayer(keras.layers.Layer):
    """Takes the timestamps, text (batch,), of windows' last values."""

    def __init__(self, frequency: str, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "autocast": False})
        self.frequency = frequency
        self._step = Frequency.of(frequency)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "frequency": self.frequency}


@keras.saving.register_keras_serializable("seqkit")
class StepOrdinal(_StampLayer):
    """Timestamps, text (batch,), to their ordinals (batch,), int64.

    Args:
        frequency: the step's alias, e.g. ``h``.
    """

    def call(self, timestamps: Any) -> Any:
        return step_ordinals(parse_timestamps(timestamps), self._step)

    def compute_output_spec(self, timestamps: Any) -> keras.KerasTensor:
        return keras.KerasTensor((timestamps.shape[0],), dtype="int64")


@keras.saving.register_keras_serializable("seqkit")
class WindowCalendar(_StampLayer):
    """Calendar features of a window's steps and of its horizon's.

    Takes the timestamps of the windows' last values, text (batch,); gives float32
    (batch, lookback + horizon, 2 * len(names)), see ``calendar_features``.

    Args:
        frequency: the step's alias, e.g. ``h``.
        names: features, keys of ``PERIODS``.
        lookback: steps of the window.
        horizon: steps to forecast.
    """

    def __init__(
        self,
        frequency: str,
        names: Sequence[str],
        lookback: int,
        horizon: int,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("name", "window_calendar")
        super().__init__(frequency, **kwargs)
        self.names = list(names)
        self.lookback = lookback
        self.horizon = horizon

    def call(self, timestamps: Any) -> Any:
        seconds = parse_timestamps(timestamps)
        stamps = stamps_around(seconds, self._step, self.lookback, self.horizon)
        return calendar_features(stamps, self.names)

    def compute_output_spec(self, timestamps: Any) -> keras.KerasTensor:
        steps = self.lookback + self.horizon
        shape = (timestamps.shape[0], steps, 2 * len(self.names))
        return keras.KerasTensor(shape, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "names": self.names,
            "lookback": self.lookback,
            "horizon": self.horizon,
        }

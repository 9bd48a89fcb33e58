"""Steps of time: found, counted and written as timestamps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data.forecast.frequency_finding import find_frequency
from seqkit.errors import UnknownNameError
from seqkit.frequency import Frequency, Stamps

ALIASES = ["s", "15min", "h", "6h", "D", "2D", "B", "W-SUN", "W-WED", "2W-MON"]
ALIASES += ["MS", "ME", "2MS", "QS-JAN", "QS-FEB", "QE-DEC", "QE-OCT"]
ALIASES += ["YS-JAN", "YS-JUL", "YE-DEC", "YE-JUN"]
ALIASES += ["BME", "BMS", "3BME", "SMS-15", "SMS-7", "SME-15", "SME-20"]


def of_pandas(alias: str, periods: int = 40, start: str = "1969-11-02") -> Stamps:
    index = pd.date_range(start, periods=periods, freq=alias)
    return index.to_numpy().astype("datetime64[s]")


def of_text(*texts: str) -> Stamps:
    return np.array(texts, "datetime64[s]")


@pytest.mark.parametrize("alias", ALIASES)
def test_stamps_are_those_of_pandas(alias: str) -> None:
    stamps = of_pandas(alias)
    np.testing.assert_array_equal(Frequency(alias).stamps(stamps[0], 40), stamps)


@pytest.mark.parametrize("alias", ALIASES)
def test_step_of_pandas_ranges_is_found(alias: str) -> None:
    assert find_frequency(of_pandas(alias)) == Frequency(alias)


@pytest.mark.parametrize("alias", ALIASES)
def test_neighbours_have_neighbouring_ordinals(alias: str) -> None:
    ordinals = Frequency(alias).ordinal(of_pandas(alias))
    assert (np.diff(ordinals) == 1).all()


@pytest.mark.parametrize("alias", ALIASES)
def test_offset_is_one_for_all_stamps_of_a_grid(alias: str) -> None:
    offsets = Frequency(alias).offset(of_pandas(alias))
    assert (offsets == offsets[0]).all() and offsets[0] >= 0


@given(
    alias=st.sampled_from(ALIASES),
    start=st.integers(-3 * 10**9, 6 * 10**9),
    steps=st.integers(2, 50),
)
def test_ordinals_follow_stamps_from_any_start(
    alias: str, start: int, steps: int
) -> None:
    frequency = Frequency(alias)
    first = np.datetime64(start, "s")
    if frequency.offset(np.array([first]))[0] < 0:
        first = of_pandas(alias, 1, str(first.astype("datetime64[D]")))[0]
    stamps = frequency.stamps(first, steps)
    assert stamps[0] == first and len(stamps) == steps
    assert (np.diff(frequency.ordinal(stamps)) == 1).all()
    assert len(set(frequency.offset(stamps).tolist())) == 1


@pytest.mark.parametrize(
    ("alias", "stamp", "ordinal"),
    [
        ("h", "1970-01-02T03:59:59", 27),
        ("h", "1969-12-31T23:30", -1),
        ("15min", "1970-01-01T01:00", 4),
        ("MS", "1971-03-01", 14),
        ("ME", "1971-03-31", 14),
        ("QS-JAN", "1972-04-01", 9),
        ("YS-JAN", "1949-01-01", -21),
        ("B", "1970-01-01", 0),
        ("B", "1970-01-05", 2),
        ("BME", "1971-02-26", 13),
        ("M-30", "1971-02-28", 13),
        ("SMS-15", "1970-02-14", 2),
        ("SMS-15", "1970-02-15", 3),
        ("SME-10", "1970-02-10", 2),
        ("SME-10", "1970-02-28", 3),
    ],
)
def test_ordinal_counts_from_1970(alias: str, stamp: str, ordinal: int) -> None:
    assert Frequency(alias).ordinal(of_text(stamp)).tolist() == [ordinal]


@pytest.mark.parametrize(
    ("alias", "seasons"),
    [
        ("s", (60, 3600)),
        ("15min", (96, 672)),
        ("30min", (48, 336)),
        ("h", (24, 168)),
        ("6h", (4, 28)),
        ("7h", (24,)),
        ("D", (7,)),
        ("2D", ()),
        ("B", (5,)),
        ("W-SUN", (52,)),
        ("MS", (12,)),
        ("ME", (12,)),
        ("QS-JAN", (4,)),
        ("YS-JAN", ()),
        ("BME", (12,)),
        ("3M-30", (4,)),
        ("SMS-15", (24,)),
    ],
)
def test_usual_seasons(alias: str, seasons: tuple[int, ...]) -> None:
    assert Frequency(alias).seasons() == seasons


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("60min", "h"),
        ("24h", "D"),
        ("90s", "90s"),
        ("1D", "D"),
        ("W", "W-SUN"),
        ("QS", "QS-JAN"),
        ("YE", "YE-DEC"),
        ("3MS", "3MS"),
        ("SMS", "SMS-15"),
        ("SME", "SME-15"),
        ("1M-30", "M-30"),
    ],
)
def test_alias_is_made_plain(given: str, plain: str) -> None:
    assert Frequency.of(given) == Frequency(plain)


NO_ALIASES = ["", "H", "hourly", "0h", "2B", "W-ABC", "D-MON", "M", "M-31", "SMS-28"]
NO_ALIASES += ["2SMS", "BME-30", "MS-30"]


@pytest.mark.parametrize("alias", NO_ALIASES)
def test_unknown_alias_is_refused(alias: str) -> None:
    with pytest.raises(UnknownNameError, match="No frequency .* Known: s, min, h"):
        Frequency(alias)


def test_names_read_well() -> None:
    names = [Frequency(a).name for a in ("h", "ME", "QS-JAN", "B", "15min")]
    assert names == ["hours", "months", "quarters", "business days"] + [
        "steps of 15 minutes"
    ]
    names = [Frequency(a).name for a in ("BME", "M-30", "SMS-15", "2M-30")]
    assert names == ["months", "months", "half months", "steps of 2 months"]


def test_months_and_seconds_exclude_each_other() -> None:
    found = [
        (Frequency(a).months, Frequency(a).seconds)
        for a in ("MS", "QE-DEC", "YS-JAN", "15min", "W-SUN", "B")
    ]
    assert found == [(1, 0), (3, 0), (12, 0), (0, 900), (0, 604800), (0, 0)]


# Finding


@pytest.mark.parametrize("few", [of_text(), of_text("2020-01-01", "2020-01-01")])
def test_fewer_than_two_stamps_have_no_frequency(few: Stamps) -> None:
    assert find_frequency(few) is None


def test_most_common_step_counts_in_any_order() -> None:
    stamps = of_pandas("h", 30)[[*range(3), *range(5, 9), 12, *range(20, 30)]]
    assert find_frequency(stamps[::-1]) == Frequency("h")


def test_a_week_without_its_end_is_days() -> None:
    week = of_pandas("D", 5, "2024-01-01")
    assert find_frequency(week) == Frequency("D")
    weeks = of_pandas("B", 15, "2024-01-01")
    assert find_frequency(np.delete(weeks, [3, 7])) == Frequency("B")


def test_gaps_do_not_hide_months() -> None:
    months = np.delete(of_pandas("MS", 36), [2, 3, 9, 20])
    assert find_frequency(months) == Frequency("MS")
    ends = np.delete(of_pandas("ME", 36), [2, 3, 9, 20])
    assert find_frequency(ends) == Frequency("ME")


def test_middles_of_months_keep_their_day() -> None:
    middles = of_text("2020-01-15T12", "2020-02-15T12", "2020-03-15T12")
    assert find_frequency(middles) == Frequency("MS")
    np.testing.assert_array_equal(Frequency("MS").stamps(middles[0], 3), middles)


def test_four_weeks_are_no_month() -> None:
    assert find_frequency(of_pandas("4W-TUE", 20)) == Frequency("4W-TUE")


@pytest.mark.parametrize(
    ("alias", "wrong"),
    [
        ("B", "2024-01-06"),
        ("W-SUN", "2024-01-08"),
        ("QS-JAN", "2024-02-01"),
        ("YE-DEC", "2024-06-30"),
        ("ME", "2024-01-30"),
        ("MS", "2024-01-29"),
        ("M-30", "2024-01-29"),
        ("M-30", "2024-02-28"),
        ("BME", "2024-03-31"),
        ("BMS", "2024-06-01"),
        ("SMS-15", "2024-01-16"),
        ("SME-15", "2024-01-30"),
    ],
)
def test_stamp_elsewhere_than_its_alias_says_has_no_offset(
    alias: str, wrong: str
) -> None:
    assert Frequency(alias).offset(of_text(wrong)).tolist() == [-1]


def test_day_30_is_the_last_of_a_shorter_month() -> None:
    stamps = of_text("2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30")
    np.testing.assert_array_equal(Frequency("M-30").stamps(stamps[0], 4), stamps)
    np.testing.assert_array_equal(Frequency("M-30").stamps(stamps[1], 3), stamps[1:])
    assert find_frequency(stamps) == Frequency("M-30")
    assert find_frequency(np.delete(Frequency("M-29").stamps(stamps[1], 30), 4)) == (
        Frequency("M-29")
    )


@pytest.mark.parametrize("alias", ["BME", "SMS-15", "SME-10", "M-30"])
def test_gaps_do_not_hide_days_of_the_month(alias: str) -> None:
    start = {"BME": "2001-01-31", "SME-10": "2001-01-10", "M-30": "2001-01-30"}
    first = np.datetime64(start.get(alias, "2001-01-01"))
    stamps = Frequency(alias).stamps(first, 48)
    assert find_frequency(np.delete(stamps, [2, 9, 20])) == Frequency(alias)


@pytest.mark.parametrize("alias", ["2W-THU", "15D", "29D", "30D", "31D"])
@pytest.mark.parametrize("start", ["2001-01-01", "2020-01-29", "2020-01-30"])
@pytest.mark.parametrize("periods", [6, 40])
def test_even_steps_are_no_days_of_the_month(
    alias: str, start: str, periods: int
) -> None:
    assert find_frequency(of_pandas(alias, periods, start)) == Frequency(alias)

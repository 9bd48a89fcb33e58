"""sample:dates: every written date has one reading, and is the same everywhere."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import pandas as pd
import pytest

from seqkit.data.sources.sample_dates import (
    FIRST_YEAR,
    TABLE,
    YEARS,
    dates,
    forms_by_locale,
    written,
)


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return dates()


def days(first: int, years: int) -> list[date]:
    start = date(first, 1, 1)
    count = (date(first + years, 1, 1) - start).days
    return [start + timedelta(day) for day in range(count)]


def test_no_date_is_in_both_parts(frames: dict[str, pd.DataFrame]) -> None:
    train, test = (set(frames[part]["output"]) for part in ("train", "test"))
    assert [len(frame) for frame in frames.values()] == [40_000, 4_000]
    assert not train & test
    years = {date.fromisoformat(day).year for day in train | test}
    assert years == set(range(FIRST_YEAR, FIRST_YEAR + YEARS))


def test_no_input_has_two_answers(frames: dict[str, pd.DataFrame]) -> None:
    rows = pd.concat(frames)
    assert (rows.groupby("input")["output"].nunique() == 1).all()


def test_all_locales_and_forms_are_drawn(frames: dict[str, pd.DataFrame]) -> None:
    shares = frames["train"]["locale"].value_counts(normalize=True)
    languages = forms_by_locale()
    assert set(shares.index) == set(languages) and len(languages) == 50
    # Each has 1 of 50: five standard deviations of 40,000 draws.
    assert abs(shares - 0.02).max() < 0.0035
    german = frames["train"].query("locale == 'de'")["input"]
    assert set(german.str.contains("de: ")) == {True, False}
    names = languages["de"]["names"]["MMMM"]
    assert names[1] == "Februar" and german.str.contains("Februar").any()


def test_babel_writes_the_same(frames: dict[str, pd.DataFrame]) -> None:
    babel = pytest.importorskip("babel.dates")
    for text, day, locale in frames["test"][:300].itertuples(index=False):
        theirs = {
            babel.format_date(date.fromisoformat(day), width, locale=locale)
            for width in ("short", "medium", "long", "full")
        }
        assert text.removeprefix(f"{locale}: ") in theirs


def test_rows_are_the_same_on_every_machine(frames: dict[str, pd.DataFrame]) -> None:
    text = "".join(f.to_csv(index=False, lineterminator="\n") for f in frames.values())
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "febc2fc6d13ca75c"


def test_the_table_holds_the_notice_of_its_licence() -> None:
    table = json.loads(TABLE.read_text("utf-8"))
    assert "CLDR" in table["source"]
    assert any("UNICODE LICENSE" in line.upper() for line in table["licence"])


@pytest.mark.slow
def test_no_form_of_any_date_has_two_readings() -> None:
    plain: dict[str, date] = {}
    for locale, own in forms_by_locale().items():
        behind_a_locale: dict[str, date] = {}
        for form in own["forms"]:
            is_plain = not form.startswith("{locale}: ")
            assert not (is_plain and "{yy}" in form)
            # In 28 years every day of the year falls on every day of the week, and the
            # year is written in full where no locale stands before it.
            span = days(1990, 28) if is_plain else days(FIRST_YEAR, YEARS)
            readings = plain if is_plain else behind_a_locale
            for day in span:
                text = written(day, form, locale, own["names"])
                assert readings.setdefault(text, day) == day, text

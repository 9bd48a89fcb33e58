"""The index of a DataFrame: which of its levels are columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqkit.data.forecast.frames import read_series as read_forecast
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.series.rows import read_series, value_columns
from seqkit.data.series.spec import LabelledSeries
from seqkit.data.sources.frame import FrameSource
from seqkit.data.sources.given import given_source
from seqkit.errors import DataWarning
from seqkit.frequency import Frequency

LONG = LabelledSeries(source="frame", layout="long", id="sid")
VALUES = np.random.default_rng(0).normal(size=20)
STEPS = pd.DataFrame(
    {
        "sid": np.repeat(range(4), 5),
        "t": [*range(5)] * 4,
        "x": VALUES,
        "label": np.repeat(["up", "down"] * 2, 5),
    }
)


@pytest.mark.parametrize("kind", [int, str, float, "category"])
def test_levels_of_any_type_are_columns(kind: str) -> None:
    frame = STEPS.astype({"sid": kind}).set_index(["sid", "t"])
    source = given_source(frame, LONG)
    assert source.columns() == ("sid", "t", "x", "label")
    with pytest.warns(DataWarning, match="read from x; left out: t "):
        columns = value_columns(source, LONG, "label")
    chunks = list(read_series(source, "train", LONG, columns, "label"))
    series = [one[:, 0] for rows in chunks for one in rows.inputs]
    np.testing.assert_allclose(series, VALUES.reshape(4, 5), rtol=1e-6)
    assert sum((rows.answers for rows in chunks), []) == ["up", "down"] * 2


def test_an_index_that_a_recipe_names_is_a_column() -> None:
    frame = STEPS.drop(columns="t").set_index("sid")
    assert given_source(frame, LONG).columns() == ("sid", "x", "label")
    other = LabelledSeries(source="frame", label="kind")
    assert given_source(frame, other).columns() == ("x", "label")
    kinds = STEPS.set_index("label").rename_axis("kind")
    assert "kind" in given_source(kinds, other).columns()


def test_years_in_the_index_are_timestamps() -> None:
    frame = pd.DataFrame({"value": VALUES}, index=pd.RangeIndex(1990, 2010))
    spec = ForecastData(source="frame", timestamp="year", lookback=1, horizon=1)
    found = read_forecast(given_source(frame.rename_axis("year"), spec), "train", spec)
    assert found.frequency == Frequency("YS-JAN")


def test_an_index_without_a_name_plays_no_part() -> None:
    for index in (pd.RangeIndex(20), pd.Index(range(7, 27)), pd.Index([0] * 20)):
        frame = STEPS.set_axis(index)
        assert given_source(frame, LONG).columns() == tuple(STEPS.columns)
    named = STEPS.rename_axis("row")
    assert given_source(named, LONG).columns() == tuple(STEPS.columns)
    nameless = STEPS.set_index(["sid", "t"]).rename_axis([None, None])
    assert FrameSource(nameless).columns() == ("x", "label")


def test_a_column_goes_before_a_level_of_its_name() -> None:
    frame = STEPS.set_index(["sid", "t"], drop=False)
    assert given_source(frame, LONG).columns() == tuple(STEPS.columns)
    days = STEPS.set_index(pd.date_range("2020-01-01", periods=20))
    assert FrameSource(days).columns() == ("timestamp", *STEPS.columns)

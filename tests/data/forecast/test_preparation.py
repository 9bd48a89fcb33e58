"""Parameters of series from their training time alone, against other libraries."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data.forecast.preparation import (
    fit_tables,
    prepared,
    season_lengths,
    whole_and_added,
)
from seqkit.data.forecast.series import Series
from seqkit.data.forecast.spec import ForecastData
from seqkit.errors import DataError
from seqkit.frequency import Frequency
from seqkit.layers.forecast.formulas import SeriesTables

HOURS = Frequency.of("h")
START = np.datetime64("2024-03-01T05:00:00")


def levels(*args: Any) -> Any:
    """What is left of a series' transformed values without trend and seasons."""
    whole, added = whole_and_added(*args)
    return whole - added


def series(values: Any, name: str = "one", start: Any = START) -> Series:
    values = np.asarray(values, np.float64)
    nothing = np.zeros((len(values), 0))
    return Series(name, values, start, nothing, nothing)


def spec(**keys: Any) -> ForecastData:
    return ForecastData(source="frame", **{"lookback": 12, "horizon": 4, **keys})


def wavy(steps: int = 80, seed: int = 0) -> np.ndarray[Any, Any]:
    """Positive, with a trend and a season of 6."""
    step = np.arange(steps)
    noise = np.random.default_rng(seed).normal(size=steps)
    return 50 + 0.3 * step + 5 * np.sin(2 * np.pi * step / 6) + noise


def fitted(values: Any, end: int, **keys: Any) -> SeriesTables:
    return fit_tables([series(values)], [end], spec(**keys), HOURS)


@pytest.mark.parametrize(
    ("scale", "center", "unit"),
    [
        ("none", 0.0, 1.0),
        ("standard", 3.0, np.sqrt(3.5)),
        ("minmax", 1.0, 5.0),
        ("mean", 0.0, 3.0),
    ],
)
def test_scaling_by_hand(scale: str, center: float, unit: float) -> None:
    tables = fitted([1, 2, 3, 6, 900, -900], 4, scale=scale)
    assert tables.center.tolist() == [center]
    np.testing.assert_allclose(tables.unit, [unit], rtol=1e-15)


def test_scale_is_that_of_the_differences() -> None:
    values = [1.0, 2.0, 4.0, 8.0, 3.0]
    tables = fitted(values, 5, difference=1, scale="mean")
    assert tables.unit.tolist() == [(1 + 2 + 4 + 5) / 4]
    one = series(values)
    steps = prepared(one, 0, tables, spec(difference=1, scale="mean"), HOURS)
    assert steps.dtype == np.float32
    np.testing.assert_allclose(steps, np.array([1, 2, 4, -5]) / 3)


def test_box_cox_lambda_is_scipys_where_it_lies_inside_the_bounds() -> None:
    values = np.random.default_rng(1).lognormal(2.0, 0.4, size=200)
    tables = fitted(np.append(values, 1e9), 200, transform="box_cox")
    assert tables.lam[0] == pytest.approx(scipy.stats.boxcox(values)[1], abs=1e-6)
    x = levels(series(values), 0, tables, spec(transform="box_cox"), HOURS)
    np.testing.assert_allclose(
        x, scipy.stats.boxcox(values, tables.lam[0]), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize(("likeliest", "bound"), [(-8.0, -1.0), (8.0, 2.0)])
def test_box_cox_lambda_stays_between_its_bounds(
    likeliest: float, bound: float
) -> None:
    values = np.random.default_rng(2).normal(10, 1, size=300) ** (1 / likeliest)
    assert abs(scipy.stats.boxcox(values)[1]) > 3
    found = fitted(values, 300, transform="box_cox").lam[0]
    assert found == pytest.approx(bound, abs=1e-6)


def test_mstl_finds_a_known_season_and_line_and_takes_them_off() -> None:
    step = np.arange(96)
    pattern = np.array([4.0, 1.0, -2.0, -5.0, 0.0, 2.0])
    values = 10 + 0.5 * step + pattern[step % 6]
    keys: dict[str, Any] = {"decompose": "seasons_and_trend", "seasons": [6]}
    tables = fitted(values, 90, scale="none", **keys)
    first = int(HOURS.ordinal(np.array([START]))[0])
    found = tables.patterns[6][0][(first + step[:6]) % 6]
    np.testing.assert_allclose(found, pattern, atol=1e-6)
    np.testing.assert_allclose(tables.trend[0, 1], 0.5, atol=1e-6)
    x = levels(series(values), 0, tables, spec(scale="none", **keys), HOURS)
    np.testing.assert_allclose(x, 0, atol=1e-6)


def test_without_trend_the_seasons_alone_come_off() -> None:
    keys: dict[str, Any] = {"decompose": "seasons", "seasons": [6, 12]}
    values = wavy(60)
    tables = fitted(values, 60, **keys)
    assert not tables.trend.any()
    assert [rows.shape for rows in tables.patterns.values()] == [(1, 6), (1, 12)]
    x = levels(series(values), 0, tables, spec(**keys), HOURS)
    ordinals = HOURS.ordinal(HOURS.stamps(START, 60))
    added = sum(rows[0][ordinals % s] for s, rows in tables.patterns.items())
    np.testing.assert_allclose(x + added, values, rtol=1e-13)


OPTIONS = st.fixed_dictionaries(
    {
        "transform": st.sampled_from(["none", "log", "log1p", "box_cox"]),
        "difference": st.integers(0, 2),
        "seasonal_difference": st.sampled_from([0, 1, 3, 6]),
        "scale": st.sampled_from(["none", "standard", "minmax", "mean"]),
        "decompose": st.sampled_from(["none", "seasons", "seasons_and_trend"]),
    }
)


@settings(max_examples=20)
@given(OPTIONS, st.integers(0, 2**32 - 1))
def test_values_after_the_training_time_change_no_parameter(
    options: dict[str, Any], seed: int
) -> None:
    values, other = wavy(60), wavy(60)
    other[45:] = np.random.default_rng(seed).uniform(0.1, 1e6, size=15)
    one, two = (fitted(v, 45, seasons=[6], **options) for v in (values, other))
    assert one.to_dict() == two.to_dict()


def test_tables_come_back_exactly_from_json() -> None:
    keys: dict[str, Any] = {"transform": "box_cox", "decompose": "seasons_and_trend"}
    both = [series(wavy(), "one"), series(wavy(seed=4), "zw\u00f6lf")]
    tables = fit_tables(both, [70, 60], spec(seasons=[6, 8], **keys), HOURS)
    again = SeriesTables.from_dict(json.loads(json.dumps(tables.to_dict())))
    assert again.ids == ("one", "zw\u00f6lf")
    for name in ("center", "unit", "lam", "trend"):
        assert np.array_equal(getattr(again, name), getattr(tables, name))
    assert again.patterns.keys() == tables.patterns.keys() == {6, 8}
    for season, rows in tables.patterns.items():
        assert np.array_equal(again.patterns[season], rows)


def test_seasons_are_the_recipes_else_the_frequencys() -> None:
    assert season_lengths(spec(), HOURS) == (24, 168)
    assert season_lengths(spec(seasons=[12]), HOURS) == (12,)
    assert season_lengths(spec(seasons=[]), HOURS) == ()
    assert season_lengths(spec(), None) == ()


@pytest.mark.parametrize("transform", ["log", "box_cox"])
def test_log_needs_positive_values_at_every_time(transform: str) -> None:
    values = wavy(40)
    values[20] = -2.5
    with pytest.raises(DataError, match=r"'one' holds -2.5.*transform: .* above 0"):
        fitted(values, 30, transform=transform)
    tables = fitted(values, 15, transform=transform)
    with pytest.raises(DataError, match="'one' holds -2.5"):
        prepared(series(values), 0, tables, spec(transform=transform), HOURS)


def test_mstl_needs_two_seasons_and_says_how_many_steps() -> None:
    keys: dict[str, Any] = {"decompose": "seasons", "seasons": [6, 12]}
    with pytest.raises(DataError, match=r"'one' has 24 steps .* needs 25"):
        fitted(wavy(60), 24, **keys)
    assert fitted(wavy(60), 25, **keys).patterns.keys() == {6, 12}


def test_mstl_needs_a_season_and_timestamps() -> None:
    with pytest.raises(DataError, match="there are none for steps of hours"):
        fitted(wavy(60), 50, decompose="seasons", seasons=[])
    keys = spec(decompose="seasons", seasons=[6])
    with pytest.raises(DataError, match="'one' has no timestamps"):
        fit_tables([series(wavy(60), start=None)], [50], keys, HOURS)


@pytest.mark.parametrize("scale", ["standard", "minmax", "mean"])
@pytest.mark.parametrize(
    ("values", "difference"),
    [([0.1] * 30, 1), (0.1 * np.arange(30) + 1e5, 2), ([0.0] * 30, 0)],
)
def test_a_series_without_change_is_refused_or_kept(
    scale: str, values: Any, difference: int
) -> None:
    keys: dict[str, Any] = {"scale": scale, "difference": difference}
    with pytest.raises(DataError, match=f"'one' never changes.*data.scale: {scale} "):
        fitted(values, 20, **keys)
    assert fitted(values, 20, constant="keep", **keys).unit.tolist() == [1.0]
    assert fitted(values, 20, difference=difference, scale="none").unit == [1.0]


def test_a_training_time_shorter_than_the_differences_is_refused() -> None:
    with pytest.raises(DataError, match=r"'one' has 5 steps .* uses up 7"):
        fitted(wavy(60), 5, difference=1, seasonal_difference=6)

"""What recipes for forecasts are made of, by what the training time of series is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.errors import RecipeError
from seqkit.recipe.recipe import load_recipe
from seqkit.tasks.rules.forecast import ForecastRule
from seqkit.tasks.rules.series_shape import NaiveErrors
from seqkit.training.settled import Settled, settled

MIDDLE = ForecastRule.middle()
MONTHS = 144


def values(given: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    """What is chosen for the middling case, but for some of its facts."""
    rule = replace(MIDDLE, facts=replace(MIDDLE.facts, **facts))
    return {key: choice.value for key, choice in rule.choices(given or {}).items()}


def shaped(**shape: Any) -> dict[str, Any]:
    return {"shape": MIDDLE.facts.shape._replace(**shape)}


def monthly(seed: int = 0) -> pd.DataFrame:
    """Months that grow, with a season that grows with them."""
    steps = np.arange(MONTHS)
    noise = np.random.default_rng(seed).normal(size=MONTHS)
    season = 1 + 0.3 * np.sin(2 * np.pi * steps / 12) + 0.02 * noise
    stamps = pd.date_range("2001-01-01", periods=MONTHS, freq="MS")
    return pd.DataFrame({"month": stamps, "guests": 100 * 1.01**steps * season})


def settled_on(frame: pd.DataFrame, **keys: Any) -> Settled:
    overrides = {key.replace("__", "."): value for key, value in keys.items()}
    return settled(load_recipe("forecaster", overrides), frame)


def test_values_follow_from_the_series() -> None:
    made = settled_on(monthly())
    recipe, data = made.recipe, made.recipe.data
    assert recipe.auto == ()
    assert set(made.choices) == set(load_recipe("forecaster").auto)
    assert (data.timestamp, data.values, data.layout) == ("month", ("guests",), "long")
    assert (data.horizon, data.test, data.validation) == (12, 12, 24)
    assert (data.transform, data.decompose) == ("log1p", "seasons")
    assert recipe.model.wide == ("theta", "ridge")
    assert "1 series of 108 steps of training time" in made.facts


def test_time_held_out_has_no_say() -> None:
    frame, wild = monthly(), monthly()
    wild.loc[MONTHS - 36 :, "guests"] = np.linspace(-1e6, 1e6, 36) ** 3
    choices = settled_on(frame).choices
    assert settled_on(wild).choices == choices
    wild.loc[MONTHS - 37 :, "guests"] = -1.0
    assert settled_on(wild).choices != choices


def test_values_that_have_no_logarithm_are_read_as_they_are() -> None:
    grown = shaped(growth=1.0)
    assert values(**grown)["data.transform"] == "log1p"
    assert values(**grown, typical=0.5)["data.transform"] == "log"
    assert values(**grown, typical=0.5, least=0.0)["data.transform"] == "log1p"
    assert values(**grown, least=-1.0)["data.transform"] == "none"
    assert values(**grown, zeros=0.7)["data.transform"] == "none"
    assert values(**shaped(growth=0.2))["data.transform"] == "none"


def test_levels_that_wander_are_taken_off_each_window() -> None:
    norms = [values(**shaped(unit_root=s))["model.window_norm"] for s in (0.0, 1.0)]
    assert norms == ["standard", "last"]


def test_windows_hold_seasons_and_fit_into_the_training_time() -> None:
    assert values()["data.lookback"] == 36
    assert values({"data.horizon": 24})["data.lookback"] == 48
    few = values(steps=40, shortest=64)["data.lookback"]
    assert 12 < few + 12 <= 40
    hourly = {"seasons": (24, 168), "frequency": "h", "steps": 8000, "shortest": 9000}
    assert values(**hourly)["data.lookback"] >= 336
    assert values(**shaped(cycle=50), seasons=())["data.lookback"] >= 100


def test_many_windows_are_passed_over_but_no_hour_of_the_day() -> None:
    hourly = {"seasons": (24, 168), "frequency": "h", "steps": 90_000}
    stride = values(**hourly, shortest=99_000)["data.stride"]
    assert stride > 1 and np.gcd(stride, 168) == 1


def test_what_is_given_by_hand_goes_together_with_what_is_chosen() -> None:
    for keys in (
        {"data.seasonal_difference": 12},
        {"data.lookback": 5},
        {"model.strategy": "recursive"},
        {"model.output": "quantile"},
        {"data.timestamp": None},
        {"data.values": ["a", "b"]},
        {"data.layout": "rows"},
    ):
        assert set(keys).isdisjoint(load_recipe("forecaster", keys).auto)
    with pytest.raises(RecipeError, match=r"data\.horizon"):
        load_recipe("forecaster", {"data.horizon": "far"})


def test_theta_stands_beside_the_network_where_windows_are_long_enough() -> None:
    assert values()["model.wide"] == ("theta", "ridge")
    assert values({"data.lookback": 23})["model.wide"] == ("ridge",)
    weekly = {"seasons": (52,), "steps": 1000}
    assert values({"data.lookback": 156}, **weekly)["model.wide"] == ("ridge", "trees")
    assert values({"data.difference": 1})["model.wide"] == ()
    assert values({"model.output": "quantile"})["model.wide"] == ()


def test_training_begins_from_what_errs_the_least() -> None:
    def start(*errors: float) -> tuple[str, str]:
        chosen = values(errors=NaiveErrors(*errors))
        return chosen["model.highway_start"], chosen["model.window_norm"]

    assert start(1.2, 1.0, 1.5) == ("season", "last")
    assert start(1.0, 1.2, 1.5) == ("zeros", "last")
    assert start(1.2, 1.5, 1.0) == ("zeros", "standard")


def test_few_horizons_of_validation_time_move_no_point() -> None:
    assert not values(validation=36)["model.move_point"]
    assert values(validation=240)["model.move_point"]


def test_seasons_are_taken_off_short_dated_series_that_are_few() -> None:
    strong = shaped(season=0.9)
    assert values(**strong)["data.decompose"] == "seasons"
    assert values(**shaped(season=0.5))["data.decompose"] == "none"
    assert values(**strong, steps=5000)["data.decompose"] == "none"
    assert values(**strong, series=50)["data.decompose"] == "none"
    assert values({"data.timestamp": None}, **strong)["data.decompose"] == "none"


def test_fewer_minutes_are_fewer_epochs() -> None:
    long = {"steps": 50_000, "shortest": 60_000, "seasons": (24, 168)}
    epochs = [values({"train.minutes": m}, **long)["train.epochs"] for m in (0.5, 60)]
    assert 1 <= epochs[0] < epochs[1]


def test_gaps_are_filled_and_told() -> None:
    holed = monthly().drop(index=[20, 21])
    made = settled_on(holed)
    assert made.recipe.data.gaps == "interpolate"
    assert made.choices["data.gaps"].why == "2 steps lack a value"


def test_a_chosen_horizon_is_a_season_of_which_there_are_several() -> None:
    assert settled_on(monthly()[:60]).recipe.data.horizon == 3
    assert settled_on(monthly(), data__horizon=1).recipe.data.horizon == 1

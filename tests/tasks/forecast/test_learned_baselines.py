"""Ridge and trees of lags and covariates: what they learn, and that they keep it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_series import TINY_FORECAST, waves, with_covariates

from seqkit.data.forecast.covariates import Covariates
from seqkit.data.forecast.series import History, Series
from seqkit.data.sources.frame import FrameSource
from seqkit.recipe.recipe import load_recipe
from seqkit.tasks.base import Examples, load_baselines, save_baselines
from seqkit.tasks.baselines.tree_arrays import TreeArrays
from seqkit.tasks.forecast.baselines import (
    fit_baselines,
    older_baselines,
)
from seqkit.tasks.forecast.lag_features import LagFeatures
from seqkit.tasks.forecast.learned_baselines import Ridge, Trees
from seqkit.tasks.forecast.task import Forecast

HORIZON, LEVELS = 3, (0.1, 0.5, 0.9)


def shops(count: int = 4, steps: int = 160, size: float = 1.0) -> list[Series]:
    """Sales that rise by 5 with a promotion, which is known ahead; else noise."""
    draw = np.random.default_rng(0)
    made = []
    for number in range(count):
        sale = (draw.random(steps + HORIZON) < 0.3).astype(float)
        values = 20 + 5 * sale[:steps] + 0.5 * draw.normal(size=steps)
        made.append(
            Series(
                f"shop {number}",
                size * values,
                None,
                np.zeros((steps, 0)),
                sale[:, None],
            )
        )
    return made


def windows(series: list[Series], begin: int, end: int) -> Examples:
    every = [History(one, o, 100) for one in series for o in range(begin, end)]
    truth = [one.series.values[one.origin : one.origin + HORIZON] for one in every]
    return Examples(every, np.stack(truth))


def fitted(series: list[Series], seed: int = 0) -> list[Any]:
    covariates = Covariates.fit(series, [100] * len(series)).to_dict()
    features = LagFeatures(HORIZON, 8, covariates=covariates)
    training, validation = windows(series, 10, 97), windows(series, 100, 120)
    return fit_baselines(
        HORIZON, (), LEVELS, [validation], 99, [training], features, seed
    )


@pytest.fixture(scope="module")
def baselines() -> list[Any]:
    return fitted(shops())


def error(baseline: Any, rows: Examples) -> float:
    return float(np.abs(baseline.outputs(rows.inputs)[..., 0] - rows.truth).mean())


def test_learners_see_promotions_that_are_known_ahead(baselines: list[Any]) -> None:
    rows = windows(shops(), 125, 157)
    errors = {one.title: error(one, rows) for one in baselines}
    assert list(errors)[-2:] == ["ridge on lags", "boosted trees on lags"]
    *plain, ridge, trees = errors.values()
    # The noise alone has a mean absolute value of 0.4; a promotion is worth 5.
    assert ridge < 0.6 and trees < 0.7 and min(plain) > 1.5
    held = [
        np.mean((found[..., 1] <= rows.truth) & (rows.truth <= found[..., 3]))
        for found in (one.outputs(rows.inputs) for one in baselines[-2:])
    ]
    assert held == pytest.approx([0.8, 0.8], abs=0.1)


def test_answers_scale_with_the_series(baselines: list[Any]) -> None:
    large, rows = fitted(shops(size=1000.0)), windows(shops(), 125, 130)
    more = windows(shops(size=1000.0), 125, 130)
    for one, other in zip(baselines, large, strict=True):
        assert other.outputs(more.inputs) == pytest.approx(
            1000 * one.outputs(rows.inputs), rel=1e-6
        )


def test_nothing_after_the_origin_changes_an_answer(baselines: list[Any]) -> None:
    series = shops()
    rows = windows(series, 125, 126)
    for one in series:
        one.values[125:] = 1e6
    again = windows(series, 125, 126)
    for baseline in baselines:
        assert (baseline.outputs(rows.inputs) == baseline.outputs(again.inputs)).all()
    fresh = windows(shops(), 125, 126)
    for baseline in baselines:
        found = baseline.outputs(fresh.inputs)
        assert (found == baseline.outputs(again.inputs)).all()


def test_loaded_learners_answer_the_same(baselines: list[Any], tmp_path: Path) -> None:
    save_baselines(baselines, tmp_path)
    rows = windows(shops(), 125, 140)
    loaded = load_baselines(tmp_path, older_baselines)
    assert [type(one) for one in loaded[-2:]] == [Ridge, Trees]
    for one, other in zip(baselines, loaded, strict=True):
        assert (one.outputs(rows.inputs) == other.outputs(rows.inputs)).all()


def test_trees_are_those_of_scikit_learn() -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    draw = np.random.default_rng(0)
    rows = draw.normal(size=(400, 4))
    rows[draw.random(rows.shape) < 0.1] = np.nan
    target = np.nan_to_num(rows[:, 0]) ** 2 + np.isnan(rows[:, 1])
    model = HistGradientBoostingRegressor(max_iter=20, max_leaf_nodes=9, random_state=0)
    model.fit(rows, target)
    trees = TreeArrays.of(model)
    new = draw.normal(size=(300, 4))
    new[::5, 1] = np.nan
    assert trees(new) == pytest.approx(model.predict(new), rel=1e-9)
    again = TreeArrays.from_arrays(trees.to_arrays())
    assert (again(new) == trees(new)).all()


def test_trees_grow_where_no_history_holds_two_seasons() -> None:
    training = windows(shops(8), 10, 60)
    features = LagFeatures(HORIZON, 8, seasons=(40,))
    baselines = fit_baselines(HORIZON, (40,), (), [], 9, [training], features)
    assert baselines[-1].kind == "trees"
    answers = baselines[-1].outputs(windows(shops(8), 60, 70).inputs)
    assert np.isfinite(answers[..., 0]).all()


def test_few_windows_grow_no_trees() -> None:
    series = shops(1)
    training = windows(series, 10, 60)
    features = LagFeatures(HORIZON, 8)
    titles = [
        one.title for one in fit_baselines(HORIZON, (), (), [], 9, [training], features)
    ]
    assert titles == ["last value", "drift", "Theta", "ETS", "ridge on lags"]


def test_what_is_learned_sees_the_training_time_alone() -> None:
    recipe = load_recipe(
        "airline_forecast",
        TINY_FORECAST
        | {"data.future": ["sale"], "data.past": ["rain"], "data.static": ["shop"]},
    )
    frame = with_covariates(waves(series=3, steps=96))
    later = frame.groupby("id").cumcount() >= 96 - 9 - 12
    other = frame.assign(
        value=frame["value"].where(~later | frame["value"].isna(), 9e3)
    )
    found = [
        next(
            one
            for one in Forecast()
            .open(recipe.data, recipe.model, FrameSource(each))
            .baselines(0)
            if isinstance(one, Ridge)
        )
        for each in (frame, other)
    ]
    one, two = (each.arrays() for each in found)
    learned = ("features", "mean", "spread", "weights")
    assert all((one[name] == two[name]).all() for name in learned)
    features = LagFeatures.from_json(str(one["features"]))
    assert features.calendar == ("day_of_week", "day_of_year")
    assert features.covariates["static"][0]["categories"] == ["large", "small"]


def test_a_last_value_without_a_log_has_no_answer() -> None:
    series = [
        Series(
            "ups and downs",
            np.tile([-1.0, 2.0, 5.0], 40),
            None,
            np.zeros((120, 0)),
            np.zeros((120, 0)),
        ),
        *shops(1),
    ]
    features = LagFeatures(HORIZON, 8, transform="log")
    training = windows([series[1]], 10, 97)
    *_, ridge = fit_baselines(HORIZON, (), (), [], 9, [training], features)
    rows = windows(series, 112, 113)
    answers = ridge.outputs(rows.inputs)[..., 0]
    assert np.isnan(answers[0]).all() and np.isfinite(answers[1]).all()

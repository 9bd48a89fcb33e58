"""What recipes for whole series are made of, by what the series are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from tiny_whole_series import tiny_series

from seqkit.data.rows.parted import PartedRows
from seqkit.recipe.recipe import load_recipe
from seqkit.tasks.baselines.nearest_series import tells_more_by_itself
from seqkit.tasks.rules.series import ClassesRule, SeriesRule
from seqkit.training.settled import settled

MIDDLE = ClassesRule.middle()
RECIPES = {"series_classifier": "label", "series_regressor": "level"}


def values(rule: SeriesRule, **given: Any) -> dict[str, Any]:
    by_hand = {key.replace("__", "."): value for key, value in given.items()}
    choices = rule.choices({"train.seed": 7, **by_hand})
    return {key: choice.value for key, choice in choices.items()}


def labelled(recipe: str) -> dict[str, Any]:
    key = "label" if recipe == "series_classifier" else "target"
    return {f"data.{key}": RECIPES[recipe], "data.values": ["warmth", "noise"]}


@pytest.mark.parametrize("recipe", RECIPES)
def test_values_follow_from_the_training_rows(recipe: str) -> None:
    made = settled(load_recipe(recipe, labelled(recipe)), tiny_series())
    assert made.recipe.auto == ()
    assert set(made.choices) == set(load_recipe(recipe).auto)
    assert "2 columns, 7 steps (the mean; 11 at most)" in made.facts
    assert made.recipe.model.wide == "kernels"


def test_rows_held_out_have_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[str] = []
    read = PartedRows.rows

    def noted(rows: PartedRows[Any], part: str) -> Any:
        parts.append(part)
        return read(rows, part)

    monkeypatch.setattr(PartedRows, "rows", noted)
    recipe = "series_classifier"
    settled(load_recipe(recipe, labelled(recipe)), tiny_series())
    assert parts == ["train"]


def test_few_rows_validate_one_after_the_other() -> None:
    few, many = (values(replace(MIDDLE, rows=rows)) for rows in (40, 3000))
    assert few["train.folds"] and few["train.members"] > 1 and not few["train.refit"]
    assert not many["train.folds"] and many["train.refit"]
    # By hand a member alone has no folds.
    alone = values(replace(MIDDLE, rows=40), train__members=1)
    assert not alone["train.folds"]


def test_fewer_minutes_are_fewer_epochs() -> None:
    long = replace(MIDDLE, rows=3000, steps=900, longest=2000)
    short = values(long, train__minutes=2)["train.epochs"]
    assert 1 <= short < values(long, train__minutes=60)["train.epochs"]


def test_recurrent_layers_by_hand_have_no_filters() -> None:
    assert values(MIDDLE)["model.filters"] is not None
    by_hand = values(MIDDLE, model__architecture="recurrent")
    assert by_hand["model.filters"] is None
    load_recipe("series_classifier", {"model.architecture": "recurrent"})


def test_classes_weigh_alike_but_where_one_is_rare() -> None:
    rare = values(replace(MIDDLE, uneven=30.0))["data.class_weight"]
    assert (values(MIDDLE)["data.class_weight"], rare) == ("none", "balanced")


def shapes(level: float) -> tuple[list[NDArray[np.float64]], NDArray[np.int64]]:
    """Slow and fast waves, each at a level of its own."""
    draw = np.random.default_rng(0)
    truth = np.arange(60) % 2
    waves = [np.sin(np.arange(40) * (0.3 + 0.3 * label)) for label in truth]
    return [(w + draw.normal(0, level))[:, np.newaxis] for w in waves], truth


def test_series_are_scaled_by_themselves_where_that_tells_more() -> None:
    series, truth = shapes(level=30.0)
    assert tells_more_by_itself(series, truth, 2)
    assert not tells_more_by_itself(shapes(level=0.0)[0], truth, 2)
    frame = pd.DataFrame(
        {"value": [one[:, 0].tolist() for one in series], "label": truth}
    )
    made = settled(load_recipe("series_classifier", {"data.values": ["value"]}), frame)
    assert made.recipe.data.scale == "series"

"""What a recipe says of faulty data holds in fit, evaluate and predict alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_series import TINY_FORECAST, waves

from seqkit.data.sources.frame import FrameSource
from seqkit.errors import DataError, DataWarning
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.tasks.forecast.task import Forecast


def recipe(**changes: Any) -> Recipe:
    return load_recipe("airline_forecast", TINY_FORECAST | changes)


def still(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(value=frame["value"].mask(frame["id"] == "series 1", 5.0))


FAULTS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str, int]] = {
    "short": (lambda frame: frame.iloc[:80], "drop", 1),
    "constant": (still, "drop", 1),
    "gaps": (lambda frame: frame.drop(index=[30, 31, 90]), "interpolate", 2),
    "duplicates": (lambda frame: pd.concat([frame, frame.tail(1)]), "mean", 2),
    "unsorted": (lambda frame: frame.iloc[::-1], "sort", 2),
}


def verbs(made: Recipe, frame: pd.DataFrame) -> list[Callable[[], set[str]]]:
    """The ids that training, evaluation and prediction answer."""
    task, source = Forecast(), FrameSource(frame)
    fitted = task.open(made.data, made.model, FrameSource(waves())).preprocessing()

    def named(chunks: Any) -> set[str]:
        return {one.id for chunk in chunks for one in chunk}

    return [
        lambda: named(task.open(made.data, made.model, source).histories("test")),
        lambda: named(
            e.inputs for e in task.labelled(made.data, made.model, fitted, source)
        ),
        lambda: named(task.inputs(made.data, fitted, source)),
    ]


@pytest.mark.parametrize("policy", FAULTS)
def test_a_policy_mends_in_every_verb(policy: str) -> None:
    spoil, mend, series = FAULTS[policy]
    for verb in verbs(recipe(**{f"data.{policy}": mend}), spoil(waves())):
        with pytest.warns(DataWarning):
            assert len(verb()) == series


@pytest.mark.parametrize("policy", FAULTS)
def test_without_a_policy_every_verb_refuses_with_the_same_sentence(
    policy: str,
) -> None:
    spoil, _, _ = FAULTS[policy]
    opened, labelled, inputs = verbs(recipe(), spoil(waves()))
    for verb in (opened, labelled):
        with pytest.raises(DataError):
            verb()
    if policy == "constant":
        # A series to go on from may be still.
        assert inputs() == {"series 0", "series 1"}
        return
    with pytest.raises(DataError):
        inputs()


def test_a_series_that_training_left_out_does_not_block_the_others() -> None:
    """The third is long enough for a window, and too short for its seasons."""
    made = recipe(
        **{"data.decompose": "seasons", "data.seasons": [12], "data.short": "drop"}
    )
    task, source = Forecast(), FrameSource(waves(series=3).iloc[: 2 * 72 + 40])
    with pytest.warns(DataWarning, match="1 of 3 series .* 25 steps of training time"):
        fitted = task.open(made.data, made.model, source).preprocessing()
    assert fitted.tables.ids == ("series 0", "series 1")
    with pytest.warns(DataWarning, match="'series 2', which is none of those"):
        (chunk,) = task.inputs(made.data, fitted, source)
    assert [one.id for one in chunk] == ["series 0", "series 1"]


def test_a_series_still_in_its_training_time_is_dropped_as_constant() -> None:
    frame = waves()
    later = frame.groupby("id").cumcount() >= 60
    first = (frame["id"] == "series 0") & ~later
    frame["value"] = frame["value"].mask(first, 7.0)
    with pytest.raises(DataError, match="'series 0' never changes"):
        made = recipe()
        Forecast().open(made.data, made.model, FrameSource(frame)).preprocessing()
    made = recipe(**{"data.constant": "drop"})
    with pytest.warns(DataWarning, match="do not change in their training time"):
        data = Forecast().open(made.data, made.model, FrameSource(frame))
    assert data.preprocessing().tables.ids == ("series 1",)


def test_where_no_series_can_be_forecast_predict_says_so_in_one_sentence() -> None:
    made = recipe(**{"data.short": "drop"})
    task = Forecast()
    fitted = task.open(made.data, made.model, FrameSource(waves())).preprocessing()
    short = waves().groupby("id").head(5)
    with pytest.raises(DataError, match=r"^Series 'series 0' has 5 points, but a fore"):
        list(task.inputs(made.data, fitted, FrameSource(short)))
    with pytest.warns(DataWarning, match="first 'series 2', which has 2 points"):
        (one,) = task.raw_inputs([np.arange(12.0), [1.0, 2.0]], fitted)
    assert one.id == "series 1"

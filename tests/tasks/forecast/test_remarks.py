"""What a report on forecasts says beside its headline, and MASE's scale."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from tiny_series import TINY_FORECAST, waves

from seqkit.data.sources.frame import FrameSource
from seqkit.recipe.recipe import load_recipe
from seqkit.scores.forecast.scorer import ForecastScorer
from seqkit.scores.intervals import shown
from seqkit.tasks.forecast.task import Forecast

WINDOWS, LEVELS = 60, (0.1, 0.5, 0.9)


def scorer(truth: Any, points: Any, width: float) -> ForecastScorer:
    """Scores of one-step forecasts with intervals of a width."""
    found = ForecastScorer(1, LEVELS)
    points = np.asarray(points, np.float64)
    ends = np.stack([points, points - width, points, points + width], axis=-1)
    ones = np.ones(WINDOWS)
    ids = [f"s{i}" for i in range(WINDOWS)]
    origins = np.full(WINDOWS, 9)
    found.update(ids, origins, truth[:, None], ends[:, None, :], ones, ones)
    return found


def remarks(ours: ForecastScorer, theirs: ForecastScorer) -> list[str]:
    return Forecast().remarks(ours, {"last value": theirs})


def test_zeros_that_mape_leaves_out_are_counted() -> None:
    truth = np.ones(WINDOWS)
    truth[:7] = 0
    same = scorer(truth, truth + 0.1, 0.5)
    assert remarks(same, same) == [
        "MAPE leaves out 7 of 60 values to forecast, which are 0."
    ]
    nothing = scorer(np.zeros(WINDOWS), truth, 0.5)
    assert remarks(nothing, nothing) == [
        "There is no MAPE: all values to forecast are 0."
    ]


def test_a_metric_that_says_the_opposite_of_the_headline_is_named() -> None:
    # Near zero a small error is a large share; far from zero a large one is small.
    truth = np.where(np.arange(WINDOWS) % 2, 0.01, 100.0)
    ours = scorer(truth, truth + 0.5, 1.0)
    theirs = scorer(truth, np.where(truth < 1, truth, truth + 3.0), 1.0)
    sentence = next(one for one in remarks(ours, theirs) if "disagree" in one)
    assert re.fullmatch(
        r"The metrics disagree: by MASE the model is better, by MAPE [\d.,]+ against "
        r"[\d.,]+ and sMAPE [\d.,]+ against [\d.,]+ last value is \(the model's first; "
        r"each difference is clear of chance\)\.",
        sentence,
    )
    assert not any("disagree" in one for one in remarks(ours, ours))


def test_better_intervals_of_a_baseline_are_told() -> None:
    truth = 10 + np.random.default_rng(0).normal(size=WINDOWS)
    wide, fitting = (scorer(truth, np.full(WINDOWS, 10.0), w) for w in (9.0, 1.3))
    (sentence,) = remarks(wide, fitting)
    assert re.fullmatch(
        r"The intervals of last value are better than the model's: scaled pinball loss "
        r"lower by 0\.\d+ \(95% interval 0\.\d+ to 0\.\d+\); its 80% intervals hold "
        r"\d\d%, the model's 100%\.",
        sentence,
    )
    assert remarks(fitting, wide) == []


def test_the_scale_of_mase_is_of_all_before_the_scored_part() -> None:
    frame = waves(series=1)
    recipe = load_recipe("airline_forecast", TINY_FORECAST)
    data = Forecast().open(recipe.data, recipe.model, FrameSource(frame))
    parts, apart = data.parts[0], (frame["value"] - frame["value"].shift(6)).abs()
    assert (parts.train_end, parts.validation_end) == (51, 63)
    for part, end in (("validation", 51), ("test", 63)):
        task = Forecast()
        for history in next(data.histories(part)):
            scale, spread = task._scales(history)
            assert scale == pytest.approx(apart.iloc[:end].mean())
            assert spread == pytest.approx(frame["value"].iloc[:51].std(ddof=0))


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        ((0.8817, 0.8779, 0.8856), "0.8817 [0.8779, 0.8856]"),
        ((12345.6, 12000, 13000), "12,346 [12,000, 13,000]"),
        ((0.0018, 0.0016, 0.002), "0.0018 [0.0016, 0.0020]"),
        ((1.8e-5, 1.6e-5, 2e-5), "0.000018 [0.000016, 0.000020]"),
        ((-3e-5, -0.0012, 0.0015), "-0.00003 [-0.00120, 0.00150]"),
        ((-1e-9, -0.5, 0.5), "0.0000 [-0.5000, 0.5000]"),
        ((0.0, 0.0, 0.0), "0.0000 [0.0000, 0.0000]"),
    ],
)
def test_small_numbers_keep_their_digits(
    estimate: tuple[float, float, float], text: str
) -> None:
    assert shown(estimate) == text

"""What recipes for forecasts are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from seqkit.recipe.automatic import Choice
from seqkit.tasks.rules.base import (
    AutoRule,
    Choices,
    between,
    epochs_within,
    step_seconds,
)
from seqkit.tasks.rules.forecast_data import (
    FEW,
    add_parts,
    add_preparation,
    add_windows,
    longest_season,
    lost_steps,
    windows_each,
)
from seqkit.tasks.rules.series_columns import COLUMN_KEYS
from seqkit.tasks.rules.series_facts import SeriesFacts
from seqkit.tasks.rules.series_shape import NaiveErrors, Shape

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe

SMALL, LARGE = 1500, 10_000
"""Values of training time: below, and from there on."""
LONG, FAR = 2000, 24
"""Steps of training time and of the horizon from which segments are forecast."""
THETA_STEPS, THETA_SEASON = 12, 24
"""Steps of a window, from which the Theta method can tell trend from noise; and of a
season, at most: of longer ones a window holds too few to tell them from noise."""
TREES = 500
"""Windows of an epoch, from which boosted trees learn something that holds."""
BLOCKS = 20
"""Horizons of validation time, from which they say where the next one lies."""
SEGMENTS = (48, 24, 12, 8, 7, 6, 5, 4)
"""Steps that are read as one, the longest that fits."""


@dataclass(frozen=True)
class ForecastRule(AutoRule):
    """What is known of series to forecast, and the values that follow from it."""

    facts: SeriesFacts

    keys = (
        *(f"data.{key}" for key in COLUMN_KEYS),
        "data.horizon",
        "data.test",
        "data.validation",
        "data.gaps",
        "data.constant",
        "data.short",
        "data.transform",
        "data.seasons",
        "data.decompose",
        "data.scale",
        "data.calendar",
        "data.lookback",
        "data.stride",
        "model.units",
        "model.segment",
        "model.strategy",
        "model.window_norm",
        "model.wide",
        "model.highway",
        "model.highway_start",
        "model.series_embedding",
        "model.naive_start",
        "model.dropout",
        "model.loss",
        "model.move_point",
        "train.batch_size",
        "train.learning_rate",
        "train.schedule",
        "train.members",
        "train.refit",
        "train.keep",
        "train.epochs",
    )

    @classmethod
    def of(cls, task: Any, recipe: Recipe, source: Source) -> Self:
        return cls(SeriesFacts.of(recipe, source))

    @classmethod
    def middle(cls) -> Self:
        return cls(
            SeriesFacts(
                series=1,
                steps=200,
                shortest=224,
                horizon=12,
                test=12,
                validation=24,
                frequency="MS",
                seasons=(12,),
                shape=Shape(season=0.5, unit_root=1.0, growth=0.0, skew=0.0, cycle=0),
                errors=NaiveErrors(1.2, 1.0, 1.5),
                least=10.0,
                typical=100.0,
                zeros=0.0,
                filled=0,
                still=0,
                dated=True,
            )
        )

    def choices(self, given: Mapping[str, Any]) -> dict[str, Choice]:
        made = Choices(given)
        add_parts(made, self.facts)
        add_preparation(made, self.facts)
        add_windows(made, self.facts)
        self._modelled(made)
        self._trained(made)
        return made

    def __str__(self) -> str:
        facts = self.facts
        return (
            f"{facts.series:,} series of {facts.steps:,} steps of training time (the "
            f"median)"
        )

    def _modelled(self, made: Choices) -> None:
        facts, horizon = self.facts, made.value("data.horizon")
        lookback, total = made.value("data.lookback"), facts.series * facts.steps
        size = f"{total:,} values of training time"
        far = facts.steps >= LONG and horizon >= FAR
        width = 16 if total < SMALL else 32 if total < LARGE else 64
        if far:
            width = 64 if total < LARGE // 2 else 128
        made.add("model.units", (width,), size)
        segment = self._segment(lookback, horizon)
        made.add("model.segment", segment, f"windows have {lookback:,} steps")
        in_segments = far and made.value("model.segment") > 1
        ahead = f"{horizon:,} steps ahead, {facts.steps:,} steps of training time"
        made.add("model.strategy", "segments" if in_segments else "direct", ahead)
        made.add("model.window_norm", *self._window_norm(made))
        made.add("model.wide", *self._wide(made))
        season = longest_season(facts)
        reach = 0 if far else min(season if season > 24 else 2 * season, lookback)
        reach = max(min(reach, lookback - lost_steps(made)), 0)
        made.add("model.highway", reach, "what repeats, by a linear layer")
        made.add("model.highway_start", *self._highway_start(made))
        several = far and 1 < facts.series < FEW
        embedding = 8 if several else 0
        made.add("model.series_embedding", embedding, f"{facts.series:,} series")
        made.add("model.naive_start", True, "training begins from the naive forecast")
        made.add("model.dropout", 0.5 if far or total < SMALL else 0.3, size)
        made.add("model.loss", "mae", "that of the forecast's median")
        blocks = facts.held_out / horizon
        moves = blocks >= BLOCKS
        made.add("model.move_point", moves, f"{blocks:.0f} horizons of validation time")

    def _segment(self, lookback: int, horizon: int) -> int:
        if lookback < 100:
            return 1
        able = [s for s in SEGMENTS if s <= max(horizon, 4) and 5 * s <= lookback]
        season = (*self.facts.seasons, 1)[0]
        fits = [s for s in able if season % s == 0 or s % season == 0]
        return (fits or able or [1])[0]

    def _window_norm(self, made: Choices) -> tuple[str, str]:
        if lost_steps(made) and made.value("model.strategy") != "recursive":
            return "none", "sums of differences have no level"
        if made.value("data.scale") == "none":
            return "last", "series are not scaled"
        wander, errors = self.facts.shape.unit_root, self.facts.errors
        if errors.mean < min(errors.last, errors.season):
            return "standard", "means err less than last values and cycles"
        why = f"{wander:.0%} of the series wander, by a test of their levels (KPSS)"
        return ("last" if wander >= 0.5 else "standard"), why

    def _highway_start(self, made: Choices) -> tuple[str, str]:
        errors = self.facts.errors
        if made.value("data.decompose") != "none":
            return "zeros", "seasons are taken off"
        if errors.season < min(errors.last, errors.mean):
            return "season", "the last cycle errs less than the last value and the mean"
        return "zeros", "the last cycle errs no less than the last value or the mean"

    def _wide(self, made: Choices) -> tuple[tuple[str, ...], str]:
        if lost_steps(made):
            return (), "differences have no levels for them"
        if made.given.get("model.output", "point") != "point":
            return (), "they give points alone"
        if made.value("model.strategy") == "recursive":
            return (), "they forecast whole horizons"
        season = (*self.facts.seasons, 1)[0]
        needed = max(2 * season, 2 * made.value("data.horizon"), THETA_STEPS)
        has_many = self._windows(made) >= TREES
        learners = ("ridge", "trees") if has_many else ("ridge",)
        if season > THETA_SEASON:
            return learners, f"windows hold too few seasons of {season} steps for Theta"
        if made.value("data.lookback") < needed:
            return learners, f"Theta would need windows of {needed:,} steps"
        return ("theta", *learners), "mixed in as far as validation windows say"

    def _trained(self, made: Choices) -> None:
        facts = self.facts
        windows = self._windows(made)
        count = f"{windows:,} windows an epoch"
        power = round(math.log2(max(windows / 40, 1)))
        batch = made.add("train.batch_size", between(2**power, 16, 256), count)
        small = facts.series * facts.steps < LARGE
        rate = 0.001 if small or batch < 128 else 0.002
        made.add("train.learning_rate", rate, f"batches of {batch}")
        made.add("train.schedule", "cosine", "the last steps are small ones")
        why = "few values: a mean is steadier" if small else "many values"
        members = made.add("train.members", 3 if small else 1, why)
        refit = made.add("train.refit", False, "the latest windows choose the shares")
        judged = facts.series * facts.held_out / made.value("data.horizon")
        best = "best" if judged >= 10 else "last"
        made.add("train.keep", best, f"about {judged:.0f} windows of validation")
        minutes = made.given.get("train.minutes", 10) / members / (1 + refit)
        wanted = between(40 * windows**0.5, 400, 5000)
        seconds = self._step_seconds(made, batch)
        epochs, why = epochs_within(minutes, windows, batch, seconds, wanted)
        made.add("train.epochs", epochs, why)

    def _windows(self, made: Choices) -> int:
        """Of an epoch."""
        each = math.ceil(windows_each(made, self.facts) / made.value("data.stride"))
        return self.facts.series * each

    def _step_seconds(self, made: Choices, batch: int) -> float:
        segment = made.value("model.segment")
        steps = made.value("data.lookback") / segment
        if made.value("model.strategy") == "segments":
            steps += made.value("data.horizon") / segment / 4
        features = 1 + 2 * len(made.value("data.calendar"))
        features += sum(
            len(made.given.get(f"data.{k}", ())) for k in ("past", "future")
        )
        units = made.value("model.units")
        return step_seconds(batch, steps, units, 1, segment * features)

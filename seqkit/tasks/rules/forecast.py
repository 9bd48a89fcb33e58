"""What recipes for forecasts are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from seqkit.frequency import Frequency
from seqkit.models.forecast.spec import LEAST_STEPS
from seqkit.recipe.automatic import Choice
from seqkit.tasks.forecast.lag_features import usual_calendar
from seqkit.tasks.rules.base import (
    AutoRule,
    Choices,
    between,
    epochs_within,
    step_seconds,
)
from seqkit.tasks.rules.series_columns import COLUMN_KEYS, usual_keys
from seqkit.tasks.rules.series_facts import SeriesFacts
from seqkit.tasks.rules.series_shape import NaiveErrors, Shape

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe

FEW = 20
"""Fewer series have few windows at a time, and are known one by one."""
STRONG_SEASON = 0.64
"""From here on a season is taken off (Wang, Smith & Hyndman 2006)."""
LOGARITHMIC = 0.7
"""From here on values are read in logarithms, by growth and skewness together."""
MANY_ZEROS = 0.3
"""Share of zeros from which a logarithm would part them from the rest."""
SMALL_VALUES = 20.0
"""Below this size of a value log1p is no logarithm."""
SMALL, LARGE = 1500, 10_000
"""Values of training time: below, and from there on."""
LONG, FAR = 2000, 24
"""Steps of training time and of the horizon from which segments are forecast."""
MOST_WINDOWS = 20_000
"""Of an epoch; more are passed over by a longer stride."""
MOST_LOOKBACK = 720
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
        made = _Made(given)
        self._parted(made)
        self._prepared(made)
        self._windows(made)
        self._modelled(made)
        self._trained(made)
        return made

    def __str__(self) -> str:
        facts = self.facts
        return (
            f"{facts.series:,} series of {facts.steps:,} steps of training time (the "
            f"median)"
        )

    def _parted(self, made: _Made) -> None:
        """Which columns are read, how far ahead, and how time is parted."""
        facts = self.facts
        for key, value in (facts.columns or usual_keys(made.given)).items():
            made.add(f"data.{key}", value, "the one way to read the columns")
        made.add("data.horizon", facts.horizon, "a season, or a twentieth of a series")
        made.add("data.test", facts.test, "the last steps of each series")
        made.add("data.validation", facts.validation, "the steps before the test part")

    def _prepared(self, made: _Made) -> None:
        """How series are mended and prepared."""
        facts = self.facts
        made.add("data.gaps", "interpolate", f"{facts.filled:,} steps lack a value")
        still = f"{facts.still:,} of {facts.series:,} series never change"
        made.add("data.constant", "keep", still)
        made.add("data.short", "drop", f"most have {facts.shortest:,} steps or more")
        made.add("data.transform", *self._transform())
        made.add("data.seasons", *self._seasons())
        made.add("data.decompose", *self._decompose(made))
        made.add("data.scale", *self._scale(made))
        made.add("data.calendar", *self._calendar(made))

    def _transform(self) -> tuple[str, str]:
        facts, shape = self.facts, self.facts.shape
        if facts.least < 0:
            return "none", "some values are below 0"
        if facts.zeros > MANY_ZEROS:
            return "none", f"{facts.zeros:.0%} of the values are 0"
        why = (
            f"the spread grows with the level by {shape.growth:.2f}, and logarithms "
            f"take off {shape.skew:.2f} of the skewness"
        )
        if shape.growth + shape.skew < LOGARITHMIC:
            return "none", why
        small = facts.least > 0 and facts.typical < SMALL_VALUES
        return ("log" if small else "log1p"), why

    def _scale(self, made: _Made) -> tuple[str, str]:
        if made.value("data.transform") != "none" and self.facts.series >= FEW:
            return "none", "differences of logarithms are shares, alike in all series"
        return "standard", "each series has a level of its own"

    def _seasons(self) -> tuple[tuple[int, ...], str]:
        facts = self.facts
        if facts.seasons:
            return facts.seasons, "those of the frequency"
        if facts.shape.cycle:
            return (facts.shape.cycle,), "a cycle, by autocorrelation"
        return (), "the frequency has none, and no cycle was found"

    def _decompose(self, made: _Made) -> tuple[str, str]:
        facts = self.facts
        if facts.series >= FEW:
            return "none", "a model of many series learns their seasons"
        if made.value("data.timestamp") is None or not facts.seasons:
            return "none", "no season of the calendar"
        why = f"the season's strength is {facts.shape.season:.2f}"
        return ("seasons" if facts.shape.season >= STRONG_SEASON else "none"), why

    def _calendar(self, made: _Made) -> tuple[tuple[str, ...], str]:
        facts = self.facts
        if made.value("data.timestamp") is None or not facts.dated:
            return (), "there are no dates"
        if facts.series >= FEW:
            return (), "a model of many series learns their seasons"
        if facts.steps < 400:
            return (), f"{facts.steps:,} steps of training time are few"
        usual = usual_calendar(Frequency.of(facts.frequency or "D"))
        return usual, "what usually tells something of such steps"

    @property
    def _longest(self) -> int:
        """Steps of the longest season that a window can hold twice."""
        seasons = self.facts.seasons
        return max((s for s in seasons if 2 * s <= MOST_LOOKBACK), default=1)

    def _windows(self, made: _Made) -> None:
        """How long windows are, and how far apart."""
        facts, horizon = self.facts, made.value("data.horizon")
        season = self._longest
        if not made.value("data.calendar"):
            season = max(season, facts.shape.cycle)
        cycles = 3 if season <= 60 else 2
        wanted = max(2 * horizon, cycles * season, 12)
        left = max(facts.steps - horizon, 2)
        room = left * 4 // 5 if facts.series >= FEW else left * 2 // 3
        why = f"two horizons, and {cycles} seasons of {season} steps"
        lookback = min(wanted, room, facts.shortest, MOST_LOOKBACK)
        if lookback < wanted:
            why = f"{facts.steps:,} steps of training time have room for no more"
        lost = made.given.get("data.difference", 0)
        lost += made.given.get("data.seasonal_difference", 0)
        least = max(lost + 1, made.given.get("model.highway", 0) + lost, 2)
        made.add("data.lookback", max(lookback, least), why)
        windows = facts.series * self._windows_each(made)
        stride = math.ceil(windows / MOST_WINDOWS)
        if stride > 1 and math.gcd(stride, season) > 1:
            # Else some hours would never be forecast from.
            stride += 1
        made.add("data.stride", stride, f"there are {windows:,} windows")

    def _windows_each(self, made: _Made) -> int:
        """Windows of a series, one step apart."""
        read = made.value("data.lookback") + made.value("data.horizon")
        return max(self.facts.steps - read + 1, 1)

    def _modelled(self, made: _Made) -> None:
        facts, horizon = self.facts, made.value("data.horizon")
        lookback, total = made.value("data.lookback"), facts.series * facts.steps
        size = f"{total:,} values of training time"
        far = facts.steps >= LONG and horizon >= FAR
        width = 16 if total < SMALL else 32 if total < LARGE else 64
        made.add("model.units", (128 if far else width,), size)
        segment = self._segment(lookback, horizon)
        made.add("model.segment", segment, f"windows have {lookback:,} steps")
        in_segments = far and made.value("model.segment") > 1
        ahead = f"{horizon:,} steps ahead, {facts.steps:,} steps of training time"
        made.add("model.strategy", "segments" if in_segments else "direct", ahead)
        made.add("model.window_norm", *self._window_norm(made))
        made.add("model.wide", *self._wide(made))
        season = self._longest
        reach = 0 if far else min(season if season > 24 else 2 * season, lookback)
        lost = made.given.get("data.difference", 0)
        lost += made.given.get("data.seasonal_difference", 0)
        reach = max(min(reach, lookback - lost), 0)
        made.add("model.highway", reach, "what repeats, by a linear layer")
        made.add("model.highway_start", *self._highway_start(made))
        several = far and 1 < facts.series < FEW
        embedding = 8 if several else 0
        made.add("model.series_embedding", embedding, f"{facts.series:,} series")
        made.add("model.naive_start", True, "training begins from the naive forecast")
        made.add("model.dropout", 0.5 if far or total < SMALL else 0.3, size)
        made.add("model.loss", "mae", "that of the forecast's median")

    def _segment(self, lookback: int, horizon: int) -> int:
        if lookback < 100:
            return 1
        able = [s for s in SEGMENTS if s <= max(horizon, 4) and 5 * s <= lookback]
        season = (*self.facts.seasons, 1)[0]
        fits = [s for s in able if season % s == 0 or s % season == 0]
        return (fits or able or [1])[0]

    def _window_norm(self, made: _Made) -> tuple[str, str]:
        if made.is_differenced and made.value("model.strategy") != "recursive":
            return "none", "sums of differences have no level"
        if made.value("data.scale") == "none":
            return "last", "series are not scaled"
        wander, errors = self.facts.shape.unit_root, self.facts.errors
        if errors.mean < min(errors.last, errors.season):
            return "none", "means err less than last values and cycles"
        why = f"{wander:.0%} of the series wander, by a test of their levels (KPSS)"
        return ("last" if wander >= 0.5 else "none"), why

    def _highway_start(self, made: _Made) -> tuple[str, str]:
        errors = self.facts.errors
        if made.value("data.decompose") != "none":
            return "zeros", "seasons are taken off"
        if errors.season < min(errors.last, errors.mean):
            return "season", "the last cycle errs less than the last value and the mean"
        return "zeros", "the last cycle errs no less than the last value or the mean"

    def _wide(self, made: _Made) -> tuple[tuple[str, ...], str]:
        if made.is_differenced:
            return (), "differences have no levels for them"
        if made.given.get("model.output", "point") != "point":
            return (), "they give points alone"
        if made.value("model.strategy") == "recursive":
            return (), "they forecast whole horizons"
        enough = made.value("data.lookback") >= LEAST_STEPS
        methods = ("theta", "ridge") if enough else ("ridge",)
        return methods, "mixed in as far as validation windows say"

    def _trained(self, made: _Made) -> None:
        facts = self.facts
        each = math.ceil(self._windows_each(made) / made.value("data.stride"))
        windows = facts.series * each
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
        judged = facts.series * facts.validation / made.value("data.horizon")
        best = "best" if judged >= 10 else "last"
        made.add("train.keep", best, f"about {judged:.0f} windows of validation")
        minutes = made.given.get("train.minutes", 10) / members / (1 + refit)
        wanted = between(40 * windows**0.5, 400, 3000)
        seconds = self._step_seconds(made, batch)
        epochs, why = epochs_within(minutes, windows, batch, seconds, wanted)
        made.add("train.epochs", epochs, why)

    def _step_seconds(self, made: _Made, batch: int) -> float:
        segment = made.value("model.segment")
        steps = made.value("data.lookback") / segment
        if made.value("model.strategy") == "segments":
            steps += made.value("data.horizon") / segment / 4
        named = ("data.past", "data.future", "data.calendar", "data.calendar")
        features = 1 + sum(len(made.given.get(key, ())) for key in named)
        units = made.value("model.units")
        return step_seconds(batch, steps, units, 1, segment * features)


class _Made(Choices):
    """Choices, with the values that hold."""

    def value(self, key: str) -> Any:
        """The value of a key that is chosen already, or that by hand."""
        return self.given.get(key, self[key].value)

    @property
    def is_differenced(self) -> bool:
        keys = ("data.difference", "data.seasonal_difference")
        return any(self.given.get(key, 0) for key in keys)

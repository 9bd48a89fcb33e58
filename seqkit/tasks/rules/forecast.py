"""What recipes for forecasts are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from seqkit.data.forecast.origins import parts_of
from seqkit.data.forecast.series import Series
from seqkit.data.forecast.spec import ForecastData
from seqkit.frequency import Frequency
from seqkit.recipe.automatic import Choice
from seqkit.tasks.forecast.lag_features import usual_calendar
from seqkit.tasks.rules.base import (
    AutoRule,
    Choices,
    between,
    epochs_within,
    step_seconds,
)
from seqkit.tasks.rules.series_columns import COLUMN_KEYS, column_keys, usual_keys
from seqkit.tasks.rules.series_facts import Shape, shape_of

if TYPE_CHECKING:
    from seqkit.data.sources.base import Source
    from seqkit.recipe.recipe import Recipe

FEW = 20
"""Fewer series have few windows at a time, and are known one by one."""
STRONG_SEASON = 0.64
"""From here on a season is taken off (Wang, Smith & Hyndman 2006)."""
MANY_ZEROS = 0.3
"""Share of zeros from which a logarithm would part them from the rest."""
LOGARITHMIC = 0.7
"""From here on values are read in logarithms, by growth and skewness together."""
MOST_WINDOWS = 20_000
"""Of an epoch; more are passed over by a longer stride."""
MOST_LOOKBACK = 720


@dataclass(frozen=True)
class ForecastRule(AutoRule):
    """What is known of some series' training time."""

    series: int
    steps: int
    """Of training time: the median series."""
    shortest: int
    """Steps before the test part, which all but few series have."""
    horizon: int
    validation: int
    test: int
    frequency: str | None
    seasons: tuple[int, ...]
    """Of the frequency, or as they are given."""
    shape: Shape
    least: float
    """The smallest value."""
    typical: float
    """The median size of a value."""
    zeros: float
    """Share of the values."""
    gaps: bool
    still: int
    """Series that never change."""
    dated: bool
    """Whether steps have timestamps."""
    covariates: int
    columns: Mapping[str, Any] | None = None
    """What ``series_columns`` found; None: no table is known."""

    keys = (
        *(f"data.{key}" for key in COLUMN_KEYS),
        "data.gaps",
        "data.constant",
        "data.short",
        "data.transform",
        "data.seasons",
        "data.decompose",
        "data.scale",
        "data.calendar",
        "data.lookback",
        "data.horizon",
        "data.stride",
        "data.validation",
        "data.test",
        "model.units",
        "model.strategy",
        "model.segment",
        "model.window_norm",
        "model.highway",
        "model.series_embedding",
        "model.naive_start",
        "model.dropout",
        "train.batch_size",
        "train.learning_rate",
        "train.epochs",
        "train.members",
        "train.refit",
        "train.keep",
    )

    @classmethod
    def of(cls, task: Any, recipe: Recipe, source: Source) -> Self:
        from seqkit.tasks.forecast.data import read_all

        data = recipe.data
        assert isinstance(data, ForecastData)
        given = recipe.given()
        columns = _columns(source, recipe)
        mended = {"gaps": "interpolate", "short": "drop", "constant": "keep"}
        read = read_all(source, data.model_copy(update={**mended, **columns}))
        frequency = read.frequency or (
            Frequency.of(data.frequency) if data.frequency else None
        )
        seasons = given.get("data.seasons")
        if seasons is None:
            seasons = frequency.seasons() if frequency else ()
        lengths = np.array([len(one) for one in read.series])
        horizon = given.get("data.horizon") or usual_horizon(seasons, lengths)
        test = given.get("data.test")
        if test is None:
            test = test_steps(lengths, horizon)
        before = int(np.median(lengths)) - _steps(test, lengths)
        validation = given.get("data.validation")
        if validation is None:
            validation = validation_steps(before, horizon, len(lengths))
        parted = data.model_copy(update={"test": test, "validation": validation})
        return cls(**_facts(read.series, parted, tuple(seasons)),
            horizon=horizon,
            validation=validation,
            test=test,
            frequency=frequency.alias if frequency else None,
            seasons=tuple(seasons),
            dated=all(one.start is not None for one in read.series),
            covariates=len(data.past) + len(data.future),
            columns=columns,
        )

    @classmethod
    def middle(cls) -> Self:
        shape = Shape(season=0.5, unit_root=0.5, growth=0.0, skew=0.0, cycle=0)
        return cls(
            series=1,
            steps=200,
            shortest=224,
            horizon=12,
            validation=24,
            test=12,
            frequency="MS",
            seasons=(12,),
            shape=shape,
            least=10.0,
            typical=100.0,
            zeros=0.0,
            gaps=False,
            still=0,
            dated=True,
            covariates=0,
        )

    def choices(self, given: Mapping[str, Any]) -> dict[str, Choice]:
        made = Choices(given)
        columns = self.columns or usual_keys(given)
        for key, value in columns.items():
            made.add(f"data.{key}", value, "by the columns that there are")
        self._parted(made)
        self._prepared(made)
        lookback = self._looked_back(made)
        self._modelled(made, lookback)
        self._trained(made, lookback)
        return made

    def _parted(self, made: Choices) -> None:
        step = Frequency.of(self.frequency).name if self.frequency else "steps"
        made.add("data.horizon", self.horizon, f"a usual time ahead, in {step}")
        made.add("data.test", self.test, "whole horizons at the end of each series")
        made.add(
            "data.validation",
            self.validation,
            f"{self.validation / self.horizon:g} horizons before the test part"
            if isinstance(self.validation, int)
            else "as given",
        )

    def _prepared(self, made: Choices) -> None:
        """How series are mended and prepared."""
        some = "steps or values are missing" if self.gaps else "nothing is missing"
        made.add("data.gaps", "interpolate" if self.gaps else "error", some)
        made.add(
            "data.constant",
            "keep",
            f"{self.still:,} of {self.series:,} series never change",
        )
        made.add("data.short", "drop", "a series that is too short is left out")
        made.add("data.transform", *self._transform())
        made.add("data.seasons", *self._seasons())
        made.add("data.decompose", *self._decompose())
        made.add("data.scale", "standard", "each series has a level of its own")
        timed = self.dated and self.frequency is not None
        calendar = usual_calendar(Frequency.of(self.frequency)) if timed else ()
        if self.series >= FEW or self.steps < 400:
            calendar = calendar if self.covariates else ()
        made.add("data.calendar", calendar, f"{self.steps:,} steps of training time")

    def _transform(self) -> tuple[str, str]:
        shape = self.shape
        grows = (
            f"the spread grows with the level by {shape.growth:.2f}, logarithms take "
            f"off {shape.skew:.2f} of the skewness"
        )
        if self.least < 0:
            return "none", "some values are below 0"
        if self.zeros > MANY_ZEROS:
            return "none", f"{self.zeros:.0%} of the values are 0"
        if shape.growth + shape.skew < LOGARITHMIC:
            return "none", grows
        small = self.typical < 20 and self.least > 0
        return ("log" if small else "log1p"), grows

    def _seasons(self) -> tuple[tuple[int, ...], str]:
        if self.shape.cycle and not self.seasons:
            return (self.shape.cycle,), "a cycle by autocorrelation"
        return self.seasons, "of the frequency"

    @property
    def season(self) -> int:
        return (*self.seasons, self.shape.cycle or 1)[0]

    def _decompose(self) -> tuple[str, str]:
        strength = f"the season's strength is {self.shape.season:.2f}"
        if self.series >= FEW:
            return "none", "a model of many series learns their seasons"
        if not self.dated or not self.seasons:
            return "none", "no season is known"
        if self.shape.season < STRONG_SEASON:
            return "none", strength
        return "seasons", strength

    def _looked_back(self, made: Choices) -> int:
        horizon = made.given.get("data.horizon", self.horizon)
        season = max((s for s in self.seasons if s <= MOST_LOOKBACK // 2), default=1)
        if not made.given.get("data.calendar", made["data.calendar"].value):
            season = max(season, self.shape.cycle)
        cycles = 3 if season <= 24 else 2
        wanted = max(2 * horizon, cycles * season, 12)
        left = max(self.steps - horizon, 2)
        room = left * 4 // 5 if self.series >= FEW else left * 2 // 3
        lookback = min(wanted, room, self.shortest, MOST_LOOKBACK)
        why = f"{cycles} seasons of {season} steps and two horizons"
        if lookback < wanted:
            why = f"{self.steps:,} steps of training time have room for no more"
        lookback = int(made.add("data.lookback", max(lookback, 2), why))
        windows = self.series * max(self.steps - lookback - horizon + 1, 1)
        stride = math.ceil(windows / MOST_WINDOWS)
        if stride > 1 and math.gcd(stride, season) > 1:
            stride += 1
        made.add("data.stride", stride, f"about {windows // stride:,} windows an epoch")
        return lookback

    def _modelled(self, made: Choices, lookback: int) -> None:
        horizon = made.given.get("data.horizon", self.horizon)
        total = self.series * self.steps
        size = f"{total:,} values of training time"
        width = 16 if total < 1500 else 32 if total < 10_000 else 64
        long = self.steps >= 2000 and horizon >= 24
        made.add("model.units", (128,) if long else (width,), size)
        # Segments of a day or so keep long windows short.
        segment = 1
        if lookback >= 100:
            parts = [s for s in (48, 24, 12, 7, 8, 6, 4) if s <= horizon and s * 5 <= lookback]
            best = [s for s in parts if self.season % s == 0 or s % self.season == 0]
            segment = (best or parts or [1])[0]
        made.add("model.segment", segment, f"{lookback} steps are read")
        made.add(
            "model.strategy",
            "segments" if long and segment > 1 else "direct",
            f"{horizon} steps ahead",
        )
        made.add("model.window_norm", "last", "levels move")
        reach = between(max(self.season, 1) * 2, 1, min(lookback, 48))
        highway = 0 if long else reach
        made.add("model.highway", highway, "a linear part for what repeats")
        many = FEW > self.series > 1 and long
        made.add("model.series_embedding", 8 if many else 0, f"{self.series:,} series")
        made.add("model.naive_start", True, "from the naive forecast on")
        made.add("model.dropout", 0.5 if long or total < 1500 else 0.3, size)

    def _trained(self, made: Choices, lookback: int) -> None:
        given = made.given
        horizon = given.get("data.horizon", self.horizon)
        stride = given.get("data.stride", made["data.stride"].value)
        value = lambda key: given.get(key, made[key].value)
        windows = max(self.series * (self.steps - lookback - horizon + 1) // stride, 1)
        batch = made.add("train.batch_size", between(2 ** round(math.log2(max(windows / 40, 1))), 16, 256), f"about {windows:,} windows an epoch")
        made.add("train.learning_rate", 0.003 if batch < 128 else 0.002, f"batches of {batch}")
        small = self.series * self.steps < 10_000
        members = made.add("train.members", 3 if small else 1, "the mean of several is steadier" if small else "many windows")
        refit = made.add("train.refit", False, "for now")
        made.add("train.keep", "best" if self.series >= FEW or self.validation >= 10 * horizon else "last", "validation windows")
        segment = value("model.segment")
        seconds = step_seconds(batch, lookback / segment + (horizon / segment / 4 if value("model.strategy") == "segments" else 0), value("model.units"), 1, segment * (1 + self.covariates + 2 * len(value("data.calendar"))))
        wanted = between(40 * windows**0.5, 400, 3000)
        times = members * (2 if refit else 1)
        epochs, why = epochs_within(given.get("train.minutes", 10) / times, windows, batch, seconds, wanted)
        made.add("train.epochs", max(epochs, 1), why)

    def __str__(self) -> str:
        return f"{self.series:,} series of {self.steps:,} steps of training time (the median)"


def _columns(source: Source, recipe: Recipe) -> dict[str, Any]:
    """The keys that say which columns hold the series."""
    data = recipe.data
    assert isinstance(data, ForecastData)
    given = {
        key: getattr(data, key)
        for key in COLUMN_KEYS
        if f"data.{key}" not in recipe.auto
    }
    if len(given) == len(COLUMN_KEYS):
        return given
    return column_keys(source, data, given)


def usual_horizon(seasons: Sequence[int], lengths: Any) -> int:
    """A season, or a twentieth of a series."""
    middle = int(np.median(lengths))
    season = next((s for s in seasons if s <= middle // 8), 0)
    return season or max(middle // 20, 1)


def test_steps(lengths: Any, horizon: int) -> int:
    """Whole horizons, about a tenth of a series, one at least."""
    return max(int(np.median(lengths)) // 10 // horizon, 1) * horizon


def validation_steps(before: int, horizon: int, series: int) -> int:
    """Whole horizons of the time before the test part."""
    share = 0.08 if series >= FEW else 0.16
    return min(max(round(share * before / horizon), 1), 20) * horizon


def _steps(part: int | float, lengths: Any) -> int:
    """A part of the median series in steps."""
    return part if isinstance(part, int) else round(part * float(np.median(lengths)))


def _facts(
    series: Sequence[Series], parted: ForecastData, seasons: tuple[int, ...]
) -> dict[str, Any]:
    """What the training times of series say."""
    parts = [parts_of(len(one), parted) for one in series]
    ends = [one.train_end for one in parts]
    seen = [one.observed[:end] for one, end in zip(series, ends, strict=True)]
    whole = [one.seen(end) for one, end in zip(series, ends, strict=True) if end > 1]
    present = np.concatenate([values[~np.isnan(values)] for values in seen])
    shape = shape_of(whole, (*seasons, 1)[0])
    return {
        "series": len(series),
        "steps": int(np.median(ends)),
        "shortest": int(np.quantile([one.validation_end for one in parts], 0.02)),
        "shape": shape,
        "least": float(present.min()),
        "typical": float(np.median(np.abs(present))),
        "zeros": float((present == 0).mean()),
        "gaps": any(one.filled is not None for one in series),
        "still": sum(np.ptp(values) == 0 for values in whole),
    }

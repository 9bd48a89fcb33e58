"""How series to forecast are read, parted, prepared and cut into windows, by a rule."""

from __future__ import annotations

import math

from seqkit.data.forecast.usual_calendar import usual_calendar
from seqkit.frequency import Frequency
from seqkit.tasks.rules.base import Choices
from seqkit.tasks.rules.series_columns import usual_keys
from seqkit.tasks.rules.series_facts import SeriesFacts

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
MANY_STEPS = 400
"""Of training time: from here on seasons are learned, and the calendar is read."""
MOST_WINDOWS = 20_000
"""Of an epoch; more are passed over by a longer stride."""
MOST_LOOKBACK = 720


def add_parts(made: Choices, facts: SeriesFacts) -> None:
    """Which columns are read, how far ahead, and how time is parted."""
    for key, value in (facts.columns or usual_keys(made.given)).items():
        made.add(f"data.{key}", value, "the one way to read the columns")
    made.add("data.horizon", facts.horizon, "a season, or a twentieth of a series")
    made.add("data.test", facts.test, "the last steps of each series")
    made.add("data.validation", facts.validation, "the steps before the test part")


def add_preparation(made: Choices, facts: SeriesFacts) -> None:
    """How series are mended and prepared."""
    made.add("data.gaps", "interpolate", f"{facts.filled:,} steps lack a value")
    still = f"{facts.still:,} of {facts.series:,} series never change"
    made.add("data.constant", "keep", still)
    made.add("data.short", "drop", f"most have {facts.shortest:,} steps or more")
    made.add("data.transform", *_transform(facts))
    made.add("data.seasons", *_seasons(facts))
    made.add("data.decompose", *_decompose(made, facts))
    made.add("data.scale", *_scale(made, facts))
    made.add("data.calendar", *_calendar(made, facts))


def _transform(facts: SeriesFacts) -> tuple[str, str]:
    shape = facts.shape
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


def _scale(made: Choices, facts: SeriesFacts) -> tuple[str, str]:
    if made.value("data.transform") != "none" and facts.series >= FEW:
        return "none", "differences of logarithms are shares, alike in all series"
    return "standard", "each series has a level of its own"


def _seasons(facts: SeriesFacts) -> tuple[tuple[int, ...], str]:
    if facts.seasons:
        return facts.seasons, "those of the frequency"
    if facts.shape.cycle:
        return (facts.shape.cycle,), "a cycle, by autocorrelation"
    return (), "the frequency has none, and no cycle was found"


def _decompose(made: Choices, facts: SeriesFacts) -> tuple[str, str]:
    if facts.series >= FEW:
        return "none", "a model of many series learns their seasons"
    if made.value("data.timestamp") is None or not facts.seasons:
        return "none", "no season of the calendar"
    if facts.steps >= MANY_STEPS:
        return "none", f"{facts.steps:,} steps of training time teach their seasons"
    why = f"the season's strength is {facts.shape.season:.2f}"
    return ("seasons" if facts.shape.season >= STRONG_SEASON else "none"), why


def _calendar(made: Choices, facts: SeriesFacts) -> tuple[tuple[str, ...], str]:
    if made.value("data.timestamp") is None or not facts.dated:
        return (), "there are no dates"
    if facts.series >= FEW:
        return (), "a model of many series learns their seasons"
    if facts.steps < MANY_STEPS:
        return (), f"{facts.steps:,} steps of training time are few"
    usual = usual_calendar(Frequency.of(facts.frequency or "D"))
    return usual, "what usually tells something of such steps"


def longest_season(facts: SeriesFacts) -> int:
    """Steps of the longest season that a window can hold twice."""
    return max((s for s in facts.seasons if 2 * s <= MOST_LOOKBACK), default=1)


def add_windows(made: Choices, facts: SeriesFacts) -> None:
    """How long windows are, and how far apart."""
    horizon = made.value("data.horizon")
    season = longest_season(facts)
    if not made.value("data.calendar"):
        season = max(season, facts.shape.cycle)
    cycles = 3 if season <= 24 else 2
    wanted = max(2 * horizon, cycles * season, 12)
    left = max(facts.steps - horizon, 2)
    room = left * 4 // 5 if facts.series >= FEW else left * 2 // 3
    why = f"two horizons, and {cycles} seasons of {season} steps"
    lookback = min(wanted, room, facts.shortest, MOST_LOOKBACK)
    if lookback < wanted:
        why = f"{facts.steps:,} steps of training time have room for no more"
    lost = lost_steps(made)
    least = max(lost + 1, made.given.get("model.highway", 0) + lost, 2)
    made.add("data.lookback", max(lookback, least), why)
    windows = facts.series * windows_each(made, facts)
    stride = math.ceil(windows / MOST_WINDOWS)
    if stride > 1 and math.gcd(stride, season) > 1:
        # Else some hours would never be forecast from.
        stride += 1
    made.add("data.stride", stride, f"there are {windows:,} windows")


def windows_each(made: Choices, facts: SeriesFacts) -> int:
    """Windows of a series, one step apart."""
    read = made.value("data.lookback") + made.value("data.horizon")
    return max(facts.steps - read + 1, 1)


def lost_steps(made: Choices) -> int:
    """Steps of a window that differencing uses up."""
    keys = ("data.difference", "data.seasonal_difference")
    return sum(made.given.get(key, 0) for key in keys)

"""The ``data`` section of recipes about forecasts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from seqkit.frequency import Frequency
from seqkit.recipe.spec import (
    ASKED,
    FIXED,
    MEASURED,
    PARTED,
    DataSpec,
    ListOf,
    Positive,
    Rate,
)

Column = Annotated[str, Field(min_length=1)]
Steps = Annotated[int, Field(ge=0, lt=2**31)]
Part = Steps | Rate
"""A number of steps (whole), or a share of a series' steps (below 1)."""

Feature = Literal[
    "minute",
    "hour",
    "day_of_week",
    "day_of_month",
    "day_of_year",
    "week_of_year",
    "month",
    "quarter",
]


def _known_frequency(alias: str) -> str:
    return Frequency.of(alias).alias


class ForecastData(DataSpec):
    """Series to forecast: how they lie in their frame, are prepared and parted."""

    layout: Literal["long", "wide", "rows"] = Field(
        "long",
        description="long: a row a step, `id` tells the series; wide: a row a step, a "
        "column a series; rows: a row a series.",
        json_schema_extra=MEASURED,
    )
    timestamp: Column | None = Field(
        "timestamp",
        description="The column of timestamps; null: the rows are in order, one step "
        "apart.",
        json_schema_extra=MEASURED,
    )
    id: Column | None = Field(
        None,
        description="long and rows: the column that names the series; null: there is "
        "one series (long), or the series are numbered (rows).",
        json_schema_extra=MEASURED,
    )
    values: Annotated[ListOf[Column], Field(min_length=1)] | None = Field(
        None,
        description="The columns to forecast: one for long, one a series for wide; "
        "null: `value` for long, for wide and rows all that no other key names and "
        "that neither count, tell times nor name rows.",
        json_schema_extra=MEASURED,
    )
    static: ListOf[Column] = Field(
        (), description="Columns that say something of a whole series."
    )
    past: ListOf[Column] = Field(
        (), description="Covariate columns known up to the forecast's origin."
    )
    future: ListOf[Column] = Field(
        (), description="Covariate columns known over the horizon, too."
    )
    calendar: ListOf[Feature] = Field(
        (), description="Features of the timestamp, known over the horizon."
    )
    frequency: Annotated[str, AfterValidator(_known_frequency)] | None = Field(
        None,
        description="Alias of the step, e.g. h, D, MS, BME, M-30; null: found.",
        json_schema_extra=MEASURED,
    )
    timezone: Column | None = Field(
        None,
        description="Local time zone of the timestamps, e.g. Europe/Berlin: their "
        "daylight-saving jumps are undone. null: timestamps jump nowhere.",
        json_schema_extra=MEASURED,
    )
    until: Column | None = Field(
        None,
        description="The last timestamp that is used; null: all are.",
        json_schema_extra=MEASURED,
    )
    gaps: Literal["error", "interpolate", "forward_fill"] = Field(
        "error",
        description="What to do where steps or values are missing.",
        json_schema_extra=MEASURED,
    )
    duplicates: Literal["error", "first", "last", "mean", "sum"] = Field(
        "error",
        description="What to do where a series has a timestamp twice.",
        json_schema_extra=MEASURED,
    )
    unsorted: Literal["error", "sort"] = Field(
        "error",
        description="What to do where timestamps go back.",
        json_schema_extra=FIXED,
    )
    short: Literal["error", "drop"] = Field(
        "error",
        description="What to do with a series too short to be forecast.",
        json_schema_extra=MEASURED,
    )
    constant: Literal["error", "drop", "keep"] = Field(
        "error",
        description="What to do with a series that never changes.",
        json_schema_extra=MEASURED,
    )

    transform: Literal["none", "log", "log1p", "box_cox"] = Field(
        "none",
        description="Of the values; log1p, the log of 1 + value, takes 0, too; box_cox "
        "fits one lambda a series.",
    )
    # The first one is that of MASE.
    seasons: ListOf[Annotated[int, Field(ge=2, lt=2**31)]] | None = Field(
        None,
        description="Season lengths in steps, shortest first; the first is that of "
        "seasonal naive and MASE. null: by the frequency; []: no season.",
        json_schema_extra=MEASURED,
    )
    decompose: Literal["none", "seasons", "seasons_and_trend"] = Field(
        "none",
        description="What MSTL finds in the training time and the model need not learn "
        "(Bandara, Hyndman & Bergmeir 2021).",
    )
    difference: Annotated[int, Field(ge=0, le=2)] = Field(
        0, description="How many times each value's predecessor is taken off."
    )
    seasonal_difference: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0, description="Takes off the value so many steps before; 0: none."
    )
    scale: Literal["none", "standard", "minmax", "mean"] = Field(
        "standard",
        description="What each series is scaled by, as its training time has it.",
    )
    lookback: Positive = Field(description="Steps that a forecast is made from.")
    horizon: Positive = Field(
        description="Steps to forecast.",
        json_schema_extra=ASKED,
    )
    stride: Positive = Field(
        1, description="Steps from one training window to the next."
    )
    validation: Part = Field(
        0.1,
        description="The last part of the time before the test, which decides when to "
        "stop and how wide intervals are: a number of steps, or a share.",
        json_schema_extra=FIXED,
    )
    test: Part = Field(
        0.1,
        description="The last part of each series: a number of steps, or a share.",
        json_schema_extra=PARTED,
    )
    test_stride: Positive | None = Field(
        None,
        description="Steps from one forecast origin of validation and test to the "
        "next; null: the horizon.",
        json_schema_extra=PARTED,
    )

    @classmethod
    def search_conflicts(
        cls, written: Mapping[str, Any], searched: Collection[str]
    ) -> Iterator[tuple[str, str]]:
        """Searches that change which columns are forecast, where no key names these."""
        if written.get("layout", "long") == "long" or written.get("values"):
            return
        for key in ("static", "past", "future"):
            if key in searched:
                yield (
                    key,
                    "changes which columns are forecast, as data.values is null. Name "
                    "these in data.values.",
                )

    @property
    def needs_time(self) -> bool:
        """Whether the model must be told when its values were."""
        return bool(self.calendar) or self.decompose != "none"

    @property
    def lags(self) -> tuple[int, int]:
        """``difference`` and ``seasonal_difference``."""
        return self.difference, self.seasonal_difference

    @property
    def lost_steps(self) -> int:
        """Steps at a window's beginning that differencing uses up."""
        return sum(self.lags)

    @model_validator(mode="after")
    def _fits(self) -> ForecastData:
        if self.lookback <= self.lost_steps:
            raise ValueError(
                f"has lookback {self.lookback}, of which differencing uses up "
                f"{self.lost_steps} steps. Set data.lookback to at least "
                f"{self.lost_steps + 1}."
            )
        if self.timestamp is None and (self.needs_time or self.until or self.timezone):
            raise ValueError(
                "has no timestamp column, but calendar, decompose, until or timezone, "
                "which need one. Name it in data.timestamp."
            )
        if self.layout == "long" and self.values and len(self.values) > 1:
            raise ValueError(
                f"has {len(self.values)} columns in values where layout: long takes "
                "one. Set data.layout to wide, or name one column."
            )
        if self.layout == "rows" and (self.past or self.future or self.timestamp):
            raise ValueError(
                "has layout: rows, which holds no timestamps and no covariates by "
                "step. Set data.timestamp to null and past and future to []."
            )
        if self.layout == "wide" and (self.static or self.id):
            raise ValueError(
                "has layout: wide, whose columns are series: it has no place for id "
                "and static. Leave them out, or use layout: long."
            )
        columns = [*(self.values or ()), *self.static, *self.past, *self.future]
        columns += [c for c in (self.timestamp, self.id) if c]
        twice = sorted({c for c in columns if columns.count(c) > 1})
        if twice:
            raise ValueError(f"names the column {twice[0]!r} twice. Name it once.")
        return self

"""Series to forecast: read, parted by time, and the origins of their forecasts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.origins import (
    origins,
    part_origins,
    parts_of,
    require_windows,
    usable,
)
from seqkit.data.forecast.series import History, Series, SeriesSet
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.rows.column_choice import ColumnChoice
from seqkit.errors import DataError, DataWarning
from seqkit.models.forecast.spec import ForecastModel
from seqkit.tasks.base import Baseline, Examples, Seen, TaskData
from seqkit.tasks.forecast.conformal_parts import evenly_spread

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.forecast.windows import PreparedSeries, WindowStore
    from seqkit.data.sources.base import Source
    from seqkit.tasks.forecast.fitted import ForecastPreprocessing
    from seqkit.tasks.forecast.lag_features import LagFeatures

LESSON_STEPS = 100_000
"""Pairs of window and step that plain learners learn from, and 200 windows at least."""
CHUNK_WINDOWS = 1024
"""Windows that are scored at one time."""


def read_all(
    source: Source, spec: ForecastData, trained: ColumnChoice | None = None
) -> SeriesSet:
    """All series of a source, whatever parts it has.

    ``trained`` are the columns that a run took for values.
    """
    from seqkit.data.forecast.frames import read_series

    return read_series(source, "train", spec, trained)


def as_in_training(
    spec: ForecastData, preprocessing: ForecastPreprocessing
) -> ForecastData:
    """``spec`` for other data than training's: their frequency is to be the same."""
    frequency = preprocessing.frequency
    return spec.model_copy(update={"frequency": frequency.alias if frequency else None})


class ForecastSeries(TaskData):
    """Series parted by time, with what this task fits on them."""

    def __init__(
        self,
        data: ForecastData,
        model: ForecastModel,
        series_set: SeriesSet,
        source: Source,
        windows: bool = True,
    ) -> None:
        self.spec, self.model = data, model
        self.source = source
        self.frequency = series_set.frequency
        self.name = series_set.name
        least = self._least_training() if windows else 0
        self.series = usable(series_set, self.spec, least)
        self.parts = [parts_of(len(series), self.spec) for series in self.series]
        self.fingerprint = series_set.fingerprint
        self.choice = series_set.choice
        if windows:
            require_windows(self.series, self.parts, self.spec)

    @property
    def seasons(self) -> tuple[int, ...]:
        """Season lengths in steps, shortest first."""
        from seqkit.data.forecast.preparation import season_lengths

        return season_lengths(self.spec, self.frequency)

    def _least_training(self) -> int:
        """Steps of training time from which a series can be prepared."""
        longest = max(self.seasons, default=0) if self.spec.decompose != "none" else 0
        return max(self.spec.lost_steps, 2 * longest) + 1

    def histories(self, part: str) -> Iterator[list[History]]:
        """The origins of a part that have something to forecast, chunk by chunk."""
        season = (*self.seasons, 1)[0]
        chunk: list[History] = []
        for number, places in self._origins(part):
            series, parts = self.series[number], self.parts[number]
            before = parts.validation_end if part == "test" else parts.train_end
            for origin in places.tolist():
                chunk.append(History(series, origin, parts.train_end, season, before))
                if len(chunk) == CHUNK_WINDOWS:
                    yield chunk
                    chunk = []
        if chunk:
            yield chunk

    def examples(self, part: str) -> Iterator[Examples]:
        """Windows of a part and what came then, NaN where it was missing."""
        every = sum(len(origins(one, part, self.spec)) for one in self.parts)
        unscored = (every - self.count(part)) * self.spec.horizon
        for chunk in self.histories(part):
            yield self._examples(chunk, unscored)
            unscored = 0

    def _examples(self, windows: list[History], unscored: int = 0) -> Examples:
        steps = np.arange(self.spec.horizon)
        truth = [one.series.observed[one.origin + steps] for one in windows]
        return Examples(windows, np.stack(truth), unscored)

    def count(self, part: str) -> int:
        return sum(len(places) for _, places in self._origins(part))

    def _origins(self, part: str) -> Iterator[tuple[int, NDArray[np.int64]]]:
        real = [one.real for one in self.series]
        return part_origins(self.parts, part, self.spec, real=real)

    def seen(self) -> Seen:
        from seqkit.data.forecast.seen import seen_times

        return seen_times(self.series, [one.validation_end for one in self.parts])

    def held_out_frame(self) -> pd.DataFrame:
        """All rows: a forecast of the test part is made from those before it."""
        from seqkit.data.forecast.frames import chosen_columns, read_rows

        choice = self.choice or chosen_columns(self.source, "train", self.spec)
        return read_rows(self.source, "train", self.spec, choice.taken)

    def preprocessing(self) -> ForecastPreprocessing:
        from seqkit.data.forecast.covariates import Covariates
        from seqkit.data.forecast.preparation import fit_tables
        from seqkit.tasks.forecast.fitted import ForecastPreprocessing

        ends = [one.train_end for one in self.parts]
        tables = fit_tables(self.series, ends, self.spec, self.frequency)
        covariates = Covariates.fit(self.series, ends)
        return ForecastPreprocessing(
            self.spec,
            self.model,
            self.frequency,
            tables,
            covariates,
            choice=self.choice,
        )

    def stores(self, preprocessing: Any, folder: Path) -> Mapping[str, WindowStore]:
        horizon = 1 if self.model.strategy == "recursive" else None
        prepared = self.prepared(preprocessing)
        return {
            part: preprocessing.store(prepared, self.parts, part, horizon)
            for part in ("train", "validation")
        }

    def whole_store(
        self, preprocessing: Any, stores: Mapping[str, WindowStore]
    ) -> WindowStore:
        """All windows that end before the test part."""
        ends = [one.validation_end for one in self.parts]
        parts = [
            replace(p, train_end=end) for p, end in zip(self.parts, ends, strict=True)
        ]
        horizon = stores["train"].horizon
        return preprocessing.store(
            self.prepared(preprocessing), parts, "train", horizon
        )

    def prepared(self, preprocessing: ForecastPreprocessing) -> list[PreparedSeries]:
        """All series as the model reads them."""
        return [preprocessing.prepared(series) for series in self.series]

    def baselines(self, seed: int) -> list[Baseline]:
        from seqkit.tasks.forecast.baselines import fit_baselines

        return fit_baselines(
            self.spec.horizon,
            self.seasons,
            self.model.quantiles,
            list(self.examples("validation")),
            self.count("test"),
            self.sampled("train", LESSON_STEPS // self.spec.horizon),
            self._lag_features(),
            seed,
        )

    def sampled(self, part: str, most: int) -> list[Examples]:
        """At most so many windows of a part, evenly spread."""
        every = [one for chunk in self.histories(part) for one in chunk]
        chosen = [every[row] for row in evenly_spread(len(every), max(most, 200))]
        return [self._examples(chosen)] if chosen else []

    def _lag_features(self) -> LagFeatures:
        """What plain learners read of a window."""
        from seqkit.data.forecast.covariates import Covariates
        from seqkit.data.forecast.usual_calendar import usual_calendar
        from seqkit.tasks.forecast.lag_features import LagFeatures

        spec, timed = self.spec, all(one.start is not None for one in self.series)
        calendar = (*spec.calendar, *usual_calendar(self.frequency)) if timed else ()
        covariates = Covariates.fit(self.series, [one.train_end for one in self.parts])
        return LagFeatures(
            spec.horizon,
            spec.lookback,
            self.seasons,
            "log" if spec.transform == "box_cox" else spec.transform,
            tuple(dict.fromkeys(calendar)),
            self.frequency.alias if self.frequency else None,
            covariates.to_dict(),
        )


def ends(
    series: Sequence[Series], preprocessing: ForecastPreprocessing, source: str
) -> list[History]:
    """The ends of series as origins; ``data.short`` and ``data.constant`` hold here.

    What they let training leave out is left out here, too, and noted.

    Raises:
        DataError: a series cannot be forecast, and is not to be left out; or none can.
    """
    data = preprocessing.data
    short = [one for one in series if len(one) < data.lookback]
    unknown = [one for one in series if not preprocessing.knows(one.id)]
    left_out = {id(one) for one in short} if data.short == "drop" else set()
    if "drop" in (data.short, data.constant):
        left_out |= {id(one) for one in unknown}
    able = [one for one in series if id(one) not in left_out]
    if able and left_out:
        first = next(one for one in series if id(one) in left_out)
        why = (
            f"has {len(first):,} points where {data.lookback:,} are needed"
            if len(first) < data.lookback
            else "is none of those that the model was trained on"
        )
        warnings.warn(
            f"{len(left_out):,} of {len(series):,} series of {source} cannot be "
            f"forecast and are left out (data.short, data.constant): first "
            f"{first.id!r}, which {why}.",
            DataWarning,
            stacklevel=2,
        )
    return [at_end(one, preprocessing) for one in able or series]


def at_end(series: Series, preprocessing: ForecastPreprocessing) -> History:
    """The end of a series as an origin; raise DataError where it cannot be one."""
    data = preprocessing.data
    if len(series) < data.lookback:
        raise DataError(
            f"Series {series.id!r} has {len(series)} points, but a forecast is made "
            f"from the last {data.lookback}. Give at least {data.lookback}."
        )
    missing = len(series) + data.horizon - len(series.future)
    if data.future and missing > 0:
        raise DataError(
            f"The future covariates ({', '.join(data.future)}) of series "
            f"{series.id!r} end {missing} steps before the forecast does. Give "
            f"{data.horizon} rows beyond the last value, with the values left empty."
        )
    return History(series, len(series), len(series))

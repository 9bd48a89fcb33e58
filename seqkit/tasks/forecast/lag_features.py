"""What a plain learner reads of a window: lags, the calendar and covariates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.covariates import Covariates
from seqkit.frequency import Frequency
from seqkit.tasks.forecast.naive_baselines import naive_scale

if TYPE_CHECKING:
    from seqkit.data.forecast.series import History, Series

Floats = NDArray[np.float64]

MOST_LAGS = 48
CYCLES = 2
"""Of each season, the same step of so many cycles before."""
LARGEST_LOG = 88.0


class Window(NamedTuple):
    """Windows as a learner reads them; NaN where a history is too short."""

    common: Floats
    """(rows, features), the same for all steps."""
    ahead: Floats
    """(rows, horizon, features), of each step."""
    start: Floats
    """(rows, horizon): the levels that answers are added to."""
    scale: Floats
    """(rows, 1): what they are multiplied by."""


@dataclass(frozen=True)
class LagFeatures:
    """What is read of a window, and how answers become values.

    Args:
        horizon: steps to forecast.
        lookback: steps that the model reads, of which at most MOST_LAGS are lags here.
        seasons: season lengths in steps, shortest first.
        transform: ``none``, ``log`` or ``log1p``, taken of the values.
        calendar: features of each step's timestamp.
        frequency: the alias of the step; None where there are no timestamps.
        covariates: what was fitted on training time, as ``Covariates.to_dict``.
        seasonal: whether answers are added to the last cycle, not to the last value.
    """

    horizon: int
    lookback: int
    seasons: tuple[int, ...] = ()
    transform: str = "none"
    calendar: tuple[str, ...] = ()
    frequency: str | None = None
    covariates: dict[str, Any] | None = None
    seasonal: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> LagFeatures:
        plain = json.loads(text)
        tuples = {name: tuple(plain[name]) for name in ("seasons", "calendar")}
        return cls(**{**plain, **tuples})

    def levels(self, values: Floats) -> Floats:
        """Values transformed; NaN where the transform has no level."""
        with np.errstate(all="ignore"):
            if self.transform == "none":
                return values
            levels = np.log1p(values) if self.transform == "log1p" else np.log(values)
        return np.where(np.isfinite(levels), levels, np.nan)

    def restored(self, levels: Floats) -> Floats:
        if self.transform == "none":
            return levels
        levels = np.minimum(levels, LARGEST_LOG)
        return np.expm1(levels) if self.transform == "log1p" else np.exp(levels)

    def of(self, inputs: Sequence[History]) -> Window:
        """The features of windows, from what is known at their origins alone."""
        fitted = Covariates.from_dict(self.covariates) if self.covariates else None
        step_features: dict[str, Floats] = {}
        scales: dict[tuple[str, int], float] = {}
        lags = min(self.lookback, MOST_LAGS)
        needed = max(lags, CYCLES * max(self.seasons, default=1))
        common, ahead, start, scale = [], [], [], []
        for one in inputs:
            # Once a series: what is known of its steps, and its scale.
            if one.id not in step_features:
                step_features[one.id] = self._step_features(one.series, fitted)
            end = min(one.train_end, one.origin)
            if (one.id, end) not in scales:
                season = (*self.seasons, 1)[0]
                whole = self.levels(one.series.observed[:end])
                scales[one.id, end] = naive_scale(whole, season)
            # The last levels, as many as lags and cycles need.
            begin = max(one.origin - needed, 0)
            levels = self.levels(one.series.seen(one.origin, begin))
            last = levels[-1]
            unit = scales[one.id, end]
            unit = unit if np.isfinite(unit) and unit > 0 else np.nan
            recent = np.full(lags, np.nan)
            taken = levels[-lags:]
            recent[lags - len(taken) :] = taken
            cycles = self._cycles(levels)
            # What is the same for all steps: lags and covariates at the origin.
            before = [np.array([taken.mean()]), recent[:-1]]
            parts = [(np.concatenate(before) - last) / unit]
            if fitted is not None:
                parts.append(self._covariates(one, fitted))
            rows = step_features[one.id][one.origin - 1 : one.origin + self.horizon]
            parts.append(rows[0])
            common.append(np.concatenate(parts))
            # What each step has of its own, and the level that answers start from.
            ahead.append(np.concatenate([(cycles - last) / unit, rows[1:]], axis=1))
            first = cycles[:, 0] if self.seasonal and len(cycles[0]) else None
            start.append(np.full(self.horizon, last) if first is None else first)
            scale.append(0.0 if np.isnan(unit) else unit)
        return Window(
            np.array(common).reshape(len(inputs), -1),
            np.array(ahead).reshape(len(inputs), self.horizon, -1),
            np.array(start).reshape(len(inputs), self.horizon),
            np.array(scale).reshape(-1, 1),
        )

    def _cycles(self, levels: Floats) -> Floats:
        """The same step of cycles before (horizon, seasons x CYCLES), or NaN."""
        steps = np.arange(self.horizon)
        cycles = np.full((self.horizon, len(self.seasons) * CYCLES), np.nan)
        for place, season in enumerate(self.seasons):
            for cycle in range(CYCLES):
                back = season * (steps // season + 1 + cycle)
                at = len(levels) + steps - back
                fine = at >= 0
                cycles[fine, place * CYCLES + cycle] = levels[at[fine]]
        return cycles

    def _covariates(self, one: History, fitted: Covariates) -> Floats:
        """Past covariates at the origin and on average, and static ones."""
        begin = max(one.origin - self.lookback, 0)
        past = fitted.past(one.series.seen_past(one.origin, begin))
        parts = [past[-1], past.mean(axis=0)] if past.shape[1] else []
        parts.append(fitted.encode_static(one.series.static))
        return np.concatenate(parts).astype(np.float64)

    def _step_features(self, series: Series, fitted: Covariates | None) -> Floats:
        """What is known of each step, and ahead (steps + horizon, features)."""
        steps = len(series) + self.horizon
        parts = [np.zeros((steps, 0))]
        if self.calendar and self.frequency and series.start is not None:
            from seqkit.layers.forecast.calendar import PERIODS, calendar_fields

            stamps = Frequency.of(self.frequency).stamps(series.start, steps)
            fields = calendar_fields(stamps.astype("datetime64[s]").astype(np.int64))
            for name in self.calendar:
                angle = fields[name] * (2 * np.pi / PERIODS[name])
                parts.append(np.stack([np.sin(angle), np.cos(angle)], axis=1))
        if fitted is not None and series.future.shape[1]:
            future = np.full((steps, series.future.shape[1]), np.nan)
            rows = fitted.future(series.future)[:steps]
            future[: len(rows)] = rows
            parts.append(future)
        return np.concatenate(parts, axis=1).astype(np.float64)


class Lessons(NamedTuple):
    """Windows of training time, as learners read them, and what came."""

    features: LagFeatures
    window: Window
    targets: Floats
    """(rows, horizon): levels less the start, over the scale; NaN: nobody knows."""


def lessons(
    features: LagFeatures, windows: Sequence[History], truth: Floats
) -> Lessons | None:
    """What is to be learned; None where nothing is.

    Answers are added to the last cycle where this is nearer than the last value.
    """
    if not len(windows):
        return None
    candidates = [
        _lessons(replace(features, seasonal=seasonal), windows, truth)
        for seasonal in ((False, True) if features.seasons else (False,))
    ]
    # A history without a whole cycle has no such start.
    errors = [np.nanmean(np.abs(np.nan_to_num(f.targets, nan=9.0))) for f in candidates]
    best = candidates[int(np.argmin(errors))]
    return best if np.isfinite(best.targets).any() else None


def _lessons(
    features: LagFeatures, windows: Sequence[History], truth: Floats
) -> Lessons:
    window = features.of(windows)
    with np.errstate(all="ignore"):
        targets = (features.levels(truth) - window.start) / window.scale
    return Lessons(features, window, np.where(np.isfinite(targets), targets, np.nan))

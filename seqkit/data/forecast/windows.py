"""Training windows, cut from prepared series as batches ask for them.

No window is kept: a batch is gathered from the flat arrays of all series by its rows'
(series, origin). What is in memory is each prepared value once and 16 bytes a window.

Where values were missing, a window knows no more than its origin does: a gap that is
still open there is carried forward, as serving does it; a filled target weighs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import last_given
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.stores.store import Arrays
from seqkit.signature import Signature

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class PreparedSeries:
    """One series as the model reads it; row i of each array belongs to value i."""

    steps: NDArray[np.float32]
    """(steps, features): prepared values, past covariates, known covariates."""
    known: NDArray[np.float32]
    """(steps or more, future features): covariates that are known ahead."""
    static: NDArray[np.float32]
    """(static features,)"""
    number: int
    """Among the series that training saw, from 1; 0 for another."""
    gaps: FilledLevels | None = None
    """Where and how the series was filled; None: nowhere."""

    @property
    def real(self) -> NDArray[np.bool_] | None:
        """Which values were given (steps,); None: all."""
        return None if self.gaps is None else np.asarray(~self.gaps.filled[:, 0])


@dataclass(frozen=True)
class FilledLevels:
    """What the windows of a series with filled gaps are made from.

    ``filled`` (steps, 1 + past covariates) says where value and covariates are filled,
    ``whole`` (steps,) are transformed values, ``added`` (steps,) what trend and seasons
    add to them; ``center`` and ``unit`` scale the differences.
    """

    filled: NDArray[np.bool_]
    whole: NDArray[np.float64]
    added: NDArray[np.float64]
    center: float
    unit: float

    @classmethod
    def none(cls, steps: int, past: int) -> FilledLevels:
        """Those of a series without gaps, which are never looked at."""
        nothing = np.zeros(steps)
        return cls(np.zeros((steps, 1 + past), bool), nothing, nothing, 0.0, 1.0)


class WindowStore:
    """Windows of prepared series, with what the model is to forecast of each.

    Args:
        series: the prepared series.
        places: for each series the origins (windows,) of its windows; origin o
            forecasts from the values before value o.
        timesteps: steps of the past that a window holds.
        horizon: steps of the future.
        lags: ``difference`` and ``seasonal_difference`` of the recipe's data.
        series_input: whether the model reads which series a window is of.
    """

    whole_lengths: NDArray[np.int32] | None = None

    def __init__(
        self,
        series: Sequence[PreparedSeries],
        places: Sequence[NDArray[np.int64]],
        timesteps: int,
        horizon: int,
        lags: tuple[int, int] = (0, 0),
        series_input: bool = False,
    ) -> None:
        self.timesteps, self.horizon = timesteps, horizon
        self.lags = lags
        self.series_input = series_input
        self._steps = np.concatenate([one.steps for one in series])
        self._future = np.concatenate([one.known for one in series])
        self._static = np.stack([one.static for one in series])
        self._numbers = np.array([one.number for one in series], np.int32)
        self._step_starts = _starts([len(one.steps) for one in series])
        self._future_starts = _starts([len(one.known) for one in series])
        self._owners = np.repeat(np.arange(len(series)), [len(p) for p in places])
        self._origins = np.concatenate([*places, np.zeros(0, np.int64)])
        self.lengths = np.full(len(self._origins), timesteps, np.int32)
        self._gaps = _Gaps.of(series)

    def __len__(self) -> int:
        return len(self._origins)

    def places(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each row's series, by its place among them from 0, and its origin."""
        return self._owners[rows], self._origins[rows]

    def arrays(self, rows: NDArray[np.int64]) -> Arrays:
        owners, origins = self._owners[rows], self._origins[rows]
        at = (self._step_starts[owners] + origins)[:, None]
        ahead = np.arange(self.horizon)
        inputs = {"steps": self._steps[at + np.arange(-self.timesteps, 0)]}
        if self._future.shape[1]:
            future_at = (self._future_starts[owners] + origins)[:, None]
            inputs["future"] = self._future[future_at + ahead]
        if self._static.shape[1]:
            inputs["static"] = self._static[owners]
        if self.series_input:
            inputs["series"] = self._numbers[owners]
        from seqkit.layers.forecast.formulas import accumulated

        differences = self._steps[at + ahead, 0]
        targets = np.asarray(accumulated(differences, *self.lags), np.float32)
        if self._gaps is not None:
            self._carry_open_gaps(at[:, 0], owners, inputs["steps"], targets)
        return inputs, targets, self._weights(at[:, 0], rows)

    def _weights(
        self, at: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Ones (rows,); with gaps (rows, horizon), 0 where a target is filled.

        Those of all windows are 1 on average, so that the mean loss of an epoch is that
        over the targets that were given.
        """
        if self._gaps is None:
            return np.ones(len(rows), np.float32)
        filled = self._gaps.filled[at[:, None] + np.arange(self.horizon), 0]
        return np.where(filled, 0, self._weight).astype(np.float32)

    @cached_property
    def _weight(self) -> float:
        """What a target that was given weighs."""
        assert self._gaps is not None
        at = self._step_starts[self._owners] + self._origins
        before = np.concatenate([[0], np.cumsum(~self._gaps.filled[:, 0])])
        targets = int((before[at + self.horizon] - before[at]).sum())
        return len(at) * self.horizon / max(targets, 1)

    def _carry_open_gaps(
        self,
        at: NDArray[np.int64],
        owners: NDArray[np.int64],
        steps: NDArray[np.float32],
        targets: NDArray[np.float32],
    ) -> None:
        """Correct the windows whose origin lies behind a gap that is still open.

        ``at`` are the rows' origins in the flat arrays; ``steps`` (rows, timesteps,
        features) and ``targets`` (rows, horizon) were cut from what is filled in
        hindsight.
        """
        assert self._gaps is not None
        gaps = self._gaps
        still_open = np.flatnonzero(gaps.filled[at - 1].any(axis=1))
        if not len(still_open):
            return
        at, owners = at[still_open, None], owners[still_open]
        places = at + np.arange(-self.timesteps, 0)
        for column in range(1, gaps.filled.shape[1]):
            last = gaps.last[at - 1, column]
            steps[still_open, :, column] = self._steps[np.minimum(places, last), column]
        values, ahead = gaps.window(at, owners, self.timesteps, self.horizon, self.lags)
        steps[still_open, :, 0] = values
        targets[still_open] = ahead

    def element_spec(self) -> tuple[Any, ...]:
        import tensorflow as tf

        def spec(*shape: int) -> tf.TensorSpec:
            return tf.TensorSpec((None, *shape), tf.float32)

        inputs = {"steps": spec(self.timesteps, self._steps.shape[1])}
        if self._future.shape[1]:
            inputs["future"] = spec(self.horizon, self._future.shape[1])
        if self._static.shape[1]:
            inputs["static"] = spec(self._static.shape[1])
        if self.series_input:
            inputs["series"] = tf.TensorSpec((None,), tf.int32)
        weights = spec() if self._gaps is None else spec(self.horizon)
        return inputs, spec(self.horizon), weights


@dataclass(frozen=True)
class _Gaps:
    """The ``FilledLevels`` of all series, one after the other."""

    filled: NDArray[np.bool_]
    last: NDArray[np.int64]
    """As ``filled`` lies: the flat place of the last number given up to each step."""
    whole: NDArray[np.float64]
    added: NDArray[np.float64]
    center: NDArray[np.float64]
    """(series, 1), as ``unit``"""
    unit: NDArray[np.float64]

    @classmethod
    def of(cls, series: Sequence[PreparedSeries]) -> _Gaps | None:
        """None where no series has gaps."""
        first = next((one.gaps for one in series if one.gaps is not None), None)
        if first is None:
            return None
        past = first.filled.shape[1] - 1
        every = [one.gaps or FilledLevels.none(len(one.steps), past) for one in series]
        starts = _starts([len(one.steps) for one in series])
        return cls(
            np.concatenate([one.filled for one in every]),
            np.concatenate(
                [
                    last_given(one.filled) + s
                    for one, s in zip(every, starts, strict=True)
                ]
            ),
            np.concatenate([one.whole for one in every]),
            np.concatenate([one.added for one in every]),
            np.array([[one.center] for one in every]),
            np.array([[one.unit] for one in every]),
        )

    def window(
        self,
        at: NDArray[np.int64],
        owners: NDArray[np.int64],
        timesteps: int,
        horizon: int,
        lags: tuple[int, int],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Steps (rows, timesteps) as known at origins ``at`` (rows, 1), and targets."""
        from seqkit.layers.forecast import formulas

        places = at + np.arange(-timesteps - sum(lags), 0)
        last = self.last[at - 1, 0]
        levels = self.whole[np.minimum(places, last)] - self.added[places]
        center, unit = self.center[owners], self.unit[owners]
        differences = np.asarray(formulas.differenced(levels, *lags))
        ahead = at + np.arange(horizon)
        base = np.asarray(formulas.base(levels, horizon, *lags, center))
        targets = self.whole[ahead] - self.added[ahead] - base
        return (differences - center) / unit, targets / unit


def _starts(lengths: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)


def window_signature(
    data: ForecastData, static: int, series: int, seasons: tuple[int, ...]
) -> Signature:
    """What a window of ``data`` holds, with so many static features and series."""
    known = len(data.future) + 2 * len(data.calendar)
    return Signature(
        timesteps=data.lookback - data.lost_steps,
        features=1 + len(data.past) + known,
        horizon=data.horizon,
        future_features=known,
        static_features=static,
        series=series,
        differenced=bool(data.lost_steps),
        details=(("seasons", seasons),),
    )

"""Training windows, cut from prepared series as batches ask for them.

No window is kept: a batch is gathered from the flat arrays of all series by its rows'
(series, origin). What is in memory is each prepared value once and 16 bytes a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.store import Arrays

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


class WindowStore:
    """Windows of prepared series, with what the model is to forecast of each.

    Args:
        series: the prepared series.
        places: for each series the origins (windows,) of its windows; origin o
            forecasts from the values before value o.
        timesteps: steps of the past that a window holds.
        horizon: steps of the future.
        accumulate: from differences (rows, horizon) to what the model gives.
    """

    whole_lengths: NDArray[np.int32] | None = None

    def __init__(
        self,
        series: Sequence[PreparedSeries],
        places: Sequence[NDArray[np.int64]],
        timesteps: int,
        horizon: int,
        accumulate: Any,
        series_input: bool = False,
    ) -> None:
        self.timesteps, self.horizon = timesteps, horizon
        self.accumulate = accumulate
        self.series_input = series_input
        self._steps = np.concatenate([one.steps for one in series])
        self._known = np.concatenate([one.known for one in series])
        self._static = np.stack([one.static for one in series])
        self._numbers = np.array([one.number for one in series], np.int32)
        self._step_starts = _starts([len(one.steps) for one in series])
        self._known_starts = _starts([len(one.known) for one in series])
        self._owners = np.repeat(np.arange(len(series)), [len(p) for p in places])
        self._origins = np.concatenate([*places, np.zeros(0, np.int64)])
        self.lengths = np.full(len(self._origins), timesteps, np.int32)
        self.weights = np.ones(len(self._origins), np.float32)

    def __len__(self) -> int:
        return len(self._origins)

    def arrays(self, rows: NDArray[np.int64]) -> Arrays:
        owners, origins = self._owners[rows], self._origins[rows]
        at = (self._step_starts[owners] + origins)[:, None]
        ahead = np.arange(self.horizon)
        inputs = {"steps": self._steps[at + np.arange(-self.timesteps, 0)]}
        if self._known.shape[1]:
            known_at = (self._known_starts[owners] + origins)[:, None]
            inputs["future"] = self._known[known_at + ahead]
        if self._static.shape[1]:
            inputs["static"] = self._static[owners]
        if self.series_input:
            inputs["series"] = self._numbers[owners]
        differences = self._steps[at + ahead, 0]
        targets = np.asarray(self.accumulate(differences), np.float32)
        return inputs, targets, self.weights[rows]

    def element_spec(self) -> tuple[Any, ...]:
        import tensorflow as tf

        def spec(*shape: int) -> tf.TensorSpec:
            return tf.TensorSpec((None, *shape), tf.float32)

        inputs = {"steps": spec(self.timesteps, self._steps.shape[1])}
        if self._known.shape[1]:
            inputs["future"] = spec(self.horizon, self._known.shape[1])
        if self._static.shape[1]:
            inputs["static"] = spec(self._static.shape[1])
        if self.series_input:
            inputs["series"] = tf.TensorSpec((None,), tf.int32)
        return inputs, spec(self.horizon), spec()


def _starts(lengths: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)

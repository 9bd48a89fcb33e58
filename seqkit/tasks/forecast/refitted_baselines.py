"""Baselines that are fitted anew to the history of each window: Theta and ETS."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.forecast.conformal_parts import evenly_spread
from seqkit.tasks.forecast.ets import ets_forecast
from seqkit.tasks.forecast.naive_baselines import ForecastBaseline
from seqkit.tasks.forecast.theta import theta_forecast

if TYPE_CHECKING:
    from seqkit.data.forecast.series import History

Floats = NDArray[np.float64]


class Refitted(ForecastBaseline):
    """A method that is fitted to each history; of many windows it answers a sample."""

    name: str
    answered: int
    """About so many of more windows are answered, and so many calibrate it at most."""
    few: int
    """So many windows of training time say what is usual."""

    @abstractmethod
    def forecast(self, values: Floats) -> Floats:
        """The next values (horizon,) of one history."""

    @property
    def most(self) -> int:
        return self.answered

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"{self.name}{self.sample_note}"

    def points(self, inputs: Sequence[History]) -> Floats:
        points = np.full((len(inputs), self.horizon), np.nan)
        for row in self.sampled(inputs):
            points[row] = self.forecast(inputs[row].values)
        return points

    def calibrate(
        self,
        windows: Sequence[History],
        truth: Floats,
        before: Sequence[History] = (),
        truth_before: Floats | None = None,
    ) -> None:
        """As the others, on so many windows, evenly spread, at most."""
        rows = evenly_spread(len(windows), self.answered)
        few = slice(None, None, -(-len(before) // self.few) or 1)
        if truth_before is not None:
            truth_before = truth_before[few]
        # Of these windows all are answered.
        count, self.windows = self.windows, 0
        chosen = [windows[row] for row in rows]
        super().calibrate(chosen, truth[rows], before[few], truth_before)
        self.windows = count


class Theta(Refitted):
    """The Theta method, see ``theta_forecast``."""

    kind, name = "theta", "Theta"
    answered, few = 500, 40

    def forecast(self, values: Floats) -> Floats:
        return theta_forecast(values, self.horizon, self.season)


class Ets(Refitted):
    """Exponential smoothing, its form by AICc, see ``ets_forecast``."""

    kind, name = "ets", "ETS"
    # A window takes some 50 ms, with hours of the day 120.
    answered, few = 200, 20

    def forecast(self, values: Floats) -> Floats:
        return ets_forecast(values, self.horizon, self.season)

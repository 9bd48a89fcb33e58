"""Split-conformal quantiles: what a method gives, moved so that it holds.

Residuals of windows that training did not see have quantiles of their own. Moving
quantiles by them makes each hold on like windows, whatever the method is (Vovk et al.
2005; Romano, Patterson & Candes 2019, "Conformalized quantile regression", each end by
itself). Four things are added for series:

- Residuals are measured in a ``scale`` of their window, such as its own naive error,
  to a power between 0 and 1 that folds of the validation's series choose (normalised
  conformal prediction, Papadopoulos et al. 2008; Lei et al. 2018). 0 pools them as
  they are.
- Where the middle lies follows from all of the time that is known. All windows of one
  block of time share its shocks, so one block of validation time moves no forecast;
  several that agree do, as far as they agree (James & Stein 1961, positive part). What
  is not moved is taken to come with either sign the next time.
- Windows that overlap count as the fewer that they are worth; ranks are those of this
  count plus one. Steps lend each other their residuals where they have few.
- Where windows are few, the shape of training's residuals stands in, never narrower
  than validation's. Where a rank does not exist, Student's t gives the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.forecast.conformal_parts import (
    POWERS,
    Blocks,
    Residuals,
    blocks_of,
    chosen_power,
    effective_windows,
    outer_quantile,
    step_statistic,
    typical,
    unit_of,
)

Floats = NDArray[np.float64]

ENOUGH = 100
"""With fewer effective windows, training's residuals lend their shape."""
LENT = 20.0
"""So many effective windows they count as then."""

__all__ = ["POWERS", "Calibration", "Residuals", "calibrated"]


class Calibration(NamedTuple):
    """What moves a method's answers, in units of ``unit``."""

    moves: Floats
    """(horizon, levels), for the quantiles."""
    point: Floats
    """(horizon,), for the point forecast."""
    power: float
    typical: float
    """The scale of a typical series."""

    def unit(self, scale: Floats) -> Floats:
        """What the moves of a series of this scale are measured in."""
        return unit_of(scale, self.power, self.typical)


def calibrated(
    validation: Residuals,
    training: Residuals | None,
    levels: Sequence[float],
    point: float | None = 0.5,
) -> Calibration:
    """What moves quantiles of these levels, and the point.

    Args:
        validation: residuals of windows that nothing was fitted on, at least one.
        training: those of windows of training time, if there are any.
        levels: of the quantiles, rising.
        point: the level that the point stands for; None: the mean.
    """
    validation = validation.known()
    training = None if training is None else training.known()
    middle = typical(validation.scale)
    power = chosen_power(validation, levels, middle)
    ours = validation.over(unit_of(validation.scale, power, middle))
    theirs = None
    if training is not None and len(training):
        theirs = training.over(unit_of(training.scale, power, middle))
    center = _Center.of(ours, theirs, 0.5)
    counts = effective_windows(ours.series, ours.origins, ours.middle.shape[1])
    moves = np.stack(
        [
            _moves(ours, theirs, place, level, center, counts)
            for place, level in enumerate(levels)
        ],
        axis=1,
    )
    aim = center if point == 0.5 else _Center.of(ours, theirs, point)
    for place, level in enumerate(levels):
        if level in (0.5, point):
            moves[:, place] = (center if level == 0.5 else aim).moved
    # An outer quantile may be lent residuals where an inner one is not.
    return Calibration(np.sort(moves, axis=1), aim.moved, power, middle)


class _Center(NamedTuple):
    """Where the middle of the residuals lies, each (horizon,)."""

    moved: Floats
    """Where it is thought to lie the next time."""
    seen: Floats
    """Where it lay in the validation part."""
    doubtful: Floats
    """How far from ``moved`` the next block of time may have it, to either side."""

    @classmethod
    def of(
        cls, validation: Residuals, training: Residuals | None, level: float | None
    ) -> _Center:
        seen = step_statistic(validation.middle, level)
        blocks = blocks_of(validation.middle, validation.origins, level)
        before, earlier = np.zeros_like(seen), Blocks(1, np.zeros_like(seen))
        if training is not None:
            statistic = step_statistic(training.middle, level)
            earlier = blocks_of(training.middle, training.origins, level)
            before = _trusted(statistic, earlier) * statistic
        moved = before + _trusted(seen - before, blocks) * (seen - before)
        # One block's shock is a poor guess of the next one's: training's count, too.
        comparable = earlier.many if earlier.many > 1 else 0
        variance = (seen - moved) ** 2 + comparable * earlier.spread / blocks.many
        return cls(moved, seen, np.sqrt(variance / (1 + comparable)))


def _trusted(apart: Floats, blocks: Blocks) -> float:
    """What share of a shift to keep: 1 less its noise over its square."""
    size = float(np.mean(apart**2))
    return max(0.0, 1 - blocks.noise / size) if size > 0 else 0.0


def _moves(
    validation: Residuals,
    training: Residuals | None,
    place: int,
    level: float,
    center: _Center,
    counts: Floats,
) -> Floats:
    """What moves the quantile of one level at each step (horizon,)."""
    column = validation.values[:, :, place]
    lent = column[:0] if training is None else training.values[:, :, place]
    lent_middle = None if training is None else step_statistic(training.middle, 0.5)
    result = np.empty(column.shape[1])
    for step in range(len(result)):
        near = _neighbours(column, step, level)
        apart = (column[:, near] - center.seen[near]).ravel()
        apart = apart[np.isfinite(apart)]
        doubt = center.doubtful[step]
        values = np.concatenate([apart + doubt, apart - doubt])
        weights = np.full(len(values), counts[step] / max(len(values), 1))
        if lent_middle is not None and counts[step] < ENOUGH:
            shape = (lent[:, near] - lent_middle[near]).ravel()
            shape = _not_narrower(shape[np.isfinite(shape)], apart)
            values = np.concatenate([values, shape + doubt, shape - doubt])
            share = LENT / max(2 * len(shape), 1)
            weights = np.concatenate([weights, np.full(2 * len(shape), share)])
        result[step] = center.moved[step] + outer_quantile(values, weights, level)
    return result


def _not_narrower(shape: Floats, apart: Floats) -> Floats:
    """Residuals of training, enlarged where validation's are larger."""
    size, seen = np.abs(shape).mean() if len(shape) else 0.0, np.abs(apart).mean()
    return shape * max(1.0, seen / size) if size > 0 else shape


def _neighbours(column: Floats, step: int, level: float) -> slice:
    """The steps around one that together have residuals enough for a level."""
    needed = 10 / min(level, 1 - level)
    windows, steps = column.shape
    reach = int(np.ceil((needed / max(windows, 1) - 1) / 2))
    reach = min(max(reach, 0), steps)
    return slice(max(0, step - reach), step + reach + 1)

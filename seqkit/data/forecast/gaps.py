"""Steps and values that are missing within a series: counted, and filled if allowed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import Series, Static
from seqkit.data.forecast.spec import ForecastData
from seqkit.data.forecast.time_zones import jump_hint
from seqkit.data.forecast.timestamps import shown_stamp
from seqkit.data.forecast.uneven_steps import gaps_mend
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import Frequency, Stamps

MOST_STEPS = 10**8
"""Steps from a series' first stamp to its last; more are a stamp gone wrong."""

SHOWN_JUMPS = 1000
"""So many missing stamps a series are looked at for daylight-saving time."""

Grid = NDArray[np.float64]
"""(steps, 1 + covariates): the value, then past and future covariates."""


@dataclass
class Gaps:
    """What was missing in the series that were filled so far."""

    source: str
    count: int
    """Series that there are."""
    spec: ForecastData
    frequency: Frequency | None
    total: int = 0
    """Steps from the first to the last values of the series, missing ones too."""
    steps: int = 0
    """Missing steps within series."""
    cells: int = 0
    """Missing values and covariates of steps that are there."""
    begun: int = 0
    """Steps cut off before all columns have begun."""
    ended: int = 0
    """Steps cut off after the last value."""
    first: str = ""
    series: set[str] = field(default_factory=set)
    empty: list[str] = field(default_factory=list)
    missing: list[Stamps] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("the value", *map(repr, (*self.spec.past, *self.spec.future)))

    def when(self, id_: str, start: np.datetime64 | None, step: int) -> str:
        """``2020-01-31 in series 'a'``, or ``step 5 of series 'a'``."""
        if self.frequency is None or start is None:
            return f"step {step + 1:,} of series {id_!r}"
        stamp = self.frequency.stamps(start, step + 1)[-1]
        return f"{shown_stamp(stamp)} in series {id_!r}"

    def tell(self) -> None:
        """Raise DataError for what the recipe does not mend; warn of what it does."""
        self._report_empty()
        if not self.series:
            return
        counts = " and ".join(
            f"{count:,} {what}"
            for count, what in ((self.steps, "steps"), (self.cells, "values"))
            if count
        )
        inside = f"{counts} are missing" if counts else "nothing is missing inside"
        cut = ""
        if self.begun or self.ended:
            ends = [f"{self.begun:,} steps before the first value"] * bool(self.begun)
            ends += [f"{self.ended:,} steps after the last"] * bool(self.ended)
            cut = f"; {' and '.join(ends)} lack one"
        some = f"{len(self.series):,} of the {self.count:,} series of "
        text = (
            f"In {some if self.count > 1 else ''}{self.source} {inside}{cut}. "
            f"The first is {self.first}."
        )
        if self.spec.gaps == "error":
            step = self.frequency.seconds if self.frequency else 0
            stamps = np.concatenate(self.missing or [np.array([], "datetime64[s]")])
            hint = jump_hint(stamps, step, self.spec.timezone)
            missing = self.steps + self.cells
            mend = gaps_mend(missing, self.total, stamps, self.spec, hint)
            raise DataError(f"{text} {mend}")
        cut = " and ends without values were cut off" if cut else ""
        note(f"{text} Gaps were filled{cut} (data.gaps: {self.spec.gaps}).")

    def _report_empty(self) -> None:
        if not self.empty:
            return
        text = (
            f"{len(self.empty):,} of the {self.count:,} series of {self.source} have "
            f"no values, first {self.empty[0]!r}"
        )
        if self.spec.until:
            text += f" (data.until: {self.spec.until})"
        if self.spec.short == "error":
            raise DataError(f"{text}. Leave them out, or set data.short to drop.")
        note(f"{text}; they were left out (data.short: drop).")


def note(text: str) -> None:
    """Say what was mended."""
    warnings.warn(text, DataWarning, stacklevel=2)


def fill_series(
    id_: str,
    stamps: Stamps | None,
    numbers: Grid,
    static: tuple[Static, ...],
    gaps: Gaps,
) -> Series | None:
    """Make a series of the rows that there are; None where they hold no value.

    Interpolation is linear. Before all columns have begun there is nothing to fill
    from: these steps are cut off. After the last value steps are cut off too, unless
    the recipe has future covariates: these go on. A past covariate that ends before
    the values keeps its last number. What is missing is noted in ``gaps``.

    Args:
        id_: the series' name.
        stamps: (rows,) rising timestamps on the grid of ``gaps.frequency``, or None.
        numbers: (rows, 1 + covariates).
        static: its static covariates.
        gaps: takes what was missing.

    Raises:
        DataError: a covariate has no number, or a future one lacks beyond the values.
    """
    # All steps of the series, those without a row as NaN.
    grid, there = _on_grid(id_, stamps, numbers, gaps)
    with_value = np.flatnonzero(~np.isnan(grid[:, 0]))
    if not len(with_value):
        gaps.empty.append(id_)
        return None
    # From where all columns have begun to the last value.
    end = int(with_value[-1]) + 1
    start = None if stamps is None else stamps[0]
    _check_beyond(id_, start, grid[end:], end, gaps)
    begin = _begin(id_, grid[:end], gaps)
    _count_missing(id_, start, grid, there, begin, end, gaps)
    future = 1 + len(gaps.spec.past)
    # Fill, then cut: a column may have its last number before all have begun.
    body = _filled(grid[:end], gaps.spec.gaps)[begin:]
    filled = np.isnan(grid[begin:end, :future])
    # What comes later is carried on from the first step, whatever it is made of.
    filled[:1] = False
    # The stamp of the first step that is left, and what is known beyond the values.
    if start is not None and gaps.frequency and begin:
        start = gaps.frequency.stamps(start, begin + 1)[-1]
    beyond = grid[end:, future:] if gaps.spec.future else grid[:0, future:]
    return Series(
        id_,
        body[:, 0].copy(),
        start,
        body[:, 1:future].copy(),
        np.concatenate([body[:, future:], beyond]),
        static,
        filled if filled.any() else None,
    )


def _on_grid(
    id_: str, stamps: Stamps | None, numbers: Grid, gaps: Gaps
) -> tuple[Grid, NDArray[np.bool_]]:
    """All steps from the first to the last, and which of them have a row."""
    if stamps is None or gaps.frequency is None or not len(stamps):
        return numbers, np.ones(len(numbers), bool)
    places = gaps.frequency.ordinal(stamps)
    places = places - places[0]
    steps = int(places[-1]) + 1
    if steps > MOST_STEPS:
        raise DataError(
            f"Series {id_!r} of {gaps.source} has {steps:,} steps of "
            f"{gaps.frequency.alias} from {shown_stamp(stamps[0])} to "
            f"{shown_stamp(stamps[-1])}. Mend its timestamps or data.frequency."
        )
    if steps == len(numbers):
        return numbers, np.ones(steps, bool)
    grid = np.full((steps, numbers.shape[1]), np.nan)
    grid[places] = numbers
    there = np.zeros(steps, bool)
    there[places] = True
    return grid, there


def _check_beyond(
    id_: str, start: np.datetime64 | None, beyond: Grid, end: int, gaps: Gaps
) -> None:
    """See that future covariates are whole in the steps after the last value."""
    first = 1 + len(gaps.spec.past)
    missing = np.argwhere(np.isnan(beyond[:, first:]))
    if len(missing):
        step, column = missing[0].tolist()
        raise DataError(
            f"{gaps.source} lacks the future covariate {gaps.spec.future[column]!r} at "
            f"{gaps.when(id_, start, end + step)}, after the last value. Give it for "
            "every step up to the last row, or leave these rows out."
        )


def _begin(id_: str, grid: Grid, gaps: Gaps) -> int:
    """The first step from which on every column has begun."""
    present = ~np.isnan(grid)
    none = np.flatnonzero(~present.any(axis=0))
    if len(none):
        raise DataError(
            f"The covariate {gaps.columns[none[0]]} of {gaps.source} has no number up "
            f"to the last value of series {id_!r}. Fill it in, or leave it out of "
            "data.past and data.future."
        )
    return int(present.argmax(axis=0).max())


def _count_missing(
    id_: str,
    start: np.datetime64 | None,
    grid: Grid,
    there: NDArray[np.bool_],
    begin: int,
    end: int,
    gaps: Gaps,
) -> None:
    gaps.total += end - begin
    ended = 0 if gaps.spec.future else len(grid) - end
    missing = np.isnan(grid[begin:end])
    if not (begin or ended or missing.any()):
        return
    absent = np.flatnonzero(~there[begin:end]) + begin
    gaps.steps += len(absent)
    gaps.cells += int(missing[there[begin:end]].sum())
    gaps.begun += begin
    gaps.ended += ended
    gaps.series.add(id_)
    if start is not None and gaps.frequency and len(absent):
        stamps = gaps.frequency.stamps(start, int(absent[-1]) + 1)
        gaps.missing.append(stamps[absent[:SHOWN_JUMPS]])
    if not gaps.first:
        whole = np.isnan(grid)
        whole[end:, :] = ended > 0
        step, column = np.argwhere(whole)[0].tolist()
        what = gaps.columns[column] if there[step] else "the step"
        gaps.first = f"{what} at {gaps.when(id_, start, step)}"


def _filled(grid: Grid, policy: str) -> Grid:
    """``grid`` with its gaps filled, column by column, but those before it begins.

    Each column has a number.
    """
    missing = np.isnan(grid)
    if not missing.any():
        return grid
    grid = grid.copy()
    steps = np.arange(len(grid))
    for column in np.flatnonzero(missing.any(axis=0)):
        absent = missing[:, column]
        if policy == "forward_fill":
            last = np.maximum.accumulate(np.where(absent, 0, steps))
            grid[:, column] = grid[last, column]
        else:
            grid[absent, column] = np.interp(
                steps[absent], steps[~absent], grid[~absent, column]
            )
    return grid

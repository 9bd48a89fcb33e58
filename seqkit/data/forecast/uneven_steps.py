"""What to do about timestamps that are not evenly apart, in a sentence or two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.frequency_finding import find_frequency
from seqkit.data.forecast.spec import ForecastData
from seqkit.frequency import DAY, Frequency, Stamps, fixed_alias

MOST_FILLED = 1 / 3
"""A larger share of a series' steps would be invented by filling its gaps."""

_EVEN = (
    *(1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800),
    *(3600, 7200, 10_800, 14_400, 21_600, 43_200, DAY),
)
"""Steps in seconds that clocks are set to."""

_WAVER = 0.25
"""Stamps waver about a grid where none is further off than this share of a step."""

_WEEKDAYS = (
    *("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays"),
    *("Saturdays", "Sundays"),
)


def off_grid_mend(
    stamps: Stamps, wrong: NDArray[np.bool_], frequency: Frequency, spec: ForecastData
) -> str:
    """What to do about stamps off the grid of ``frequency``.

    Args:
        stamps: (rows,) those of all series.
        wrong: (rows,) which are off the grid.
        frequency: the recipe's or, where it has none, the most common one.
        spec: says which of both.
    """
    usual = find_frequency(stamps)
    if spec.frequency and usual and usual != frequency:
        if not (usual.offset(stamps) < 0).any():
            return (
                f"They are {usual.alias} apart: give steps of {frequency.alias}, or "
                "fit with data.frequency null to have it found."
            )
    step = _wavering_step(stamps)
    if step:
        return (
            f"They waver about steps of {step}: round them, e.g. with pandas' "
            f"dt.round({step!r}).{_without_times(spec)}"
        )
    if spec.frequency:
        return f"Give steps of {frequency.alias}.{_without_times(spec)}"
    if wrong.mean() <= MOST_FILLED:
        return "Mend it, or set data.frequency if it is another."
    return (
        "They have no frequency: make the steps even first, e.g. with pandas' resample."
        f"{_without_times(spec)}"
    )


def _wavering_step(stamps: Stamps) -> str | None:
    """The alias of the even step that stamps are near to, one each; None: none."""
    seconds = np.unique(stamps.astype("datetime64[s]").astype(np.int64))
    if len(seconds) < 3:
        return None
    usual = float(np.median(np.diff(seconds)))
    step = min(_EVEN, key=lambda even: abs(np.log(even / usual)))
    places = np.round(seconds / step).astype(np.int64)
    if not 1 - _WAVER < usual / step < 1 + _WAVER:
        return None
    near = np.abs(seconds - places * step) <= _WAVER * step
    one_each = len(np.unique(places)) == len(places)
    return fixed_alias(step) if near.all() and one_each else None


def gaps_mend(
    lacking: int, steps: int, missing: Stamps, spec: ForecastData, hint: str
) -> str:
    """What to do about steps and values that are missing.

    Args:
        lacking: so many are.
        steps: all steps from the series' first to their last values.
        missing: stamps of steps that are missing, some of them.
        spec: what is forecast.
        hint: a sentence on daylight-saving time, or nothing.
    """
    fill = f"Fill them, or set data.gaps to interpolate or forward_fill.{hint}"
    if hint:
        return fill
    closed = _closed_days(missing)
    if lacking > MOST_FILLED * steps:
        return (
            f"Filling would invent {lacking / steps:.0%} of the steps: sum the values "
            f"up to longer steps, e.g. with pandas' resample.{_without_times(spec)}"
        )
    if closed:
        return f"All are {closed}. {fill}{_without_times(spec)}"
    return fill


def _closed_days(missing: Stamps) -> str:
    """``Sundays`` where all missing stamps are of one weekday, and more than a few."""
    weekday = (missing.astype("datetime64[D]").astype(np.int64) + 3) % 7
    one = len(missing) > 3 and len(np.unique(weekday)) == 1
    return _WEEKDAYS[int(weekday[0])] if one else ""


def _without_times(spec: ForecastData) -> str:
    if spec.needs_time or spec.until or spec.timezone:
        return ""
    return " Or set data.timestamp to null: rows are a step apart then."

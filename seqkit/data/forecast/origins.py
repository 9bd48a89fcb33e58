"""Where forecasts begin: each series' time parted into training, validation and test.

The parts follow each other: training, then validation, then test. A forecast belongs to
a part if all that it forecasts does; what it is made from may lie before the part.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.series import Series, SeriesSet
from seqkit.data.forecast.spec import ForecastData
from seqkit.errors import DataError, DataWarning


@dataclass(frozen=True)
class Parts:
    """Ends of the parts of one series: values[:train_end] train, and so on."""

    train_end: int
    validation_end: int
    test_end: int


def parts_of(steps: int, spec: ForecastData) -> Parts:
    """Part ``steps`` values by the spec's shares or numbers of steps."""
    test = spec.test if isinstance(spec.test, int) else round(spec.test * steps)
    before = max(steps - test, 0)
    share = spec.validation
    validation = share if isinstance(share, int) else round(share * before)
    return Parts(max(before - validation, 0), before, steps)


def origins(
    parts: Parts, part: str, spec: ForecastData, horizon: int | None = None
) -> NDArray[np.int64]:
    """The origins (windows,) of a part, rising; empty where no window fits.

    ``horizon`` is how far a window goes; None: as far as the spec says.
    """
    horizon = horizon or spec.horizon
    if part == "train":
        # Counted from the end, so that the latest window is always one of them.
        last = parts.train_end - horizon
        return np.arange(last, spec.lookback - 1, -spec.stride, dtype=np.int64)[::-1]
    begin, end = parts.train_end, parts.validation_end
    if part == "test":
        begin, end = parts.validation_end, parts.test_end
    stride = spec.test_stride or horizon
    every = np.arange(begin, end - horizon + 1, stride, dtype=np.int64)
    return every[every >= spec.lookback]


def with_targets(
    origins: NDArray[np.int64], real: NDArray[np.bool_] | None, horizon: int
) -> NDArray[np.int64]:
    """The origins (windows,) that have a value to forecast that was not filled.

    ``real`` (steps,) says which values were given; None: all.
    """
    if real is None:
        return origins
    before = np.concatenate([[0], np.cumsum(real)])
    return origins[before[origins + horizon] > before[origins]]


def usable(
    data: SeriesSet, spec: ForecastData, least_training: int = 0
) -> tuple[Series, ...]:
    """The series that are long enough to be forecast in their test part.

    Under ``data.short: drop`` series with fewer than ``least_training`` steps of
    training time are left out, too, and under ``data.constant: drop`` those that do
    not change in it.

    Raises:
        DataError: one is too short and ``data.short`` is ``error``; or none is left.
    """
    long_enough: list[Series] = []
    short: list[Series] = []
    for series in data.series:
        before_test = parts_of(len(series), spec).validation_end
        (long_enough if before_test >= spec.lookback else short).append(series)
    if short and (spec.short == "error" or not long_enough):
        shortest = min(short, key=len)
        raise DataError(_too_short(shortest, len(short), spec))
    if short:
        _note(data, len(short), "are shorter than lookback and test, and")
    ends = {one.id: parts_of(len(one), spec).train_end for one in long_enough}
    if spec.short == "drop":
        long_enough = _without(
            [one for one in long_enough if ends[one.id] < least_training],
            long_enough,
            data,
            f"have less than the {least_training:,} steps of training time that "
            "their preparation needs, and",
        )
    if spec.constant == "drop" and spec.scale != "none":
        long_enough = _without(
            [one for one in long_enough if _still(one.seen(ends[one.id]))],
            long_enough,
            data,
            "do not change in their training time, and",
        )
    return tuple(long_enough)


def _still(values: NDArray[np.float64]) -> bool:
    return not len(values) or bool(values.min() == values.max())


def _without(
    out: list[Series], series: list[Series], data: SeriesSet, why: str
) -> list[Series]:
    """``series`` less ``out``, which is noted; all where nothing would be left."""
    if not out or len(out) == len(series):
        return series
    _note(data, len(out), why)
    names = {one.id for one in out}
    return [one for one in series if one.id not in names]


def _note(data: SeriesSet, count: int, why: str) -> None:
    warnings.warn(
        f"{count:,} of {len(data.series):,} series of {data.name} {why} are left out.",
        DataWarning,
        stacklevel=3,
    )


def _too_short(series: Series, count: int, spec: ForecastData) -> str:
    share = 0 if isinstance(spec.test, int) else spec.test
    needed = max(len(series), int((spec.lookback - 1) / (1 - share)))
    while parts_of(needed, spec).validation_end < spec.lookback:
        needed += 1
    test = needed - parts_of(needed, spec).validation_end
    others = f" (and {count - 1:,} more are short)" if count > 1 else ""
    drop = " or set data.short=drop" if spec.short == "error" else ""
    return (
        f"Series {series.id!r} has {len(series)} points{others}, but lookback "
        f"{spec.lookback} and the test's {test} need at least {needed}. Shorten "
        f"data.lookback or data.test, give more history{drop}."
    )


def require_windows(
    series: Sequence[Series], parts: Sequence[Parts], spec: ForecastData
) -> None:
    """See that training has windows, and that a part that is asked for has some.

    Raises:
        DataError: no training window fits, or test steps are fewer than the horizon.
    """
    if not _any_window(series, parts, "train", spec):
        longest = max(range(len(series)), key=lambda i: parts[i].train_end)
        train = parts[longest].train_end
        needed = spec.lookback + spec.horizon
        if train >= needed:
            raise DataError(
                "No training window has a value to forecast that was given: all were "
                "missing and are filled (data.gaps). Give a longer history with values."
            )
        raise DataError(
            f"No training window fits: lookback {spec.lookback} + horizon "
            f"{spec.horizon} need {needed} points before validation and test, but the "
            f"longest series ({series[longest].id!r}, {len(series[longest])} points) "
            f"has {train} there. Shorten lookback, horizon, validation or test, or "
            "give more history."
        )
    if not spec.test or _any_window(series, parts, "test", spec):
        return
    longest = max(one.test_end - one.validation_end for one in parts)
    if any(len(origins(one, "test", spec)) for one in parts):
        raise DataError(
            "No window of the test part has a value to score that was given: all were "
            "missing and are filled (data.gaps). Give data.test more steps, or set it "
            "to 0 for none."
        )
    raise DataError(
        f"The test part has {longest} steps, fewer than the horizon ({spec.horizon}). "
        f"Set data.test to at least {spec.horizon}, or to 0 for none."
    )


def _any_window(
    series: Sequence[Series], parts: Sequence[Parts], part: str, spec: ForecastData
) -> bool:
    real = [one.real for one in series]
    return any(len(places) for _, places in part_origins(parts, part, spec, real=real))


def part_origins(
    parts: Sequence[Parts],
    part: str,
    spec: ForecastData,
    horizon: int | None = None,
    real: Sequence[NDArray[np.bool_] | None] | None = None,
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Pairs of a series' number and its origins in ``part``.

    ``real`` holds for each series which of its values were given, see
    ``with_targets``; None: all were.
    """
    for number, one in enumerate(parts):
        places = origins(one, part, spec, horizon)
        is_real = real[number] if real else None
        yield number, with_targets(places, is_real, horizon or spec.horizon)

"""Daylight-saving jumps: undone where a time zone is given, told where they show."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from seqkit.data.forecast.timestamps import ReadStamps, shown_stamp
from seqkit.errors import DataError, DataWarning
from seqkit.frequency import DAY, Frequency, Stamps
from seqkit.registry import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_JUMP_MONTHS = (3, 4, 9, 10, 11)
_JUMP_HOURS = 4
"""Clocks jump on Sundays of these months, before this hour."""


def steady_stamps(
    read: ReadStamps,
    codes: NDArray[np.int64],
    zone: str | None,
    step: Frequency | None,
    source: str,
) -> Stamps:
    """Stamps (rows,) datetime64[s] without jumps: local standard time all year round.

    That is UTC and the zone's standard offset, the smaller of its offsets in January
    and July 2020: in summer an hour behind the clocks. It is what a series carries, and
    what its calendar features see. Stamps of days or longer steps are the calendar's
    own and stay as local calendars show them; where ``step`` is not known, they are
    those whose time of day is one and the same within each series. A local
    time that there is twice in autumn is summer time where it first stands in its
    series, standard time after that.

    Args:
        read: the stamps: UTC where they are aware, else local.
        codes: (rows,) which series each is of.
        zone: name of the zone; None: the stamps jump nowhere.
        step: the frequency, if it is known.
        source: its name, for messages.

    Raises:
        DataError: there is no such zone, aware stamps have none, or a local time is
            there twice and rows out of order hide which came first.
    """
    if zone is None:
        if read.aware:
            raise DataError(
                f"The timestamps of {source} carry offsets or a time zone. Set "
                "data.timezone to where they were taken, e.g. Europe/Berlin or UTC."
            )
        return read.stamps
    _check_zone(zone)
    wall = _wall_of(read.stamps, zone) if read.aware else read.stamps
    if _one_time_a_day(wall, codes) if step is None else not 0 < step.seconds < DAY:
        return wall
    utc = read.stamps if read.aware else _utc_of(wall, codes, zone, source)
    steady: Stamps = utc + _standard_offset(zone)
    return steady


def local_stamps(
    steady: Stamps, zone: str | None, step: Frequency | None
) -> pd.DatetimeIndex | Stamps:
    """Stamps as clocks show them, with their offsets: what ``steady_stamps`` undid.

    Without a zone, and for steps of days and longer, they are given back as they are.
    """
    import pandas as pd

    if zone is None or step is None or not 0 < step.seconds < DAY:
        return steady
    utc = pd.DatetimeIndex(steady - _standard_offset(zone)).tz_localize("UTC")
    return utc.tz_convert(zone)


def jump_hint(stamps: Stamps, step: int, zone: str | None) -> str:
    """A sentence where missing or double stamps look like clocks put on or back.

    Args:
        stamps: those that are wrong.
        step: seconds from one step to the next; 0 where it is not fixed.
        zone: what data.timezone says.
    """
    days = stamps.astype("datetime64[D]")
    months = stamps.astype("datetime64[M]").astype(int) % 12 + 1
    hours = (stamps - days).astype(int) // 3600
    sunday = (days.astype(int) + 3) % 7 == 6
    jumps = sunday & np.isin(months, _JUMP_MONTHS) & (hours < _JUMP_HOURS)
    if zone or not 0 < step <= 3600 or not len(stamps) or jumps.mean() < 0.5:
        return ""
    return (
        " This looks like daylight-saving time: if it is, set data.timezone, e.g. to "
        "Europe/Berlin."
    )


def _check_zone(zone: str) -> None:
    known = available_timezones()
    if zone not in known:
        hint = did_you_mean(zone, sorted(known))
        raise DataError(
            f"data.timezone must name a time zone, such as Europe/Berlin, got "
            f"{zone!r}. {hint}".rstrip()
        )


def _wall_of(utc: Stamps, zone: str) -> Stamps:
    import pandas as pd

    local = pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(zone)
    return local.tz_localize(None).to_numpy().astype("datetime64[s]")


def _one_time_a_day(wall: Stamps, codes: NDArray[np.int64]) -> bool:
    """Whether within each series all stamps have the same time of day."""
    time = wall.astype(np.int64) % DAY
    first = np.unique(codes, return_index=True)[1]
    usual = np.zeros(codes.max() + 1, np.int64)
    usual[codes[first]] = time[first]
    return bool((time == usual[codes]).all())


def _utc_of(wall: Stamps, codes: NDArray[np.int64], zone: str, source: str) -> Stamps:
    import pandas as pd

    index = pd.DatetimeIndex(wall)
    forward: Any = "shift_forward"
    ambiguous = index.tz_localize(zone, ambiguous="NaT", nonexistent=forward).isna()
    again = pd.DataFrame({"code": codes, "wall": wall}).duplicated().to_numpy()
    summer = np.ones(len(wall), bool)
    skipped = index.tz_localize(zone, ambiguous=summer, nonexistent="NaT").isna()
    utc = _naive_utc(index.tz_localize(zone, ambiguous=~again, nonexistent=forward))
    if skipped.any():
        before = index[skipped] - pd.Timedelta(days=1)
        known = before.tz_localize(zone, ambiguous=summer[skipped], nonexistent=forward)
        utc[skipped] = _naive_utc(known) + np.timedelta64(DAY, "s")
        _warn_of_skipped(wall[skipped], zone, source)
    _check_order(utc, codes, again & ambiguous, wall, source)
    return utc


def _naive_utc(index: pd.DatetimeIndex) -> Stamps:
    naive = index.tz_convert("UTC").tz_localize(None)
    return np.array(naive.to_numpy().astype("datetime64[s]"))


def _warn_of_skipped(skipped: Stamps, zone: str, source: str) -> None:
    warnings.warn(
        f"{source} holds {len(skipped):,} times that the clocks of {zone} skip, first "
        f"{shown_stamp(skipped[0])}: read as if they had not yet been put forward.",
        DataWarning,
        stacklevel=2,
    )


def _check_order(
    utc: Stamps,
    codes: NDArray[np.int64],
    twice: NDArray[np.bool_],
    wall: Stamps,
    source: str,
) -> None:
    """Refuse times that are twice in a series whose rows are out of order."""
    order = np.argsort(codes, kind="stable")
    back = (np.diff(utc[order]).astype(int) < 0) & (np.diff(codes[order]) == 0)
    mixed = np.isin(codes, codes[order][1:][back]) & twice
    if mixed.any():
        raise DataError(
            f"{source} has the local time {shown_stamp(wall[mixed.argmax()])} twice, "
            "and rows out of order: which came first cannot be told. Sort the rows, or "
            "write the timestamps with their offsets."
        )


def _standard_offset(zone: str) -> np.timedelta64:
    from datetime import datetime

    known = ZoneInfo(zone)
    offsets = [known.utcoffset(datetime(2020, month, 1)) for month in (1, 7)]
    return np.timedelta64(
        min(int(o.total_seconds()) for o in offsets if o is not None), "s"
    )

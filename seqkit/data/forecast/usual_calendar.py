"""Which features of timestamps mostly tell something."""

from __future__ import annotations

from seqkit.frequency import Frequency


def usual_calendar(frequency: Frequency | None) -> tuple[str, ...]:
    """The features of timestamps that mostly tell something of steps this long."""
    if frequency is None:
        return ()
    if frequency.months:
        return ("month",) if frequency.months < 12 else ()
    if frequency.seconds >= 7 * 86_400:
        return ("week_of_year",)
    if not frequency.seconds or frequency.seconds >= 86_400:
        return ("day_of_week", "day_of_year")
    return ("hour", "day_of_week")

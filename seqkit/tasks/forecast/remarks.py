"""What a report on forecasts says beside its headline."""

from __future__ import annotations

from collections.abc import Mapping

from seqkit.scores.forecast.errors import levels
from seqkit.scores.forecast.scorer import ForecastScorer
from seqkit.scores.intervals import Estimate, decimals

POINT_METRICS = ("mae", "rmse", "mape", "smape", "mase")


def remarks(
    ours: ForecastScorer, theirs: Mapping[str, ForecastScorer], primary: str
) -> list[str]:
    """Sentences on what was left out, on metrics that disagree, and on intervals."""
    rivals = {title: one for title, one in theirs.items() if one.rows}
    return [
        *_filled(ours),
        *_zeros(ours),
        *_contradictions(ours, rivals, primary),
        *_better_intervals(ours, rivals),
    ]


def _filled(ours: ForecastScorer) -> list[str]:
    if not ours.filled:
        return []
    return [
        f"{ours.filled:,} of {ours.asked:,} values to forecast were missing and are "
        "filled (data.gaps): they are not scored."
    ]


def _zeros(ours: ForecastScorer) -> list[str]:
    """What has no share to be off by."""
    every, with_share = ours.count("mae"), ours.count("mape")
    if every == with_share:
        return []
    if not with_share:
        return ["There is no MAPE: all values to forecast are 0."]
    return [
        f"MAPE leaves out {every - with_share:,} of {every:,} values to forecast, "
        "which are 0."
    ]


def _contradictions(
    ours: ForecastScorer, rivals: Mapping[str, ForecastScorer], primary: str
) -> list[str]:
    """Where another metric clearly says the opposite of the headline."""
    leads = {title: _lead(ours, one, primary) for title, one in rivals.items()}
    present = {title: lead for title, lead in leads.items() if lead is not None}
    if not present:
        return []
    best = min(present, key=lambda title: present[title][0])
    side = _side(present[best])
    if not side:
        return []
    others = []
    for metric in POINT_METRICS:
        lead = None if metric == primary else _lead(ours, rivals[best], metric)
        if lead is not None and _side(lead) == -side:
            mine, its = ours.mean(metric), rivals[best].mean(metric)
            places = decimals((mine, its, lead[0]))
            title = ours.metrics[metric].title
            others.append(f"{title} {mine:,.{places}f} against {its:,.{places}f}")
    if not others:
        return []
    winner, loser = ("the model", best) if side > 0 else (best, "the model")
    return [
        f"The metrics disagree: by {ours.metrics[primary].title} {winner} is better, "
        f"by {_joined(others)} {loser} is (the model's first; each difference is clear "
        "of chance)."
    ]


def _better_intervals(
    ours: ForecastScorer, rivals: Mapping[str, ForecastScorer]
) -> list[str]:
    """The baseline whose intervals are clearly the best, if they beat the model's."""
    if not ours.quantiles:
        return []
    leads = {}
    for title, one in rivals.items():
        for metric in ("scaled_pinball", "pinball"):
            lead = _lead(ours, one, metric)
            if lead is not None:
                leads[title] = (lead[0], metric, lead)
                break
    clear = {title: lead for title, lead in leads.items() if lead[2][2] < 0}
    if not clear:
        return []
    best = min(clear, key=lambda title: clear[title][0])
    _, metric, lead = clear[best]
    gap = (-lead[0], -lead[2], -lead[1])
    places = decimals(gap)
    title = ours.metrics[metric].title.lower()
    sentence = (
        f"The intervals of {best} are better than the model's: {title} lower by "
        f"{gap[0]:.{places}f} (95% interval {gap[1]:.{places}f} to {gap[2]:.{places}f})"
    )
    return [f"{sentence}{_coverage(ours, rivals[best])}."]


def _coverage(ours: ForecastScorer, theirs: ForecastScorer) -> str:
    """What the widest intervals of both hold."""
    places = levels(ours.quantiles)
    if not places:
        return ""
    level = max(places, key=float)
    mine, its = (one.mean(f"coverage_{level}") for one in (ours, theirs))
    return (
        f"; its {level}% intervals hold {100 * its:.0f}%, the model's {100 * mine:.0f}%"
    )


def _lead(ours: ForecastScorer, theirs: ForecastScorer, metric: str) -> Estimate | None:
    """How much less the metric is for ``ours``; None where both have it nowhere."""
    from seqkit.errors import DataError

    if not (ours.count(metric) and theirs.count(metric)):
        return None
    try:
        value, low, high = ForecastScorer.difference(ours, theirs, metric)
    except DataError:  # no window for which both have it
        return None
    return -value, -high, -low


def _side(lead: Estimate) -> int:
    """1 or -1 where an interval is clear of zero, else 0."""
    return int(lead[1] > 0) - int(lead[2] < 0)


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

"""The table of a comparison: as numbers, and as people read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from seqkit.comparison.names import spoken
from seqkit.comparison.words import decimals
from seqkit.scores.speed import step_seconds

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.comparison.ranking import Ranking
    from seqkit.scores.contest import Competitor, Difference, Lead

COLUMNS = (
    "kind",
    "mean",
    "sd",
    "low",
    "high",
    "seeds",
    "behind",
    "behind_low",
    "behind_high",
    "g",
    "superiority",
    "parameters",
    "step",
    "step_low",
    "step_high",
    "seconds",
    "bytes",
)


def table(compared: Ranking) -> pd.DataFrame:
    """Competitors, baselines and the reference by name; see ``Comparison.table``."""
    import pandas as pd

    rows = [_competitor(compared, one) for one in compared.competitors]
    leads = {one.baseline: one for one in compared.leads if one.name == compared.taken}
    for plain in compared.baselines:
        row = asdict(plain) | {"kind": "baseline", "mean": plain.value}
        rows.append(row | _behind(leads.get(plain.name)))
    reference = compared.reference
    if reference and reference["metric"] == compared.metric:
        named = {"name": reference["source"], "kind": "reference"}
        rows.append(named | {"mean": reference["value"]})
    frame = pd.DataFrame(rows).set_index("name").reindex(columns=list(COLUMNS))
    numbers = dict.fromkeys(COLUMNS[1:], "float64")
    return frame.astype(numbers).rename_axis(None)


def text_table(compared: Ranking) -> pd.DataFrame:
    """The same as text: ``0.884 +- 0.003`` and ``[0.879, 0.889]``."""
    import pandas as pd

    frame, digits = table(compared), decimals(compared)
    number, signed = f"{{:z,.{digits}f}}", f"{{:+z,.{digits}f}}"
    columns = {
        compared.measure: _added(
            _cells(frame, number, "mean"), _cells(frame, f" +- {number}", "sd")
        ),
        "95% interval": _cells(frame, f"[{number}, {number}]", "low", "high"),
        f"{spoken(compared.taken)} is better by": _added(
            _cells(frame, signed, "behind"),
            _cells(frame, f" [{number}, {number}]", "behind_low", "behind_high"),
        ),
        "g": _cells(frame, "{:.1f}", "g"),
        "superiority": _cells(frame, "{:.2f}", "superiority"),
        "parameters": _cells(frame, "{:,.0f}", "parameters"),
        "ms a step": _cells(1000 * frame[["step"]], "{:,.3g}", "step"),
        "bytes": _cells(frame, "{:,.0f}", "bytes"),
    }
    texts = pd.DataFrame(columns, index=frame.index)
    return texts.loc[:, (texts != "").any()]


def _competitor(compared: Ranking, one: Competitor) -> dict[str, Any]:
    row = asdict(one) | {"kind": "competitor", "seeds": len(one.seeds)}
    if (steps := step_seconds(compared.steps.get(one.name, ()))) is not None:
        row |= dict(zip(("step", "step_low", "step_high"), steps, strict=True))
    if one.name == compared.taken:
        return row
    gap = compared.difference(compared.taken, one.name)
    return row | _behind(gap) | {"g": gap.g, "superiority": gap.superiority}


def _behind(gap: Difference | Lead | None) -> dict[str, float]:
    """How far the one to take is ahead, as columns of a row."""
    if gap is None:
        return {}
    return {"behind": gap.value, "behind_low": gap.low, "behind_high": gap.high}


def _cells(frame: pd.DataFrame, text: str, *columns: str) -> list[str]:
    """Each row's numbers in a text; empty where one is missing."""
    form: Callable[..., str] = text.format
    is_whole = frame[list(columns)].notna().all(axis=1)
    rows = frame[list(columns)].to_numpy()
    return [
        form(*row) if whole else "" for row, whole in zip(rows, is_whole, strict=True)
    ]


def _added(first: list[str], second: list[str]) -> list[str]:
    return [one + other for one, other in zip(first, second, strict=True)]

"""Two records of ``bit_for_bit`` beside each other, as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]

PARTS = ("weights", "losses", "answers", "figures", "tables", "words")
"""What must be the same."""
FILE = "preprocessing"
"""A file in a run's folder: its format may change, so a difference is only named."""
HEAD = (
    "case",
    "weights before",
    "after",
    "metric",
    "before",
    "after",
    "figures",
    "losses",
    "answers",
    "tables",
    "words",
)
MOST_LINES = 12
"""So many differences of a case are listed."""


def compared(old: Record, new: Record) -> tuple[list[str], bool]:
    """The lines to print, and whether anything differs.

    A case that the new record lacks is a difference; one that only it has is named.
    """
    lines, below = [], []
    for key, before, after in unequal(old["about"], new["about"]):
        lines += [f"The bits may differ for another reason: {key} {before}, {after}."]
    lines += ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    differ = False
    for name, before in old["cases"].items():
        after = new["cases"].get(name)
        if after is None:
            below.append(f"- {name}: not in the new record")
            differ = True
            continue
        lines.append("| " + " | ".join(cells(name, before, after)) + " |")
        found = [one for part in PARTS for one in differences(before, after, part)]
        differ |= bool(found)
        below += [f"- {name}: {one}" for one in found[:MOST_LINES]]
        if len(found) > MOST_LINES:
            below.append(f"- {name}: and {len(found) - MOST_LINES} more")
        if before[FILE] != after[FILE]:
            below.append(f"- {name}: {FILE}.json is another; this alone is allowed")
    below += [f"- {name}: new" for name in new["cases"] if name not in old["cases"]]
    count = len(old["cases"])
    result = "There are differences." if differ else f"All {count} cases are the same."
    return [*lines, "", *below, result], differ


def cells(name: str, before: Record, after: Record) -> list[str]:
    """A case's row."""
    scores = [one["figures"]["evaluate"] for one in (before, after)]
    metric = scores[0]["primary_metric"]
    values = [one["metrics"].get(metric, [None])[0] for one in scores]
    figures = len(dict(leaves(before["figures"])))
    lost = len(list(unequal(before["figures"], after["figures"])))
    others = (part for part in HEAD if part in PARTS and part != "figures")
    return [
        name,
        *(f"`{one['weights'][:12]}`" for one in (before, after)),
        metric,
        *map(repr, values),
        f"all {figures} equal" if not lost else f"**{lost} of {figures} differ**",
        *("same" if before[p] == after[p] else "**other**" for p in others),
    ]


def differences(before: Record, after: Record, part: str) -> list[str]:
    """What differs in a part of a case: ``losses.loss[1]: 0.5, now 0.25``."""
    found = unequal(before[part], after[part], part)
    return [f"{path}: {old!r}, now {new!r}" for path, old, new in found]


def unequal(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Paths at which plain data differ, with both values; None for what lacks."""
    before, after = dict(leaves(old, path)), dict(leaves(new, path))
    for key in {**before, **after}:
        if key not in before or key not in after or before[key] != after[key]:
            yield key, before.get(key), after.get(key)


def leaves(plain: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of plain data with its path, such as ``metrics.mase[0]``."""
    if isinstance(plain, dict) and plain:
        for key, value in plain.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(plain, list) and plain:
        for place, value in enumerate(plain):
            yield from leaves(value, f"{path}[{place}]")
    else:
        yield path, plain

"""What stands in the page's tables: the competitors, and all trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit.pictures.forest import leads, taken, turned
from seqkit.pictures.search.effects import numbers_of, searched_keys
from seqkit.pictures.search.shared import value_text
from seqkit.scores.speed import step_seconds
from seqkit.tuning.page import words

Verdict = Mapping[str, Any]

_MOST_VALUES = 8  # of a hyperparameter that are listed


def unbeaten_baseline(verdict: Verdict) -> str | None:
    """The best baseline that no competitor is better than, for sure."""
    sign = 1 if verdict["greater_is_better"] else -1
    for one in sorted(verdict["baselines"], key=lambda one: -sign * one["value"]):
        over = [lead for lead in verdict["leads"] if lead["baseline"] == one["name"]]
        if over and all(lead["low"] <= 0 for lead in over):
            return str(one["name"])
    return None


def gaps_behind(verdict: Verdict) -> dict[str, dict[str, Any]]:
    """How far each is behind the one to take, as a difference; by name."""
    return {name: turned(gap) for name, gap in leads(verdict).items()}


def tags(verdict: Verdict) -> dict[str, str]:
    """What stands beside a name: the winner, or what is to be taken for one."""
    baseline = unbeaten_baseline(verdict)
    if unlearnt := verdict.get("unlearnt"):
        return {unlearnt: "not beaten"}
    if verdict.get("winner"):
        return {taken(verdict): "winner"}
    return {baseline: "take this"} if baseline else {taken(verdict): "in the meantime"}


def score_decimals(rows: Sequence[Mapping[str, Any]]) -> int:
    """Decimals for two digits of half an interval, and one of each deviation."""
    ends = words.decimals((row.get("low"), row.get("high")) for row in rows)
    spreads = [
        row["sd"] for row in rows if words.is_finite(row.get("sd")) and row["sd"]
    ]
    return max(ends, words.decimals((0, 2 * sd) for sd in spreads) - 1)


def step_times(verdict: Verdict) -> dict[str, tuple[float, float, float]]:
    """Milliseconds a training step, with their interval over rounds; by name."""
    seconds = {n: step_seconds(s) for n, s in (verdict.get("steps") or {}).items()}
    return {
        name: (1000 * value, 1000 * low, 1000 * high)
        for name, (value, low, high) in ((n, s) for n, s in seconds.items() if s)
    }


def searched_values(verdict: Verdict, trials: pd.DataFrame) -> dict[str, str]:
    """Each hyperparameter with the values that were tried."""
    texts_by_key = {}
    for key in searched_keys(verdict, trials):
        values = trials["cell"] if key == str(verdict.get("compare")) else trials[key]
        numbers = numbers_of(values)
        texts = list(dict.fromkeys(map(value_text, values)))
        if numbers is not None:
            ends = (words.general(end, 3) for end in (numbers.min(), numbers.max()))
            texts_by_key[key] = " to ".join(ends)
        else:
            rest = len(texts) - _MOST_VALUES
            more = f" and {rest} more" if rest > 0 else ""
            texts_by_key[key] = ", ".join(texts[:_MOST_VALUES]) + more
    return texts_by_key


def ranked_trials(verdict: Verdict, trials: pd.DataFrame) -> list[dict[str, Any]]:
    """A record a trial, the best first; ``place`` is its row in ``trials.csv``."""
    scores = pd.to_numeric(trials["score"], errors="coerce")
    order = scores.sort_values(
        ascending=not verdict["greater_is_better"], kind="stable", na_position="last"
    ).index
    numbers = ["score", "val_loss", "epochs", "parameters", "bytes", "seconds"]
    rows = trials.assign(
        **{name: pd.to_numeric(trials[name], errors="coerce") for name in numbers},
        end=trials["stopped"].astype(object).fillna(trials["status"]),
        place=trials.index,
    )
    return [dict(rows.loc[place]) for place in order]


def trial_decimals(trials: pd.DataFrame) -> int:
    """Decimals that tell the trials' scores apart."""
    scores = pd.to_numeric(trials["score"], errors="coerce")
    finite = scores[np.isfinite(scores)]
    if finite.empty:
        return words.decimals([])
    return words.decimals([(0.0, (finite.quantile(0.9) - finite.quantile(0.1)) / 2)])

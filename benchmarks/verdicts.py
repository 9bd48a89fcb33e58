"""LSTM or GRU? Verdicts on real data: part of IMDB, and every series recipe.

SEQKIT_DATA=DATA python benchmarks/verdicts.py [CASE ...]

CASE is one of those below; without any, all of them. Each is one ``seqkit tune RECIPE
--workers 2``, through the command line; what differs from the recipe is told.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import whole_series
from forecast_accuracy import cases as forecast_cases
from measure import imdb, seqkit

from seqkit.scores.speed import step_seconds

REVIEWS = 5000
CASES = (
    "airline",
    "motion_classification",
    "tourism_monthly",
    "tourism_quarterly",
    "tourism_yearly",
    "temperature",
    "stocks",
    "pollution",
    "vowel_classification",
    "m4_hourly",
    "sentiment",
    "adding_problem",
    "ett",
)
"""The cases, the short ones first."""
CHANGES = {"sentiment": ("data.test=0.2",)}
"""What some change in their recipes."""


def reviews(folder: Path) -> str:
    """5,000 of IMDB's training reviews, drawn with a seed."""
    table = pd.read_csv(imdb()[0]).sample(REVIEWS, random_state=0)
    path = folder / "reviews.csv"
    table.to_csv(path, index=False)
    return str(path)


def recipe_and_data(case: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """A case's recipe and the words that name its data."""
    if case == "sentiment":
        return "bilstm_sentiment", ("--data", reviews(folder))
    if case in whole_series.FILES:
        return case, whole_series.data(case)
    known = forecast_cases(folder)[case]
    return known.recipe, ("--data", known.data) if known.data else ()


def judge(case: str, folder: Path) -> None:
    """Search one case, and print its verdict as Markdown."""
    recipe, data = recipe_and_data(case, folder)
    changes = CHANGES.get(case, ())
    out = folder / case
    verdict = seqkit(
        "tune", recipe, *changes, *data, "--workers", "2", "--out", str(out)
    )
    words = " ".join((recipe, *(f"'{word}'" for word in changes)))
    print(f"\n**{case}**: `seqkit tune {words} --workers 2`,")
    print(
        f"{verdict['trials']} trials ({verdict['stopped']} stopped as hopeless, "
        f"{verdict['failed']} failed), {verdict['seconds']:.0f} s in all.\n"
    )
    print(f"> {verdict['sentence']}\n")
    for line in table(verdict):
        print(line)
    sys.stdout.flush()


def table(verdict: dict[str, Any]) -> Iterable[str]:
    """A row a competitor and baseline."""
    yield f"| | {verdict['metric']} | 95% | parameters | ms a step |"
    yield "|---|---|---|---|---|"
    shown: Callable[[float], str] = "{:.4g}".format
    for each in verdict["competitors"]:
        yield (
            f"| {each['name']} | {shown(each['mean'])} ± {shown(each['sd'])} | "
            f"{shown(each['low'])} to {shown(each['high'])} | "
            f"{each['parameters']:,} | {step(verdict, each['name'])} |"
        )
    for each in verdict["baselines"]:
        interval = f"{shown(each['low'])} to {shown(each['high'])}"
        yield f"| {each['name']} | {shown(each['value'])} | {interval} | | |"


def step(verdict: dict[str, Any], name: str) -> str:
    """Milliseconds a training step with their interval, where they were measured."""
    found = step_seconds(verdict["steps"].get(name, ()))
    if found is None:
        return ""
    value, low, high = (f"{1000 * each:.3g}" for each in found)
    return f"{value} ({low} to {high})"


def main(*chosen: str) -> None:
    """Judge the chosen cases, or all."""
    for case in chosen:
        if case not in CASES:
            raise SystemExit(f"No case {case!r}. Known: {', '.join(CASES)}.")
    with tempfile.TemporaryDirectory() as folder:
        for case in chosen or CASES:
            judge(case, Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])

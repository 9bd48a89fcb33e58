"""Intervals of forecasts before and after each window's width was its own.

SEQKIT_DATA=DATA python benchmarks/forecast_intervals.py [CASE ...]

The same trained models, calibrated twice on the same validation windows: *before*, by
residuals that are pooled over all series as they are, step by step, with the model's
own output as the point; *after*, as ``seqkit.tasks.forecast.conformal`` does
it. Beside them
the plain baseline of the least scaled pinball loss. Nothing was chosen on these test
parts; models are trained for a few epochs.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import series_data

SEASONAL: dict[str, Any] = {"train.epochs": 4}
PLAIN: dict[str, Any] = {
    "data.seasonal_difference": 0,
    "model.naive_start": False,
    "model.highway": 0,
    "model.level": 0.5,
}
LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Case:
    """A recipe, what is changed in it, and its series."""

    recipe: str
    frame: pd.DataFrame
    changes: dict[str, Any] = field(default_factory=dict)


def cases(folder: Path) -> dict[str, Any]:
    """The cases by name, each a function, for their data are read one by one."""

    def tourism(period: str) -> pd.DataFrame:
        return pd.read_csv(series_data.tourism(folder, period))

    def horizon(steps: int, lookback: int, **more: Any) -> dict[str, Any]:
        parts = ("data.horizon", "data.validation", "data.test")
        named = {f"data.{name}": value for name, value in more.items()}
        return {
            **PLAIN,
            **dict.fromkeys(parts, steps),
            "data.lookback": lookback,
            "data.short": "drop",
            **named,
        }

    return {
        "tourism_monthly": lambda: Case(
            "tourism_forecast", tourism("MONTHLY"), SEASONAL
        ),
        "tourism_quarterly": lambda: Case(
            "tourism_quarterly_forecast", tourism("QUARTERLY"), SEASONAL
        ),
        "tourism_yearly": lambda: Case(
            "tourism_yearly_forecast", tourism("YEARLY"), SEASONAL
        ),
        "m4_hourly": lambda: Case(
            "hourly_demand_forecast",
            pd.read_csv(series_data.m4_hourly(folder)),
            {"train.epochs": 6, "model.units": [32], "data.stride": 17},
        ),
        "hospital": lambda: Case(
            "tourism_forecast",
            series_data.suite("hospital"),
            horizon(12, 24) | {"data.seasonal_difference": 12, "train.epochs": 4},
        ),
        "carparts": lambda: Case(
            "tourism_forecast",
            series_data.suite("carparts", 800),
            horizon(12, 12, transform="none", scale="mean", validation=6, stride=2)
            | {"data.test_stride": 6, "data.horizon": 6, "train.epochs": 4},
        ),
        "nn5_daily": lambda: Case(
            "tourism_forecast",
            series_data.suite("nn5_daily"),
            horizon(
                56, 56, transform="none", scale="standard", gaps="interpolate", stride=7
            )
            | {"data.calendar": ["day_of_week"], "train.epochs": 4},
        ),
        "orange_juice": lambda: Case(
            "tourism_forecast",
            series_data.suite("orange_juice"),
            horizon(
                8, 16, transform="log", scale="standard", gaps="interpolate", stride=1
            )
            | {"data.future": ["price", "deal", "feat"], "data.seasons": []},
        ),
    }


def pooled(run: Any, data: Any) -> Any:
    """Corrections as before: quantiles of all residuals at each step."""
    from seqkit.layers.forecast.quantiles import Corrections
    from seqkit.tasks.compiled import compiled_model

    fitted = run.preprocessing
    store = fitted.store(data.prepared(fitted), data.parts, "validation")
    inputs, targets, _ = store.arrays(np.arange(len(store)))
    outputs = np.asarray(compiled_model(fitted.forecaster(run.model))(inputs))
    apart = targets[:, :, None] - outputs
    ranked = np.sort(np.broadcast_to(apart, (*targets.shape, len(LEVELS))), axis=0)
    moves = np.empty(ranked.shape[1:])
    for place, level in enumerate(LEVELS):
        rank = (len(ranked) + 1) * level
        rank = math.ceil(rank - 1e-9) if level > 0.5 else math.floor(rank + 1e-9)
        moves[:, place] = ranked[min(max(rank, 1), len(ranked)) - 1, :, place]
        if level == 0.5:
            moves[:, place] = np.median(ranked[:, :, place], axis=0)
    return Corrections(tuple(map(tuple, moves.tolist())))


def measure(name: str, case: Case, folder: Path) -> None:
    """Train, calibrate both ways, score, and print the rows of a table."""
    from seqkit.data.sources.given import given_source
    from seqkit.recipe.recipe import load_recipe
    from seqkit.runs.evaluate import count_rows
    from seqkit.runs.fit import fit

    given = {"data.source": "frame", "data.id": "id", "data.constant": "keep"}
    recipe = load_recipe(case.recipe, case.changes | given)
    start = time.perf_counter()
    run = fit(recipe, data=case.frame, out=folder / name)
    spent, task = time.perf_counter() - start, run.task
    data = task.open(recipe.data, recipe.model, given_source(case.frame, recipe.data))
    fitted = run.preprocessing
    before = replace(fitted, corrections=pooled(run, data))
    bare = replace(fitted, corrections=None)
    answering = {
        "before": before.answering(run.model),
        "after": fitted.answering(run.model),
        "output": bare.answering(run.model),
    }
    answering |= {one.title: one.outputs for one in task.load_baselines(run.path)}
    scorers = {title: task.scorer(fitted) for title in answering}
    pairs = [(scorers[title], answer) for title, answer in answering.items()]
    count_rows(task, data.examples("test"), pairs)
    found = {title: one.result() for title, one in scorers.items() if one.rows}
    points = {title: each.metrics["mase"][0] for title, each in found.items()}
    # Until now the point was the model's own output.
    points["before"] = points.pop("output")
    bands = {t: e.metrics for t, e in found.items() if "scaled_pinball" in e.metrics}
    rivals = [title for title in bands if title not in ("before", "after")]
    best = min(rivals, key=lambda title: bands[title]["scaled_pinball"][0])
    windows = found["after"].rows
    for title in ("before", "after", best):
        pinball, coverage = (bands[title][m] for m in ("scaled_pinball", "coverage_80"))
        print(
            f"{name:<18} {title:<28} {windows:>6} {pinball[0]:>8.4f} "
            f"[{pinball[1]:.4f}, {pinball[2]:.4f}] {100 * coverage[0]:>7.1f}% "
            f"{points[title]:>8.4f}"
            + (f"   {spent:.0f} s" if title == "before" else ""),
            flush=True,
        )


def main(*names: str) -> None:
    """Measure some cases, or all."""
    warnings.simplefilter("ignore")
    print(
        f"{'data':<18} {'intervals':<28} {'windows':>6} {'scaled pinball':>25} "
        f"{'80% hold':>8} {'MASE':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        known = cases(Path(folder))
        for name in names or known:
            if name not in known:
                raise SystemExit(f"No case {name!r}. Known: {', '.join(known)}.")
            measure(name, known[name](), Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])

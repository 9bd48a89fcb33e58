"""Forecast recipes over several seeds, on the data and splits of the literature.

SEQKIT_DATA=DATA python benchmarks/forecast_accuracy.py [CASE [SEED ...]]

CASE is one of those below, or ``all``. Each seed is a fit and a backtest through the
command line.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import series_data
from measure import seqkit


@dataclass(frozen=True)
class Case:
    """A recipe, what is changed in it, and what is shown of it."""

    recipe: str
    metrics: tuple[str, ...]
    data: str | None = None
    overrides: tuple[str, ...] = field(default=())


def cases(folder: Path) -> dict[str, Case]:
    """The cases by name; their data are written to ``folder`` where need be."""
    percent = ("mape", "mase", "coverage_80")
    years = ("data.horizon=24", "data.test=24", "data.validation=0")
    return {
        "airline": Case("airline_forecast", ("rmse", "mape", "mase")),
        "airline_24_months": Case("airline_forecast", ("mape", "rmse"), None, years),
        "tourism_monthly": Case(
            "tourism_forecast", percent, series_data.tourism(folder, "MONTHLY")
        ),
        "tourism_quarterly": Case(
            "tourism_quarterly_forecast",
            percent,
            series_data.tourism(folder, "QUARTERLY"),
        ),
        "tourism_yearly": Case(
            "tourism_yearly_forecast", percent, series_data.tourism(folder, "YEARLY")
        ),
        "m4_hourly": Case(
            "hourly_demand_forecast",
            ("smape", "mase", "coverage_80"),
            series_data.m4_hourly(folder),
        ),
        "ett": Case(
            "ett_forecast", ("standardised_mse", "standardised_mae"), series_data.ett()
        ),
        "temperature": Case(
            "temperature_forecast",
            ("mae", "mase", "coverage_80"),
            series_data.classic("daily-min-temperatures.csv"),
        ),
        "pollution": Case(
            "pollution_forecast",
            ("mae", "mase", "coverage_80"),
            series_data.pollution(folder),
        ),
        "stocks": Case("stock_returns", ("mape", "mase"), series_data.stocks()),
    }


def measure(name: str, case: Case, seeds: list[str]) -> None:
    """Fit and backtest a case once a seed, and print a line for each."""
    print(f"\n{name}: {case.recipe} {' '.join(case.overrides)}")
    print(
        "seed  epochs  fit s  fit MiB  " + "  ".join(f"{m:>30}" for m in case.metrics)
    )
    given = ("--data", case.data) if case.data else ()
    values: dict[str, list[float]] = {metric: [] for metric in case.metrics}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            run = f"{folder}/run"
            words = (case.recipe, *case.overrides, *given, "--seed", seed, "--out", run)
            fit = seqkit("fit", *words)
            report = seqkit("backtest", run)
        cells = []
        for metric in case.metrics:
            value, low, high = report["metrics"][metric]
            values[metric].append(value)
            cells.append(f"{value:.4f} [{low:.4f}, {high:.4f}]")
        print(
            f"{seed:>4}  {len(fit['history']):>6}  {fit['seconds']:>5.0f}"
            f"  {fit['peak_mib']:>7.0f}  " + "  ".join(f"{c:>30}" for c in cells),
            flush=True,
        )
    for metric, each in values.items():
        spread = statistics.stdev(each) if len(each) > 1 else 0.0
        print(f"{metric}: mean {statistics.mean(each):.4f}, sd {spread:.4f}")
    for title, metrics in report["baselines"].items():
        shown = [f"{m} {metrics[m][0]:.4f}" for m in case.metrics if m in metrics]
        print(f"{title}: {', '.join(shown)}")


def main(name: str = "all", *seeds: str) -> None:
    """Measure one case, or all."""
    with tempfile.TemporaryDirectory() as folder:
        known = cases(Path(folder))
        if name != "all" and name not in known:
            raise SystemExit(f"No case {name!r}. Known: {', '.join(known)}.")
        for each, case in known.items():
            if name in (each, "all"):
                measure(each, case, list(seeds or ("1", "2", "3")))


if __name__ == "__main__":
    main(*sys.argv[1:])

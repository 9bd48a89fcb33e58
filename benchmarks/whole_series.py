"""Test scores of the recipes about whole series, over several seeds.

SEQKIT_DATA=DATA python benchmarks/whole_series.py [RECIPE [SEED ...]]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from measure import seqkit

FILES = {
    "vowel_classification": "JapaneseVowels_TRAIN.ts.gz",
    "motion_classification": "BasicMotions_TRAIN.ts.gz",
    "adding_problem": None,
}
"""The recipes, and the training file in uea_ucr/ that each needs."""


def main(recipe: str = "", *seeds: str) -> None:
    """Fit and evaluate ``recipe``, or all three, once a seed, by the command line."""
    for name in (recipe,) if recipe else FILES:
        print(f"\n{name}\nseed  epochs  score                      fit s  fit MiB")
        scores = []
        for seed in seeds or ("1", "2", "3"):
            with tempfile.TemporaryDirectory() as folder:
                run = f"{folder}/run"
                fit = seqkit("fit", name, *data(name), "--seed", seed, "--out", run)
                report = seqkit("evaluate", run)
            metric = report["primary_metric"]
            scores.append(report["metrics"][metric][0])
            print(
                f"{seed:>4}  {len(fit['history']):>6}  "
                f"{metric} {shown(report['metrics'][metric])}"
                f"  {fit['seconds']:>6.0f}  {fit['peak_mib']:>7.0f}",
                flush=True,
            )
        for title, metrics in report["baselines"].items():
            print(f"{title}: {metric} {shown(metrics[metric])}")
        spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
        print(f"mean {statistics.mean(scores):.5f}, standard deviation {spread:.5f}")


def data(recipe: str) -> tuple[str, ...]:
    """``--data FILE`` for a recipe whose data do not come with it."""
    file = FILES[recipe]
    if file is None:
        return ()
    path = Path(os.environ.get("SEQKIT_DATA", ""), "uea_ucr", file)
    if not path.is_file():
        raise SystemExit("Set SEQKIT_DATA to the folder that holds uea_ucr/.")
    return ("--data", f"ts:{path}")


def shown(interval: list[float]) -> str:
    """A score with its 95% interval."""
    value, low, high = interval
    return f"{value:.5f} [{low:.5f}, {high:.5f}]"


if __name__ == "__main__":
    main(*sys.argv[1:])

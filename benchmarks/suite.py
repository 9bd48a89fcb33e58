"""General recipes on many small sets, each beside its best plain baseline.

SEQKIT_DATA=DATA python benchmarks/suite.py FOLDER [--validate] [NAME ...] [KEY=VALUE]

With ``--validate`` the official test parts stay closed: rules are chosen on parts that
are cut from the training rows. Without it the test parts are scored. Results are kept
in FOLDER, a file a set; those that are there are not computed again. NAME is a set, or
a kind of them (text, classification, regression, forecasting); KEY=VALUE changes a key
of the recipe, for a try.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from measure import seqkit

RECIPES = {
    "text_classification": "text_classifier",
    "series_classification": "series_classifier",
    "series_regression": "series_regressor",
    "forecasting": "forecaster",
}
BETTER, WORSE, LEVEL = "better", "worse", "level"


def main(folder: str, *words: str) -> None:
    """Fit and evaluate each set that is asked for, then print the table."""
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    names = [word for word in words if "=" not in word and word != "--validate"]
    changes = [word for word in words if "=" in word]
    root = Path(os.environ["SEQKIT_DATA"], "suite")
    table = pd.read_csv(root / "SUITE.csv", keep_default_na=False)
    for row in table.to_dict("records"):
        kinds = {row["name"], *row["task"].split("_")}
        path = out / f"{row['name']}.json"
        if (names and not kinds & set(names)) or path.is_file():
            continue
        result = scored(row, root, "--validate" in words, changes)
        path.write_text(json.dumps(result, indent=1))
        print(line(result), flush=True)
    show([json.loads(path.read_text()) for path in sorted(out.glob("*.json"))])


def scored(
    row: dict[str, Any], root: Path, validate: bool, changes: list[str]
) -> dict[str, Any]:
    """The scores of a set's recipe, of its best baseline, and who is better."""
    with tempfile.TemporaryDirectory() as name:
        folder, run = Path(name), f"{name}/run"
        train, test, keys = sources(row, root, folder, validate)
        recipe = RECIPES[row["task"]]
        words = ["--data", train, "--out", run]
        fit = seqkit("fit", recipe, *keys, *changes, *words)
        report = seqkit("evaluate", run, *(["--data", test] if test else []))
    metric, leads = report["primary_metric"], report["differences"]
    best = min(leads, key=lambda title: leads[title][0])
    _, low, high = leads[best]
    verdict = BETTER if low > 0 else WORSE if high < 0 else LEVEL
    return {
        "set": row["name"],
        "metric": metric,
        "model": report["metrics"][metric],
        "baseline": best,
        "plain": report["baselines"][best][metric],
        "lead": leads[best],
        "verdict": verdict,
        "seconds": round(fit["seconds"]),
        "epochs": len(fit["history"]),
        "parts": {t: one[metric][0] for t, one in report.get("parts", {}).items()},
        "others": {t: scores[metric] for t, scores in report["baselines"].items()},
    }


def sources(
    row: dict[str, Any], root: Path, folder: Path, validate: bool
) -> tuple[str, str | None, list[str]]:
    """What is trained on, what is scored (None: a part of it), and the keys to set."""
    train = root / row["train_file"]
    if row["task"] == "forecasting":
        return forecast_source(row, train, folder, validate)
    if row["task"] == "text_classification":
        if validate:
            return f"csv:{train}", None, ["data.test=0.2"]
        return f"csv:{train}", f"csv:{root / row['test_file']}", ["data.test=0"]
    # Alone in its folder, it has no test part beside it.
    path = folder / train.name.removesuffix(".gz")
    with gzip.open(train) as packed, path.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    keys = ["data.target=label"] if row["task"] == "series_regression" else []
    if validate:
        return f"ts:{path}", None, [*keys, "data.test=0.3"]
    return f"ts:{path}", f"ts:{root / row['test_file']}", [*keys, "data.test=0"]


def forecast_source(
    row: dict[str, Any], path: Path, folder: Path, validate: bool
) -> tuple[str, str | None, list[str]]:
    """The series, without their last steps where these stay closed."""
    horizon, frame = int(row["horizon"]), pd.read_csv(path)
    if validate:
        frame = frame[frame.groupby("id").cumcount(ascending=False) >= horizon]
        path = folder / f"{row['name']}.csv"
        frame.to_csv(path, index=False)
    future = [one for one in row["known_future"].split(";") if one]
    past = [one for one in row["covariates"].split(";") if one and one not in future]
    keys = {
        "id": "id",
        "values": "[value]",
        "future": f"[{', '.join(future)}]",
        "past": f"[{', '.join(past)}]",
        "horizon": horizon,
        "test": horizon,
    }
    return f"csv:{path}", None, [f"data.{key}={value}" for key, value in keys.items()]


def line(result: dict[str, Any]) -> str:
    """A set in a line."""
    model, plain, lead = (result[key] for key in ("model", "plain", "lead"))
    return (
        f"{result['set']:22} {result['metric']:9} {model[0]:8.4f}  "
        f"{result['baseline']:34} {plain[0]:8.4f}  {lead[0]:+8.4f} "
        f"[{lead[1]:+.4f}, {lead[2]:+.4f}] {result['verdict']:6} "
        f"{result['seconds']:5} s {result['epochs']:3} epochs"
    )


def show(results: list[dict[str, Any]]) -> None:
    """All sets, and how many are better, level and worse."""
    print("\n" + "\n".join(map(line, results)))
    counts = {
        verdict: sum(result["verdict"] == verdict for result in results)
        for verdict in (BETTER, LEVEL, WORSE)
    }
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])

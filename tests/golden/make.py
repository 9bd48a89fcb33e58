"""Make the golden runs of this version: one tiny finished run for each task.

    PYTHONPATH=.:tests python tests/golden/make.py [NAME ...]

Each goes to ``tests/golden/vMAJOR.MINOR/NAME``, with the inputs that it was asked, its
answers and its report in ``answers.json`` beside the run's own files. Make them once,
when a version is released, and never again: they stand for the runs that people have.
"""

from __future__ import annotations

import json
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from tiny import TINY, reviews
from tiny_series import TINY_FORECAST, waves, with_covariates
from tiny_whole_series import tiny_series

import seqkit
from seqkit.errors import DataWarning

FOLDER = Path(__file__).parent
ANSWERS = "answers.json"
REPORTED = ("rows", "primary_metric", "metrics", "baselines", "differences", "notes")
LEFT_OUT = ("log.txt", "tensorboard", "local.json", "*.png", "report.json")
"""What is on the machine alone, or can be made again."""


@dataclass(frozen=True)
class Golden:
    """What a run is made from, and what it is asked."""

    recipe: str
    overrides: dict[str, Any]
    frame: pd.DataFrame
    inputs: Any


SERIES: dict[str, Any] = {
    "data.values": ["warmth", "noise"],
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.cell": "gru",
    "model.units": [3],
    "train.epochs": 2,
    "train.batch_size": 16,
}
TEXT = TINY | {
    "data.class_weight": "balanced",
    "data.test": 0.2,
    "model.cell": "gru",
    "model.units": [3, 3],
    "model.bidirectional": "concat",
    "model.pooling": "attention",
    "model.layer_norm": True,
    "model.residual": True,
    "model.token_dropout": 0.2,
}
POINT = TINY_FORECAST | {
    "data.transform": "log1p",
    "data.seasonal_difference": 6,
    "data.past": ["rain"],
    "data.future": ["sale"],
    "data.static": ["shop"],
    "data.calendar": ["day_of_week"],
    "model.highway": 6,
    "model.window_norm": "standard",
    "model.series_embedding": 2,
}
QUANTILES = {
    "data": {
        "source": "frame",
        "id": "id",
        "seasons": [6],
        "decompose": "seasons",
        "difference": 1,
        "lookback": 12,
        "horizon": 3,
        "validation": 12,
        "test": 9,
    },
    "model": {
        "cell": "lstm",
        "units": [3],
        "strategy": "recursive",
        "output": "quantile",
        "quantiles": [0.1, 0.5, 0.8],
    },
    "train": {"epochs": 2, "batch_size": 16, "seed": 7},
}
TEXTS = [
    "a good film",
    "the plot was awful",
    "",
    "GOOD!!! \U0001f642 <br />",
    "long " * 30,
]
RAGGED = [
    [[12.5, 30.0], [11.25, -80.0], [13.0, 4.5]],
    [[7.5, 0.0]],
    [[9.0 + step / 8, 10.0 * step] for step in range(14)],
]


def goldens() -> dict[str, Golden]:
    """The runs by name; a name begins with its task's."""
    pairs = with_covariates(waves())
    # So many that boosted trees are among the baselines.
    many = waves(steps=130)
    return {
        "classify_text": Golden("sample_sentiment", TEXT, reviews(120), TEXTS),
        "classify_series": Golden(
            "motion_classification", SERIES, tiny_series(80), RAGGED
        ),
        "regress_series": Golden(
            "adding_problem",
            SERIES | {"data.target": "level", "model.pooling": "mean"},
            tiny_series(80),
            RAGGED,
        ),
        "forecast": Golden("airline_forecast", POINT, pairs, later(pairs)),
        "forecast_quantiles": Golden("airline_forecast", QUANTILES, many, later(many)),
    }


def later(frame: pd.DataFrame) -> pd.DataFrame:
    """The last 20 days of each series, all their values 7 greater."""
    last = frame.groupby("id", sort=False).tail(20)
    return last.assign(value=(last["value"] + 7).round(3)).reset_index(drop=True)


def make(golden: Golden, folder: Path) -> None:
    """Train, ask and score; what is there already is replaced."""
    with TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        run = seqkit.fit(
            golden.recipe,
            golden.overrides,
            data=golden.frame,
            out=Path(scratch, "run"),
            progress=False,
        )
        run = seqkit.load(run.path)
        report = run.evaluate().to_dict()
        record = {
            "version": seqkit.__version__,
            "inputs": plain(golden.inputs),
            "answers": plain(run.predict(golden.inputs)),
            "report": {name: report[name] for name in REPORTED},
        }
        shutil.rmtree(folder, ignore_errors=True)
        ignore = shutil.ignore_patterns(*LEFT_OUT)
        shutil.copytree(run.path, folder, ignore=ignore)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / ANSWERS).write_text(text + "\n", encoding="utf-8")


def plain(table: Any) -> Any:
    """A DataFrame as columns that JSON can hold; a list as it is."""
    if not isinstance(table, pd.DataFrame):
        return table
    stamps = table.select_dtypes("datetime").columns
    table = table.assign(**{name: table[name].astype(str) for name in stamps})
    table = table.astype(object).where(table.notna(), None)
    return {str(name): table[name].tolist() for name in table.columns}


def main(*names: str) -> None:
    """Make the runs that are named, or all."""
    version = "v" + ".".join(seqkit.__version__.split(".")[:2])
    known = goldens()
    for name in names or known:
        make(known[name], FOLDER / version / name)


if __name__ == "__main__":
    main(*sys.argv[1:])

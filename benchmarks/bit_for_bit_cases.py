"""Short trainings of every shipped recipe, and of paths that none of them takes.

What they read is cut from the folder that SEQKIT_DATA names, or made up from a seed,
and written to the current folder, so that no path of the machine gets into a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import series_data


@dataclass(frozen=True)
class Case:
    """One training and what is asked of it.

    ``data`` is a file, a DataFrame, or None for the recipe's own source; ``asked`` is
    handed to ``predict``; ``other`` are rows to score besides the test part; ``rival``
    are overrides of a second run that is compared with the first; ``search`` is a
    ``tune`` section to search; ``backtest`` says whether the forecaster is backtested.
    """

    recipe: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    data: Any = None
    asked: Any = None
    other: Any = None
    rival: Mapping[str, Any] | None = None
    search: Mapping[str, Any] | None = None
    backtest: bool = False


def imdb(rows: int, name: str = "imdb.csv") -> str:
    """IMDB's training reviews, every so many."""
    path = series_data.data_folder() / "imdb" / "imdb_train.csv.gz"
    frame = pd.read_csv(path)
    frame.iloc[:: len(frame) // rows].to_csv(name, index=False)
    return name


def imdb_by_tfds(rows: int) -> str:
    """The same as the prepared data set ``imdb_reviews``; gives its folder."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    frame = pd.read_csv(imdb(rows)).astype(str)
    frame["label"] = frame["label"].factorize(sort=True)[0]
    parts = {"train": frame[::2], "test": frame[1::2]}
    tfds.dataset_builders.AdhocBuilder(
        name="imdb_reviews",
        config=tfds.core.BuilderConfig(name="plain_text"),
        version="1.0.0",
        features=tfds.features.FeaturesDict(
            {
                "text": tfds.features.Text(),
                "label": tfds.features.ClassLabel(names=["neg", "pos"]),
            }
        ),
        split_datasets={
            part: list(enumerate(rows.to_dict("records")))
            for part, rows in parts.items()
        },
        data_dir="tfds",
        disable_shuffling=True,
    ).download_and_prepare()
    return "tfds"


def cut_ids(path: str, most: int, column: str = "id") -> str:
    """A csv file with its first ``most`` ids alone."""
    frame = pd.read_csv(path, dtype=str)
    ids = list(dict.fromkeys(frame[column]))[:most]
    frame[frame[column].isin(ids)].to_csv(path, index=False)
    return Path(path).name


def tourism(period: str, recipe: str) -> Case:
    """40 series of the tourism competition."""
    data = cut_ids(series_data.tourism(Path(), period), 40)
    return Case(recipe, {"train.epochs": 2}, data)


def pollution() -> str:
    """The last 3,000 hours of Beijing's air and weather."""
    path = Path(series_data.pollution(Path()))
    frame = pd.read_csv(path, dtype=str).tail(3000)
    # The weather is known a day longer than the air.
    frame.iloc[-24:, frame.columns.get_loc("pm2.5")] = None
    frame.to_csv(path, index=False)
    return path.name


def copied(path: str | Path) -> str:
    """A file of SEQKIT_DATA in the current folder."""
    name = Path(path).name
    Path(name).write_bytes(Path(path).read_bytes())
    return name


def archive(name: str) -> str:
    """Both parts of a set of the UEA archive; gives the training part's source."""
    for part in ("TEST", "TRAIN"):
        file = f"{name}_{part}.ts.gz"
        copied(series_data.data_folder() / "uea_ucr" / file)
    return f"ts:{file}"


SHORT_TEXT = {
    "data.vocab_size": 3000,
    "data.max_timesteps": 100,
    "model.embedding": 16,
    "train.epochs": 2,
}


def text_recipes() -> dict[str, Callable[[], Case]]:
    """The recipes about text."""
    narrow = SHORT_TEXT | {"model.units": [16]}
    letters = narrow | {"data.vocab_size": 128, "data.max_timesteps": 150}
    by_tfds = narrow | {"train.epochs": 1}
    return {
        "sample_sentiment": lambda: Case(
            "sample_sentiment", {"train.epochs": 2}, rival={"train.seed": 8}
        ),
        "bilstm_sentiment": lambda: Case("bilstm_sentiment", narrow, imdb(800)),
        "bilstm_sentiment, TFDS": lambda: Case(
            "bilstm_sentiment",
            by_tfds | {"data.data_dir": imdb_by_tfds(400)},
        ),
        "stacked_gru_sentiment": lambda: Case(
            "stacked_gru_sentiment", SHORT_TEXT | {"model.units": [16, 16]}, imdb(800)
        ),
        "char_rnn_sentiment": lambda: Case("char_rnn_sentiment", letters, imdb(500)),
    }


def series_recipes() -> dict[str, Callable[[], Case]]:
    """The recipes about whole series."""
    numbers = np.random.RandomState(5).random_sample((7, 20, 2)).round(3)
    two = {"train.epochs": 2}
    return {
        "vowel_classification": lambda: Case(
            "vowel_classification", two, archive("JapaneseVowels")
        ),
        "motion_classification": lambda: Case(
            "motion_classification",
            two,
            archive("BasicMotions"),
            rival={"model.cell": "lstm"},
        ),
        "adding_problem": lambda: Case(
            "adding_problem",
            {
                "data.source": "sample:adding:20",
                "model.units": [8],
                "train.epochs": 1,
                "train.batch_size": 256,
            },
            asked=numbers.tolist(),
        ),
    }


def forecast_recipes() -> dict[str, Callable[[], Case]]:
    """The recipes that forecast."""
    ett = {
        "data.lookback": 192,
        "data.horizon": 48,
        "data.stride": 24,
        "data.validation": 480,
        "data.test": 480,
        "data.test_stride": 48,
        "data.until": "2016-12-31 23:00",
        "model.units": [16],
        "train.epochs": 2,
    }
    demand = {"model.units": [16], "train.epochs": 2, "data.stride": 23}
    air = {
        "data.validation": 480,
        "data.test": 480,
        "model.units": [8],
        "train.epochs": 2,
    }
    nights = {"model.units": [8], "train.epochs": 2, "data.test_stride": 7}
    return {
        "airline_forecast": lambda: Case(
            "airline_forecast", {"train.epochs": 10}, backtest=True
        ),
        "ett_forecast": lambda: Case("ett_forecast", ett, copied(series_data.ett())),
        "hourly_demand_forecast": lambda: Case(
            "hourly_demand_forecast",
            demand,
            cut_ids(series_data.m4_hourly(Path()), 12),
        ),
        "pollution_forecast": lambda: Case("pollution_forecast", air, pollution()),
        "stock_returns": lambda: Case(
            "stock_returns", {"train.epochs": 3}, copied(series_data.stocks())
        ),
        "temperature_forecast": lambda: Case(
            "temperature_forecast",
            nights,
            copied(series_data.classic("daily-min-temperatures.csv")),
        ),
        "tourism_forecast": partial(tourism, "MONTHLY", "tourism_forecast"),
        "tourism_quarterly_forecast": partial(
            tourism, "QUARTERLY", "tourism_quarterly_forecast"
        ),
        "tourism_yearly_forecast": partial(
            tourism, "YEARLY", "tourism_yearly_forecast"
        ),
    }

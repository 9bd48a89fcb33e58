"""Cases for ``bit_for_bit`` that take paths on which no shipped recipe goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from bit_for_bit_cases import Case
from bit_for_bit_frames import (
    berlin_hours,
    daily_waves,
    faulty,
    reviews,
    step_rows,
    whole_series,
)


def written(frame: pd.DataFrame, name: str) -> str:
    """A frame as the csv, jsonl or parquet file ``name``."""
    if name.endswith(".csv"):
        frame.to_csv(name, index=False)
    elif name.endswith(".jsonl"):
        frame.to_json(name, orient="records", lines=True)
    else:
        frame.to_parquet(name, index=False)
    return name


SEARCH = {
    "search": "random",
    "budget": {"trials": 2, "epochs": 2},
    "seeds": 2,
    "model.cell": {"choice": ["simple_rnn", "gru"]},
    "train.learning_rate": {"log": [0.003, 0.03]},
}
TINY_TEXT: dict[str, Any] = {
    "data.vocab_size": 60,
    "data.max_timesteps": 16,
    "model.units": [6],
    "model.embedding": 6,
    "train.epochs": 3,
    "train.batch_size": 16,
}
BALANCED = TINY_TEXT | {
    "data.missing": "drop",
    "data.class_weight": "balanced",
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.cell": "gru",
    "model.pooling": "attention",
    "model.token_dropout": 0.2,
    "model.embedding_dropout": 0.2,
    "train.schedule": "cosine",
    "train.warmup": 0.1,
}
LETTERS = TINY_TEXT | {
    "data.missing": "empty",
    "data.level": "character",
    "data.truncating": "pre",
    "data.lowercase": False,
    "data.class_names": ["low", "middle", "high"],
    "model.units": [6, 6],
    "model.bidirectional": "multiply",
    "model.pooling": "mean",
    "model.layer_norm": True,
    "model.residual": True,
    "model.input_dropout": 0.2,
    "model.recurrent_dropout": 0.2,
    "train.optimizer": "rmsprop",
    "train.schedule": "exponential",
    "train.clip_norm": None,
    "train.clip_value": 0.5,
    "train.keep": "last",
}
TINY_SERIES: dict[str, Any] = {
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.units": [6],
    "train.epochs": 3,
    "train.batch_size": 16,
}
STEPS = TINY_SERIES | {
    "data.layout": "long",
    "data.id": "id",
    "data.values": ["warmth", "noise"],
    "data.missing": "interpolate",
    "data.class_weight": "balanced",
    "data.max_timesteps": 8,
    "data.truncating": "pre",
    "data.scale": "series",
    "model.pooling": "attention",
    "model.embedding": 5,
    "model.noise": 0.1,
}
NESTED = TINY_SERIES | {
    "data.values": ["noise", "warmth"],
    "data.missing": "drop",
    "data.scale": "minmax",
    "model.cell": "lstm",
    "model.units": [6, 6],
    "model.bidirectional": "none",
    "model.pooling": "last",
    "model.layer_norm": True,
    "model.residual": True,
    "train.optimizer": "nadam",
}
NUMBER = TINY_SERIES | {
    "data.values": ["warmth", "noise"],
    "data.target": "level",
    "data.target_scale": "none",
    "model.loss": "huber",
}


def text_paths() -> dict[str, Callable[[], Case]]:
    """Texts with missing rows, unequal classes and letters; and a search."""
    rows, fresh = reviews(300, 0), reviews(80, 1)
    return {
        "text: balanced, missing rows, a DataFrame": lambda: Case(
            "sample_sentiment",
            BALANCED,
            rows,
            other=pd.concat([rows[:60], fresh], ignore_index=True),
            rival={"model.cell": "lstm"},
            search=SEARCH,
        ),
        "text: letters, jsonl": lambda: Case(
            "sample_sentiment", LETTERS, written(rows, "reviews.jsonl")
        ),
    }


def series_paths() -> dict[str, Callable[[], Case]]:
    """Whole series in both layouts, with gaps, and with a number as the answer."""
    rows, gaps = whole_series(150, 0), whole_series(150, 0, missing=True)
    fresh = whole_series(40, 1)
    return {
        "series: rows by step, gaps, balanced, parquet": lambda: Case(
            "motion_classification",
            STEPS,
            written(step_rows(gaps), "steps.parquet"),
            other=step_rows(pd.concat([rows[:30], fresh])),
        ),
        "series: missing rows dropped, minmax": lambda: Case(
            "vowel_classification", NESTED, gaps, rival={"model.cell": "gru"}
        ),
        "regression: unscaled target, huber": lambda: Case(
            "adding_problem",
            NUMBER,
            rows,
            other=pd.concat([rows[:30], fresh], ignore_index=True),
            rival={"train.seed": 8},
        ),
        "regression: mae, csv": lambda: Case(
            "adding_problem",
            NUMBER | {"model.loss": "mae", "data.target_scale": "standard"},
            written(rows, "series.csv"),
        ),
    }


DATA: dict[str, Any] = {
    "lookback": 21,
    "horizon": 7,
    "validation": 21,
    "test": 21,
}
LONG = DATA | {
    "id": "id",
    "past": ["rain"],
    "future": ["sale"],
    "static": ["shop"],
    "calendar": ["day_of_week", "month"],
}
MODEL: dict[str, Any] = {"cell": "lstm", "units": [6], "dropout": 0.1}
TRAIN = {"epochs": 3, "batch_size": 16, "learning_rate": 0.01, "seed": 7}
GAUSSIAN = {
    "data": LONG
    | {
        "source": "csv:faulty.csv",
        "gaps": "interpolate",
        "duplicates": "mean",
        "unsorted": "sort",
    },
    "model": MODEL
    | {"output": "gaussian", "window_norm": "standard", "series_embedding": 3},
    "train": TRAIN,
}
QUANTILES = {
    "data": LONG
    | {
        "source": "frame",
        "transform": "box_cox",
        "decompose": "seasons",
        "test_stride": 3,
    },
    "model": MODEL
    | {
        "strategy": "encoder_decoder",
        "output": "quantile",
        "quantiles": [0.05, 0.5, 0.8, 0.95],
    },
    "train": TRAIN,
}
WIDE = {
    "data": DATA
    | {
        "source": "frame",
        "layout": "wide",
        "transform": "log1p",
        "difference": 1,
        "scale": "minmax",
        "short": "drop",
        "constant": "drop",
    },
    "model": MODEL
    | {
        "strategy": "segments",
        "segment": 7,
        "window_norm": "mean",
        "loss": "huber",
        "conformal": False,
    },
    "train": TRAIN,
}
CLOCKS = {
    "data": DATA
    | {
        "source": "csv:berlin.csv",
        "timezone": "Europe/Berlin",
        "scale": "mean",
        "lookback": 48,
        "horizon": 12,
        "validation": 48,
        "test": 48,
    },
    "model": MODEL | {"strategy": "recursive", "level": 0.4, "naive_start": True},
    "train": TRAIN,
}


def forecast_paths() -> dict[str, Callable[[], Case]]:
    """Forecasts of faulty data, with covariates, and with all kinds of heads."""
    rows = daily_waves()
    later = daily_waves(steps=140)
    wide = rows.dropna().pivot(index="timestamp", columns="id", values="value")
    wide["still"] = 7.0
    return {
        "forecast: gaussian, faulty rows, covariates": lambda: Case(
            "airline_forecast", GAUSSIAN, written(faulty(rows), "faulty.csv")
        ),
        "forecast: quantiles, box-cox, seasons, a DataFrame": lambda: Case(
            "airline_forecast",
            QUANTILES,
            rows,
            other=later,
            rival={"model": QUANTILES["model"] | {"cell": "gru"}},
            backtest=True,
        ),
        "forecast: wide, segments, not conformal": lambda: Case(
            "airline_forecast", WIDE, wide.reset_index()
        ),
        "forecast: clocks of Berlin, recursive": lambda: Case(
            "airline_forecast", CLOCKS, written(berlin_hours(), "berlin.csv")
        ),
    }

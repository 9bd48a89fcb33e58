"""Series so few and small that a forecaster of them trains in a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

TINY_FORECAST: dict[str, Any] = {
    "data.source": "frame",
    "data.id": "id",
    "data.transform": "none",
    "data.difference": 0,
    "data.seasonal_difference": 0,
    "data.seasons": [6],
    "data.lookback": 12,
    "data.horizon": 3,
    "data.validation": 12,
    "data.test": 9,
    "model.strategy": "direct",
    "model.dropout": 0.0,
    "model.loss": "mae",
    "model.cell": "simple_rnn",
    "model.units": [4],
    "model.highway": 0,
    "train.epochs": 2,
    "train.batch_size": 16,
    "train.schedule": "constant",
    "train.weight_decay": 0.0,
    "train.keep": "best",
}
"""Overrides of ``airline_forecast``."""


def waves(series: int = 2, steps: int = 72, seed: int = 0) -> pd.DataFrame:
    """Days of ``series`` noisy waves of season 6, long: id, timestamp, value."""
    draw = np.random.default_rng(seed)
    frames = []
    for number in range(series):
        wave = 10 * np.sin(2 * np.pi * (np.arange(steps) + number) / 6)
        values = 50 * (number + 1) + wave + draw.normal(size=steps)
        stamps = pd.date_range("2024-01-01", periods=steps, freq="D")
        named = {"id": f"series {number}", "timestamp": stamps, "value": values}
        frames.append(pd.DataFrame(named))
    return pd.concat(frames, ignore_index=True)


def with_covariates(frame: pd.DataFrame, ahead: int = 3) -> pd.DataFrame:
    """The same with ``rain`` (past), ``sale`` (future, known ahead) and ``shop``."""
    parts = []
    for number, (_, rows) in enumerate(frame.groupby("id", sort=False)):
        stamps = pd.date_range(rows["timestamp"].iloc[0], periods=len(rows) + ahead)
        whole = rows.set_index("timestamp").reindex(stamps).rename_axis("timestamp")
        whole["id"] = rows["id"].iloc[0]
        whole["rain"] = np.where(whole["value"].notna(), np.arange(len(whole)) % 5, 0.0)
        whole["sale"] = (np.arange(len(whole)) % 7 == 0).astype(float)
        whole["shop"] = ("small", "large")[number % 2]
        parts.append(whole.reset_index())
    return pd.concat(parts, ignore_index=True)

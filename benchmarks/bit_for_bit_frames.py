"""Made-up rows for ``bit_for_bit``: the same numbers in every version of NumPy."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd

TELLING = {"bad": ["awful", "dull", "poor"], "fine": ["fair", "so-so"], "good": ["joy"]}
PLAIN = ["the", "film", "plot", "cast", "was", "and", "a", "long", "scene", "caf\u00e9"]


def reviews(rows: int, seed: int) -> pd.DataFrame:
    """Texts of three classes, one of them rare; a text in forty is missing."""
    draw = random.Random(seed)
    texts, labels = [], []
    for row in range(rows):
        label = draw.choices(list(TELLING), [0.1, 0.3, 0.6])[0]
        words = draw.choices(PLAIN, k=draw.randint(3, 20))
        words.insert(draw.randint(0, len(words)), draw.choice(TELLING[label]))
        texts.append(None if row % 40 == 7 else " ".join(words))
        labels.append(label)
    return pd.DataFrame({"text": texts, "label": labels})


def whole_series(rows: int, seed: int, missing: bool = False) -> pd.DataFrame:
    """Series of 3 to 12 steps of two columns, with a label and a number for each."""
    draw = np.random.RandomState(seed)
    records = []
    for row in range(rows):
        level, steps = draw.uniform(-1, 1), draw.randint(3, 13)
        warmth = draw.normal(10 + 4 * level, 1, steps).round(3)
        noise = draw.normal(0, 100, steps).round(3)
        if missing and row % 20 == 3:
            warmth[1] = np.nan
        records.append(
            {
                "warmth": warmth.tolist(),
                "noise": noise.tolist(),
                "label": "high" if level > -0.5 else "low",
                "level": round(50 + 20 * level, 3),
            }
        )
    return pd.DataFrame(records)


def step_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with a row a step; ``id`` tells the series."""
    ids = [f"s{row}" for row in range(len(frame))]
    steps = frame.assign(id=ids).explode(["warmth", "noise"], ignore_index=True)
    return steps.astype({"warmth": float, "noise": float})


def daily_waves(series: int = 3, steps: int = 120, seed: int = 0) -> pd.DataFrame:
    """Days of noisy waves of season 7, long, with covariates of all kinds.

    ``sale`` is known 7 days ahead, for which the other columns are empty.
    """
    draw = np.random.RandomState(seed)
    at = np.arange(steps + 7)
    frames = []
    for number in range(series):
        wave = 10 * np.sin(2 * np.pi * (at + number) / 7) + 0.1 * at
        values = 50 * (number + 1) + wave + draw.normal(size=len(at)) + 5 * (at % 9 < 1)
        known = at < steps
        frame = {
            "id": f"series {number}",
            "timestamp": pd.date_range("2024-01-01", periods=len(at), freq="D"),
            "value": np.where(known, values.round(3), np.nan),
            "rain": np.where(known, at % 5, np.nan),
            "sale": (at % 9 < 1).astype(float),
            "shop": ("small", "large")[number % 2],
        }
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True)


def faulty(frame: pd.DataFrame) -> pd.DataFrame:
    """The same without some steps, with others twice, and in another order."""
    twice = frame.iloc[[20, 40]].assign(value=lambda rows: rows["value"] + 2)
    lacking = frame.drop(index=[10, 11, 60, 61, 62])
    return pd.concat([lacking[80:], lacking[:80], twice], ignore_index=True)


def berlin_hours() -> pd.DataFrame:
    """Hours about the end of winter time of 2024, as clocks in Berlin showed them."""
    stamps = pd.date_range("2024-03-20", "2024-04-09", freq="h", tz="Europe/Berlin")
    draw = np.random.RandomState(4)
    values = 20 + np.arange(len(stamps)) % 24 + draw.normal(size=len(stamps))
    local = stamps.tz_localize(None).strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame({"timestamp": local, "value": values.round(3)})

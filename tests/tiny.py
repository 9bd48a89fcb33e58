"""A task so small that training it takes a second."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pandas as pd

TINY: dict[str, Any] = {
    "data.vocab_size": 40,
    "data.max_timesteps": 12,
    "model.cell": "simple_rnn",
    "model.bidirectional": "none",
    "model.units": [4],
    "model.embedding": 6,
    "train.epochs": 3,
    "train.batch_size": 16,
    "train.patience": None,
}
"""Overrides of ``sample_sentiment``."""

GOOD, BAD = ["good", "lovely", "fine", "superb"], ["bad", "awful", "dull", "poor"]
PLAIN = ["the", "film", "plot", "cast", "was", "and", "a", "long", "scene"]


def reviews(rows: int = 240, seed: int = 0) -> pd.DataFrame:
    """Made-up reviews: one telling word among plain ones; labels bad and good."""
    draw = random.Random(seed)
    texts, labels = [], []
    for row in range(rows):
        label = row % 2
        words = draw.choices(PLAIN, k=draw.randint(3, 14))
        words.insert(draw.randint(0, len(words)), draw.choice((BAD, GOOD)[label]))
        texts.append(" ".join(words) + f" {row}")
        labels.append(("bad", "good")[label])
    return pd.DataFrame({"text": texts, "label": labels})


def write_reviews(path: Path, rows: int = 240, seed: int = 0) -> Path:
    """The same as a csv file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    reviews(rows, seed).to_csv(path, index=False)
    return path

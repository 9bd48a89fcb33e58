"""Made-up reviews as baselines of text are fitted on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tiny import reviews

from seqkit.tasks.base import Examples


def texts_and_truth(rows: int, seed: int = 0) -> tuple[list[str], Any]:
    frame = reviews(rows, seed)
    return frame["text"].tolist(), (frame["label"] == "good").to_numpy().astype(int)


def chunked(texts: list[str], truth: Any, rows: int = 32) -> Iterator[Examples]:
    for start in range(0, len(texts), rows):
        yield Examples(texts[start : start + rows], truth[start : start + rows])

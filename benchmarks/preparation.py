"""Seconds in which a fit prepares its rows, and how often it parses their file.

What a fit does with the rows but for training: it opens and parts them, fits the
vocabulary, fills the stores, and passes over the training part once more for the
baselines (whose own fit is left out). Times are of one process's CPU, the least of
three.

SEQKIT_DATA=DATA python benchmarks/preparation.py [SOURCE ...]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from measure import imdb

from seqkit.data.sources.base import Source
from seqkit.data.sources.given import given_source
from seqkit.recipe.recipe import load_recipe
from seqkit.shared.quiet import load_tensorflow
from seqkit.training.prepared import prepared


class Counted(Source):
    """Another source; counts the rows that are parsed and the seconds it takes."""

    def __init__(self, source: Source) -> None:
        self.source, self.name, self.parts = source, source.name, source.parts
        self.rows, self.seconds = 0, 0.0

    def columns(self) -> tuple[str, ...]:
        return self.source.columns()

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        frames = self.source.chunks(part, columns)
        while True:
            begun = time.process_time()
            frame = next(frames, None)
            self.seconds += time.process_time() - begun
            if frame is None:
                return
            self.rows += len(frame)
            yield frame


def main(*sources: str) -> None:
    """Print a line for each source."""
    load_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        for source in sources or _imdb_files(Path(folder)):
            whole, parsing, passes = min(_measured(source) for _ in range(3))
            print(
                f"{source.split('/')[-1]:<20} prepared in {whole:6.2f} s, of which "
                f"{parsing:5.2f} s parse; {passes:.1f} passes",
                flush=True,
            )


def _imdb_files(folder: Path) -> list[str]:
    """The training part of IMDB as files of each kind."""
    packed = imdb()[0]
    frame = pd.read_csv(packed, dtype={"text": str}, keep_default_na=False)
    frame.to_csv(folder / "imdb.csv", index=False)
    frame.to_json(folder / "imdb.jsonl", orient="records", lines=True)
    frame.to_parquet(folder / "imdb.parquet")
    kinds = ("csv", "jsonl", "parquet")
    return [str(packed), *(f"{folder}/imdb.{kind}" for kind in kinds)]


def _measured(data: str) -> tuple[float, float, float]:
    recipe = load_recipe("bilstm_sentiment")
    source = Counted(given_source(data, recipe.data))
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        ready = prepared(recipe, source, Path(folder))
        rows = sum(len(chunk.inputs) for chunk in ready.data.examples("train"))
        seconds = time.process_time() - begun
    assert rows == ready.rows["train"]
    every = sum(map(ready.data.count, ("train", "validation", "test")))
    return seconds, source.seconds, source.rows / every


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A fit parses each file once, whatever its kind and however often it is passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny import TINY, reviews
from tiny_series import TINY_FORECAST, waves
from tiny_training import train
from tiny_whole_series import tiny_series

from seqkit.data.rows.spool import SpooledSource
from seqkit.data.sources.base import Source
from seqkit.data.sources.given import given_source
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs import fit as fit_module
from seqkit.training.prepared import Prepared, prepared

ROWS = 60


class Counted(Source):
    """Another source; counts the passes that began, and the rows that were parsed."""

    def __init__(self, source: Source) -> None:
        self.source, self.name, self.parts = source, source.name, source.parts
        self.passes: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()

    def columns(self) -> tuple[str, ...]:
        return self.source.columns()

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        frames = self.source.chunks(part, columns)
        self.passes[part] += 1
        return self._counted(part, frames)

    def _counted(
        self, part: str, frames: Iterator[pd.DataFrame]
    ) -> Iterator[pd.DataFrame]:
        for frame in frames:
            self.rows[part] += len(frame)
            yield frame


def texts(kind: str, folder: Path) -> tuple[Recipe, Any]:
    recipe = load_recipe("sample_sentiment", TINY)
    if kind == "tfds":
        prepared_tfds(folder)
        data = {"data.source": "tfds:toy", "data.data_dir": str(folder)}
        return recipe.with_(data), None
    path, frame = folder / f"rows.{kind}", reviews(ROWS)
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path, index=False)
    return recipe, path


def prepared_tfds(folder: Path) -> None:
    """The same rows as a data set of TFDS, with an official test part."""
    import tensorflow_datasets as tfds

    labels = tfds.features.ClassLabel(names=["bad", "good"])
    rows = list(enumerate(reviews(ROWS).to_dict("records")))
    builder = tfds.dataset_builders.AdhocBuilder(
        name="toy",
        version="1.0.0",
        features=tfds.features.FeaturesDict(
            {"text": tfds.features.Text(), "label": labels}
        ),
        split_datasets={"train": rows, "test": rows[:10]},
        data_dir=folder,
        disable_shuffling=True,
    )
    builder.download_and_prepare()


def series(kind: str, folder: Path) -> tuple[Recipe, Any]:
    """Whole series of two columns, which the recipe does not name."""
    frame = tiny_series(ROWS)
    tiny = {"model.units": [2], "train.epochs": 1}
    if kind == "ts":
        path = folder / "Toy_TRAIN.ts"
        for target in (path, folder / "Toy_TEST.ts"):
            target.write_text("@classLabel true high low\n@data\n" + ts_lines(frame))
        return load_recipe("vowel_classification", tiny), path
    path = folder / f"series.{kind}"
    frame = frame.drop(columns="level")
    frame = frame.assign(
        **{c: frame[c].map(np.ndarray.tolist) for c in frame.columns[:2]}
    )
    if kind == "jsonl":
        frame.to_json(path, orient="records", lines=True, double_precision=15)
    else:
        frame.to_parquet(path, index=False)
    return load_recipe("vowel_classification", tiny), path


def ts_lines(frame: pd.DataFrame) -> str:
    rows = zip(frame["warmth"], frame["noise"], frame["label"], strict=True)
    return "\n".join(
        ":".join([*(",".join(map(str, cell)) for cell in values), label])
        for *values, label in rows
    )


CASES = [(texts, kind) for kind in ("csv", "jsonl", "parquet", "tfds")]
CASES += [(series, kind) for kind in ("ts", "jsonl", "parquet")]


def every_pass(ready: Prepared) -> None:
    """What a fit does with its data once it has trained on them."""
    data = ready.data
    for part in ("train", "validation", "test"):
        assert sum(len(chunk.inputs) for chunk in data.examples(part))
        data.count(part)
    data.baselines(0)
    data.seen()


@pytest.mark.parametrize(
    ("make", "kind"), CASES, ids=[f"{make.__name__}-{kind}" for make, kind in CASES]
)
def test_each_row_is_parsed_once(make: Any, kind: str, tmp_path: Path) -> None:
    recipe, data = make(kind, tmp_path)
    source = Counted(given_source(data, recipe.data))
    every_pass(prepared(recipe, source, tmp_path))
    assert set(source.rows) == set(source.parts)
    # A look at the first rows tells which columns are values, before they are read.
    looks = int(make is series)
    assert source.passes == {
        part: 1 + looks * (part == "train") for part in source.parts
    }
    assert source.rows["train"] == ROWS * source.passes["train"]


@pytest.mark.slow
def test_a_whole_fit_parses_its_file_once_and_trains_as_it_would_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Counted] = []

    def counted(data: Any, spec: Any) -> Source:
        opened.append(Counted(given_source(data, spec)))
        return opened[-1]

    reviews(ROWS).to_csv(tmp_path / "rows.csv", index=False)
    monkeypatch.setattr(fit_module, "given_source", counted)
    one = {"train.epochs": 1}
    run = train(tmp_path / "run", one, data=tmp_path / "rows.csv")
    (source,) = opened
    assert source.rows == {"train": ROWS}
    monkeypatch.setattr(
        SpooledSource, "chunks", lambda self, *of: self.source.chunks(*of)
    )
    plain = train(tmp_path / "plain", one, data=tmp_path / "rows.csv")
    assert opened[1].rows["train"] > 5 * ROWS
    assert run.facts["fingerprint"] == plain.facts["fingerprint"]
    pairs = zip(run.model.get_weights(), plain.model.get_weights(), strict=True)
    assert all(map(lambda pair: np.array_equal(*pair), pairs))
    assert not list(run.path.rglob("*.arrow"))


def test_what_is_in_memory_or_read_once_is_not_written(tmp_path: Path) -> None:
    recipe = load_recipe("sample_sentiment", TINY)
    prepared(recipe, given_source(reviews(ROWS), recipe.data), tmp_path)
    waves().to_csv(tmp_path / "waves.csv", index=False)
    recipe = load_recipe("airline_forecast", TINY_FORECAST)
    source = Counted(given_source(tmp_path / "waves.csv", recipe.data))
    every_pass(prepared(recipe, source, tmp_path))
    assert source.passes["train"] == 1
    assert not list(tmp_path.rglob("*.arrow"))

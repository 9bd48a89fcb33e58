"""Every source reads by the same contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.data.sources.base import CHUNK_ROWS, Source, open_source
from seqkit.data.sources.samples import SAMPLES
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError
from seqkit.recipe.data_paths import without_paths
from seqkit.registry import SOURCES

ROWS = pd.DataFrame(
    {
        "text": [f"film {row} caf\u00e9" for row in range(CHUNK_ROWS + 10)],
        "more": "-",
        "label": [("bad", "good")[row % 2] for row in range(CHUNK_ROWS + 10)],
    }
)


def csv(folder: Path) -> tuple[str, dict[str, Any]]:
    ROWS.to_csv(folder / "rows.csv", index=False)
    return f"{folder}/rows.csv", {}


def tsv(folder: Path) -> tuple[str, dict[str, Any]]:
    ROWS.to_csv(folder / "rows.tsv", index=False, sep="\t")
    return f"{folder}/rows.tsv", {}


def parquet(folder: Path) -> tuple[str, dict[str, Any]]:
    ROWS.to_parquet(folder / "rows.parquet")
    return f"{folder}/rows.parquet", {}


def jsonl(folder: Path) -> tuple[str, dict[str, Any]]:
    ROWS.to_json(folder / "rows.jsonl", orient="records", lines=True)
    return f"{folder}/rows.jsonl", {}


def tfds(folder: Path) -> tuple[str, dict[str, Any]]:
    import tensorflow_datasets as tfds

    text = tfds.features.Text()
    rows = [(i, row) for i, row in enumerate(ROWS.to_dict("records"))]
    tfds.dataset_builders.AdhocBuilder(
        name="conforming",
        version="1.0.0",
        features=tfds.features.FeaturesDict(dict.fromkeys(ROWS.columns, text)),
        split_datasets={"train": rows},
        data_dir=folder,
        disable_shuffling=True,
    ).download_and_prepare()
    return "conforming", {"data_dir": str(folder)}


TS_ROWS = pd.DataFrame(
    {
        # Objects: lists of one length would become a block.
        "dim_0": pd.Series([np.array([row, 0.5]) for row in ROWS.index], dtype=object),
        "label": ROWS["label"],
    }
)


def ts(folder: Path) -> tuple[str, dict[str, Any]]:
    lines = [f"{row},0.5:{label}" for row, label in ROWS["label"].items()]
    text = "\n".join(["@classLabel true bad good", "@data", *lines])
    (folder / "rows.ts").write_text(text)
    return f"{folder}/rows.ts", {}


CONLL_ROWS = pd.DataFrame(
    {
        "form": pd.Series([["a", f"token{row}"] for row in ROWS.index], dtype=object),
        "upos": pd.Series([["O", label] for label in ROWS["label"]], dtype=object),
    }
)


def conll(folder: Path) -> tuple[str, dict[str, Any]]:
    rows = [f"a\tO\ntoken{row}\t{label}\n" for row, label in ROWS["label"].items()]
    text = "\n".join(["# global.columns = form upos", *rows])
    (folder / "rows.conll").write_text(text)
    return f"{folder}/rows.conll", {}


def parallel(folder: Path) -> tuple[str, dict[str, Any]]:
    for side in ("text", "label"):
        (folder / side).write_text("".join(f"{line}\n" for line in ROWS[side]))
    return f"{folder}/text,{folder}/label", {}


def sample(name: str) -> Any:
    return lambda folder: (name, {})


@dataclass(frozen=True)
class Held:
    """An address of a source, two of the columns there, and what stands in them."""

    address: Callable[[Path], tuple[str, dict[str, Any]]]
    columns: tuple[str, str] = ("text", "label")
    rows: pd.DataFrame | None = None
    """None: seqkit makes them itself."""


HELD = {
    "csv": Held(csv, rows=ROWS),
    "tsv": Held(tsv, rows=ROWS),
    "parquet": Held(parquet, rows=ROWS),
    "jsonl": Held(jsonl, rows=ROWS),
    "tfds": Held(tfds, rows=ROWS),
    "ts": Held(ts, ("dim_0", "label"), TS_ROWS),
    "conll": Held(conll, ("form", "upos"), CONLL_ROWS),
    "parallel": Held(
        parallel,
        ("input", "output"),
        ROWS.rename(columns={"text": "input", "label": "output"}),
    ),
    "sample:reviews": Held(sample("reviews")),
    "sample:airline": Held(sample("airline"), ("timestamp", "value")),
    "sample:adding": Held(sample("adding:3"), ("value", "target")),
    "sample:tags": Held(sample("tags"), ("tokens", "tags")),
    "sample:addition": Held(sample("addition"), ("input", "output")),
    "sample:reverse": Held(sample("reverse"), ("input", "output")),
    "sample:dates": Held(sample("dates"), ("input", "output")),
    "sample:activity": Held(sample("activity"), ("forward", "activity")),
    "sample:tracking": Held(sample("tracking"), ("force", "position")),
}


def test_every_source_and_sample_is_tested_here() -> None:
    assert {kind.partition(":")[0] for kind in HELD} == set(SOURCES)
    samples = {kind.partition(":")[2] for kind in HELD if kind.startswith("sample:")}
    assert samples == set(SAMPLES)


@pytest.fixture(scope="module", params=HELD)
def kind(request: Any) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def held(kind: str) -> Held:
    return HELD[kind]


@pytest.fixture(scope="module")
def source(kind: str, held: Held, tmp_path_factory: pytest.TempPathFactory) -> Source:
    kind = kind.partition(":")[0]
    address, options = held.address(tmp_path_factory.mktemp(kind))
    spec = LabelledText(source=f"{kind}:{address}", **options)
    opened = open_source(spec)
    # Messages travel: a path that is not below the current folder is its last name.
    assert opened.name == without_paths(spec.source)
    return opened


def read(source: Source, columns: Sequence[str]) -> list[pd.DataFrame]:
    return list(source.chunks("train", columns))


def test_source_has_a_training_part_and_its_columns(source: Source, held: Held) -> None:
    assert "train" in source.parts
    assert set(source.parts) <= {"train", "validation", "test"}
    assert set(held.columns) <= set(source.columns())


@pytest.mark.parametrize("places", [[0], [1, 0], [0, 1]])
def test_source_gives_the_columns_in_the_order_asked_for(
    source: Source, held: Held, places: list[int]
) -> None:
    columns = [held.columns[place] for place in places]
    kinds = {"text": str, "label": str, "dim_0": np.ndarray, "target": float}
    for frame in read(source, columns):
        assert list(frame.columns) == columns
        assert 0 < len(frame) <= CHUNK_ROWS
        assert list(frame.index) == list(range(len(frame)))
        for column in set(columns) & set(kinds):
            assert all(isinstance(cell, kinds[column]) for cell in frame[column])


def test_source_reads_the_same_rows_again_and_again(source: Source, held: Held) -> None:
    columns = list(held.columns)
    one, again = (pd.concat(read(source, columns), ignore_index=True) for _ in range(2))
    assert_same(one, again)
    if held.rows is not None:
        assert_same(one.astype(object), held.rows[columns].astype(object))


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Frames whose cells may be arrays are the same."""
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_source_can_be_read_twice_at_the_same_time(source: Source, held: Held) -> None:
    first = [held.columns[0]]
    pairs = zip(
        source.chunks("train", first), source.chunks("train", first), strict=True
    )
    for one, other in pairs:
        assert_same(one, other)


def test_source_names_the_columns_that_there_are(source: Source, held: Held) -> None:
    first, second = held.columns
    wrong = second[:1] + second[2] + second[1] + second[3:]
    with pytest.raises(DataError) as error:
        source.chunks("train", [first, wrong])
    told = str(error.value)
    assert told.startswith(f"{source.name} has no column {wrong!r}, only ")
    assert told.endswith(f"Did you mean {second!r}?")


def test_source_names_the_parts_that_there_are(source: Source, held: Held) -> None:
    with pytest.raises(DataError) as error:
        source.chunks("development", [held.columns[0]])
    parts = ", ".join(source.parts)
    assert str(error.value) == (
        f"{source.name} has no part 'development', only {parts}."
    )

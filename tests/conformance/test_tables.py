"""Every source reads by the same contract, and every format ships every cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from seqkit.build import build
from seqkit.data.sources.base import CHUNK_ROWS, Source, open_source
from seqkit.data.spec import LabelledText
from seqkit.errors import DataError
from seqkit.export import Shipment, export
from seqkit.layers import TextEncoder
from seqkit.registry import CELLS, FORMATS, SOURCES
from seqkit.tasks.classes import decoded_classes
from seqkit.tasks.text_inputs import TextPreprocessing

# Sources

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


def sample(folder: Path) -> tuple[str, dict[str, Any]]:
    return "reviews", {}


ADDRESSES = {
    "csv": csv,
    "parquet": parquet,
    "jsonl": jsonl,
    "tfds": tfds,
    "sample": sample,
}
"""For each source an address at which text and label are, ROWS where it is given."""


def test_every_source_is_tested_here() -> None:
    assert set(ADDRESSES) == set(SOURCES)


@pytest.fixture(scope="module", params=ADDRESSES)
def source(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Source:
    kind = request.param
    address, options = ADDRESSES[kind](tmp_path_factory.mktemp(kind))
    spec = LabelledText(source=f"{kind}:{address}", **options)
    opened = open_source(spec)
    assert opened.name == spec.source
    return opened


def read(source: Source, columns: list[str]) -> list[pd.DataFrame]:
    return list(source.chunks("train", columns))


def test_source_has_a_training_part_and_its_columns(source: Source) -> None:
    assert "train" in source.parts
    assert set(source.parts) <= {"train", "validation", "test"}
    assert {"text", "label"} <= set(source.columns())


@pytest.mark.parametrize("columns", [["text"], ["label", "text"], ["text", "label"]])
def test_source_gives_the_columns_in_the_order_asked_for(
    source: Source, columns: list[str]
) -> None:
    for frame in read(source, columns):
        assert list(frame.columns) == columns
        assert 0 < len(frame) <= CHUNK_ROWS
        assert list(frame.index) == list(range(len(frame)))
        assert all(isinstance(text, str) for text in frame["text"])


def test_source_reads_the_same_rows_again_and_again(source: Source) -> None:
    one, again = (
        pd.concat(read(source, ["text", "label"]), ignore_index=True) for _ in range(2)
    )
    assert one.equals(again)
    if not source.name.startswith("sample:"):
        expected = ROWS[["text", "label"]]
        assert one.astype(object).equals(expected.astype(object))


def test_source_can_be_read_twice_at_the_same_time(source: Source) -> None:
    pairs = zip(
        source.chunks("train", ["text"]), source.chunks("train", ["text"]), strict=True
    )
    assert all(one.equals(other) for one, other in pairs)


def test_source_names_the_columns_that_there_are(source: Source) -> None:
    with pytest.raises(DataError) as error:
        source.chunks("train", ["text", "lable"])
    assert str(error.value).startswith(f"{source.name} has no column 'lable', only ")
    assert str(error.value).endswith("Did you mean 'label'?")


def test_source_names_the_parts_that_there_are(source: Source) -> None:
    with pytest.raises(DataError) as error:
        source.chunks("development", ["text"])
    parts = ", ".join(source.parts)
    assert str(error.value) == (
        f"{source.name} has no part 'development', only {parts}."
    )


# Formats

WORDS = ["", "[UNK]", *"good bad film the a not was and of it".split()]
TEXTS = ["A good film!", "", "it was not bad, and it was not good " * 3, "\U0001f600"]
SHIPPED = ("savedmodel", "keras", "onnx", "litert")
HARD = {
    "model.bidirectional": "concat",
    "model.units": [4, 3],
    "model.pooling": "attention",
    "model.layer_norm": True,
    "model.residual": True,
    "model.input_dropout": 0.2,
    "model.token_dropout": 0.2,
}


def test_every_format_is_tested_here() -> None:
    assert set(SHIPPED) == set(FORMATS)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, HARD], ids=["plain", "hard"])
@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("format", SHIPPED)
def test_every_format_ships_every_cell(
    format: str, cell: str, options: dict[str, Any], tmp_path: Path
) -> None:
    tiny = {
        "data.vocab_size": len(WORDS),
        "data.class_names": ["bad", "good"],
        "model.cell": cell,
        "model.units": [3],
        "model.embedding": 4,
    }
    core = build("sample_sentiment", tiny | options)
    encoder = TextEncoder(WORDS, max_timesteps=8)
    texts = TextPreprocessing(encoder, ("bad", "good"), ("bad", "good"))

    def predict(samples: Any) -> dict[str, list[Any]]:
        shares = texts.answering(core)(samples["text"])
        return decoded_classes(shares, texts.classes).to_dict("list")

    shipment = Shipment(
        name=cell,
        serving=texts.serving(core),
        core=core,
        files=texts.files(),
        samples={"text": TEXTS},
        predict=predict,
        card="",
    )
    folder = export(shipment, tmp_path / "export", format)
    account = json.loads((folder / "export.json").read_text())
    assert 0 <= account["largest_difference"] <= 1e-5

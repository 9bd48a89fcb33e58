"""TFDS: prepared data sets are read by the real code; the rest is refused soon."""

import socket
import time

import numpy as np
import pandas as pd
import pytest

from seqkit.data.sources import tfds as tfds_source
from seqkit.data.sources.base import open_source
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError, UnknownNameError

REACHABLE = tfds_source.reachable
TRAIN = [
    (f"film {row} caf\u00e9 \U0001f642", ("neg", "pos")[row % 2]) for row in range(7)
]


def builder(folder, name="imdb_reviews", config="plain_text", **parts):
    """A data set, not prepared yet, whose rows are (text, label)."""
    import tensorflow_datasets as tfds

    parts = parts or {"train": TRAIN, "test": TRAIN[:2], "unsupervised": [("?", -1)]}
    features = tfds.features.FeaturesDict(
        {
            "text": tfds.features.Text(),
            "label": tfds.features.ClassLabel(names=["neg", "pos"]),
        }
    )
    return tfds.dataset_builders.AdhocBuilder(
        name=name,
        config=tfds.core.BuilderConfig(name=config) if config else None,
        version="1.0.0",
        features=features,
        split_datasets={
            part: [(row, {"text": t, "label": k}) for row, (t, k) in enumerate(rows)]
            for part, rows in parts.items()
        },
        data_dir=folder,
        disable_shuffling=True,
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder in which imdb_reviews is prepared, with a few rows of ours."""
    folder = tmp_path_factory.mktemp("tfds")
    builder(folder).download_and_prepare()
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr(tfds_source, "reachable", lambda url: False)
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)


def opened(name, folder=None):
    data_dir = None if folder is None else str(folder)
    return open_source(LabelledText(source=f"tfds:{name}", data_dir=data_dir))


def read(source, part="train", columns=("text", "label")):
    return pd.concat(source.chunks(part, columns), ignore_index=True)


@pytest.mark.parametrize(
    "name", ["imdb_reviews", "imdb_reviews/plain_text:1.0.0", "imdb_reviews:1.*.*"]
)
def test_prepared_data_set_gives_texts_and_names_of_classes(prepared, name):
    source = opened(name, prepared)
    assert source.name == f"tfds:{name}"
    assert source.parts == ("train", "test")
    assert set(source.columns()) == {"text", "label"}
    for _ in range(2):
        assert [tuple(row) for row in read(source).to_numpy()] == TRAIN
    assert len(read(source, "test")) == 2


def test_rows_are_those_that_tfds_itself_loads(prepared):
    import tensorflow_datasets as tfds

    rows = tfds.as_numpy(tfds.load("imdb_reviews", split="train", data_dir=prepared))
    theirs = [(row["text"].decode(), int(row["label"])) for row in rows]
    frame = read(opened("imdb_reviews", prepared))
    codes = frame["label"].map({"neg": 0, "pos": 1})
    assert list(zip(frame["text"], codes, strict=True)) == theirs


def test_rows_come_in_chunks_with_the_wanted_columns(prepared, monkeypatch):
    monkeypatch.setattr(tfds_source, "CHUNK_ROWS", 3)
    frames = list(opened("imdb_reviews", prepared).chunks("train", ["label"]))
    assert [len(frame) for frame in frames] == [3, 3, 1]
    assert all(list(frame.columns) == ["label"] for frame in frames)


def test_the_autotuner_is_off(prepared):
    source = opened("imdb_reviews", prepared)
    options = source._dataset("train", ("text",)).options()
    assert options.autotune.enabled is False


def test_folder_comes_from_the_spec_then_the_environment(
    prepared, tmp_path, monkeypatch
):
    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared))
    assert len(read(opened("imdb_reviews"))) == len(TRAIN)
    with pytest.raises(DataError, match=str(tmp_path)):
        opened("imdb_reviews", tmp_path)
    monkeypatch.delenv("TFDS_DATA_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tfds_source.data_folder(None) == tmp_path / "tensorflow_datasets"


def test_wrong_part_and_column_are_named(prepared):
    source = opened("imdb_reviews", prepared)
    with pytest.raises(DataError, match="no part 'unsupervised', only train, test"):
        source.chunks("unsupervised", ["text"])
    with pytest.raises(DataError, match="no column 'review', only"):
        source.chunks("train", ["review"])


def test_without_network_both_ways_out_are_named_at_once(tmp_path):
    start = time.monotonic()
    with pytest.raises(DataError) as caught:
        opened("imdb_reviews", tmp_path / "empty")
    assert time.monotonic() - start < 10
    text = str(caught.value)
    assert "\n" not in text
    assert f"not prepared in {tmp_path / 'empty'}" in text
    assert "ai.stanford.edu cannot be reached" in text
    assert "--data FILE" in text and "--data-dir DIR or TFDS_DATA_DIR" in text
    assert not (tmp_path / "empty").exists()


def test_with_network_the_data_set_is_prepared_quietly(tmp_path, monkeypatch, capfd):
    fresh = builder(tmp_path)
    monkeypatch.setattr(tfds_source, "_open_builder", lambda *where: fresh)
    monkeypatch.setattr(tfds_source, "reachable", lambda url: True)
    capfd.readouterr()
    source = opened("imdb_reviews", tmp_path)
    assert capfd.readouterr().out == ""
    assert len(read(source)) == len(TRAIN)


def test_failed_download_says_why(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("No space left on device\nand more")

    fresh = builder(tmp_path)
    monkeypatch.setattr(fresh, "download_and_prepare", fail)
    monkeypatch.setattr(tfds_source, "_open_builder", lambda *where: fresh)
    monkeypatch.setattr(tfds_source, "reachable", lambda url: True)
    with pytest.raises(DataError, match="No space left on device. Try again"):
        opened("imdb_reviews", tmp_path)


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("imdb_review", UnknownNameError, "Did you mean 'imdb_reviews'"),
        ("glue/colla", UnknownNameError, "no config 'colla'. Did you mean 'cola'"),
        ("imdb_reviews:9.9.9", DataError, "version 9.9.9, only: 1.0.0."),
        ("huggingface:imdb", DataError, "is not a name that is known here"),
        ("imdb reviews", DataError, "is not a name that is known here"),
    ],
)
def test_unknown_names_are_refused_with_a_hint(prepared, name, error, says):
    with pytest.raises(error, match=says) as caught:
        opened(name, prepared)
    assert "\n" not in str(caught.value)


def test_data_set_without_training_part_is_refused(tmp_path):
    builder(tmp_path, "mine", None, holdout=TRAIN).download_and_prepare()
    with pytest.raises(DataError, match="no part 'train', only holdout"):
        opened("mine", tmp_path)


def test_damaged_data_set_is_refused(tmp_path):
    builder(tmp_path).download_and_prepare()
    (record,) = tmp_path.rglob("*train.tfrecord*")
    record.write_bytes(record.read_bytes()[:-20])
    with pytest.raises(DataError, match="is cut off or damaged"):
        read(opened("imdb_reviews", tmp_path))


def test_text_that_is_not_utf8_names_its_row(tmp_path):
    rows = [("fine", "neg"), (b"caf\xe9", "pos")]
    builder(tmp_path, "mine", None, train=rows).download_and_prepare()
    with pytest.raises(DataError, match="'text' of tfds:mine is not UTF-8 .* row 2:"):
        read(opened("mine", tmp_path))


def test_rows_without_label_are_missing(tmp_path):
    rows = [("fine", "pos"), ("hm", -1)]
    builder(tmp_path, "mine", None, train=rows).download_and_prepare()
    assert read(opened("mine", tmp_path))["label"].tolist() == ["pos", None]


def test_numbers_stay_numbers_and_sequences_are_arrays(tmp_path):
    import tensorflow_datasets as tfds

    tfds.dataset_builders.AdhocBuilder(
        name="mine",
        version="1.0.0",
        features=tfds.features.FeaturesDict(
            {"id": np.int64, "steps": tfds.features.Sequence(np.float32)}
        ),
        split_datasets={
            "train": [(i, {"id": i, "steps": np.arange(i)}) for i in range(3)]
        },
        data_dir=tmp_path,
        disable_shuffling=True,
    ).download_and_prepare()
    source = opened("mine", tmp_path)
    frame = read(source, columns=("id", "steps"))
    assert (
        frame["id"].tolist() == read(source, columns=["id"])["id"].tolist() == [0, 1, 2]
    )
    assert [steps.tolist() for steps in frame["steps"]] == [[], [0.0], [0.0, 1.0]]


class TestProbe:
    """``reachable`` on sockets of this machine alone."""

    @pytest.fixture
    def probe(self, monkeypatch):
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        return REACHABLE

    @pytest.fixture
    def listening(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield f"127.0.0.1:{server.getsockname()[1]}"

    def test_a_host_that_answers_is_reachable(self, probe, listening):
        assert probe(f"http://{listening}/data.tar.gz")

    def test_a_closed_port_is_not(self, probe):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        assert not probe(f"http://127.0.0.1:{port}/data.tar.gz")

    def test_a_host_that_never_answers_costs_no_more_than_its_time(
        self, probe, monkeypatch
    ):
        def hang(*args):
            time.sleep(1)
            raise TimeoutError

        monkeypatch.setattr(socket, "create_connection", hang)
        start = time.monotonic()
        assert not probe("http://127.0.0.1/", seconds=0.2)
        assert time.monotonic() - start < 0.9

    def test_a_proxy_stands_for_the_host(self, probe, listening, monkeypatch):
        monkeypatch.setenv("http_proxy", f"http://{listening}")
        assert probe("http://no.such.host.invalid/data.tar.gz")
        monkeypatch.setenv("no_proxy", "no.such.host.invalid")
        assert not probe("http://no.such.host.invalid/data.tar.gz")


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("ted_hrlr_translate", "pt_to_en"),
        ("wmt14_translate", "de-en"),
        ("opus", "medical"),
    ],
)
def test_translation_sets_have_a_column_a_language(tmp_path, name, config):
    import tensorflow_datasets as tfds

    rows = [("ol\u00e1\u2028a", "hello"), ("sim", "yes")]
    tfds.dataset_builders.AdhocBuilder(
        name=name,
        config=tfds.core.BuilderConfig(name=config),
        version="1.0.0",
        features=tfds.features.Translation(languages=("pt", "en")),
        split_datasets={
            part: [(row, {"pt": pt, "en": en}) for row, (pt, en) in enumerate(rows)]
            for part in ("train", "validation", "test")
        },
        data_dir=tmp_path,
        disable_shuffling=True,
    ).download_and_prepare()
    source = opened(f"{name}/{config}:1.0.0", tmp_path)
    assert source.parts == ("train", "validation", "test")
    assert set(source.columns()) == {"pt", "en"}
    for part in source.parts:
        frame = read(source, part, ["en", "pt"])
        assert list(frame.itertuples(index=False, name=None)) == [
            (en, pt) for pt, en in rows
        ]

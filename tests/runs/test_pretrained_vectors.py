"""Runs whose embeddings begin as vectors of a file, and need it no more afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import PLAIN, TINY, reviews

import seqkit
from seqkit.errors import DataError, RecipeError, RunError
from seqkit.layers.text import fold_case
from seqkit.recipe.recipe import load_recipe
from seqkit.runs.run import Run
from seqkit.shared.vectors import folded

WIDTH = 5


def write_vectors(path: Path) -> dict[str, list[float]]:
    draw = np.random.default_rng(3)
    rows = {word: draw.normal(size=WIDTH).round(3).tolist() for word in PLAIN}
    lines = [f"{word.title()} {' '.join(map(str, row))}" for word, row in rows.items()]
    path.write_text("\n".join(lines) + "\n")
    return rows


def trained(folder: Path, vectors: Path | None, **changes: Any) -> Run:
    own = {key.replace("__", "."): value for key, value in changes.items()}
    own |= {"model.pretrained_vectors": str(vectors)} if vectors else {}
    return seqkit.fit(
        "sample_sentiment",
        TINY | {"train.epochs": 1, "model.embedding": None} | own,
        data=reviews(60),
        out=folder,
        progress=False,
    )


def table_of(run: Run) -> Any:
    return run.model.get_layer("embedding").embeddings.numpy()


def ids_of(run: Run) -> dict[str, int]:
    encoder = run.preprocessing.inputs.encoder  # type: ignore[attr-defined]
    return {word: number for number, word in enumerate(encoder.vocabulary)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vectors")


@pytest.fixture(scope="module")
def rows(folder: Path) -> dict[str, list[float]]:
    return write_vectors(folder / "own.vec")


@pytest.fixture(scope="module")
def frozen(folder: Path, rows: Any) -> Run:
    return trained(folder / "frozen", folder / "own.vec", model__frozen_vectors=True)


def test_frozen_embeddings_are_those_of_the_file(frozen: Run, rows: Any) -> None:
    table, ids = table_of(frozen), ids_of(frozen)
    assert frozen.recipe.model.embedding == table.shape[1] == WIDTH
    for word, row in rows.items():
        np.testing.assert_array_equal(table[ids[word]], np.float32(row))
    others = [number for word, number in ids.items() if word not in rows]
    # Keras begins all embeddings within 0.05.
    assert np.abs(table[others]).max() <= 0.05


@pytest.mark.slow
def test_embeddings_go_on_from_the_file(folder: Path, frozen: Run) -> None:
    run = trained(folder / "free", folder / "own.vec", model__embedding=WIDTH)
    moved = np.abs(table_of(run) - table_of(frozen))[[*ids_of(run).values()][1:]]
    assert 0 < moved.max() < 0.1


def test_a_run_tells_the_coverage_and_no_whole_path(frozen: Run, rows: Any) -> None:
    tokens = len(ids_of(frozen)) - 2
    note = f"own.vec (model.pretrained_vectors) has vectors of {len(rows)} of {tokens} "
    assert any(one.startswith(note) for one in frozen.notes)
    assert frozen.facts["vectors"]["covered"] == len(rows)
    written = (frozen.path / "recipe.yaml").read_text()
    assert "pretrained_vectors: own.vec" in written


def test_a_run_needs_the_file_no_more(frozen: Run, tmp_path: Path) -> None:
    shutil.copytree(frozen.path, tmp_path / "run")
    (tmp_path / "run" / "local.json").unlink()
    texts = ["a long film", "the plot was dull"]
    again = Run(tmp_path / "run", frame=reviews(60))
    assert again.recipe.model.pretrained_vectors == "own.vec"  # type: ignore[attr-defined]
    assert again.predict(texts).equals(frozen.predict(texts))
    assert again.evaluate().metrics == frozen.evaluate().metrics


@pytest.mark.slow
def test_an_export_needs_the_file_no_more(frozen: Run, tmp_path: Path) -> None:
    frozen.export(tmp_path / "export")
    texts = [p.read_text() for p in (tmp_path / "export").glob("*.[mj]*")]
    assert not any(str(frozen.path.parent) in text for text in texts)


@pytest.mark.slow
def test_a_run_that_broke_ends_in_the_same_weights(
    folder: Path, rows: Any, tmp_path: Path
) -> None:
    from tiny_training import StopAt

    own = Path(shutil.copy(folder / "own.vec", tmp_path))
    changes = TINY | {"train.epochs": 2, "train.members": 2, "train.batch_size": 8}
    changes |= {"model.embedding": None, "model.pretrained_vectors": str(own)}

    def fit(out: str, *callbacks: Any) -> Run:
        return seqkit.fit(
            "sample_sentiment",
            changes,
            data=reviews(60),
            out=tmp_path / out,
            callbacks=callbacks,
            progress=False,
        )

    whole = fit("whole")
    with pytest.raises(ZeroDivisionError):
        fit("run", StopAt(1, ZeroDivisionError))
    kept = own.read_text()
    own.write_text(kept.replace("1", "2"))
    with pytest.raises(RunError, match="own.vec have changed since this run began"):
        seqkit.fit(resume=tmp_path / "run", data=reviews(60), progress=False)
    own.write_text(kept)
    resumed = seqkit.fit(resume=tmp_path / "run", data=reviews(60), progress=False)
    pairs = zip(whole.model.weights, resumed.model.weights, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_embeddings_of_another_width_are_refused(folder: Path, rows: Any) -> None:
    out = folder / "refused"
    with pytest.raises(DataError, match="have 5 numbers, but model.embedding is 6"):
        trained(out, folder / "own.vec", model__embedding=6)
    with pytest.raises(DataError, match="There is no file .*none.vec"):
        trained(out, folder / "none.vec", model__embedding=6)
    assert not out.exists()


@pytest.mark.parametrize("key", ["model.frozen_vectors", "model.embedding"])
def test_keys_of_vectors_need_a_file(key: str) -> None:
    value = True if key.startswith("model.f") else None
    with pytest.raises(RecipeError, match="has no pretrained_vectors"):
        load_recipe("sample_sentiment", {key: value})


def test_a_model_is_as_wide_as_its_file(folder: Path, rows: Any) -> None:
    path = str(folder / "own.vec")
    changes = {"model.embedding": None, "model.pretrained_vectors": path}
    model = seqkit.build("sample_sentiment", changes)
    assert model.get_layer("embedding").output_dim == WIDTH


@pytest.mark.slow
def test_a_tagger_begins_with_them_as_well(folder: Path, rows: Any) -> None:
    import pandas as pd

    sentences = [row["text"].split() for _, row in reviews(40).iterrows()]
    tags = [["X" if word in PLAIN else "Y" for word in one] for one in sentences]
    run = seqkit.fit(
        "sample_tags",
        {
            "model.units": [4],
            "model.embedding": None,
            "model.pretrained_vectors": str(folder / "own.vec"),
            "model.frozen_vectors": True,
            "train.epochs": 1,
        },
        data=pd.DataFrame({"tokens": sentences, "tags": tags}),
        out=folder / "tagger",
        progress=False,
    )
    words = run.preprocessing.inputs.vocabulary.words  # type: ignore[attr-defined]
    for word, row in rows.items():
        found = table_of(run)[words.index(word)]
        np.testing.assert_array_equal(found, np.float32(row))


def test_words_of_a_file_lose_their_case_as_texts_do() -> None:
    letters = [chr(code) for code in range(0x20, 0x250)]
    letters += [chr(code) for code in range(0x370, 0x530)]
    words = [f"x{letter}" for letter in letters if letter.isalpha()]
    wanted = [word.decode() for word in fold_case(words).numpy()]
    assert [folded(word) for word in words] == wanted

"""Every key of a recipe acts: changed, it changes what the table says it changes.

A key that a task's types have and the table lacks fails the suite.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from seqkit.build import build
from seqkit.data.sources.given import given_source
from seqkit.errors import DataWarning
from seqkit.recipe import Recipe, load_recipe
from seqkit.registry import TASKS
from seqkit.spec import TrainSpec
from seqkit.training import train


@dataclass(frozen=True)
class Case:
    """A changed value, and where the change must show."""

    value: Any
    shows: str
    base: dict[str, Any] = field(default_factory=dict)
    """What else the recipe needs so that the key has something to act on."""


DATA = {
    "source": Case("csv:other.csv", shows="train"),
    "data_dir": Case("two", shows="train", base={"data.source": "tfds:tiny_reviews"}),
    "encoding": Case("latin-1", shows="vocabulary"),
    "missing": Case("empty", shows="rows"),
    "validation": Case(0.3, shows="validation"),
    "test": Case(0.3, shows="test"),
    "split_seed": Case(1, shows="test"),
    "text": Case("summary", shows="train"),
    "label": Case("stars", shows="classes"),
    "vocab_size": Case(5, shows="vocabulary"),
    "max_timesteps": Case(3, shows="train"),
    "level": Case("character", shows="vocabulary"),
    "truncating": Case("pre", shows="train", base={"data.max_timesteps": 3}),
    "lowercase": Case(False, shows="vocabulary"),
    "class_names": Case(["bad", "good"], shows="classes"),
    "class_weight": Case("balanced", shows="weights"),
}
MODEL = {
    "cell": Case("gru", shows="shapes"),
    "units": Case([3, 3], shows="shapes"),
    "bidirectional": Case("concat", shows="shapes"),
    "dropout": Case(0.5, shows="training"),
    "input_dropout": Case(0.5, shows="training"),
    "recurrent_dropout": Case(0.5, shows="training"),
    "layer_norm": Case(True, shows="shapes"),
    "residual": Case(True, shows="answers", base={"model.pooling": "mean"}),
    "embedding": Case(5, shows="shapes"),
    "embedding_dropout": Case(0.5, shows="training"),
    "token_dropout": Case(0.5, shows="training"),
    "pooling": Case("mean", shows="answers"),
}
TRAIN = {
    "epochs": Case(3, shows="epochs"),
    "batch_size": Case(5, shows="weights"),
    "optimizer": Case("adam", shows="weights"),
    "learning_rate": Case(0.05, shows="weights"),
    "schedule": Case("linear", shows="weights"),
    "warmup": Case(0.5, shows="weights"),
    "weight_decay": Case(0.1, shows="weights"),
    "clip_norm": Case(0.01, shows="weights"),
    "clip_value": Case(0.001, shows="weights"),
    # So small a rate brings nothing better, as far as 32 bits tell.
    "patience": Case(
        1, shows="epochs", base={"train.learning_rate": 1e-12, "train.epochs": 3}
    ),
    "seed": Case(1, shows="weights"),
}
KEYS: dict[str, dict[str, Case]] = {
    "classify_text": {
        **{f"data.{key}": case for key, case in DATA.items()},
        **{f"model.{key}": case for key, case in MODEL.items()},
        **{f"train.{key}": case for key, case in TRAIN.items()},
    }
}
BASE = {
    "data.source": "csv:reviews.csv",
    "data.missing": "drop",
    "data.vocab_size": 60,
    "data.max_timesteps": 12,
    "data.validation": 0.2,
    "data.test": 0.2,
    "model.cell": "simple_rnn",
    "model.units": [4],
    "model.embedding": 4,
    "model.bidirectional": "none",
    "model.pooling": "last",
    "model.dropout": 0.0,
    "train.epochs": 2,
    "train.batch_size": 8,
    "train.optimizer": "sgd",
    "train.learning_rate": 0.5,
    "train.clip_norm": None,
    "train.patience": None,
    "train.seed": 0,
}


def each(section: str) -> Any:
    cases = [
        pytest.param(task, key, case, id=f"{task}-{key}")
        for task, keys in KEYS.items()
        for key, case in keys.items()
        if key.startswith(f"{section}.")
    ]
    return pytest.mark.parametrize(("task", "key", "case"), cases)


def pair(task: str, key: str, case: Case) -> tuple[Recipe, Recipe]:
    """The base recipe of a key, and the same with the key changed."""
    base = load_recipe("sample_sentiment", BASE | case.base)
    assert base.task == task
    return base, base.with_({key: case.value})


@pytest.mark.parametrize("task", list(TASKS))
def test_every_key_is_in_the_table(task: str) -> None:
    types = TASKS.get(task)
    sections = {"data": types.Data, "model": types.Model, "train": TrainSpec}
    typed = {
        f"{section}.{name}"
        for section, type_ in sections.items()
        for name in type_.model_fields
    }
    assert set(KEYS[task]) == typed


# Data


def write_rows(path: Path, words: str) -> None:
    """30 rows and one without a text; a third of the labels are 1."""
    lines = ["text,summary,label,stars"]
    for row in range(30):
        places = (row % 5, (row + 2) % 5, (row * 3) % 5)
        text = " ".join(words.split()[place] for place in places)
        lines.append(
            f"{text} Caf\u00e9 {row},short {row},{int(row % 3 == 0)},{row % 4}"
        )
    lines.append(",nothing,0,0")
    path.write_text("\n".join(lines), encoding="utf-8")


def prepare_tfds(folder: Path, word: str) -> None:
    """A TFDS data set called tiny_reviews, prepared in ``folder``."""
    import tensorflow_datasets as tfds

    rows = [(i, {"text": f"{word} {i}", "label": i % 2}) for i in range(20)]
    features = {
        "text": tfds.features.Text(),
        "label": tfds.features.ClassLabel(num_classes=2),
    }
    tfds.dataset_builders.AdhocBuilder(
        name="tiny_reviews",
        version="1.0.0",
        features=tfds.features.FeaturesDict(features),
        split_datasets={"train": rows},
        data_dir=folder,
    ).download_and_prepare()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the recipes' sources lie."""
    folder = tmp_path_factory.mktemp("sources")
    write_rows(folder / "reviews.csv", "Film film plot cast bad")
    write_rows(folder / "other.csv", "Song song tune band bad")
    return folder


def prepared(recipe: Recipe, cache: Path) -> dict[str, Any]:
    """All that a recipe's ``data`` section decides, as plain data."""
    cache.mkdir()
    task = TASKS.get(recipe.task)()
    with warnings.catch_warnings():
        # With `missing: empty` there is one.
        warnings.simplefilter("ignore", DataWarning)
        data = task.open(recipe, given_source(None, recipe.data))
    preprocessing = data.preprocessing()
    plain: dict[str, Any] = {
        "classes": preprocessing.classes,
        "vocabulary": preprocessing.encoder.vocabulary,
        "rows": sum(map(data.count, ("train", "validation", "test"))),
        "test": [text for chunk in data.examples("test") for text in chunk.inputs],
    }
    for part, store in data.stores(preprocessing, cache).items():
        ids = store.batch(np.arange(len(store)))
        plain[part] = ids.tolist() + store.targets.tolist()
        if part == "train":
            plain["weights"] = store.weights.tolist()
    return plain


@each("data")
def test_data_key_acts(
    task: str,
    key: str,
    case: Case,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder / "one"))
    if key == "data.data_dir":
        prepare_tfds(folder / "one", "film")
        prepare_tfds(folder / "two", "song")
    base, changed = pair(task, key, case)
    before = prepared(base, tmp_path / "before")
    assert prepared(base, tmp_path / "again") == before
    after = prepared(changed, tmp_path / "after")
    assert after[case.shows] != before[case.shows]


# Model

IDS = np.array([[2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 0, 0]], np.int32)


def shapes(model: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


@each("model")
def test_model_key_acts(task: str, key: str, case: Case) -> None:
    base, changed = (build(recipe) for recipe in pair(task, key, case))
    if case.shows == "shapes":
        assert shapes(changed) != shapes(base)
        return
    # The weights are the same, so what differs comes from the key alone.
    assert shapes(changed) == shapes(base)
    changed.set_weights(base.get_weights())
    before, after = base(IDS).numpy(), changed(IDS).numpy()
    if case.shows == "answers":
        assert np.abs(after - before).max() > 1e-4
        return
    assert np.array_equal(base(IDS, training=True), before)
    np.testing.assert_allclose(after, before, atol=1e-6)
    assert np.abs(changed(IDS, training=True) - before).max() > 1e-4


# Training


def trained(recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Weights after the last epoch, and how many epochs there were."""
    task = TASKS.get(recipe.task)()
    data = task.open(recipe, given_source(None, recipe.data))
    preprocessing = data.preprocessing()
    stores = data.stores(preprocessing, folder)
    last: list[np.ndarray] = []

    class Last(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            last[:] = self.model.get_weights()

    _, history = train(recipe, preprocessing.signature, stores, folder, [Last()])
    return {"epochs": len(history), "weights": [w.tolist() for w in last]}


@pytest.fixture(scope="module")
def base_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Recipe], dict[str, Any]]:
    """What a base recipe gives; most keys have the same one."""
    known: dict[str, dict[str, Any]] = {}

    def base(recipe: Recipe) -> dict[str, Any]:
        text = recipe.to_yaml()
        if text not in known:
            known[text] = trained(recipe, tmp_path_factory.mktemp("base"))
        return known[text]

    return base


@each("train")
def test_train_key_acts(
    task: str,
    key: str,
    case: Case,
    base_of: Callable[[Recipe], dict[str, Any]],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    base, changed = pair(task, key, case)
    # Training is repeatable to the last bit, as tests/test_fit.py sees: any difference
    # is the key's.
    assert trained(changed, tmp_path)[case.shows] != base_of(base)[case.shows]

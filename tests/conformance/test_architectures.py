"""Every cell x direction x pooling of texts: it builds, minds its masks, saves, ships.

The other tasks' crossings stand in files of their own. What is crossed is read from the
tables and types themselves, so a new cell, direction or pooling is tested without a
word here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import pytest
import tensorflow as tf
from crossing import DIRECTIONS, answers, assert_comes_back, with_large_weights

from seqkit.export import Shipment
from seqkit.export.savedmodel import SavedModelFormat
from seqkit.layers import TextEncoder
from seqkit.models.specs import PooledTextModel
from seqkit.registry import CELLS, TASKS
from seqkit.tasks.answers.classes import Classes
from seqkit.tasks.inputs.text import TextInputs
from seqkit.tasks.rows import RowPreprocessing
from seqkit.training.build import build

Combination = tuple[str, str, str]

POOLINGS = get_args(PooledTextModel.model_fields["pooling"].annotation)
CROSS: list[Combination] = list(product(CELLS, DIRECTIONS, POOLINGS))

VARIANTS: dict[str, dict[str, Any]] = {
    "stacked": {"units": [4, 3]},
    "dropout": {"units": [4, 3], "dropout": 0.5},
    "input_dropout": {"input_dropout": 0.5},
    "recurrent_dropout": {"recurrent_dropout": 0.5},
    "layer_norm": {"layer_norm": True},
    "residual": {"units": [4, 3], "residual": True},
    "embedding_dropout": {"embedding_dropout": 0.5},
    "token_dropout": {"token_dropout": 0.5},
}
VARIANTS["all"] = {key: v for one in VARIANTS.values() for key, v in one.items()}
"""Each goes with every cell, both ways and under attention."""

EACH = pytest.mark.parametrize(
    "combination", CROSS, ids=["-".join(combination) for combination in CROSS]
)
EACH_VARIANT = pytest.mark.parametrize(
    ("cell", "variant"), list(product(CELLS, VARIANTS))
)

WORDS = ["", "[UNK]", *"good bad film the a not was and of it".split()]
TINY = {
    "data.vocab_size": len(WORDS),
    "data.max_timesteps": 8,
    "data.class_names": ["bad", "good", "so-so"],
    "model.units": [3],
    "model.embedding": 4,
    "model.dropout": 0.0,
}
IDS = np.array([[2, 3, 4, 5, 6, 1], [7, 8, 9, 10, 0, 0], [11, 0, 0, 0, 0, 0]], np.int32)


@cache
def made(cell: str, bidirectional: str, pooling: str, variant: str = "") -> keras.Model:
    """A tiny classifier with weights so large that every token tells."""
    model = {"cell": cell, "bidirectional": bidirectional, "pooling": pooling}
    model |= VARIANTS.get(variant, {})
    overrides = TINY | {f"model.{key}": value for key, value in model.items()}
    return with_large_weights(build("sample_sentiment", overrides))


def assert_masked(model: keras.Model) -> None:
    """Padding changes nothing, and a token in its place would."""
    whole = answers(model, IDS)
    further = answers(model, np.pad(IDS, ((0, 0), (0, 5))))
    np.testing.assert_allclose(further, whole, rtol=0, atol=1e-6)
    alone = answers(model, IDS[1:2, :4])
    np.testing.assert_allclose(alone[0], whole[1], rtol=0, atol=1e-6)
    tokens = answers(
        model, np.concatenate([np.where(IDS, IDS, id) for id in (1, 5, 9)])
    )
    assert np.abs(tokens.reshape(3, 3, 3)[:, 1:] - whole[1:]).max() > 1e-4


def test_every_task_is_crossed_here() -> None:
    # A new task brings its own crossing with the cells: test_forecast_architectures.py
    # and test_forecast_serving.py, test_series_architectures.py.
    series = {"classify_series", "regress_series"}
    assert set(TASKS) == {"classify_text", "forecast"} | series


@EACH
def test_builds_a_classifier_to_which_tokens_tell(combination: Combination) -> None:
    model = made(*combination)
    probabilities = answers(model, IDS)
    assert probabilities.shape == (3, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    others = np.repeat(IDS[:1], 6, axis=0)
    np.fill_diagonal(others, 11)
    moved = np.abs(answers(model, others) - probabilities[0]).max(axis=1) > 1e-6
    # A maximum need not see every step.
    assert moved.any() if combination[2] == "max" else moved.all()


@EACH
def test_minds_its_masks(combination: Combination) -> None:
    assert_masked(made(*combination))


@EACH
def test_comes_back_from_a_keras_file(combination: Combination, tmp_path: Path) -> None:
    assert_comes_back(made(*combination), IDS, tmp_path / "model.keras")


@EACH_VARIANT
def test_variant_minds_its_masks(cell: str, variant: str) -> None:
    assert_masked(made(cell, "concat", "attention", variant))


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("bidirectional", ["none", "multiply"])
def test_variants_together_mind_their_masks_under_a_last_state(
    cell: str, bidirectional: str
) -> None:
    assert_masked(made(cell, bidirectional, "last", "all"))


@EACH_VARIANT
def test_variant_comes_back_from_a_keras_file(
    cell: str, variant: str, tmp_path: Path
) -> None:
    model = made(cell, "concat", "attention", variant)
    assert_comes_back(model, IDS, tmp_path / "model.keras")


@pytest.mark.parametrize("cell", list(CELLS))
def test_gradients_reach_every_weight(cell: str) -> None:
    model = made(cell, "concat", "attention", "all")
    with tf.GradientTape() as tape:
        # Dropout may switch any single path off.
        loss = tf.reduce_sum(model(IDS, training=False) ** 2)
    for variable, gradient in zip(
        model.trainable_variables,
        tape.gradient(loss, [v.value for v in model.trainable_variables]),
        strict=True,
    ):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), variable.path
        assert np.abs(gradient).max() > 0, variable.path


# SavedModel

TEXTS = ["A good film!", "", "it was not bad, and it was not good " * 3, "\U0001f600"]

ANSWER = """
import json, sys
for name in ("keras", "seqkit"): sys.modules[name] = None
import tensorflow as tf
answers = {}
for folder in json.load(open("folders.json")):
    serve = tf.saved_model.load(folder).signatures["serving_default"]
    out = serve(text=tf.constant(json.load(open("texts.json"))))
    none = serve(text=tf.constant([], tf.string))
    for name, values in out.items():
        assert none[name].shape == (0, *values.shape[1:]), (folder, name)
        assert none[name].dtype == values.dtype, (folder, name)
    answers[folder] = {
        name: [v.decode() if name == "label" else v for v in values.numpy().tolist()]
        for name, values in out.items()
    }
print(json.dumps(answers))
"""


def covering() -> list[tuple[str, str, str, str]]:
    """So few that every cell, direction and pooling is there, plain and with all."""
    tables = (list(CELLS), DIRECTIONS, POOLINGS)
    plain = [
        (*(table[i % len(table)] for table in tables), "")
        for i in range(max(map(len, tables)))
    ]
    return [*plain, *((cell, "concat", "attention", "all") for cell in CELLS)]


@pytest.mark.parametrize(
    "combinations",
    [
        pytest.param(covering(), id="covering"),
        pytest.param(
            [(*one, "") for one in CROSS], id="full-cross", marks=pytest.mark.slow
        ),
    ],
)
def test_answers_raw_texts_and_none_where_only_tensorflow_is(
    combinations: list[tuple[str, str, str, str]],
    tmp_path: Path,
    python: Callable[[str], str],
) -> None:
    encoder = TextEncoder(WORDS, max_timesteps=8)
    names = ("bad", "good", "so-so")
    texts = RowPreprocessing(TextInputs(encoder), Classes(names, names))
    expected = {}
    for combination in combinations:
        model = made(*combination)
        folder = "-".join(combination)
        shipment = Shipment(
            name=folder,
            serving=texts.serving(model),
            core=model,
            files={},
            samples={"text": TEXTS},
            predict=lambda _: None,  # type: ignore[arg-type,return-value]
            card="",
        )
        SavedModelFormat().write(shipment, tmp_path / folder)
        expected[folder] = answers(model, encoder(tf.constant(TEXTS)).numpy())
    (tmp_path / "folders.json").write_text(json.dumps(list(expected)))
    (tmp_path / "texts.json").write_text(json.dumps(TEXTS))
    got = json.loads(python(ANSWER))
    for folder, probabilities in expected.items():
        served = np.array([got[folder][f"p_{name}"] for name in names]).T
        np.testing.assert_allclose(served, probabilities, rtol=0, atol=1e-6)
        best = [names[i] for i in probabilities.argmax(axis=1)]
        assert got[folder]["label"] == best

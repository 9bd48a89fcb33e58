"""What the suites of all tasks share: recipes, weights that tell, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np

from seqkit.models.cores.spec import StackSpec

DIRECTIONS = get_args(StackSpec.model_fields["bidirectional"].annotation)

HARD: dict[str, Any] = {
    "units": [4, 3],
    "dropout": 0.5,
    "input_dropout": 0.5,
    "recurrent_dropout": 0.5,
    "layer_norm": True,
    "residual": True,
}
"""All options of a stack at once."""


def sections(keys: dict[str, Any]) -> dict[str, Any]:
    """Overrides that replace whole sections: nothing of a shipped recipe is left there.

    ``{"model.cell": "gru"}`` becomes ``{"model": {"cell": "gru"}}``.
    """
    whole: dict[str, dict[str, Any]] = {}
    for path, value in keys.items():
        section, key = path.split(".")
        whole.setdefault(section, {})[key] = value
    return whole


def with_large_weights(model: keras.Model, scale: float = 0.7) -> keras.Model:
    """``model`` with weights so large that every step tells."""
    draw = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(draw.normal(size=variable.shape, scale=scale))
    return model


def answers(model: keras.Model, inputs: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.asarray(model(inputs, training=False))


def assert_comes_back(model: keras.Model, inputs: Any, path: Path) -> None:
    """A .keras file gives the same model, bit for bit, with its optimizer."""
    model.save(path)
    loaded = keras.saving.load_model(path)
    assert np.array_equal(answers(loaded, inputs), answers(model, inputs))
    for one, other in zip(loaded.weights, model.weights, strict=True):
        assert np.array_equal(one, other)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    saved, given = model.optimizer.variables, loaded.optimizer.variables
    for one, other in zip(given, saved, strict=True):
        assert np.array_equal(one, other)

"""The tiny models of all cases, and what contracts ask of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cases.case import LARGE, SCALES
from cases.pairs import Combination
from cases.table import CASES
from seqkit.training.build import build


def with_large_weights(model: keras.Model, scale: float = LARGE) -> keras.Model:
    """``model`` with weights so large that every step tells."""
    draw = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(draw.normal(size=variable.shape, scale=scale))
    return model


def made(task: str, combination: Combination) -> keras.Model:
    """A tiny model with weights so large that every step tells; made once."""
    return _made(task, tuple(combination.items()))


@cache
def _made(task: str, combination: tuple[tuple[str, Any], ...]) -> keras.Model:
    case, keys = CASES[task], dict(combination)
    overrides = {**case.data, "model": case.keys_of(keys)}
    model = build(case.recipe, overrides, case.signature(keys))
    return with_large_weights(model, SCALES.get(keys["cell"], LARGE))


def answers(model: keras.Model, inputs: Any) -> NDArray[np.float32]:
    """What a model gives at any other time than in training."""
    return np.asarray(model(inputs, training=False))


def on_each(inputs: Any, change: Any) -> Any:
    """The same change of the one array or of each named one."""
    if isinstance(inputs, dict):
        return {name: change(array) for name, array in inputs.items()}
    return change(inputs)

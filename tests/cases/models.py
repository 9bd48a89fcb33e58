"""The tiny models of all cases, and what contracts ask of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cases.case import LARGE, SCALES, Case
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


def varied(case: Case, model: keras.Model) -> Any:
    """Unpadded inputs; each but the first differs from it in one step or one input."""
    return case.varied(model)


def padded(case: Case, model: keras.Model) -> Any:
    """The batch with two more steps of padding, then with each value in its place.

    Of a task without padding, what is varied.
    """
    if not case.lengths:
        return case.varied(model)
    return on_each(case.batch(model), lambda array: _filled(case, array))


def answers_to(
    inputs: Callable[[Case, keras.Model], Any], task: str, combination: Combination
) -> NDArray[np.float32]:
    """What the model of a combination gives to ``inputs`` of its case; asked once."""
    return _answers_to(inputs, task, tuple(combination.items()))


@cache
def _answers_to(
    inputs: Callable[[Case, keras.Model], Any],
    task: str,
    combination: tuple[tuple[str, Any], ...],
) -> NDArray[np.float32]:
    model = _made(task, combination)
    outputs = answers(model, inputs(CASES[task], model))
    outputs.flags.writeable = False
    return outputs


def _filled(case: Case, array: NDArray[Any]) -> NDArray[Any]:
    more = [(0, 0), (0, 2), *[(0, 0)] * (array.ndim - 2)]
    array = np.pad(array, more, constant_values=case.padding)
    is_padding = array == case.padding
    others = [np.where(is_padding, value, array) for value in case.fillings]
    return np.concatenate([array, *others]).astype(array.dtype)


def on_each(inputs: Any, change: Any) -> Any:
    """The same change of the one array or of each named one."""
    if isinstance(inputs, dict):
        return {name: change(array) for name, array in inputs.items()}
    return change(inputs)

"""The first weights of a model depend on the seed of its recipe alone."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from cases.table import CASES
from numpy.typing import NDArray

from seqkit.training.build import build


def first_weights(task: str, seed: int) -> list[NDArray[Any]]:
    case = CASES[task]
    combination = case.whole(task)[0]
    model = {**case.data, "model": case.keys_of(combination), "train.seed": seed}
    weights: list[NDArray[Any]] = build(
        case.recipe, model, case.signature(combination)
    ).get_weights()
    return weights


@pytest.mark.parametrize("task", CASES)
def test_first_weights_depend_on_the_seed_alone(task: str) -> None:
    once = first_weights(task, 7)
    random.random()
    again, other = first_weights(task, 7), first_weights(task, 8)
    assert all(map(np.array_equal, once, again))
    drawn = [len(np.unique(weights)) > 2 for weights in once]
    assert any(drawn)
    for is_drawn, one, two in zip(drawn, once, other, strict=True):
        assert not is_drawn or not np.array_equal(one, two)

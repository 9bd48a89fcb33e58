"""Every test draws the same numbers, whatever ran before it."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest
import tensorflow as tf


def drawn() -> tuple[float, ...]:
    weights = keras.initializers.GlorotUniform()((1,))
    return (
        random.random(),
        float(np.random.random()),
        float(weights[0]),
        float(keras.random.normal((1,))[0]),
        float(tf.random.normal((1,))[0]),
    )


@pytest.fixture(scope="module")
def first() -> list[tuple[float, ...]]:
    return []


@pytest.mark.parametrize("time", [1, 2])
def test_each_test_draws_the_same(time: int, first: list[tuple[float, ...]]) -> None:
    first.append(drawn())
    assert first[0] == first[-1]
    assert drawn() != first[0]
    tf.random.set_seed(time)

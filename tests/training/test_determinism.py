"""Training repeats bit for bit, and leaves the process as it found it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config
from tiny_training import StopAt, train

from seqkit.runs.run import Run
from seqkit.training.loop import deterministic
from seqkit.tuning.models import _same_seeds

ONE = {"train.epochs": 1}


@pytest.fixture(autouse=True)
def restored() -> Any:
    """No test leaves the switch on."""
    yield
    config.disable_op_determinism()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[Any]]:
    """A run, and what was drawn before and after its fit."""
    keras.utils.set_random_seed(3)
    first = drawn()
    run = train(tmp_path_factory.mktemp("first") / "run", ONE)
    return run, [first, drawn()]


def plain_keras_fit() -> None:
    """What needs a seed where operations are deterministic: Keras shuffles rows."""
    model = keras.Sequential([keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile(loss="mse")
    rows = np.ones((64, 3), "float32")
    model.fit(rows, rows[:, :1], verbose=0)


def test_plain_keras_trains_after_a_fit_and_a_later_fit_is_the_same(
    made: tuple[Run, list[Any]], tmp_path: Path
) -> None:
    plain_keras_fit()
    again = train(tmp_path / "again", ONE)
    for one, other in zip(
        made[0].model.get_weights(), again.model.get_weights(), strict=True
    ):
        assert np.array_equal(one, other)
    plain_keras_fit()


def test_plain_keras_trains_after_a_fit_that_failed(tmp_path: Path) -> None:
    seen: list[bool] = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(config.is_op_determinism_enabled())

    stopping = [Look(), StopAt(0, ZeroDivisionError)]
    with pytest.raises(ZeroDivisionError):
        train(tmp_path / "run", ONE, callbacks=stopping)
    assert seen and all(seen)
    assert not config.is_op_determinism_enabled()
    plain_keras_fit()


def test_who_wants_deterministic_operations_keeps_them() -> None:
    tf.config.experimental.enable_op_determinism()
    with deterministic():
        pass
    assert config.is_op_determinism_enabled()


def test_the_switch_stays_on_until_the_last_user_is_done() -> None:
    with deterministic():
        with deterministic():
            pass
        assert config.is_op_determinism_enabled()
    assert not config.is_op_determinism_enabled()


def drawn() -> list[float]:
    """A number of each generator that ``keras.utils.set_random_seed`` seeds."""
    return [
        random.random(),
        float(np.random.random()),
        float(tf.random.uniform(())),
        float(keras.random.uniform(())),
        float(keras.initializers.RandomNormal()((1,))[0]),
    ]


def test_a_cleared_session_keeps_the_seeds_of_keras() -> None:
    keras.utils.set_random_seed(3)
    expected = [float(keras.random.uniform(())) for _ in range(2)]
    keras.utils.set_random_seed(3)
    first = float(keras.random.uniform(()))
    with _same_seeds():
        keras.backend.clear_session()
    assert [first, float(keras.random.uniform(()))] == expected


def test_a_fit_leaves_the_seeds_that_a_person_set(
    made: tuple[Run, list[Any]],
) -> None:
    keras.utils.set_random_seed(3)
    assert made[1] == [drawn(), drawn()]

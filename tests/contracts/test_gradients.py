"""Training reaches every weight, whatever options a stack has."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from cases.models import made
from cases.table import CASES, each_whole


@each_whole()
def test_gradients_reach_every_weight(task: str, combination: dict[str, Any]) -> None:
    model = made(task, combination)
    inputs, cost = CASES[task].batch(model), CASES[task].loss
    with tf.GradientTape() as tape:
        # Dropout may switch any single path off.
        outputs = model(inputs, training=False)
        loss = cost(model, outputs) if cost else tf.reduce_sum(outputs**2)
    values = [variable.value for variable in model.trainable_variables]
    for variable, gradient in zip(
        model.trainable_variables, tape.gradient(loss, values), strict=True
    ):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), variable.path
        assert np.abs(gradient).max() > 0, variable.path

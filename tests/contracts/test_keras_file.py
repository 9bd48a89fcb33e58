"""A .keras file gives the same model back, bit for bit, with its optimizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from cases.case import Case
from cases.models import answers, answers_to, made, padded
from cases.table import CASES, each_whole


@each_whole(Case.pairs)
def test_model_comes_back_from_a_keras_file(
    task: str, combination: dict[str, Any], tmp_path: Path
) -> None:
    model, expected = made(task, combination), answers_to(padded, task, combination)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(answers(loaded, padded(CASES[task], model)), expected)
    for one, other in zip(loaded.weights, model.weights, strict=True):
        assert np.array_equal(one, other)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    variables = zip(loaded.optimizer.variables, model.optimizer.variables, strict=True)
    for one, other in variables:
        assert np.array_equal(one, other)

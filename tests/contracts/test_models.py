"""Every task's model builds and answers as its task must; each input tells."""

from __future__ import annotations

from typing import Any

import numpy as np
from cases.models import answers, made
from cases.table import CASES, each_pair


@each_pair()
def test_model_answers_and_each_of_its_inputs_tells(
    task: str, combination: dict[str, Any]
) -> None:
    case, model = CASES[task], made(task, combination)
    rows = answers(model, case.varied(model))
    case.check(combination, rows)
    moved = np.abs(rows[1:] - rows[0]).reshape(len(rows) - 1, -1).max(axis=1) > 1e-6
    assert moved.all() if case.tells(combination) else moved.any()

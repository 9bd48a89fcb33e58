"""Every task's model builds and answers as its task must; each input tells."""

from __future__ import annotations

from typing import Any

import numpy as np
from cases.models import answers_to, varied
from cases.table import CASES, each_pair


@each_pair()
def test_model_answers_and_each_of_its_inputs_tells(
    task: str, combination: dict[str, Any]
) -> None:
    case, rows = CASES[task], answers_to(varied, task, combination)
    case.check(combination, rows)
    moved = np.abs(rows[1:] - rows[0]).reshape(len(rows) - 1, -1).max(axis=1) > 1e-6
    assert moved.all() if case.tells(combination) else moved.any()

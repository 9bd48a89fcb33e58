"""Padding changes no answer, and neither does what stands beside a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases.case import Case
from cases.models import answers, answers_to, made, on_each, padded, varied
from cases.table import CASES, each_pair
from numpy.typing import NDArray


def of_steps(case: Case, answer: NDArray[Any], row: int) -> NDArray[Any]:
    """What a row is answered, without what stands at its padding."""
    return answer[: case.lengths[row]] if case.per_step else answer


def assert_alike(case: Case, one: Any, other: Any) -> None:
    np.testing.assert_allclose(one, other, rtol=case.rtol, atol=case.atol)


@each_pair()
def test_padding_changes_no_answer_and_values_in_its_place_would(
    task: str, combination: dict[str, Any]
) -> None:
    case, model = CASES[task], made(task, combination)
    if not case.lengths:
        pytest.skip("its inputs have one length")
    whole, *others = np.split(
        answers_to(padded, task, combination), 1 + len(case.fillings)
    )
    # With less padding: the first two rows have none.
    first, steps = answers_to(varied, task, combination)[0], case.lengths[1]
    shorter = on_each(case.batch(model), lambda array: array[1:, :steps])
    for row, answer in enumerate([first, *answers(model, shorter)]):
        expected = of_steps(case, whole[row], row)
        assert_alike(case, of_steps(case, answer, row), expected)
        moved = [np.abs(of_steps(case, one[row], row) - expected) for one in others]
        if row and case.sees_ahead(combination):
            assert np.max(moved) > 1e-4


@each_pair()
def test_a_row_is_answered_alone_as_among_others(
    task: str, combination: dict[str, Any]
) -> None:
    case, model = CASES[task], made(task, combination)
    if case.lengths:
        pytest.skip("rows of other lengths stand beside it under padding")
    together = answers_to(varied, task, combination)
    some = on_each(case.varied(model), lambda array: array[[3, 1]])
    assert_alike(case, answers(model, some), together[[3, 1]])

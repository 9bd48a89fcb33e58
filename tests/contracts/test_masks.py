"""Padding changes no answer, and neither does what stands beside a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases.case import Case
from cases.models import answers, made, on_each
from cases.table import CASES, each_pair
from numpy.typing import NDArray


def of_steps(case: Case, outputs: NDArray[Any], row: int) -> NDArray[Any]:
    """What a row is answered, without what stands at its padding."""
    return outputs[row, : case.lengths[row]] if case.per_step else outputs[row]


def assert_alike(case: Case, one: Any, other: Any) -> None:
    np.testing.assert_allclose(one, other, rtol=case.rtol, atol=case.atol)


def longer(case: Case, inputs: Any) -> Any:
    """The same with five more steps of padding."""

    def pad(array: NDArray[Any]) -> NDArray[Any]:
        more = [(0, 0), (0, 5), *[(0, 0)] * (array.ndim - 2)]
        return np.pad(array, more, constant_values=case.padding)

    return on_each(inputs, pad)


def filled(case: Case, inputs: Any) -> Any:
    """The same, and then once more for each value that stands at the padding."""

    def fill(array: NDArray[Any]) -> NDArray[Any]:
        is_padding = array == case.padding
        others = [np.where(is_padding, value, array) for value in case.fillings]
        return np.concatenate([array, *others]).astype(array.dtype)

    return on_each(inputs, fill)


@each_pair()
def test_padding_changes_no_answer_and_values_in_its_place_would(
    task: str, combination: dict[str, Any]
) -> None:
    case, model = CASES[task], made(task, combination)
    if not case.lengths:
        pytest.skip("its inputs have one length")
    inputs = case.batch(model)
    whole, *others = np.split(
        answers(model, filled(case, inputs)), 1 + len(case.fillings)
    )
    further = answers(model, longer(case, inputs))
    for row in range(len(case.lengths)):
        expected = of_steps(case, whole, row)
        assert_alike(case, of_steps(case, further, row), expected)
        moved = [np.abs(of_steps(case, other, row) - expected) for other in others]
        if row and case.sees_ahead(combination):
            assert np.max(moved) > 1e-4
    row, steps = 1, case.lengths[1]
    alone = answers(model, on_each(inputs, lambda array: array[[row], :steps]))
    assert_alike(case, alone[0], of_steps(case, whole, row))


@each_pair()
def test_a_row_is_answered_alone_as_among_others(
    task: str, combination: dict[str, Any]
) -> None:
    case, model = CASES[task], made(task, combination)
    if case.lengths:
        pytest.skip("rows of other lengths stand beside it under padding")
    inputs = case.varied(model)
    together = answers(model, inputs)
    some = on_each(inputs, lambda array: array[[3, 1]])
    assert_alike(case, answers(model, some), together[[3, 1]])

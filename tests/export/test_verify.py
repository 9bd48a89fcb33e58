"""How far apart an export's answers and the run's are."""

from __future__ import annotations

import math

import pytest

from seqkit.export.verify import _apart

NAN = float("nan")


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ([1.0, NAN], [1.25, NAN], 0.2),
        ([1.0, NAN], [1.0, 2.0], math.inf),
        ([1.0, 2.0], [1.0, NAN], math.inf),
        # A sequence has a step at least: one that begins so is no answer.
        ([NAN, NAN], [NAN, NAN], math.inf),
        (NAN, NAN, math.inf),
        ([1.0], [1.0, NAN], math.inf),
        (["a", ""], ["a", ""], 0.0),
    ],
)
def test_nan_is_an_answer_behind_the_end_of_a_sequence_alone(
    one: object, other: object, apart: float
) -> None:
    assert _apart(one, other) == pytest.approx(apart)

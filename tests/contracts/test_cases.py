"""Every task has a case, and every key of its models is crossed, held or an option."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from cases.pairs import pairwise
from cases.table import CASES

from seqkit.registry import FORMATS, TASKS


def test_every_task_has_a_case() -> None:
    assert set(CASES) == set(TASKS)


@pytest.mark.parametrize("task", CASES)
def test_every_key_of_models_is_crossed_or_held(task: str) -> None:
    case = CASES[task]
    places = [*case.axes(task), *case.options, *case.held]
    assert sorted(places) == sorted(TASKS.get(task).sections()["model"].model_fields)
    assert set(case.formats) <= set(FORMATS)


@pytest.mark.parametrize(
    "axes",
    [
        {"a": "xy", "b": "xy", "c": "xy"},
        {"a": "xyz", "b": "xyzuv", "c": "xyzu", "d": (False, True), "e": (False, True)},
        {"a": range(7), "b": range(2)},
    ],
    ids=lambda axes: "-".join(str(len(values)) for values in axes.values()),
)
def test_pairs_hold_every_two_values_in_few_combinations(
    axes: dict[str, list[str]],
) -> None:
    found = pairwise(axes)
    assert all(list(one) == list(axes) for one in found)
    for one, other in combinations(axes, 2):
        met = {(row[one], row[other]) for row in found}
        assert met == set(product(axes[one], axes[other]))
    # No list can be shorter than the product of the two longest axes.
    longest, second = sorted(map(len, axes.values()), reverse=True)[:2]
    assert longest * second <= len(found) <= 1.3 * longest * second


def test_pairs_begin_with_what_must_be_there() -> None:
    axes = {"a": "xy", "b": "xyz"}
    first = [{"a": "y", "b": "z"}]
    found = pairwise(axes, first)
    assert found[0] == first[0]
    assert len(found) == 6
    assert [one for one in found if one == first[0]] == first

"""Every task has a case, and every key of its models is crossed, held or an option."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest
from cases.case import MERGES, name_of
from cases.keys import lacking_keys
from cases.pairs import pairwise
from cases.table import CASES

from seqkit.registry import CELLS, FORMATS, TASKS


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


@pytest.mark.parametrize(
    "task", [name for name, case in CASES.items() if not case.like]
)
def test_pairs_of_a_task_hold_every_two_values_but_one_merge_each(task: str) -> None:
    case = CASES[task]
    axes = case.axes(task) | dict.fromkeys(case.options, (False, True))
    found = case.pairs(task)
    for one, other in combinations(axes, 2):
        met = {(alike(one, row[one]), alike(other, row[other])) for row in found}
        assert met == {
            (alike(one, value), alike(other, partner))
            for value, partner in product(axes[one], axes[other])
            if one != "cell"
            or other not in lacking_keys(value)
            or not partner
            or partner == axes[other][0]
        }
    for axis, values in axes.items():
        assert {row[axis] for row in found} == set(values)
    assert len({name_of(row) for row in found}) == len(found)


def alike(axis: str, value: Any) -> Any:
    """The value of an axis, or the merges of two directions as one."""
    return MERGES if axis == "bidirectional" and value in MERGES else value


def test_models_with_every_option_are_exported_with_every_value() -> None:
    exported = [
        case.whole(task)[place]
        for task, case in CASES.items()
        for place in case.exported
    ]
    for axis in ("cell", "bidirectional", "pooling", "head"):
        values = {v for t, c in CASES.items() for v in c.axes(t).get(axis, ())}
        assert values <= {row.get(axis) for row in exported}, axis
    assert all(case.exported or case.combined for case in CASES.values())


def test_quick_models_hold_every_cell() -> None:
    for task, case in CASES.items():
        assert {row["cell"] for row in case.quick_whole(task)} == set(CELLS)

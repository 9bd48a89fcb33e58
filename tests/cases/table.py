"""The cases of all tasks, and the recipes by which their keys are tried."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from cases import (
    classify_series,
    classify_steps,
    classify_text,
    extract_summary,
    forecast,
    regress_series,
    regress_steps,
    sequences,
    tag_text,
)
from cases.case import Case, name_of
from cases.keys import Change, TaskKeys, sections
from seqkit.recipe.recipe import Recipe, load_recipe

CASES: dict[str, Case] = {
    "classify_text": classify_text.CASE,
    "forecast": forecast.CASE,
    "tag_text": tag_text.CASE,
    "classify_series": classify_series.CASE,
    "regress_series": regress_series.CASE,
    "classify_steps": classify_steps.CASE,
    "regress_steps": regress_steps.CASE,
    "transduce": sequences.CASE,
    "translate": sequences.like_it("seq2seq_translation"),
    "summarise": sequences.like_it("seq2seq_summary"),
    "extract_summary": extract_summary.CASE,
}
KEYS: dict[str, TaskKeys] = {task: case.keys for task, case in CASES.items()}


def each_run() -> Any:
    """Each task; of inputs and answers that others have as well, slow."""
    return pytest.mark.parametrize(
        "task",
        [
            pytest.param(task, marks=[pytest.mark.slow] if case.combined else [])
            for task, case in CASES.items()
        ],
    )


def each_pair() -> Any:
    """Each task with combinations that hold every pair; all combinations are slow."""
    return _crossed(Case.pairs, Case.whole, Case.product)


def each_whole(*slow: Any) -> Any:
    """Each task with combinations that have every option on; others are slow."""
    return _crossed(Case.quick_whole, Case.whole, *slow)


def _crossed(quick: Any, *slow: Any) -> Any:
    found = []
    for task, case in CASES.items():
        group = pytest.mark.xdist_group(f"models of {task}")
        combinations = {name_of(one): one for one in quick(case, task)}
        others = {name_of(one): one for more in slow for one in more(case, task)}
        for name, one in (combinations | others).items():
            is_quick = name in combinations and not (case.combined and case.like)
            marks = [group] if is_quick else [group, pytest.mark.slow]
            found.append(pytest.param(task, one, id=f"{task}-{name}", marks=marks))
    return pytest.mark.parametrize(("task", "combination"), found)


def each(section: str, but: Collection[str] = ()) -> Any:
    """Each case of each task, save those of some keys."""
    cases = [
        pytest.param(
            task,
            key,
            case,
            id=f"{task}-{key}-{case.shows}",
            marks=[] if keys.is_quick(key) else [pytest.mark.slow],
        )
        for task, keys in KEYS.items()
        for key, case in keys.cases(section)
        if key not in but
    ]
    return pytest.mark.parametrize(("task", "key", "case"), cases)


def recipes(task: str, key: str, case: Change) -> tuple[Recipe, list[Recipe]]:
    """The base recipe of a key, and the same with the key changed, in every way."""
    base = load_recipe(KEYS[task].recipe, sections(KEYS[task].base | case.base))
    assert base.task == task
    values = (case.value, *case.others)
    return base, [base.with_({key: value} | case.also) for value in values]

"""Every setting of ``tune`` acts: changed, it changes the jobs of the search."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from cases.keys import Change
from cases.search import BASE, SETTINGS, SLOW

from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.recipe.search import Budget, TuneSettings
from seqkit.tuning.arms.arms import arms_of
from seqkit.tuning.study import Study


def result_of(job: dict[str, Any]) -> dict[str, Any]:
    """A made-up result that follows from the job alone."""
    said = json.dumps(job["overrides"], sort_keys=True)
    score = sum(map(ord, said)) % 1000 / 1000
    losses = [1 - score + 0.1 / epoch for epoch in range(1, 4)]
    return {
        **{key: job[key] for key in ("id", "kind", "arm", "number", "overrides")},
        "fingerprint": "rows",
        "status": "finished",
        "score": score,
        "val_loss": losses[-1],
        "parameters": 100,
        "history": [{"val_loss": loss} for loss in losses],
    }


def jobs(recipe: Recipe, folder: Path) -> dict[str, Any]:
    """All jobs of a search whose trials give made-up results."""
    arms = arms_of(recipe, "max")
    seeds = recipe.tune.final_seeds(recipe.train.seed)
    study = Study(recipe, arms, seeds, folder)
    # What judge.py hands to the comparison.
    margin = [recipe.tune.margin or "a share"]
    found: dict[str, Any] = {"trials": [], "finals": [], "margin": margin}
    while (job := study.next()) is not None:
        found[f"{job['kind']}s"].append(job)
        study.done(result_of(job))
    assert study.finished
    return found


def test_every_setting_is_in_the_table() -> None:
    inside = {f"budget.{key}" for key in Budget.model_fields}
    assert set(SETTINGS) == (set(TuneSettings.model_fields) - {"budget"}) | inside


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The jobs of the base recipe."""
    recipe = load_recipe("sample_sentiment", BASE)
    found = jobs(recipe, tmp_path_factory.mktemp("base"))
    assert found == jobs(recipe, tmp_path_factory.mktemp("again"))
    return found


def each_setting() -> Any:
    cases = [
        pytest.param(
            key,
            case,
            id=f"{key}-{case.value}",
            marks=[pytest.mark.slow] if case is SLOW else [],
        )
        for key, cases in SETTINGS.items()
        for case in (cases if isinstance(cases, tuple) else (cases,))
    ]
    return pytest.mark.parametrize(("key", "case"), cases)


@each_setting()
def test_setting_acts_on_the_jobs_of_the_search(
    key: str, case: Change, before: dict[str, Any], tmp_path: Path
) -> None:
    seen = [before[case.shows]]
    for number, value in enumerate((case.value, *case.others)):
        recipe = load_recipe("sample_sentiment", BASE | {f"tune.{key}": value})
        seen.append(jobs(recipe, tmp_path / str(number))[case.shows])
    assert all(seen)
    assert all(one != other for one, other in combinations(seen, 2))

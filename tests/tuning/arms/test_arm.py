"""What an arm asks follows from its seed and from what it was told alone."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from tiny_arms import (
    GRID,
    RATES,
    SEARCHES,
    SPACE,
    TRIALS,
    failed,
    one_arm,
    recipe,
    result_of,
    searched,
    space_of,
    tuned,
)

from seqkit.errors import UsageError
from seqkit.recipe.spec import TrainSpec
from seqkit.tuning.arms.arm import GENERATION, Arm
from seqkit.tuning.arms.arms import arms_of

# What is asked


@cache
def whole_search(search: str) -> list[tuple[Arm, list[dict[str, Any]]]]:
    """The arms of a search for the greatest, each with all that it has asked for."""
    return [(arm, searched(arm)) for arm in arms_of(tuned(space_of(search)), "max")]


@pytest.mark.parametrize("search", SEARCHES)
def test_jobs_hold_what_a_worker_needs(search: str) -> None:
    changed = tuned(space_of(search))
    arms = whole_search(search)
    assert [arm.name for arm, _ in arms] == ["lstm", "gru"]
    for arm, jobs in arms:
        assert len(jobs) == arm.planned == TRIALS.get(search, 8)
        for number, job in enumerate(jobs, start=1):
            assert json.loads(json.dumps(job)) == job
            assert job["id"] == f"{arm.name}-{number:03d}"
            assert (job["arm"], job["number"]) == (arm.name, number)
            assert job["kind"] == "trial"
            assert set(job["overrides"]) == set(changed.tune.space)
            assert job["overrides"]["model.cell"] == arm.name
            assert job["match"] is None and job["planned_epochs"] is None
            recipe().with_(job["overrides"])
            if search != "hyperband":
                assert job["epochs"] is None and job["resume"] is None
                assert job["keep"] is False


@pytest.mark.parametrize("search", SEARCHES)
def test_fresh_arms_told_the_same_ask_the_same_in_whatever_order(search: str) -> None:
    changed = tuned(space_of(search))
    _, (_, expected) = whole_search(search)
    random.seed(1)
    assert searched(arms_of(changed, "max")[1], order=random.Random(1)) == expected


@pytest.mark.parametrize("search", ["random", "grid"])
def test_arms_of_one_search_try_the_same_settings(search: str) -> None:
    lstm, gru = (
        [{**job["overrides"], "model.cell": None} for job in searched(arm)]
        for arm in arms_of(tuned(space_of(search)), "min")
    )
    assert lstm == gru


@pytest.mark.parametrize("search", ["random", "bayesian", "hyperband"])
def test_seed_decides_what_is_drawn(search: str) -> None:
    first = []
    for seed in (0, 1, 0):
        changed = tuned(SPACE, search=search).with_({"train.seed": seed})
        asked = arms_of(changed, "min")[0].ask()
        first.append([job["overrides"]["train.learning_rate"] for job in asked])
    assert first[0] == first[2]
    # Neighbouring seeds share no draw at all.
    assert not set(first[0]) & set(first[1])


def test_random_draws_rates_evenly_on_the_log_scale() -> None:
    jobs = searched(one_arm(RATES, budget={"trials": 200}))
    rates = [job["overrides"]["train.learning_rate"] for job in jobs]
    logs = [math.log10(rate) + 3 for rate in rates]
    assert len(set(rates)) == 200
    counts = [sum(low <= log < low + 0.25 for log in logs) for low in (0, 0.25, 0.5)]
    assert all(30 <= count <= 70 for count in counts)


def test_grid_tries_every_point_once() -> None:
    jobs = searched(one_arm(GRID, search="grid"))
    tried = {json.dumps(job["overrides"], sort_keys=True) for job in jobs}
    assert len(jobs) == len(tried) == 6


def test_grid_comes_in_whole_generations() -> None:
    arm = one_arm({**GRID, **RATES}, search="grid")
    assert arm.planned == 60
    assert [job["number"] for job in arm.ask()] == [1, 2, 3, 4]


def test_grid_larger_than_the_budget_is_refused() -> None:
    with pytest.raises(UsageError) as raised:
        one_arm(GRID, search="grid", budget={"trials": 5})
    assert str(raised.value) == (
        "The grid has 6 points for each competitor, and tune.budget.trials is 5. Set "
        "tune.budget.trials to 6, search fewer values, or choose another tune.search."
    )
    assert one_arm(GRID, search="grid", budget={"trials": 6}).planned == 6


def test_enormous_grid_is_refused_unless_its_number_is_named() -> None:
    key = {"model.units": {"choice": [[units] for units in range(1, 101)]}}
    assert one_arm({**key, **RATES}, search="grid").planned == 1000
    space = {**key, **RATES, "model.noise": {"linear": [0, 1]}}
    with pytest.raises(UsageError, match="10,000 points.*is null, which allows 1,000"):
        one_arm(space, search="grid")
    big = one_arm(space, search="grid", budget={"trials": 10000})
    assert len(big.ask()) == GENERATION


@pytest.mark.slow
def test_bayesian_search_finds_more_than_chance() -> None:
    """On a smooth hill its last trials are nearer to the top than its first ones."""

    def hill(job: dict[str, Any]) -> dict[str, Any]:
        at = math.log10(job["overrides"]["train.learning_rate"] / 0.004)
        return result_of(job, score=-(at**2))

    arm = one_arm(RATES, direction="max", search="bayesian", budget={"trials": 12})
    rates = [job["overrides"]["train.learning_rate"] for job in searched(arm, hill)]
    apart = [abs(math.log10(rate / 0.004)) for rate in rates]
    assert min(apart[4:]) < 0.02
    assert median(apart[8:]) < median(apart[:4])


def test_bayesian_search_tries_no_point_twice() -> None:
    space = {"model.units": {"choice": [[units] for units in range(1, 9)]}}
    jobs = searched(
        one_arm(space, search="bayesian", budget={"trials": 8}),
        lambda job: result_of(job, score=0.5),
    )
    tried = [tuple(job["overrides"]["model.units"]) for job in jobs]
    assert len(set(tried)) == len(tried) >= 6


@pytest.mark.parametrize("search", ["random", "bayesian", "hyperband"])
def test_a_space_smaller_than_the_budget_ends_the_arm_early(search: str) -> None:
    space = {"model.units": {"choice": [[8], [16], [32]]}}
    arm = one_arm(space, search=search, budget={"trials": 20})
    jobs = searched(arm)
    tried = {json.dumps(job["overrides"]) for job in jobs}
    assert len(tried) == 3 and arm.planned == len(jobs) < 20
    assert arm.planned == len(jobs) < 20


@pytest.mark.parametrize("search", SEARCHES)
def test_a_space_of_the_competitors_alone_has_one_trial_each(search: str) -> None:
    space = {"model.cell": {"choice": ["lstm", "gru"]}}
    for arm in arms_of(tuned(space, search=search), "min"):
        (job,) = searched(arm)
        assert job["overrides"] == {"model.cell": arm.name}
        assert job["epochs"] is None and job["keep"] is False
        assert arm.planned == 1


def test_budget_gives_trials_and_epochs() -> None:
    arm = one_arm(SPACE, budget={"trials": 5, "epochs": 3})
    jobs = searched(arm)
    assert len(jobs) == arm.planned == 5
    assert {(job["epochs"], job["planned_epochs"]) for job in jobs} == {(3, 3)}


# What is told


def test_a_generation_must_be_told_whole_before_the_next() -> None:
    arm = one_arm(SPACE)
    jobs = arm.ask()
    with pytest.raises(ValueError, match="has not been told"):
        arm.ask()
    with pytest.raises(ValueError, match="asked"):
        arm.tell([result_of(job) for job in jobs[:3]])
    arm.tell([result_of(job) for job in jobs])
    assert len(arm.ask()) == GENERATION


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_of_failures_goes_to_its_end(search: str) -> None:
    arm = one_arm(space_of(search))
    assert len(searched(arm, failed)) == TRIALS.get(search, 8)
    assert arm.best() is None


def test_a_score_that_is_no_number_counts_as_failed() -> None:
    arm = one_arm(SPACE)

    def lame(job: dict[str, Any]) -> dict[str, Any]:
        score = {1: math.nan, 2: math.inf, 3: None, 4: 0.5}.get(job["number"], 0.6)
        return result_of(job, score=score)

    searched(arm, lame)
    best = arm.best()
    assert best and best["number"] == 4


@pytest.mark.parametrize(("direction", "number"), [("max", 3), ("min", 2)])
def test_best_is_the_best_of_the_finished_ones(direction: str, number: int) -> None:
    scores = {1: 0.5, 2: 0.1, 3: 0.9, 4: 0.95}
    arm = one_arm(SPACE, direction, budget={"trials": 4})
    searched(
        arm,
        lambda job: result_of(
            job,
            score=scores[job["number"]],
            status="failed" if job["number"] == 4 else "finished",
        ),
    )
    best = arm.best()
    assert best and best["number"] == number


@pytest.mark.parametrize(
    ("losses", "parameters", "number"),
    [
        ([0.3, 0.1, 0.2, 0.2], [1, 9, 1, 1], 2),
        ([0.2, 0.2, 0.2, 0.2], [5, 5, 4, 4], 3),
        ([None, None, None, None], [5, 5, 5, 5], 1),
        ([None, 0.9, math.nan, None], [1, 9, 1, 1], 2),
    ],
)
def test_equal_scores_go_to_lower_loss_then_fewer_parameters_then_the_first(
    losses: list[float | None], parameters: list[int], number: int
) -> None:
    arm = one_arm(SPACE, budget={"trials": 4})

    def tie(job: dict[str, Any]) -> dict[str, Any]:
        at = job["number"] - 1
        return result_of(job, score=0.5, val_loss=losses[at], parameters=parameters[at])

    searched(arm, tie, random.Random(0))
    best = arm.best()
    assert best and best["number"] == number


# Without a trace


@pytest.mark.parametrize("search", SEARCHES)
def test_nothing_is_printed_and_no_file_written(
    search: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    arm = one_arm(space_of(search))
    searched(arm, lambda job: (result_of if job["number"] % 4 else failed)(job))
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


CODE = """
import json, sys
sys.path.insert(0, {folder!r})
from tiny_arms import searched, space_of, tuned
from seqkit.tuning.arms.arms import arms_of
jobs = [
    searched(arm)
    for search in {searches!r}
    for arm in arms_of(tuned(space_of(search)), "max")
]
print(json.dumps(jobs))
"""


@pytest.mark.slow
def test_other_processes_ask_the_same(
    python: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = CODE.format(folder=str(Path(__file__).parents[2]), searches=SEARCHES)
    asked = []
    for seed in ("0", "1"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        asked.append(json.loads(python(code).splitlines()[-1]))
    here = [
        searched(arm)
        for search in SEARCHES
        for arm in arms_of(tuned(space_of(search)), "max")
    ]
    assert asked[0] == asked[1] == here


def test_arms_are_seeded_by_the_recipe() -> None:
    train = TrainSpec(seed=3, epochs=2)
    tune = tuned(SPACE).tune
    alone = Arm("lstm", {"model.cell": "lstm"}, tune, train, "min", 7, rule=True)
    (arm, _) = arms_of(tuned(SPACE), "min")
    assert alone.ask() == arm.ask()

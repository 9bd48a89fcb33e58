"""Hyperband within so many trials: short ones, of which the better go on."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_arms import EPOCHS, SPACE, failed, one_arm, result_of, searched


def rungs(jobs: list[dict[str, Any]]) -> list[int]:
    return [job["epochs"] for job in jobs]


def test_hyperband_goes_on_with_the_better_third() -> None:
    arm = one_arm(SPACE, search="hyperband")
    jobs = searched(arm)
    # 5 trials of 3 epochs, of which the better 2 go on to 9; and a whole one.
    assert rungs(jobs) == [3] * 5 + [9] * 3
    by_id = {job["id"]: job for job in jobs}
    score = {job["id"]: result_of(job)["score"] for job in jobs[:5]}
    best = sorted(score, key=lambda id_: score[id_])[:2]
    assert {job["resume"] for job in jobs[5:]} == {*best, None}
    for job in jobs[5:]:
        assert job["keep"] is False
        if job["resume"]:
            assert job["overrides"] == by_id[job["resume"]]["overrides"]
    assert all(job["keep"] and job["resume"] is None for job in jobs[:5])
    assert all(job["median"] is None for job in jobs)


def test_hyperband_s_own_brackets_come_where_the_budget_pays_for_them() -> None:
    """Li et al. 2018, as Keras Tuner has it for 9 epochs: 9-3-1, 5-2, 3 trials."""
    jobs = searched(one_arm(SPACE, search="hyperband", budget={"trials": 23}))
    first = [1] * 9 + [3] * 3 + [9]
    assert rungs(jobs)[:13] == first
    assert rungs(jobs)[13:] == [3] * 5 + [9] * 2 + [9] * 3


@pytest.mark.parametrize("trials", [1, 2, 3, 4, 5, 8, 12, 13, 17, 30])
def test_hyperband_spends_its_trials_and_some_reach_the_end(trials: int) -> None:
    arm = one_arm(SPACE, search="hyperband", budget={"trials": trials})
    jobs = searched(arm)
    assert len(jobs) == arm.planned == trials
    assert EPOCHS in rungs(jobs)
    going_on = [job for job in jobs if job["resume"]]
    assert bool(going_on) == (trials >= 4)
    assert len({job["resume"] for job in going_on}) == len(going_on)


def test_hyperband_shortens_its_trials_by_the_budget_s_epochs() -> None:
    arm = one_arm(SPACE, search="hyperband", budget={"epochs": 27})
    jobs = searched(arm)
    assert rungs(jobs) == [9] * 6 + [27] * 2
    assert {job["planned_epochs"] for job in jobs} == {27}


def test_a_trial_cut_short_is_not_hyperband_s_best_beside_a_whole_one() -> None:
    def early(job: dict[str, Any]) -> dict[str, Any]:
        return result_of(job, score=0.1 if job["epochs"] < EPOCHS else 0.2)

    arm = one_arm(SPACE, search="hyperband")
    searched(arm, early)
    best = arm.best()
    assert best and best["number"] >= 6


def test_hyperband_s_best_is_a_short_trial_where_all_whole_ones_failed() -> None:
    arm = one_arm(SPACE, search="hyperband")
    searched(arm, lambda job: (result_of if job["epochs"] < EPOCHS else failed)(job))
    best = arm.best()
    assert best and best["number"] <= 5


def test_hyperband_goes_on_where_some_trials_failed() -> None:
    arm = one_arm(SPACE, search="hyperband", budget={"trials": 16})
    jobs = searched(arm, lambda job: (failed if job["number"] % 3 else result_of)(job))
    assert len(jobs) == 16


def test_hyperband_halves_a_small_space_as_well() -> None:
    space = {"model.units": {"choice": [[8], [16], [32], [64]]}}
    jobs = searched(one_arm(space, search="hyperband"))
    assert rungs(jobs)[:4] == [3, 3, 3, 9]

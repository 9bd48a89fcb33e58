"""A study hands out jobs generation by generation, and goes on where it was."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from seqkit.errors import RunError
from seqkit.recipe.recipe import load_recipe
from seqkit.tuning.jobs import lost_result
from seqkit.tuning.study import Study, final_job

SEEDS = (8, 9)


class Oracle:
    """Stands for an arm: its next generation builds on the best so far."""

    def __init__(self, name: str, trials: int = 6, generation: int = 4) -> None:
        self.name, self.trials, self.generation = name, trials, generation
        self.asked = 0
        self.told: list[list[str]] = []
        self.results: list[dict[str, Any]] = []

    def ask(self) -> list[dict[str, Any]]:
        first = self.asked
        self.asked = min(self.trials, first + self.generation)
        best = max((r["score"] for r in self.results if r["score"]), default=0)
        return [
            {
                **final_job({"id": f"{self.name}-0", "arm": self.name} | EMPTY, 1),
                "id": f"{self.name}-{number:03d}",
                "kind": "trial",
                "number": number,
                "overrides": {"model.cell": self.name, "train.epochs": best + number},
            }
            for number in range(first, self.asked)
        ]

    def tell(self, results: list[dict[str, Any]]) -> None:
        self.told.append([result["id"] for result in results])
        self.results += results

    def best(self) -> dict[str, Any] | None:
        finished = [r for r in self.results if r["status"] == "finished"]
        return max(finished, key=lambda r: r["score"], default=None)


EMPTY: dict[str, Any] = {"overrides": {}}


def result_of(job: dict[str, Any], status: str = "finished") -> dict[str, Any]:
    """What a worker would give: a score that follows from the job alone."""
    score = sum(map(ord, json.dumps(job["overrides"], sort_keys=True))) % 1000
    return {
        **{key: job[key] for key in ("id", "kind", "arm", "number", "overrides")},
        "fingerprint": "rows",
        "status": status,
        "score": score if status == "finished" else None,
    }


def study(out: Path, *arms: Oracle, **changes: Any) -> Study:
    recipe = load_recipe("sample_sentiment", changes)
    return Study(recipe, arms or (Oracle("lstm"), Oracle("gru")), SEEDS, out)


def finished(searched: Study, order: random.Random | None = None) -> Study:
    """Do all jobs, a few at a time, in any order."""
    ongoing: list[dict[str, Any]] = []
    while not searched.finished:
        while job := searched.next():
            ongoing.append(job)
        if order:
            order.shuffle(ongoing)
        searched.done(result_of(ongoing.pop()))
    return searched


def outcome(searched: Study) -> dict[str, Any]:
    """All results without their times."""
    return {
        name: {key: value for key, value in result.items() if key != "at"}
        for name, result in searched.results.items()
    }


def test_each_arm_has_its_trials_and_its_finals(tmp_path: Path) -> None:
    searched = finished(study(tmp_path))
    ids = [result["id"] for result in searched.trials()]
    arms = ("lstm", "gru")
    assert ids == [f"{arm}-{number:03d}" for arm in arms for number in range(6)]
    for arm, best in searched.best().items():
        finals = searched.finals(arm)
        assert [final["id"] for final in finals] == [f"{arm}-seed8", f"{arm}-seed9"]
        for final, seed in zip(finals, SEEDS, strict=True):
            assert final["overrides"] == {**best["overrides"], "train.seed": seed}


def test_results_end_in_any_order_and_give_the_same_search(tmp_path: Path) -> None:
    expected = outcome(finished(study(tmp_path / "0")))
    for seed in range(1, 6):
        searched = finished(study(tmp_path / str(seed)), random.Random(seed))
        assert outcome(searched) == expected


def test_a_generation_is_told_when_it_is_whole(tmp_path: Path) -> None:
    arm = Oracle("lstm")
    searched = study(tmp_path, arm)
    jobs = [searched.next() for _ in range(5)]
    assert jobs[4] is None, "the second generation waits for the first"
    for job in jobs[:3]:
        assert job
        searched.done(result_of(job))
    assert arm.told == []
    assert jobs[3]
    searched.done(result_of(jobs[3]))
    assert arm.told == [["lstm-000", "lstm-001", "lstm-002", "lstm-003"]]
    assert searched.next()


def test_stopped_anywhere_it_goes_on_and_repeats_nothing(tmp_path: Path) -> None:
    expected = outcome(finished(study(tmp_path / "whole")))
    random_ = random.Random(3)
    done: list[str] = []
    while True:
        searched = study(tmp_path / "broken")
        for _ in range(random_.randrange(3)):
            if job := searched.next():
                done.append(job["id"])
                searched.done(result_of(job))
        searched.next()  # a job that the stop interrupts
        if searched.finished:
            break
    assert outcome(searched) == expected
    assert sorted(done) == sorted(expected), "each job was done once"


def test_a_result_that_comes_twice_counts_once(tmp_path: Path) -> None:
    searched = study(tmp_path)
    job = searched.next()
    assert job
    searched.done(result_of(job))
    kept = (tmp_path / "trials" / "lstm-000.json").read_bytes()
    searched.done({**result_of(job), "score": -1})
    assert searched.results["lstm-000"]["score"] != -1
    assert (tmp_path / "trials" / "lstm-000.json").read_bytes() == kept


def test_a_trial_that_killed_its_workers_is_failed_and_has_read_no_rows(
    tmp_path: Path,
) -> None:
    searched = study(tmp_path)
    first, second = searched.next(), searched.next()
    assert first and second
    searched.done(lost_result(first, "accuracy", "It ended 3 workers."))
    searched.done(result_of(second))
    assert searched.results[first["id"]]["error"] == "It ended 3 workers."
    # Resumed, it is not tried again.
    again = study(tmp_path)
    assert first["id"] in again.results and second["id"] in again.results


def test_an_arm_whose_trials_all_fail_has_no_finals(tmp_path: Path) -> None:
    searched = study(tmp_path, Oracle("lstm", trials=2), Oracle("gru", trials=2))
    while not searched.finished:
        job = searched.next()
        assert job
        failed = job["arm"] == "lstm" and job["kind"] == "trial"
        searched.done(result_of(job, "failed" if failed else "finished"))
    assert list(searched.best()) == ["gru"]
    assert searched.finals("lstm") == []
    assert len(searched.finals("gru")) == 2


def test_a_folder_with_other_trials_is_refused(tmp_path: Path) -> None:
    finished(study(tmp_path))
    path = tmp_path / "trials" / "gru-002.json"
    other = json.loads(path.read_text())
    other["overrides"]["train.epochs"] = 99
    path.write_text(json.dumps(other))
    with pytest.raises(RunError, match="trial gru-002 had other settings"):
        study(tmp_path)


def test_when_time_is_up_all_arms_end_with_as_many_trials(tmp_path: Path) -> None:
    arms = [Oracle(name, trials=40) for name in ("lstm", "gru", "simple_rnn")]
    searched = study(tmp_path, *arms, **{"tune.budget.seconds": 1000.0})
    for _ in range(5):  # the first arm is one generation ahead
        job = searched.next()
        assert job
        searched.done(result_of(job))
    searched._started -= 1000
    finished(searched)
    assert {arm.asked for arm in arms} == {8}
    assert len(searched.trials()) == 3 * 8
    again = study(tmp_path, *[Oracle(a.name, trials=40) for a in arms])
    assert not again.finished, "without the limit the search would go on"


def test_time_spent_before_a_stop_counts(tmp_path: Path) -> None:
    limit = {"tune.budget.seconds": 1000.0}
    searched = study(tmp_path, Oracle("lstm", trials=40), **limit)
    searched._started -= 2000
    for _ in range(4):
        job = searched.next()
        assert job
        searched.done(result_of(job))
    resumed = finished(study(tmp_path, Oracle("lstm", trials=40), **limit))
    assert resumed.seconds > 2000
    assert len(resumed.trials()) == 4

"""Speeds are measured side by side, once for the same finalists, and end no search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from seqkit.recipe.recipe import load_recipe
from seqkit.scores.speed import step_seconds, times_faster
from seqkit.tuning import timing
from seqkit.tuning.timing import (
    SPEED,
    Timed,
    measured_steps,
    rivals_of,
    timed_rounds,
)


class Clock:
    """Moves on by what a step takes."""

    def __init__(self) -> None:
        self.now, self.taken = 0.0, list[str]()

    def __call__(self) -> float:
        return self.now

    def step(self, name: str, seconds: float) -> Any:
        def take() -> None:
            self.taken.append(name)
            self.now += seconds

        return take


def test_models_take_turns_and_the_order_turns_each_round() -> None:
    clock = Clock()
    steps = {"a": clock.step("a", 0.01), "b": clock.step("b", 0.02)}
    found = timed_rounds(steps, clock)
    assert found == {"a": pytest.approx([0.01] * 8), "b": pytest.approx([0.02] * 8)}
    warm = 2 * (timing.WARM_UP + 1)
    rounds = np.reshape(clock.taken[warm:], (8, 12))
    assert ["".join(each) for each in rounds[:2]] == ["aaaaaabbbbbb", "bbbbbbaaaaaa"]


def test_measuring_costs_a_few_seconds_however_slow_the_steps_are() -> None:
    for seconds in (0.05, 0.3, 1.0):
        clock = Clock()
        steps = {name: clock.step(name, seconds) for name in "ab"}
        found = timed_rounds(steps, clock)
        assert all(3 <= len(rounds) <= 8 for rounds in found.values())
        assert clock.now < 2 * timing.SECONDS + 8 * seconds
    # Three rounds of one step each, after the warm-up, are the least.
    clock = Clock()
    found = timed_rounds({name: clock.step(name, 60) for name in "ab"}, clock)
    assert len(found["a"]) == 3


def test_speeds_are_ratios_within_rounds_with_students_interval() -> None:
    one, other = [1.0, 2.0, 4.0, 1.1], [1.2, 2.5, 4.6, 1.3]
    found = times_faster(one, other)
    logs = np.log(np.divide(other, one))
    test = stats.ttest_1samp(logs, 0).confidence_interval(0.95)
    assert found == pytest.approx(np.exp([logs.mean(), test.low, test.high]))
    # A machine that slows down in some rounds slows down both.
    assert found[1] > 1
    assert times_faster(one[:2], other[:2]) is None
    assert times_faster(one, other[:3]) is None
    mean, low, high = step_seconds([0.1, 0.1, 0.1])  # type: ignore[misc]
    assert (mean, low, high) == pytest.approx((0.1, 0.1, 0.1))


class Study:
    """Stands for a study whose jobs are done, but for some."""

    recipe = load_recipe("sample_sentiment")

    def __init__(self, out: Path, todo: int = 0, arms: tuple[str, ...] = "ab") -> None:  # type: ignore[assignment]
        self.out, self.todo, self.arms = out, todo, arms
        self.results: list[Any] = []

    @property
    def finished(self) -> bool:
        return len(self.results) == self.todo

    def next(self) -> Any:
        taken = len(self.results) < self.todo
        return {"id": f"t{len(self.results)}", "overrides": {}} if taken else None

    def done(self, result: Any) -> None:
        self.results.append(result)

    def best(self) -> Any:
        return {arm: {"overrides": {"model.cell": arm}} for arm in self.arms}

    def finals(self, arm: str) -> Any:
        return [{"status": "finished"}]


STEPS = {"a": [0.1, 0.1, 0.1], "b": [0.2, 0.2, 0.2]}


def measured(timed: Timed, steps: Any = STEPS) -> None:
    job = timed.next()
    assert job is not None and job["kind"] == "speed" and timed.next() is None
    assert job["rivals"] == {"a": {"model.cell": "a"}, "b": {"model.cell": "b"}}
    timed.done({"id": "speed", "kind": "speed", "steps": steps})


def test_finalists_are_measured_after_all_jobs_and_once(tmp_path: Path) -> None:
    study: Any = Study(tmp_path, todo=1)
    timed = Timed(study)
    job = timed.next()
    assert job is not None and job["id"] == "t0" and not timed.finished
    timed.done({"id": "t0"})
    assert study.finished and not timed.finished
    measured(timed)
    assert timed.finished and timed.next() is None
    assert measured_steps(tmp_path, rivals_of(study)) == STEPS
    # Resumed, it takes what is there; other finalists are measured again.
    assert Timed(study).finished
    study.arms = ("a", "c")
    assert not Timed(study).finished
    assert measured_steps(tmp_path, rivals_of(study)) == {}


def test_a_single_finalist_has_nobody_to_be_faster_than(tmp_path: Path) -> None:
    assert Timed(Study(tmp_path, arms=("a",))).finished  # type: ignore[arg-type]


def test_a_search_whose_workers_have_left_waits_for_none(tmp_path: Path) -> None:
    clock = Clock()
    timed = Timed(Study(tmp_path), clock)  # type: ignore[arg-type]
    assert not timed.finished
    clock.now += timing.PATIENCE + 1
    assert timed.finished and timed.next() is None


def test_a_measurement_that_fails_ends_no_search(tmp_path: Path) -> None:
    timed = Timed(Study(tmp_path))  # type: ignore[arg-type]
    measured(timed, {})
    assert timed.finished
    assert measured_steps(tmp_path, rivals_of(Study(tmp_path))) == {}  # type: ignore[arg-type]
    assert (tmp_path / SPEED).is_file()

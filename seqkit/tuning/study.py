"""A search as a list of jobs: what comes next, what is done, what is lost.

Trials come in generations, an arm (a competing cell) at a time; the best trial of each
arm is then trained again with several seeds. What a job is depends on finished
generations alone, never on the order in which jobs end. So a search that is begun again
asks for the same jobs, takes those that are in its folder as done, and goes on.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqkit.errors import RunError
from seqkit.recipe.recipe import Recipe
from seqkit.shared.files import read_json, write_json
from seqkit.tuning.jobs import Job, Result, StoredResult, new_job

if TYPE_CHECKING:
    from seqkit.tuning.arms.arms import Arm

TRIALS = "trials"
"""Of a search's folder: the results."""


class Study:
    """All jobs of one search, and the results that its folder holds.

    Args:
        recipe: what is searched; its ``tune`` section says how.
        arms: one for each competitor.
        seeds: the seeds with which the best trial of each arm is trained again.
        out: the folder of the search; results are kept in ``out/trials``.
        watch: is told each new result.
    """

    def __init__(
        self,
        recipe: Recipe,
        arms: Sequence[Arm],
        seeds: Sequence[int],
        out: Path,
        watch: Callable[[Result], None] | None = None,
    ) -> None:
        self.recipe, self.seeds, self.out = recipe, tuple(seeds), out
        self.results: dict[str, StoredResult] = {}
        """New and old results by their job's id, trials and finals."""
        self._watch = watch or (lambda result: None)
        self._courses = [_Course(arm) for arm in arms]
        self._first: dict[str, Result] = {}
        """The first result of each way to read the data."""
        self._stored = _stored_results(out / TRIALS)
        self._before = max((r["at"] for r in self._stored.values()), default=0.0)
        self._started = time.monotonic()
        self._waiting: deque[Job] = deque()
        self._ongoing: dict[str, Job] = {}
        self._last_generation: int | None = None
        self._advance()

    @property
    def seconds(self) -> float:
        """Seconds of searching so far, those before it was resumed included."""
        return self._before + time.monotonic() - self._started

    @property
    def finished(self) -> bool:
        """True once every trial and every final has its result."""
        return not (self._waiting or self._ongoing)

    def next(self) -> Job | None:
        """A job to do; None: nothing now, ask again unless ``finished``."""
        if not self._waiting:
            return None
        job = self._waiting.popleft()
        self._ongoing[job["id"]] = job
        return job

    def done(self, result: Result) -> None:
        """Keep what came of a job; what comes for the second time is left out.

        Raises:
            RunError: it was trained on other rows than an earlier one.
        """
        job = self._ongoing.pop(result["id"], None)
        if job is None:
            return
        self._check_rows(result)
        stored: StoredResult = {
            **result,
            "generation": job["generation"],
            "at": round(self.seconds, 3),
        }
        write_json(self.out / TRIALS / f"{stored['id']}.json", stored)
        self._take(stored)
        self._watch(stored)
        self._advance()

    def best(self) -> dict[str, Result]:
        """The best trial of each arm that has one that did not fail."""
        best_by_arm = {course.arm.name: course.arm.best() for course in self._courses}
        return {name: best for name, best in best_by_arm.items() if best is not None}

    def lacking(self) -> dict[str, tuple[str, ...]]:
        """For each arm the searched keys that its core has not."""
        return {course.arm.name: course.arm.lacking for course in self._courses}

    def finals(self, arm: str) -> list[StoredResult]:
        """An arm's finals so far, in the order of their seeds."""
        finals = [
            result
            for result in self.results.values()
            if result["kind"] == "final" and result["arm"] == arm
        ]
        return sorted(finals, key=lambda result: self.seeds.index(result["number"]))

    def trials(self) -> list[StoredResult]:
        """All trials so far, arm by arm, by their numbers."""
        order = [course.arm.name for course in self._courses]
        trials = [r for r in self.results.values() if r["kind"] == "trial"]
        return sorted(trials, key=lambda r: (order.index(r["arm"]), r["number"]))

    def _take(self, result: StoredResult) -> None:
        self.results[result["id"]] = result
        for course in self._courses:
            course.take(result)

    def _advance(self) -> None:
        """Put all jobs that can be done now into the queue; take those done before."""
        moved = True
        while moved:
            moved = False
            for course in self._courses:
                if course.is_open:
                    continue
                jobs = self._following(course)
                moved = moved or bool(jobs)
                for job in jobs:
                    self._offer(job)

    def _following(self, course: _Course) -> list[Job]:
        """An arm's next generation, or its finals once its search is over."""
        if course.over:
            return []
        course.settle()
        if not self._time_is_up(course.generation + 1):
            jobs = course.ask()
            if jobs:
                return jobs
        course.over = True
        best = course.arm.best()
        return course.begin([final_job(best, s) for s in self.seeds]) if best else []

    def _time_is_up(self, generation: int) -> bool:
        """Whether no arm may begin this generation any more.

        Once the seconds are spent, all arms go on to the last generation that any of
        them has begun, so that each has as many trials.
        """
        limit = self.recipe.tune.budget.seconds
        if limit is None:
            return False
        newest = max(course.generation for course in self._courses)
        if self._last_generation is None and self.seconds >= limit:
            self._last_generation = max(newest, 1, self._last_stored_generation())
        return self._last_generation is not None and generation > self._last_generation

    def _last_stored_generation(self) -> int:
        """The last generation of which the folder holds a trial."""
        return max((r["generation"] for r in self._stored.values()), default=0)

    def _offer(self, job: Job) -> None:
        stored = self._stored.get(job["id"])
        if stored is None:
            self._waiting.append(job)
            return
        changed = {k: v for k, v in job["overrides"].items() if k != "model.units"}
        if any(stored["overrides"].get(key) != value for key, value in changed.items()):
            raise RunError(
                f"{self.out} holds another search: its trial {job['id']} had other "
                "settings. Start a new search in another folder."
            )
        self._check_rows(stored)
        self._take(stored)

    def _check_rows(self, result: Result) -> None:
        """See that what reads the data alike has read the same rows."""
        if not result["fingerprint"]:
            # Its workers died: nobody knows what it has read.
            return
        read = {k: v for k, v in result["overrides"].items() if k.startswith("data.")}
        first = self._first.setdefault(json.dumps(read, sort_keys=True), result)
        if result["fingerprint"] != first["fingerprint"]:
            raise RunError(
                f"{result['id']} was trained on other rows than {first['id']}: the "
                "data have changed since the search began, or are not the same on all "
                "machines. Bring the old rows back, or start a new search."
            )


class _Course:
    """How far one arm has come: the jobs that run now, and their results."""

    def __init__(self, arm: Arm) -> None:
        self.arm = arm
        self.generation = 0
        self.over = False
        """True once the arm asks for no more trials: what runs now are its finals."""
        self._open: dict[str, Result | None] = {}

    @property
    def is_open(self) -> bool:
        """True while a job has no result."""
        return any(result is None for result in self._open.values())

    def settle(self) -> None:
        """Tell the arm the results of the generation that is done."""
        if self._open:
            self.arm.tell([result for result in self._open.values() if result])
            self._open = {}

    def ask(self) -> list[Job]:
        """The arm's next generation; none once it is over."""
        jobs = self.arm.ask()
        if jobs:
            self.generation += 1
        return self.begin(jobs)

    def begin(self, jobs: list[Job]) -> list[Job]:
        jobs = [{**job, "generation": self.generation} for job in jobs]
        self._open = {job["id"]: None for job in jobs}
        return jobs

    def take(self, result: Result) -> None:
        if result["id"] in self._open:
            self._open[result["id"]] = result


def final_job(best: Result, seed: int) -> Job:
    """Train the best trial of an arm again, whole and with another seed."""
    id_ = f"{best['id'].rpartition('-')[0]}-seed{seed}"
    overrides = {**best["overrides"], "train.seed": seed}
    return new_job(id_, "final", best["arm"], seed, overrides)


def _stored_results(folder: Path) -> dict[str, StoredResult]:
    """The results that a search left in its folder before it was stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    results = (read_json(path) for path in sorted(folder.glob("*.json")))
    return {result["id"]: result for result in results}

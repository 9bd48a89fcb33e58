"""How fast the finalists' training steps are: one job more, after all others.

Training times of a search say little: some trainings stop early, and other work loads
the machine. So a single worker takes the finalists' models in turn, on the same batches
where they read the same data, in rounds whose order is turned each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import TrainingError
from seqkit.scores.speed import FEWEST_ROUNDS
from seqkit.shared.files import read_json, write_json
from seqkit.tuning.checked import fault_of
from seqkit.tuning.jobs import Job, new_job

if TYPE_CHECKING:
    from seqkit.tuning.study import Study

SPEED = "speed.json"
"""Of a search's folder: what was measured."""
JOB = "speed"

PATIENCE = 30.0

ROUNDS, STEPS = 8, 6
"""Rounds, and steps of each model in a round: 48 in all."""
WARM_UP = 3
SECONDS = 5.0
"""After them no round begins, once there are ``FEWEST_ROUNDS``."""


class Timed:
    """A study's jobs, and after the last of them the measurement of the finalists.

    What the folder holds of an earlier measurement of the same finalists is kept. A
    measurement that no worker asks for within ``PATIENCE`` seconds is given up.
    """

    def __init__(
        self, study: Study, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._study, self._clock = study, clock
        self._ongoing = False
        self._over = False
        self._since: float | None = None
        """When the last of the other jobs was done."""

    @property
    def finished(self) -> bool:
        """True once every job has its result and the finalists are measured."""
        if not self._study.finished:
            return False
        if self._since is None:
            self._since = self._clock()
        late = not self._ongoing and self._clock() - self._since > PATIENCE
        return self._over or late or not self._is_wanted()

    def next(self) -> Job | None:
        """A job to do; None: nothing now, ask again unless ``finished``."""
        job = self._study.next()
        if job is not None or self._ongoing or self.finished:
            return job
        if not self._study.finished:
            return None
        self._ongoing = True
        return new_job(JOB, "speed", "", 0, {}, rivals=rivals_of(self._study))

    def done(self, result: Any) -> None:
        """Keep what came of a job."""
        if result["id"] != JOB:
            self._study.done(result)
        elif self._ongoing:
            self._over = True
            write_json(
                self._study.out / SPEED,
                {"rivals": rivals_of(self._study), "steps": result["steps"]},
            )

    def fault(self, job: Job, result: Any) -> str | None:
        """Why this cannot be a job's result; None: it can."""
        most = job["overrides"].get("train.epochs", self._study.recipe.train.epochs)
        return fault_of(job, result, most)

    def _is_wanted(self) -> bool:
        """Whether there are finalists to measure that nobody has measured yet."""
        rivals = rivals_of(self._study)
        return len(rivals) > 1 and not measured_steps(self._study.out, rivals)


def rivals_of(study: Study) -> dict[str, dict[str, Any]]:
    """What each finalist changes in the recipe."""
    return {
        arm: each["overrides"]
        for arm, each in study.best().items()
        if any(final["status"] == "finished" for final in study.finals(arm))
    }


def measured_steps(
    out: Path, rivals: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[float]]:
    """Seconds a step of each rival by round, as the folder of a search holds them."""
    path = out / SPEED
    stored = read_json(path) if path.is_file() else {}
    same = stored.get("rivals") == {name: dict(each) for name, each in rivals.items()}
    return dict(stored["steps"]) if same else {}


def timed_rounds(
    steps: Mapping[str, Callable[[], Any]], clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Seconds a step of each, round by round; the order is turned each round.

    Args:
        steps: takes one training step of each model, to its end.
        clock: gives seconds.
    """
    for step in steps.values():
        for _ in range(WARM_UP):
            step()
    began = clock()
    for step in steps.values():
        step()
    once = max(clock() - began, 1e-9)
    count = min(STEPS, max(1, round(SECONDS / ROUNDS / once)))
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    order: Sequence[str] = list(steps)
    for number in range(ROUNDS):
        if number >= FEWEST_ROUNDS and clock() - began > SECONDS:
            break
        for name in order:
            started = clock()
            for _ in range(count):
                steps[name]()
            seconds[name].append((clock() - started) / count)
        order = order[::-1]
    return seconds


def training_step(model: Any, store: Any, batches: Sequence[Any]) -> Callable[[], Any]:
    """A step of a model that is to be measured: its next batch, to the loss."""
    from seqkit.training.loop import Step

    if model.train_function is None:
        model.train_function = Step(model.train_step, store)
    following = cycle(batches)

    def step() -> float:
        logs = model.train_function(iter([next(following)]))
        # A number on this side of the accelerator: the step is over.
        return float(logs["loss"])

    return step


def some_batches(store: Any, batch_size: int, seed: int) -> list[Any]:
    """The first batches of an epoch, so many as a round has steps."""
    from seqkit.data.stores.feed import Feed

    batches = list(islice(Feed(store, batch_size, seed).arrays(), STEPS))
    if not batches:
        raise TrainingError("There are no training rows to measure steps with.")
    return batches

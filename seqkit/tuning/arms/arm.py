"""One competitor's search: generations of trials, asked of an oracle of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from seqkit.errors import UsageError
from seqkit.recipe.search import TRIALS, TuneSpec
from seqkit.recipe.spec import Spec, TrainSpec
from seqkit.shared.quiet import load_tensorflow
from seqkit.tuning.arms.space import decodings, gridded, overrides, points
from seqkit.tuning.jobs import Job, Result, new_job

GENERATION = 4
"""Trials that are asked for at one time; what they are follows from earlier ones."""

LARGEST_GRID = 1000
"""Points that a grid may have where the budget names no number of trials."""

FEWEST_FOR_MEDIAN = 3
"""Finished trials below which their median says nothing of a new one."""


class Arm:
    """One competitor's search over all keys but the one that competes.

    Keys of ``decode`` train nothing: each trial is scored under all of their values.

    Args:
        name: the competitor's, e.g. ``lstm`` or ``[64, 64]``.
        fixed: overrides that make it this competitor; empty if there is no other.
        tune: the recipe's ``tune`` section.
        train: its ``train`` section, for the number of epochs.
        direction: ``max`` if greater scores are better, else ``min``.
        seed: what all that is random follows from.
        rule: whether hopeless trials may be stopped, i.e. whether the validation losses
            of this search can be compared.
        slug: the name as files can have it; None: the name itself.
        lacking: keys of ``tune`` that this competitor has not, and does not search.
        match: overrides of the competitor whose number of parameters is to be met.

    Raises:
        UsageError: the grid has more points than the budget has trials.
    """

    def __init__(
        self,
        name: str,
        fixed: Mapping[str, Any],
        tune: TuneSpec,
        train: TrainSpec,
        direction: str,
        seed: int,
        rule: bool,
        *,
        slug: str | None = None,
        lacking: Sequence[str] = (),
        match: Mapping[str, Any] | None = None,
    ) -> None:
        load_tensorflow()
        from seqkit.tuning.arms.oracles import oracle_for

        self.name, self.fixed, self.direction = name, dict(fixed), direction
        self.slug, self.lacking = slug or name, tuple(lacking)
        self.decodings = decodings(tune.space)
        trained_alike = {key for each in self.decodings for key in each}
        space: dict[str, Spec] = {
            key: search
            for key, search in tune.space.items()
            if key not in {*fixed, *trained_alike, *lacking}
        }
        self.space = gridded(space) if tune.search == "grid" else space
        self.trials = _number_of_trials(tune, self.space)
        self.halves = tune.search == "hyperband" and bool(space)
        self.rule = rule and tune.stop == "median" and not self.halves
        self.epochs = tune.budget.epochs or train.epochs
        self._budget_epochs = tune.budget.epochs
        self._match = match
        self.oracle = oracle_for(
            tune.search, self.space, self.trials, self.epochs, direction, seed
        )
        self.results: list[Result] = []
        self._jobs: dict[str, Job] = {}
        self._oracle_ids: dict[str, str] = {}
        """The oracle's name of each job's trial."""
        self._open: list[str] = []
        """The jobs that the oracle has not been told of."""
        self._over = False

    @property
    def planned(self) -> int:
        """Trials that the arm will ask for, as far as it is known."""
        if self._over:
            return len(self._jobs)
        count = points(self.space)
        return self.trials if self.halves else min(self.trials, count or self.trials)

    def ask(self) -> list[Job]:
        """The next generation of trials; empty when the arm's search is over.

        All trials of the last one must have been told before.
        """
        from seqkit.tuning.arms import oracles

        if self._open:
            raise ValueError(f"{self.name} has not been told {', '.join(self._open)}.")
        jobs: list[Job] = []
        while not self._over and len(jobs) < GENERATION:
            trial = oracles.ask(self.oracle, str(len(self._jobs)))
            if trial.status == "IDLE":
                break
            if trial.status == "STOPPED":
                self._over = True
                break
            job = self._job(trial.hyperparameters.values)
            self._jobs[job["id"]] = job
            self._oracle_ids[job["id"]] = trial.trial_id
            jobs.append(job)
        self._open = [job["id"] for job in jobs]
        self._over = self._over or len(self._jobs) >= self.trials
        return jobs

    def tell(self, results: list[Result]) -> None:
        """Take the results of the whole last generation, in any order."""
        from seqkit.tuning.arms import oracles

        if sorted(result["id"] for result in results) != sorted(self._open):
            ids = ", ".join(result["id"] for result in results)
            raise ValueError(f"{self.name} asked {', '.join(self._open)}, not {ids}.")
        for result in sorted(results, key=lambda result: int(result["number"])):
            score = result["score"] if _is_scored(result) else None
            oracles.tell(self.oracle, self._oracle_ids[result["id"]], score)
            self.results.append(result)
        self._open = []

    def best(self) -> Result | None:
        """The trial of the best score; None if none has one.

        Equal scores: the lower validation loss, then fewer parameters, then the earlier
        trial. Where Hyperband trained trials to their end, one of these.
        """
        scored = [result for result in self.results if _is_scored(result)]
        ended = [
            result
            for result in scored
            if not self.halves or self._jobs[result["id"]]["epochs"] == self.epochs
        ]
        return min(ended or scored, key=self._rank, default=None)

    def _rank(self, result: Result) -> tuple[float, float, float, int]:
        sign = -1.0 if self.direction == "max" else 1.0
        score, loss = result["score"], result["val_loss"]
        parameters = result["parameters"]
        assert score is not None, "only trials with a score are ranked"
        return (
            sign * score,
            loss if loss is not None and math.isfinite(loss) else math.inf,
            parameters if parameters is not None else math.inf,
            result["number"],
        )

    def _job(self, values: Mapping[str, Any]) -> Job:
        """A trial of the oracle as a job."""
        number = len(self._jobs) + 1
        drawn = overrides(values, self.space)
        until = values.get("tuner/epochs", self._budget_epochs)
        past = values.get("tuner/trial_id")
        jobs = {trial: job for job, trial in self._oracle_ids.items()}
        return new_job(
            f"{self.slug}-{number:03d}",
            "trial",
            self.name,
            number,
            {**self.fixed, **drawn},
            match=None if self._match is None else {**self._match, **drawn},
            epochs=until,
            planned_epochs=self._budget_epochs,
            resume=jobs[past] if past is not None else None,
            keep=self.halves and until < self.epochs,
            median=self._median(drawn) if self.rule else None,
            decodings=self.decodings or None,
        )

    def _median(self, drawn: Mapping[str, Any]) -> list[float] | None:
        """For each epoch the median, over earlier trials, of their best loss by then.

        The median stopping rule of Golovin et al. 2017 ("Google Vizier"), with the best
        loss so far in place of its running mean. A trial that ended early stays at its
        best: so the rule is rather too mild than too strict.
        """
        losses = [_best_so_far(result) for result in self.results]
        curves = [best for best in losses if best]
        if len(curves) < FEWEST_FOR_MEDIAN:
            return None
        epochs = int(self._budget_epochs or drawn.get("train.epochs", self.epochs))
        return [
            median(best[min(epoch, len(best) - 1)] for best in curves)
            for epoch in range(epochs)
        ]


def _number_of_trials(tune: TuneSpec, space: Mapping[str, Spec]) -> int:
    """How many trials an arm may have."""
    count = points(space)
    trials = tune.budget.trials
    if tune.search != "grid" or count is None:
        return trials or TRIALS
    most = trials or LARGEST_GRID
    if count > most:
        limit = f"is {trials}" if trials else f"is null, which allows {most:,}"
        raise UsageError(
            f"The grid has {count:,} points for each competitor, and "
            f"tune.budget.trials {limit}. Set tune.budget.trials to {count}, search "
            "fewer values, or choose another tune.search."
        )
    return trials or count


def _is_scored(result: Result) -> bool:
    score = result["score"]
    finished = result["status"] == "finished"
    return finished and score is not None and math.isfinite(score)


def _best_so_far(result: Result) -> list[float]:
    """The lowest validation loss by each epoch; empty if the trial had none."""
    if result["status"] != "finished":
        return []
    losses = [row.get("val_loss", math.nan) for row in result["history"]]
    if not all(map(math.isfinite, losses)):
        return []
    return [min(losses[: epoch + 1]) for epoch in range(len(losses))]

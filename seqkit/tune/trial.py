"""What a worker does: train a trial and score it, or train a final run."""

from __future__ import annotations

import gc
import os
import shutil
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seqkit import run as run_folder
from seqkit.checkpoints import (
    Checkpoints,
    History,
    InMemory,
    is_done,
    kept_epoch,
    read_history,
)
from seqkit.data.sources.given import given_source
from seqkit.errors import DataError, TrainingError, UsageError
from seqkit.evaluate import count_rows
from seqkit.fit import fit_prepared, logged, resolved
from seqkit.prepared import Prepared, prepared
from seqkit.quiet import load_tensorflow
from seqkit.recipe import Recipe
from seqkit.registry import TASKS
from seqkit.run import Run

if TYPE_CHECKING:
    from seqkit.tasks.base import Answering, Baseline

Job = dict[str, Any]
Result = dict[str, Any]

MOST_PREPARED = 4
"""Data sets that are kept ready at a time."""
FLOAT_BYTES = 4
"""All weights are 32-bit numbers."""


class Performer:
    """Does the jobs of one search in this process, one after the other.

    Data are opened and prepared once for all trials that need the same; models whose
    graphs are the same are built and traced once. What is kept does not grow.

    Args:
        recipe: what is searched; jobs change it.
        data: a DataFrame or a file in place of the recipe's source.
        out: the folder of the search.
    """

    def __init__(self, recipe: Recipe, data: Any, out: Path) -> None:
        load_tensorflow()
        from seqkit.tune.models import Models

        self.recipe = resolved(recipe, data, None)
        self._given = data
        self.out = Path(out)
        self._counts: dict[str, int] = {}
        self._models = Models()
        self._ready: OrderedDict[Hashable, _Ready] = OrderedDict()
        # What is there now stays: looking through it at every collection of garbage
        # would take as long as a small training.
        gc.collect()
        gc.freeze()

    def perform(self, job: Job) -> Result:
        """Do a job, and give its result; both are as JSON can hold them.

        A loss that is not a number makes a result whose status is ``failed``.

        Raises:
            SeqkitError: the recipe or the data are not usable: a mistake of the search.
        """
        recipe = self.recipe.with_(job["overrides"])
        ready = self._ready_for(recipe)
        overrides = dict(job["overrides"])
        if job["match"] is not None:
            overrides["model.units"] = self._matched(recipe, job["match"], ready)
            recipe = recipe.with_({"model.units": overrides["model.units"]})
        if job["planned_epochs"] is not None:
            recipe = recipe.with_({"train.epochs": job["planned_epochs"]})
        perform = {"trial": self._trial, "final": self._final}[job["kind"]]
        result: Result = {
            "id": job["id"],
            "kind": job["kind"],
            "arm": job["arm"],
            "number": job["number"],
            "metric": ready.prepared.task.primary_metric,
            "overrides": overrides,
            "stopped": None,
            "run": None,
        }
        return result | perform(job, recipe, ready)

    def close(self) -> None:
        """Let go of the data and the models, and of their memory."""
        self._models.let_go()
        for ready in self._ready.values():
            ready.close()
        self._ready.clear()
        gc.unfreeze()

    def _ready_for(self, recipe: Recipe) -> _Ready:
        task = TASKS.get(recipe.task)()
        key = task.data_key(recipe)
        if key not in self._ready:
            self._ready[key] = _Ready(recipe, self._given, self.recipe.train.seed)
        self._ready.move_to_end(key)
        if len(self._ready) > MOST_PREPARED:
            _, oldest = self._ready.popitem(last=False)
            oldest.close()
        self._check_parts(self._ready[key].prepared)
        return self._ready[key]

    def _check_parts(self, prepared: Prepared) -> None:
        """See that trials are compared on the same rows, and that there are some."""
        unit = prepared.task.unit
        counts = {part: prepared.data.count(part) for part in ("validation", "test")}
        uses = {"validation": "Trials are compared", "test": "Finalists are judged"}
        for part, use in uses.items():
            if not counts[part]:
                raise UsageError(
                    f"{use} on the {part} part, and it holds no {unit}. Set "
                    f"data.{part} in the recipe."
                )
            known = self._counts.setdefault(part, counts[part])
            if known != counts[part]:
                raise UsageError(
                    f"{use} on the same {unit} of the {part} part, but of two trials "
                    f"one leaves {known:,} of them and the other {counts[part]:,}. "
                    "Take the key of data that changes this out of the search."
                )

    def _matched(
        self, recipe: Recipe, target: Mapping[str, Any], ready: _Ready
    ) -> list[int]:
        from seqkit.tune.match import matched_units

        signature = ready.prepared.signature(recipe.train.batch_size)
        return list(matched_units(recipe, self.recipe.with_(target), signature))

    def _trial(self, job: Job, recipe: Recipe, ready: _Ready) -> Result:
        from seqkit.training import train

        rule = Rule(recipe, job["epochs"], job["median"])
        signature = ready.prepared.signature(recipe.train.batch_size)
        epochs = self._begun(job)
        try:
            model, history = train(
                recipe,
                signature,
                ready.prepared.stores,
                epochs,
                is_over=rule.is_over,
                builder=self._models,
            )
        except TrainingError as error:
            return _failed(error, epochs.history())
        if job["keep"]:
            with _placed(self.out / "weights" / job["id"]) as folder:
                epochs.write(Checkpoints(folder))
        answer = self._models.answering(model, ready.prepared.preprocessing)
        told = _told(recipe, history, model.count_params())
        return told | {"score": ready.score(answer), "stopped": rule.stopped(history)}

    def _begun(self, job: Job) -> InMemory:
        if job["resume"] is None:
            return InMemory(last=job["keep"])
        checkpoints = Checkpoints(self.out / "weights" / job["resume"])
        return InMemory.read(checkpoints, last=job["keep"])

    def _final(self, job: Job, recipe: Recipe, ready: _Ready) -> Result:
        folder = self.out / "finals" / job["id"]
        if not run_folder.is_finished(folder):
            epochs = InMemory()
            try:
                with _placed(folder) as new, logged(new):
                    fit_prepared(
                        recipe,
                        ready.prepared,
                        new,
                        ready.baselines,
                        epochs=epochs,
                        builder=self._models,
                    )
            except TrainingError as error:
                return _failed(error, epochs.history())
        run = Run(folder)
        history = read_history(folder / run_folder.HISTORY)
        told = _told(recipe, history, run.facts["cost"]["parameters"])
        scored = bool(ready.prepared.rows["validation"])
        score = ready.score(run.outputs) if scored else None
        return told | {"score": score, "run": f"finals/{job['id']}"}


@dataclass(frozen=True)
class Rule:
    """When a trial is over.

    ``until`` is the epoch to train to; None: ``train.epochs``. ``median`` holds, for
    each epoch, what the best validation loss of a hopeful trial is not above.
    """

    recipe: Recipe
    until: int | None
    median: list[float] | None

    @property
    def epochs(self) -> int:
        """The last epoch to train."""
        return self.until or self.recipe.train.epochs

    def is_over(self, history: History) -> bool:
        """Whether training stops after the history so far."""
        patience = self.recipe.train.patience
        return is_done(history, self.epochs, patience) or self._is_hopeless(history)

    def stopped(self, history: History) -> str | None:
        """Why a trial ended early: ``hopeless`` or ``patience``; None: it did not."""
        if len(history) >= self.epochs:
            return None
        return "hopeless" if self._is_hopeless(history) else "patience"

    def _is_hopeless(self, history: History) -> bool:
        epoch = len(history)
        known = self.median is not None and epoch <= len(self.median)
        if not known or epoch < ceil(self.epochs / 4) or "val_loss" not in history[-1]:
            return False
        assert self.median is not None
        return min(row["val_loss"] for row in history) > self.median[epoch - 1]


class _Ready:
    """Data that are prepared, and what was computed of them."""

    def __init__(self, recipe: Recipe, data: Any, seed: int) -> None:
        self._folder = TemporaryDirectory(prefix="seqkit-")
        self._seed = seed
        source = given_source(data, recipe.data)
        self.prepared: Prepared = prepared(recipe, source, Path(self._folder.name))

    @cached_property
    def baselines(self) -> list[Baseline]:
        """Fitted once for all runs on these data."""
        return self.prepared.data.baselines(self._seed)

    def score(self, answer: Answering) -> float:
        """The primary metric of what ``answer`` says of the validation part."""
        task = self.prepared.task
        scorer = task.scorer(self.prepared.preprocessing)
        count_rows(task, self.prepared.data.examples("validation"), [(scorer, answer)])
        metrics = scorer.result().metrics
        if task.primary_metric not in metrics:
            raise DataError(
                f"The validation part has no {task.primary_metric} by which trials "
                "could be compared. Give it more rows: data.validation."
            )
        return float(metrics[task.primary_metric][0])

    def close(self) -> None:
        """Remove the files of the stores."""
        self._folder.cleanup()


def _told(recipe: Recipe, history: History, parameters: int) -> Result:
    """What a finished training says of itself."""
    kept = kept_epoch(history, recipe.train.keep)
    return {
        "status": "finished",
        "error": None,
        "val_loss": history[kept - 1].get("val_loss"),
        "epochs": len(history),
        "kept_epoch": kept,
        "seconds": sum(row["seconds"] for row in history),
        "parameters": parameters,
        "bytes": FLOAT_BYTES * parameters,
        "history": history,
    }


def _failed(error: TrainingError, history: History) -> Result:
    return {
        "status": "failed",
        "error": str(error),
        "score": None,
        "val_loss": None,
        "epochs": len(history),
        "kept_epoch": None,
        "seconds": sum(row["seconds"] for row in history),
        "parameters": None,
        "bytes": None,
        "history": history,
    }


@contextmanager
def _placed(folder: Path) -> Iterator[Path]:
    """A new folder that gets its name when it is whole; the first one there stays."""
    new = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        if not folder.exists():
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)

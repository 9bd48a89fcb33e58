"""What a worker does: train a trial and score it, or train a final run."""

from __future__ import annotations

import gc
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import TrainingError, UsageError
from seqkit.recipe.recipe import Recipe
from seqkit.recipe.variants import own_keys
from seqkit.registry import TASKS
from seqkit.runs import folder as run_folder
from seqkit.runs.fit import fit_prepared, resolved
from seqkit.runs.run import Run
from seqkit.runs.unfinished import log, logged
from seqkit.shared.quiet import load_tensorflow
from seqkit.training.checkpoints import (
    Checkpoints,
    History,
    InMemory,
    kept_epoch,
    read_history,
)
from seqkit.training.prepared import Prepared
from seqkit.tuning.job_files import FINALS, WEIGHTS, placed
from seqkit.tuning.jobs import (
    Evaluated,
    Job,
    Result,
    Score,
    Speed,
    Training,
    failed,
)
from seqkit.tuning.ready import Ready
from seqkit.tuning.rule import Rule
from seqkit.tuning.timing import some_batches, timed_rounds, training_step

if TYPE_CHECKING:
    import keras

MOST_PREPARED = 4
"""Data sets that are kept ready at a time."""
Scored = tuple[Evaluated, dict[str, Any]]
"""A training with its score, and the decoding that this is of."""
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
        from seqkit.tuning.models import Models

        self.recipe = resolved(recipe, data, None)
        self._data = data
        self.out = Path(out)
        self._counts: dict[str, int] = {}
        self._models = Models()
        self._ready: OrderedDict[Hashable, Ready] = OrderedDict()
        # What is there now stays: looking through it at every collection of garbage
        # would take as long as a small training.
        gc.collect()
        gc.freeze()

    def perform(self, job: Job) -> Result | Speed:
        """Do a job, and give its result; both are as JSON can hold them.

        A loss that is not a number makes a result whose status is ``failed``.

        Raises:
            SeqkitError: the recipe or the data are not usable: a mistake of the search.
        """
        from seqkit.training.loop import deterministic

        with deterministic():
            return self._performed(job)

    def _performed(self, job: Job) -> Result | Speed:
        if job["kind"] == "speed":
            return self._speed(job)
        recipe = self.recipe.with_(job["overrides"])
        ready = self._ready_for(recipe)
        overrides = dict(job["overrides"])
        if job["match"] is not None:
            overrides["model.units"] = self._matched(recipe, job["match"], ready)
            recipe = recipe.with_({"model.units": overrides["model.units"]})
        if job["planned_epochs"] is not None:
            recipe = recipe.with_({"train.epochs": job["planned_epochs"]})
        perform = {"trial": self._trial, "final": self._final}[job["kind"]]
        evaluated, decoding = perform(job, recipe, ready)
        return {
            "id": job["id"],
            "kind": job["kind"],
            "arm": job["arm"],
            "number": job["number"],
            "metric": ready.prepared.task.primary_metric,
            "overrides": overrides | decoding,
            "fingerprint": ready.prepared.data.fingerprint,
            **evaluated,
        }

    def close(self) -> None:
        """Let go of the data and the models, and of their memory."""
        self._models.let_go()
        for ready in self._ready.values():
            ready.close()
        self._ready.clear()
        gc.unfreeze()

    def _ready_for(self, recipe: Recipe) -> Ready:
        task = TASKS.get(recipe.task)()
        key = task.data_key(recipe.data, recipe.model)
        if key not in self._ready:
            self._ready[key] = Ready(recipe, self._data, self.recipe.train.seed)
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
                    f"{use} on the {part} part, and it holds no {unit}: "
                    f"{prepared.data.why_empty(part)}. Give more rows, or set "
                    f"data.{part} in the recipe."
                )
            expected = self._counts.setdefault(part, counts[part])
            if expected != counts[part]:
                raise UsageError(
                    f"{use} on the same {unit} of the {part} part, but of two trials "
                    f"one leaves {expected:,} of them and the other {counts[part]:,}. "
                    "Take the key of data that changes this out of the search."
                )

    def _matched(
        self, recipe: Recipe, target: Mapping[str, Any], ready: Ready
    ) -> list[int]:
        from seqkit.tuning.match import matched_units

        signature = ready.prepared.signature(recipe.train.batch_size)
        types = TASKS.get(recipe.task).sections()
        other = self.recipe.with_(own_keys(target, types))
        return list(matched_units(recipe, other, signature))

    def _trial(self, job: Job, recipe: Recipe, ready: Ready) -> Scored:
        from seqkit.training.loop import train

        rule = Rule(recipe, job["epochs"], job["median"])
        signature = ready.prepared.signature(recipe.train.batch_size)
        epochs = self._epochs_of(job)
        try:
            model, history = train(
                recipe,
                signature,
                ready.prepared.stores,
                epochs,
                is_over=rule.is_over,
                builder=self._models,
                vectors=ready.prepared.first_vectors(recipe),
            )
        except TrainingError as error:
            return failed(str(error), epochs.history()), {}
        if job["keep"]:
            with placed(self.out / WEIGHTS / job["id"]) as folder:
                epochs.write(Checkpoints(folder))
        score, decoding = self._best_decoding(job, recipe, ready, model)
        evaluated: Evaluated = {
            **_finished(recipe, history, model.count_params()),
            **score,
            "stopped": rule.stopped(history),
            "run": None,
        }
        return evaluated, decoding

    def _best_decoding(
        self, job: Job, recipe: Recipe, ready: Ready, model: keras.Model
    ) -> tuple[Score, dict[str, Any]]:
        """The best score under the job's decodings, the first of equal ones."""
        scored: list[tuple[Score, dict[str, Any]]] = []
        for decoding in job.get("decodings") or [{}]:
            decode = recipe.with_(decoding).decode if decoding else recipe.decode
            preprocessing = ready.prepared.preprocessing
            outputs_of = self._models.scoring(model, preprocessing, decode)
            scored.append((ready.score(outputs_of), decoding))
        return max(scored, key=lambda pair: ready.rank(pair[0]))

    def _speed(self, job: Job) -> Speed:
        """Measure the training steps of all rivals, at the same batch size."""
        try:
            seconds = self._step_seconds(job)
        except Exception as error:
            # All trials and finals are done: a verdict is worth more than its speed.
            log.warning("The steps of the finalists could not be measured: %s", error)
            seconds = {}
        return {"id": job["id"], "kind": "speed", "steps": seconds}

    def _step_seconds(self, job: Job) -> dict[str, list[float]]:
        from seqkit.tuning.models import MOST, Models

        rivals, train = job["rivals"], self.recipe.train
        models = self._models if len(rivals) <= MOST else Models(len(rivals))
        steps = {}
        for name, overrides in rivals.items():
            recipe = self.recipe.with_(overrides)
            recipe = recipe.with_({"train.batch_size": train.batch_size})
            prepared = self._ready_for(recipe).prepared
            # Before other data take the place of these.
            store = prepared.stores["train"]
            batches = some_batches(store, train.batch_size, train.seed)
            model = models(recipe, prepared.signature(train.batch_size))
            steps[name] = training_step(model, store, batches)
        seconds = timed_rounds(steps, time.perf_counter)
        if models is not self._models:
            models.let_go()
        return seconds

    def _epochs_of(self, job: Job) -> InMemory:
        if job["resume"] is None:
            return InMemory(last=job["keep"])
        checkpoints = Checkpoints(self.out / WEIGHTS / job["resume"])
        return InMemory.read(checkpoints, last=job["keep"])

    def _final(self, job: Job, recipe: Recipe, ready: Ready) -> Scored:
        folder = self.out / FINALS / job["id"]
        preprocessing = ready.prepared.preprocessing
        if run_folder.is_finished(folder):
            model = Run(folder).model
            outputs_of = preprocessing.scoring(model, recipe.decode)
        else:
            epochs = InMemory()
            try:
                with placed(folder) as new, logged(new):
                    model = fit_prepared(
                        recipe,
                        ready.prepared,
                        new,
                        ready.baselines,
                        epochs=epochs,
                        builder=self._models,
                    )
            except TrainingError as error:
                return failed(str(error), epochs.history()), {}
            outputs_of = self._models.scoring(model, preprocessing, recipe.decode)
        history = read_history(folder / run_folder.HISTORY)
        evaluated: Evaluated = {
            **_finished(recipe, history, model.count_params()),
            **ready.score(outputs_of),
            "stopped": None,
            "run": f"{FINALS}/{job['id']}",
        }
        return evaluated, {}


def _finished(recipe: Recipe, history: History, parameters: int) -> Training:
    """What a finished training says of itself."""
    best = kept_epoch(history, recipe.train.keep)
    return {
        "status": "finished",
        "error": None,
        "val_loss": history[best - 1].get("val_loss"),
        "epochs": len(history),
        "kept_epoch": best,
        "seconds": sum(row["seconds"] for row in history),
        "parameters": parameters,
        "bytes": FLOAT_BYTES * parameters,
        "history": history,
    }

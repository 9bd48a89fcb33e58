"""What training writes into a run's folder, at its beginning and at its end."""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import RunError, UsageError
from seqkit.recipe.automatic import Choice
from seqkit.recipe.data_paths import portable, write_places
from seqkit.recipe.recipe import Recipe
from seqkit.runs.folder import (
    FACTS,
    HISTORY,
    LENGTHS,
    MODEL,
    RECIPE,
    SAMPLES,
    facts_of,
)
from seqkit.shared.contents import readable, write_finished
from seqkit.shared.files import write_json, write_text
from seqkit.tasks.base import PREPROCESSING_FILE, save_baselines
from seqkit.training.checkpoints import (
    Checkpoints,
    kept_epoch,
    write_history,
)
from seqkit.training.learning import learning_of
from seqkit.training.prepared import Prepared, keep
from seqkit.version import __version__

if TYPE_CHECKING:
    import keras

    from seqkit.data.stores.store import Store
    from seqkit.signature import Signature
    from seqkit.tasks.base import Baseline, Preprocessing, Task, TaskData
    from seqkit.training.members import Member

log = logging.getLogger("seqkit")

MADE_WITH = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn")
SAMPLED_INPUTS = 24
"""Validation inputs that a run keeps, to compare exports with."""


def versions(packages: Sequence[str] = MADE_WITH) -> dict[str, str]:
    """The versions of seqkit, Python and ``packages``."""
    own = {"seqkit": __version__, "python": platform.python_version()}
    return own | {package: version(package) for package in packages}


def begin_folder(
    recipe: Recipe,
    data: TaskData,
    folder: Path,
    name: str,
    choices: Mapping[str, Choice] | None = None,
) -> None:
    """Write what a run begins with; see that one that goes on has the same data.

    ``choices``: where values of the recipe were left to its task.
    """
    path = folder / FACTS
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        write_places(recipe, folder)
        write_text(folder / RECIPE, portable(recipe).to_yaml())
        chosen = {key: choice.why for key, choice in (choices or {}).items()}
        write_json(path, {**_first_facts(recipe, data), "chosen": chosen})
    elif facts_of(folder)["fingerprint"] != data.fingerprint:
        raise RunError(
            f"{name} has changed since this run began, so it cannot be resumed. Start "
            "anew, or bring the old data back."
        )


def _first_facts(recipe: Recipe, data: TaskData) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "status": "training",
        "seed": recipe.train.seed,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}",
        "fingerprint": data.fingerprint,
    }


def fitted_preprocessing(task: Task, data: TaskData, folder: Path) -> Preprocessing:
    """Fit it, or take what this run fitted before it was stopped."""
    path = folder / PREPROCESSING_FILE
    if path.is_file():
        with readable(path):
            return task.load_preprocessing(folder)
    preprocessing = data.preprocessing()
    preprocessing.save(folder)
    return preprocessing


def finish_folder(
    recipe: Recipe,
    prepared: Prepared,
    folder: Path,
    members: Sequence[Member],
    baselines: list[Baseline] | None,
) -> keras.Model:
    """Write all files of a finished run, its status last; gives its model."""
    from seqkit.training.members import as_one

    history = members[0].history
    # The first one is looked back at as it was trained.
    learning = learning_of(recipe, prepared, members[0].model, history)
    data, model = prepared.data, as_one(members)
    # Rows that a model was trained on tell nothing of how wide intervals are.
    held_out = as_one(members, refitted=False) if recipe.train.refit else model
    preprocessing = prepared.preprocessing.calibrated(held_out, data)
    model.save(folder / MODEL, include_optimizer=False)
    write_history(history, folder / HISTORY)
    if baselines is None:
        baselines = data.baselines(recipe.train.seed)
    spec = recipe.train
    epoch = kept_epoch(history, spec.keep)
    facts = {
        "signature": prepared.signature(recipe.train.batch_size).to_dict(),
        "rows": prepared.rows | {"test": data.count("test")},
        "kept_epoch": epoch,
        "members": [
            {"seed": one.seed, "kept_epoch": kept_epoch(one.history, spec.keep)}
            for one in members
        ],
        "learnt": learning.has_learnt,
        "notes": list(learning.notes),
        "cost": {
            "parameters": model.count_params(),
            "seconds": sum(row["seconds"] for one in members for row in one.history),
            "bytes": (folder / MODEL).stat().st_size,
        },
    }
    _finish(recipe, prepared.task, data, preprocessing, folder, baselines, facts)
    Checkpoints(folder / "checkpoints").delete()
    log.info("finished; kept epoch %d", epoch)
    return model


def finish_baseline(
    recipe: Recipe,
    task: Task,
    data: TaskData,
    preprocessing: Preprocessing,
    folder: Path,
) -> None:
    """Fit the baselines, and write a finished run of the one that ``recipe`` names.

    Raises:
        UsageError: these data have no such baseline.
    """
    started = time.monotonic()
    baselines = data.baselines(recipe.train.seed)
    seconds = time.monotonic() - started
    kinds = [one.kind for one in baselines]
    if recipe.baseline not in kinds:
        raise UsageError(
            f"There is no baseline {recipe.baseline!r} of these data, only "
            f"{', '.join(kinds)}. Name one of them."
        )
    arrays = baselines[kinds.index(recipe.baseline)].arrays().values()
    parts = ("train", "validation", "test")
    facts = {
        "signature": preprocessing.signature.to_dict(),
        "rows": {part: data.count(part) for part in parts},
        "learnt": True,
        "notes": [],
        "cost": {
            "parameters": sum(a.size for a in arrays if a.dtype.kind == "f"),
            "seconds": seconds,
            "bytes": sum(array.nbytes for array in arrays),
        },
    }
    prepared = preprocessing.of_baseline()
    _finish(recipe, task, data, prepared, folder, baselines, facts)
    log.info("finished; shipped the baseline %s", recipe.baseline)


def _finish(
    recipe: Recipe,
    task: Task,
    data: TaskData,
    preprocessing: Preprocessing,
    folder: Path,
    baselines: list[Baseline],
    facts: Mapping[str, Any],
) -> None:
    """Write what every finished run has, its status last."""
    preprocessing.save(folder)
    write_json(folder / SAMPLES, preprocessing.kept(_samples(data)))
    save_baselines(baselines, folder)
    keep(task, data, recipe, folder)
    own = {
        "status": "finished",
        "parts": list(data.source.parts),
        "no_test": None if data.count("test") else data.why_empty("test"),
    }
    write_finished(folder, FACTS, {**facts_of(folder), **own, **facts})


def write_lengths(store: Store, signature: Signature, folder: Path) -> None:
    """Keep how long the training sequences are, as a histogram."""
    from seqkit.pictures import length_bins

    lengths = store.whole_lengths
    if lengths is None:
        return
    limit = signature.timesteps or int(lengths.max())
    edges, counts = length_bins(lengths, limit)
    cut = int((lengths > limit).sum())
    log.info("%d of %d training sequences are cut to %d", cut, len(lengths), limit)
    bins = {"edges": edges.tolist(), "counts": counts.tolist()}
    write_json(folder / LENGTHS, bins)


def _samples(data: TaskData) -> list[Any]:
    """A few inputs that training did not see, from the first rows of a part."""
    part = "validation" if data.count("validation") else "train"
    samples: list[Any] = []
    for chunk in data.examples(part):
        samples += chunk.inputs[: SAMPLED_INPUTS - len(samples)]
        if len(samples) >= SAMPLED_INPUTS:
            break
    return samples

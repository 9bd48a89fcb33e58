"""Train a recipe: data in, a Run on disk out; resumable at any moment."""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seqkit.data.sources.given import given_source, source_name
from seqkit.errors import RunError, UsageError
from seqkit.recipe.data_paths import located, portable, write_places
from seqkit.recipe.recipe import Recipe, find_recipe, load_recipe
from seqkit.runs import run as run_folder
from seqkit.runs.run import Run
from seqkit.runs.unfinished import (
    CACHE,
    clear_leftovers,
    interruptible,
    logged,
    new_folder,
    now,
    resumable,
)
from seqkit.shared.contents import LOCAL, readable, write_finished
from seqkit.shared.files import write_json, write_text
from seqkit.shared.locks import locked
from seqkit.shared.quiet import load_tensorflow
from seqkit.tasks.base import PREPROCESSING_FILE, save_baselines
from seqkit.training.checkpoints import (
    Checkpoints,
    Epochs,
    History,
    kept_epoch,
    write_history,
)
from seqkit.training.learning import learning_of
from seqkit.training.prepared import Prepared, keep, opened, stored
from seqkit.version import __version__

if TYPE_CHECKING:
    import keras

    from seqkit.data.stores.store import Store
    from seqkit.signature import Signature
    from seqkit.tasks.base import Baseline, Preprocessing, Task, TaskData
    from seqkit.training.loop import Builder

__all__ = [
    "MADE_WITH",
    "fit",
    "fit_prepared",
    "logged",
    "resolved",
    "versions",
]

log = logging.getLogger("seqkit")

MADE_WITH = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn")
SAMPLED_INPUTS = 24
"""Validation inputs that a run keeps, to compare exports with."""


def fit(
    recipe: str | Path | Recipe | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    data: Any = None,
    out: str | Path | None = None,
    seed: int | None = None,
    resume: str | Path | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    progress: bool = True,
) -> Run:
    """Train a recipe and give the Run.

    The same recipe, data and seed give the same weights on the same machine, bit for
    bit. Each finished epoch is kept: a run that was stopped or killed continues with
    ``resume`` and ends in the weights of an unbroken one.

    Args:
        recipe: a name, a path that ends in ``.yaml``, or a Recipe.
        overrides: dotted keys, e.g. ``{"train.epochs": 2}``.
        data: a DataFrame or a file in place of the recipe's source.
        out: the run's folder; None: ``runs/NAME/TIME-seedN``.
        seed: in place of ``train.seed``.
        resume: the folder of an unfinished run; then nothing else but ``data`` is
            needed, and ``data`` only where the run was given a DataFrame.
        callbacks: further Keras callbacks.
        progress: show a progress bar on standard error.

    Raises:
        UsageError, RecipeError: called wrongly; nothing was written.
        DataError: the data cannot be used; nothing was written.
        TrainingError: the loss is not a number any more.
        Interrupted: Ctrl-C; the text says how to continue.
        RunError: there is nothing to resume in that folder, or its data have changed.
    """
    if resume is not None:
        folder, recipe = resumable(Path(resume), recipe, overrides, seed)
        with locked(folder, "run"):
            clear_leftovers(folder)
            if run_folder.is_finished(folder):
                Checkpoints(folder / "checkpoints").delete()
                return _same_data(Run(folder), data)
            return _trained(recipe, data, folder, callbacks, progress)
    if recipe is None:
        raise UsageError("fit needs a recipe: a name, a path or a Recipe.")
    recipe = resolved(loaded(recipe, overrides), data, seed)
    base = Path("runs", recipe.name, f"{now()}-seed{recipe.train.seed}")
    with new_folder(base, out, "run", "fit", _has_results) as folder:
        return _trained(recipe, data, folder, callbacks, progress)


def _has_results(folder: Path) -> bool:
    return bool(Checkpoints(folder / "checkpoints").history())


def _trained(
    recipe: Recipe,
    data: Any,
    folder: Path,
    callbacks: Sequence[keras.callbacks.Callback],
    progress: bool,
) -> Run:
    """Train in a folder that is this process's own."""
    source = given_source(data, recipe.data)
    load_tensorflow()
    task, rows = opened(recipe, source)
    with logged(folder), interruptible(folder):
        Checkpoints(folder / "checkpoints").clear()
        _begin(recipe, rows, folder, source.name)
        # In the run's folder: there the next process finds what a kill leaves.
        with TemporaryDirectory(prefix=CACHE, dir=folder) as cache:
            preprocessing = _preprocessing(task, rows, folder)
            ready = stored(task, rows, preprocessing, Path(cache))
            fit_prepared(recipe, ready, folder, None, callbacks, progress)
    return Run(folder, data if recipe.data.source == "frame" else None)


def _same_data(run: Run, data: Any) -> Run:
    """A finished run as it is; raise RunError where other data are given for it."""
    if data is not None:
        source = given_source(data, run.recipe.data)
        _, opened_data = opened(run.recipe, source)
        if opened_data.fingerprint != run.facts["fingerprint"]:
            raise RunError(
                f"The run {run.path} is finished, and was trained on other data than "
                f"{source.name}. Train on these anew: leave --resume out."
            )
        run.frame = data if run.recipe.data.source == "frame" else None
    return run


def fit_prepared(
    recipe: Recipe,
    prepared: Prepared,
    folder: Path,
    baselines: list[Baseline] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    progress: bool = False,
    epochs: Epochs | None = None,
    builder: Builder | None = None,
) -> keras.Model:
    """Train on data that are prepared already, and write a finished run to ``folder``.

    Args:
        recipe: what to train, with the data's true source.
        prepared: the data of its ``data_key``.
        folder: the run's folder.
        baselines: fitted on the same training rows; None: they are fitted now.
        callbacks: further Keras callbacks.
        progress: show a progress bar on standard error.
        epochs: where finished epochs are kept, or some are already; None: in the
            run's folder until it is finished.
        builder: gives the model in its first state; None: ``seqkit.build``.

    Returns:
        The model with the weights of the epoch that is kept.

    Raises:
        TrainingError: the loss is not a number any more.
    """
    from seqkit.training.loop import deterministic, train

    _begin(recipe, prepared.data, folder, recipe.data.source)
    if not (folder / PREPROCESSING_FILE).is_file():
        prepared.preprocessing.save(folder)
    log.info("rows: %s", prepared.rows)
    signature = prepared.signature(recipe.train.batch_size)
    _write_lengths(prepared.stores["train"], signature, folder)
    epochs = epochs or Checkpoints(folder / "checkpoints")
    with deterministic():
        with _watched(recipe, folder, callbacks, progress) as watching:
            model, history = train(
                recipe, signature, prepared.stores, epochs, watching, builder=builder
            )
        _finish(recipe, prepared, folder, model, history, baselines)
    return model


def loaded(recipe: str | Path | Recipe, overrides: Mapping[str, Any] | None) -> Recipe:
    """``load_recipe``, for training: the recipe of a run or a search finds its data."""
    made = load_recipe(recipe, overrides)
    if isinstance(recipe, Recipe) or {"data", "data.source"} & set(overrides or ()):
        return made
    folder = find_recipe(recipe).parent
    return located(made, folder) if (folder / LOCAL).is_file() else made


def resolved(recipe: Recipe, data: Any, seed: int | None) -> Recipe:
    """The recipe as it is kept: with the source and the seed that are used."""
    overrides: dict[str, Any] = {}
    if data is not None or recipe.data.source != "frame":
        overrides["data.source"] = source_name(
            data if data is not None else recipe.data.source
        )
    if seed is not None:
        overrides["train.seed"] = seed
    return recipe.with_(overrides)


def versions(packages: Sequence[str] = MADE_WITH) -> dict[str, str]:
    """The versions of seqkit, Python and ``packages``."""
    own = {"seqkit": __version__, "python": platform.python_version()}
    return own | {package: version(package) for package in packages}


def _begin(recipe: Recipe, data: TaskData, folder: Path, name: str) -> None:
    """Write what a run begins with; see that one that goes on has the same data."""
    path = folder / run_folder.FACTS
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        write_places(recipe, folder)
        write_text(folder / run_folder.RECIPE, portable(recipe).to_yaml())
        write_json(path, _first_facts(recipe, data))
    elif run_folder.facts_of(folder)["fingerprint"] != data.fingerprint:
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


def _preprocessing(task: Task, data: TaskData, folder: Path) -> Preprocessing:
    """Fit it, or take what this run fitted before it was stopped."""
    path = folder / PREPROCESSING_FILE
    if path.is_file():
        with readable(path):
            return task.load_preprocessing(folder)
    preprocessing = data.preprocessing()
    preprocessing.save(folder)
    return preprocessing


def _finish(
    recipe: Recipe,
    prepared: Prepared,
    folder: Path,
    model: keras.Model,
    history: History,
    baselines: list[Baseline] | None,
) -> None:
    """Write all files of a finished run, its status last."""
    data = prepared.data
    model.save(folder / run_folder.MODEL, include_optimizer=False)
    write_history(history, folder / run_folder.HISTORY)
    preprocessing = prepared.preprocessing.calibrated(model, data)
    preprocessing.save(folder)
    write_json(folder / run_folder.SAMPLES, preprocessing.kept(_samples(data)))
    if baselines is None:
        baselines = data.baselines(recipe.train.seed)
    save_baselines(baselines, folder)
    keep(prepared, recipe, folder)
    kept = kept_epoch(history, recipe.train.keep)
    learning = learning_of(recipe, prepared, model, history)
    facts = run_folder.facts_of(folder)
    facts |= {
        "status": "finished",
        "signature": prepared.signature(recipe.train.batch_size).to_dict(),
        "rows": prepared.rows | {"test": data.count("test")},
        "parts": list(data.source.parts),
        "no_test": None if data.count("test") else data.why_empty("test"),
        "kept_epoch": kept,
        "learnt": learning.has_learnt,
        "notes": list(learning.notes),
        "cost": {
            "parameters": model.count_params(),
            "seconds": sum(row["seconds"] for row in history),
            "bytes": (folder / run_folder.MODEL).stat().st_size,
        },
    }
    write_finished(folder, run_folder.FACTS, facts)
    Checkpoints(folder / "checkpoints").delete()
    log.info("finished; kept epoch %d", kept)


def _write_lengths(store: Store, signature: Signature, folder: Path) -> None:
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
    write_json(folder / run_folder.LENGTHS, bins)


def _samples(data: TaskData) -> list[Any]:
    """A few inputs that training did not see, from the first rows of a part."""
    part = "validation" if data.count("validation") else "train"
    samples: list[Any] = []
    for chunk in data.examples(part):
        samples += chunk.inputs[: SAMPLED_INPUTS - len(samples)]
        if len(samples) >= SAMPLED_INPUTS:
            break
    return samples


@contextmanager
def _watched(
    recipe: Recipe,
    folder: Path,
    callbacks: Sequence[keras.callbacks.Callback],
    progress: bool,
) -> Iterator[list[keras.callbacks.Callback]]:
    """The given callbacks with TensorBoard's and the progress bar."""
    import keras

    from seqkit.training.progress import TrainingProgress

    board = keras.callbacks.TensorBoard(str(folder / "tensorboard"), write_graph=False)
    bar = TrainingProgress(recipe.train.epochs)
    try:
        yield [board, *([bar] if progress else []), *callbacks]
    finally:
        bar.close()

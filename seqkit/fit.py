"""Train a recipe: data in, a Run on disk out; resumable at any moment."""

from __future__ import annotations

import logging
import platform
import shutil
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seqkit import run as run_folder
from seqkit.checkpoints import Checkpoints, kept_epoch, write_history
from seqkit.data.sources.given import given_source, source_name
from seqkit.errors import DataError, Interrupted, RunError, UsageError
from seqkit.files import read_json, write_json, write_text
from seqkit.quiet import load_tensorflow
from seqkit.recipe import Recipe, load_recipe
from seqkit.registry import TASKS
from seqkit.run import Run
from seqkit.signature import Signature
from seqkit.tasks.base import PREPROCESSING_FILE
from seqkit.version import __version__

if TYPE_CHECKING:
    import keras

    from seqkit.data.store import Store
    from seqkit.tasks.base import Preprocessing, Task, TaskData

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
        folder, recipe = _resumable(Path(resume), recipe, overrides, seed)
    else:
        if recipe is None:
            raise UsageError("fit needs a recipe: a name, a path or a Recipe.")
        recipe = _resolved(load_recipe(recipe, overrides), data, seed)
        folder = _new_folder(recipe, out)
    if run_folder.is_finished(folder):
        return Run(folder)
    source = given_source(data, recipe.data)
    load_tensorflow()
    task = TASKS.get(recipe.task)()
    task_data = task.open(recipe, source)
    if not task_data.count("train"):
        raise DataError(f"{source.name} leaves no rows to train on. Give more rows.")
    begun = _withdrawn(folder) if resume is None else nullcontext()
    with begun, _logged(folder), _interruptible(folder):
        if resume is None:
            write_text(folder / run_folder.RECIPE, recipe.to_yaml())
            write_json(folder / run_folder.FACTS, _first_facts(recipe))
        _check_fingerprint(folder, task_data, source.name)
        _fit_and_finish(recipe, task, task_data, folder, callbacks, progress)
    return Run(folder)


def _resolved(recipe: Recipe, data: Any, seed: int | None) -> Recipe:
    overrides: dict[str, Any] = {}
    if data is not None or recipe.data.source != "frame":
        overrides["data.source"] = source_name(
            data if data is not None else recipe.data.source
        )
    if seed is not None:
        overrides["train.seed"] = seed
    return recipe.with_(overrides)


def _new_folder(recipe: Recipe, out: str | Path | None) -> Path:
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S")
    base = Path("runs") / recipe.name / f"{stamp}-seed{recipe.train.seed}"
    folder = Path(out) if out else base
    number = 2
    while out is None and folder.exists():
        folder = base.with_name(f"{base.name}-{number}")
        number += 1
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} exists and is not empty. Choose another folder, or continue a "
            f"run that is there with: seqkit fit --resume {folder}"
        )
    return folder


@contextmanager
def _withdrawn(folder: Path) -> Iterator[None]:
    """Leave nothing of a new run whose recipe or data prove unusable.

    What is known of them only once series are prepared or a model is built comes when
    files are there already. With an epoch finished it is a run, and stays.
    """
    stood = [parent for parent in (folder, *folder.parents) if parent.exists()]
    try:
        yield
    except (UsageError, DataError):
        if Checkpoints(folder / "checkpoints").history():
            raise
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for made in (folder, *folder.parents):
            if made in stood or any(made.iterdir()):
                break
            made.rmdir()
        raise


def _resumable(
    folder: Path, recipe: Any, overrides: Any, seed: int | None
) -> tuple[Path, Recipe]:
    for name in (run_folder.RECIPE, run_folder.FACTS):
        if not (folder / name).is_file():
            raise RunError(
                f"There is no run to resume in {folder}: {name} is missing. Start it "
                "anew: seqkit fit NAME"
            )
    facts = read_json(folder / run_folder.FACTS)
    kept = load_recipe(folder / run_folder.RECIPE).model_copy(
        update={"name": facts["name"]}
    )
    if overrides or seed is not None:
        raise UsageError(
            "A run is resumed with the recipe that it began with; overrides and a seed "
            "would make another run. Leave them out, or start anew."
        )
    if recipe is not None and load_recipe(recipe).name != kept.name:
        raise UsageError(f"{folder} is a run of {kept.name!r}, not of {str(recipe)!r}.")
    return folder, kept


def _first_facts(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "status": "training",
        "seed": recipe.train.seed,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": {"seqkit": __version__, "python": platform.python_version()}
        | {package: version(package) for package in MADE_WITH},
        "machine": f"{platform.system()} {platform.machine()}",
    }


def _check_fingerprint(folder: Path, data: TaskData, name: str) -> None:
    facts = read_json(folder / run_folder.FACTS)
    known = facts.setdefault("fingerprint", data.fingerprint)
    if known != data.fingerprint:
        raise RunError(
            f"{name} has changed since this run began, so it cannot be resumed. Start "
            "anew, or bring the old data back."
        )
    write_json(folder / run_folder.FACTS, facts)


def _fit_and_finish(
    recipe: Recipe,
    task: Task,
    data: TaskData,
    folder: Path,
    callbacks: Sequence[keras.callbacks.Callback],
    progress: bool,
) -> None:
    """Prepare, train, and write all files of a finished run, its status last."""
    from seqkit.data.batching import steps_per_epoch
    from seqkit.training import train

    preprocessing = _preprocessing(task, data, folder)
    with TemporaryDirectory(prefix="seqkit-") as cache:
        stores = data.stores(preprocessing, Path(cache))
        rows = {part: len(store) for part, store in stores.items()}
        log.info("rows: %s", rows)
        signature = replace(
            preprocessing.signature,
            steps_per_epoch=steps_per_epoch(rows["train"], recipe.train.batch_size),
        )
        _write_lengths(stores["train"], signature, folder)
        with _watched(recipe, folder, callbacks, progress) as watching:
            model, history = train(recipe, signature, stores, folder, watching)
    model.save(folder / run_folder.MODEL, include_optimizer=False)
    write_history(history, folder / run_folder.HISTORY)
    preprocessing = preprocessing.calibrated(model, data)
    preprocessing.save(folder)
    write_json(folder / run_folder.SAMPLES, preprocessing.kept(_samples(data)))
    task.save_baselines(data.baselines(recipe.train.seed), folder)
    kept = kept_epoch(history, recipe.train.keep)
    facts = read_json(folder / run_folder.FACTS)
    facts |= {
        "status": "finished",
        "signature": signature.to_dict(),
        "rows": rows | {"test": data.count("test")},
        "kept_epoch": kept,
        "cost": {
            "parameters": model.count_params(),
            "seconds": sum(row["seconds"] for row in history),
            "bytes": (folder / run_folder.MODEL).stat().st_size,
        },
    }
    write_json(folder / run_folder.FACTS, facts)
    Checkpoints(folder / "checkpoints").delete()
    log.info("finished; kept epoch %d", kept)


def _preprocessing(task: Task, data: TaskData, folder: Path) -> Preprocessing:
    """Fit it, or take what this run fitted before it was stopped."""
    if (folder / PREPROCESSING_FILE).is_file():
        return task.load_preprocessing(folder)
    preprocessing = data.preprocessing()
    preprocessing.save(folder)
    return preprocessing


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

    from seqkit.progress import TrainingProgress

    board = keras.callbacks.TensorBoard(str(folder / "tensorboard"), write_graph=False)
    bar = TrainingProgress(recipe.train.epochs)
    try:
        yield [board, *([bar] if progress else []), *callbacks]
    finally:
        bar.close()


@contextmanager
def _logged(folder: Path) -> Iterator[None]:
    """Write what happens, warnings too, to ``log.txt`` in the run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(folder / "log.txt", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.setLevel(logging.INFO)
    # TensorFlow's libraries give the root logger a handler that prints.
    propagate, log.propagate = log.propagate, False
    log.addHandler(handler)
    show = warnings.showwarning

    def show_and_log(message: Any, category: Any, *place: Any, **options: Any) -> None:
        log.warning("%s", message)
        show(message, category, *place, **options)

    warnings.showwarning = show_and_log
    try:
        yield
    except BaseException as error:
        log.error("%s: %s", type(error).__name__, error)
        raise
    finally:
        warnings.showwarning = show
        log.removeHandler(handler)
        log.propagate = propagate
        handler.close()


@contextmanager
def _interruptible(folder: Path) -> Iterator[None]:
    """Turn Ctrl-C into a sentence that says how to continue."""
    try:
        yield
    except KeyboardInterrupt:
        epochs = len(Checkpoints(folder / "checkpoints").history())
        raise Interrupted(
            f"Stopped; {epochs} finished epoch(s) are kept. Continue with: "
            f"seqkit fit --resume {folder}"
        ) from None

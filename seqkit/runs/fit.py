"""Train a recipe: data in, a Run on disk out; resumable at any moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seqkit.data.sources.given import given_source, source_name
from seqkit.errors import RunError, UsageError
from seqkit.recipe.automatic import Choice
from seqkit.recipe.data_paths import located
from seqkit.recipe.files import find_recipe
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs.folder import is_finished
from seqkit.runs.run import Run, run_at
from seqkit.runs.unfinished import (
    CACHE,
    clear_leftovers,
    interruptible,
    logged,
    new_folder,
    now,
    resumable,
)
from seqkit.runs.writing import (
    begin_folder,
    finish_baseline,
    finish_folder,
    fitted_preprocessing,
    write_lengths,
)
from seqkit.shared.contents import LOCAL
from seqkit.shared.locks import locked
from seqkit.shared.quiet import load_tensorflow
from seqkit.tasks.base import PREPROCESSING_FILE
from seqkit.training.checkpoints import Checkpoints, Epochs
from seqkit.training.prepared import Prepared, opened, stored
from seqkit.training.settled import settled

if TYPE_CHECKING:
    import keras

    from seqkit.tasks.base import Baseline
    from seqkit.training.loop import Builder

log = logging.getLogger("seqkit")


def fit(
    recipe: str | Path | Recipe | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    data: Any = None,
    out: str | Path | None = None,
    seed: int | None = None,
    baseline: str | None = None,
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
        baseline: ship this plain baseline in place of a network, such as
            ``tfidf_logistic``; with the same verbs, report and exports. A report says
            which there are.
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
    if baseline is not None:
        overrides = {**(overrides or {}), "baseline": baseline}
    if resume is not None:
        folder, recipe = resumable(Path(resume), recipe, overrides, seed)
        with locked(folder, "run"):
            clear_leftovers(folder)
            if is_finished(folder):
                Checkpoints(folder / "checkpoints").delete()
                return _same_data(run_at(folder), data)
            return _trained(recipe, data, folder, callbacks, progress)
    if recipe is None:
        raise UsageError("fit needs a recipe: a name, a path or a Recipe.")
    recipe, choices, _ = settled(resolved(loaded(recipe, overrides), data, seed), data)
    base = Path("runs", recipe.name, f"{now()}-seed{recipe.train.seed}")
    with new_folder(base, out, "run", "fit", _has_results) as folder:
        return _trained(recipe, data, folder, callbacks, progress, choices)


def _has_results(folder: Path) -> bool:
    return bool(Checkpoints(folder / "checkpoints").history())


def _trained(
    recipe: Recipe,
    data: Any,
    folder: Path,
    callbacks: Sequence[keras.callbacks.Callback],
    progress: bool,
    choices: Mapping[str, Choice] | None = None,
) -> Run:
    """Train in a folder that is this process's own.

    ``choices``: where values of the recipe were left to its task.
    """
    source = given_source(data, recipe.data)
    load_tensorflow()
    # In the run's folder: there the next process finds what a kill leaves.
    with TemporaryDirectory(prefix=CACHE, dir=folder) as cache:
        task, rows = opened(recipe, source, Path(cache))
        with logged(folder), interruptible(folder):
            Checkpoints(folder / "checkpoints").clear()
            begin_folder(recipe, rows, folder, source.name, choices)
            preprocessing = fitted_preprocessing(task, rows, folder)
            if recipe.baseline is not None:
                finish_baseline(recipe, task, rows, preprocessing, folder)
            else:
                ready = stored(task, rows, preprocessing, Path(cache))
                fit_prepared(recipe, ready, folder, None, callbacks, progress)
    return run_at(folder, data if recipe.data.source == "frame" else None)


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
        The model with the weights of the epoch that is kept, or the mean of members.

    Raises:
        TrainingError: the loss is not a number any more.
    """
    from seqkit.training.loop import deterministic
    from seqkit.training.members import Course

    begin_folder(recipe, prepared.data, folder, recipe.data.source)
    if not (folder / PREPROCESSING_FILE).is_file():
        prepared.preprocessing.save(folder)
    log.info("rows: %s", prepared.rows)
    signature = prepared.signature(recipe.train.batch_size)
    write_lengths(prepared.stores["train"], signature, folder)
    epochs = epochs or Checkpoints(folder / "checkpoints")
    with deterministic():
        with _watched(recipe, folder, callbacks, progress) as watching:
            whole = prepared.whole_store() if recipe.train.refit else None
            course = Course(
                recipe, signature, prepared.stores, whole, watching, builder
            )
            members = course.members(epochs)
        return finish_folder(recipe, prepared, folder, members, baselines)


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

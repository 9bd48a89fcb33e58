"""Search a recipe's space, train the best of each cell again, and give the verdict."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.errors import Interrupted, RunError, UsageError
from seqkit.recipe.data_paths import portable, write_places
from seqkit.recipe.nodes import shown
from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS
from seqkit.runs.fit import loaded, resolved
from seqkit.runs.unfinished import clear_leftovers, logged, new_folder, now
from seqkit.runs.writing import MADE_WITH, versions
from seqkit.shared.contents import readable
from seqkit.shared.files import read_json, write_json, write_text
from seqkit.shared.locks import locked
from seqkit.shared.quiet import load_tensorflow
from seqkit.training.settled import settled
from seqkit.tuning.default_search import (
    MINUTES,
    is_left_open,
    shortened,
    with_default_search,
)
from seqkit.tuning.job_files import FINALS, WEIGHTS
from seqkit.tuning.study import TRIALS, Study
from seqkit.tuning.timing import Timed
from seqkit.tuning.verdict import VERDICT, Verdict

STUDY, RECIPE = "study.json", "recipe.yaml"
SECONDS = "tune.budget.seconds"


@dataclass(frozen=True)
class Doers:
    """Who does the jobs: this process, more on this machine, or a cluster's workers."""

    workers: int
    cluster: str | None
    insecure: bool


def tune(
    recipe: str | Path | Recipe | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    data: Any = None,
    out: str | Path | None = None,
    search: str | None = None,
    minutes: float | None = None,
    seed: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    insecure: bool = False,
    resume: str | Path | None = None,
    progress: bool = True,
) -> Verdict:
    """Search a recipe's ``tune`` section and give the Verdict: which cell, how sure.

    Each competitor (each value of ``tune.compare``, by default ``model.cell``) gets as
    many trials, of as many epochs, on the same data. Trials are ranked on the
    validation part. The best of each competitor is then trained again with several
    seeds, and only these finalists, with the baselines, are scored on the test part.

    The same recipe, data and seed give the same verdict on the same machine, whatever
    the number of workers; with ``tune.budget.seconds`` the clock has its part in it.

    Args:
        recipe: a name, a path that ends in ``.yaml``, or a Recipe.
        overrides: dotted keys, e.g. ``{"tune.budget.trials": 4}``.
        data: a DataFrame or a file in place of the recipe's source.
        out: the search's folder; None: ``searches/NAME/TIME``.
        search: ``random``, ``hyperband``, ``bayesian`` or ``grid``, in place of
            ``tune.search``.
        minutes: after which no new trials begin, in place of ``tune.budget.seconds``.
            Where a recipe leaves values and the search to its task, the whole search
            takes about so long; None: 10.
        seed: in place of ``train.seed``, which also seeds the search.
        workers: trials side by side, each in a process of its own.
        cluster: ``tls://HOST:PORT`` of a Dask scheduler, whose workers do the trials;
            certificates are those of Dask's configuration.
        insecure: take a cluster at ``tcp://HOST:PORT``, which nothing protects.
        resume: the folder of a search that was stopped or killed. The recipe and
            overrides may be given again, but must say the same.
        progress: show on standard error how far the search is.

    Raises:
        UsageError, RecipeError: called wrongly, or a trial's recipe has a mistake.
        DataError: the data cannot be used, or hold no validation or test rows.
        RunError: there is nothing to resume, or it was another search.
        TrainingError: every trial failed.
        Interrupted: Ctrl-C; the text says how to continue.
    """
    _check_call(workers, cluster, minutes)
    doers = Doers(workers, cluster, insecure)
    overrides = _chosen(overrides, search, minutes)
    if resume is not None:
        folder = Path(resume)
        original = _resumed(folder, recipe, overrides, data, seed)
        if (folder / VERDICT).is_file():
            return Verdict.load(folder)
        _check_space(original, overrides)
        with locked(folder, "search"), logged(folder), _stoppable(folder):
            return _searched(original, data, folder, doers, progress)
    if recipe is None:
        raise UsageError("tune needs a recipe: a name, a path or a Recipe.")
    written = resolved(loaded(recipe, overrides), data, seed)
    searched = _searchable(written, data, overrides)
    _check_space(searched, overrides)
    base = Path("searches", searched.name, now())
    with new_folder(base, out, "search", "tune", _has_results) as folder:
        _begin(folder, searched, _minutes(overrides) if is_left_open(written) else None)
        with logged(folder), _stoppable(folder):
            return _searched(searched, data, folder, doers, progress)


def _searched(
    recipe: Recipe,
    data: Any,
    folder: Path,
    doers: Doers,
    progress: bool,
) -> Verdict:
    """All jobs, then the judgement."""
    from seqkit.tuning.judge import judged

    _clear(folder)
    with ExitStack() as stack:
        perform = stack.enter_context(_performing(recipe, data, folder, doers))
        load_tensorflow()
        from seqkit.training.loop import deterministic
        from seqkit.tuning.arms.arms import arms_of, checked_space
        from seqkit.tuning.watch import SearchProgress

        checked_space(recipe)
        greater = _greater_is_better(recipe)
        arms = arms_of(recipe, "max" if greater else "min")
        seeds = recipe.tune.final_seeds(recipe.train.seed)
        jobs = sum(arm.planned for arm in arms) + len(arms) * len(seeds)
        watch = SearchProgress(jobs, greater) if progress else None
        if watch:
            stack.enter_context(watch)
        study = Study(recipe, arms, seeds, folder, watch)
        if watch:
            watch.skip(len(study.results))
            whole = read_json(folder / STUDY).get("minutes")
            watch.say_end(recipe.tune.budget.seconds, study.seconds, whole)
        timed = Timed(study)
        # Where nothing is left to train, no cluster is asked to measure.
        if not (study.finished if doers.cluster else timed.finished):
            perform(timed)
        if watch:
            watch.say("scoring the finalists and the baselines on the test part")
        with deterministic():
            verdict = judged(study, data, read_json(folder / STUDY))
    _clear(folder)
    shutil.rmtree(folder / WEIGHTS, ignore_errors=True)
    verdict.save(folder)
    return verdict


def _clear(folder: Path) -> None:
    """Remove what processes that were killed had begun to write."""
    clear_leftovers(folder)
    for part in (TRIALS, FINALS, WEIGHTS):
        for path in (folder / part).glob(".*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _performing(
    recipe: Recipe, data: Any, folder: Path, doers: Doers
) -> Iterator[Callable[[Timed], None]]:
    """What does all jobs of a study; local workers start before there is one."""
    if doers.cluster is None and doers.workers == 1:
        yield lambda jobs: _perform(recipe, jobs, data, folder)
        return
    from seqkit.tuning.cluster import Workers
    from seqkit.tuning.local_cluster import dask_logged, started
    from seqkit.tuning.scheduler import connected

    with ExitStack() as stack:
        if doers.cluster is None:
            client = stack.enter_context(started(doers.workers, folder))
        else:
            stack.enter_context(dask_logged(folder / "log.txt"))
            opened = connected(doers.cluster, doers.insecure)
            client = stack.enter_context(opened)
        workers = Workers(client, recipe, data, folder)
        try:
            yield workers.perform
        finally:
            workers.release()


def _perform(recipe: Recipe, jobs: Timed, data: Any, folder: Path) -> None:
    """Do all jobs in this process."""
    from seqkit.tuning.trial import Performer

    with closing(Performer(recipe, data, folder)) as performer:
        while (job := jobs.next()) is not None:
            jobs.done(performer.perform(job))


def _greater_is_better(recipe: Recipe) -> bool:
    task = TASKS.get(recipe.task)()
    return bool(task.metric(task.primary_metric).greater_is_better)


def _chosen(
    overrides: Mapping[str, Any] | None, search: str | None, minutes: float | None
) -> Mapping[str, Any]:
    """The overrides with the kind of search and its time, where these are asked for."""
    chosen: dict[str, Any] = {} if search is None else {"tune.search": search}
    if minutes is not None:
        chosen[SECONDS] = 60.0 * minutes
    return {**(overrides or {}), **chosen}


def _searchable(recipe: Recipe, data: Any, overrides: Mapping[str, Any]) -> Recipe:
    """``recipe`` with all that is left to its task: values, and what is searched."""
    if not is_left_open(recipe):
        return settled(recipe, data).recipe
    minutes = _minutes(overrides)
    own = {key: overrides[key] for key in overrides if key != SECONDS}
    chosen = settled(shortened(recipe, minutes, own), data).recipe
    return with_default_search(chosen, minutes, own)


def _minutes(overrides: Mapping[str, Any]) -> float:
    """What a search may take that is left to its task."""
    return float(overrides.get(SECONDS, 60 * MINUTES)) / 60


def _check_call(workers: int, cluster: str | None, minutes: float | None) -> None:
    if minutes is not None and not minutes > 0:
        raise UsageError(f"minutes must be more than 0, got {minutes:g}.")
    if workers < 1:
        raise UsageError(f"workers must be at least 1, got {workers}.")
    if cluster is not None and workers > 1:
        raise UsageError(
            "A cluster has workers of its own: give either workers or cluster."
        )


def _check_space(recipe: Recipe, overrides: Mapping[str, Any]) -> None:
    """Refuse a search that searches nothing, or not what was asked for."""
    if not recipe.tune.space:
        raise UsageError(
            f"The recipe {recipe.name!r} searches nothing. Give it a search such as "
            "tune.model.cell='{choice: [lstm, gru]}', or train it as it is: seqkit fit "
            f"{recipe.name}"
        )
    hidden = next((key for key in overrides if key in recipe.tune.space), None)
    if hidden is not None:
        raise UsageError(
            f"{hidden} is searched, so that its override would change no trial. Take "
            f"it out of the search as well: tune.{hidden}=null"
        )
    epochs, most = recipe.tune.budget.epochs, recipe.train.epochs
    if epochs is not None and epochs > most:
        raise UsageError(
            f"tune.budget.epochs is {epochs}, but the finalists train for train.epochs "
            f"({most}) only. Lower the one or raise the other."
        )


def _resumed(
    folder: Path,
    recipe: str | Path | Recipe | None,
    overrides: Mapping[str, Any] | None,
    data: Any,
    seed: int | None,
) -> Recipe:
    """The recipe that the search in ``folder`` began with; refuse another one."""
    for name in (STUDY, RECIPE):
        if not (folder / name).is_file():
            raise RunError(
                f"There is no search to resume in {folder}: {name} is missing. Start "
                "it anew: seqkit tune NAME"
            )
    with readable(folder / STUDY):
        name = read_json(folder / STUDY)["name"]
    with readable(folder / RECIPE):
        original = loaded(folder / RECIPE, None).model_copy(update={"name": name})
    if recipe is None and not overrides and seed is None:
        return original
    new = loaded(recipe if recipe is not None else original, overrides)
    new = resolved(new, data, seed) if data is not None else new
    new = _searchable(new, data, overrides or {})
    changes = differences(original.to_dict(), resolved(new, None, seed).to_dict())
    if changes:
        raise UsageError(
            f"{folder} is a search with other settings: {'; '.join(changes)}. Leave "
            "them as they were, or start a new search in another folder."
        )
    return original


def differences(old: Any, new: Any, path: str = "") -> list[str]:
    """What differs between two trees, each as ``key was ..., is ...``."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [
            change
            for key in keys
            for change in differences(
                old.get(key), new.get(key), f"{path}.{key}" if path else str(key)
            )
        ]
    return [] if old == new else [f"{path} was {shown(old)}, is {shown(new)}"]


def _has_results(folder: Path) -> bool:
    return any((folder / TRIALS).glob("*.json"))


def _begin(folder: Path, recipe: Recipe, minutes: float | None) -> None:
    """Write what the search begins with; ``minutes`` are what it is planned to take."""
    write_places(recipe, folder)
    write_text(folder / RECIPE, portable(recipe).to_yaml())
    write_json(
        folder / STUDY,
        {
            "name": recipe.name,
            "seed": recipe.train.seed,
            "minutes": minutes,
            "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "versions": versions((*MADE_WITH, "keras-tuner")),
            "machine": f"{platform.system()} {platform.machine()}",
        },
    )


@contextmanager
def _stoppable(folder: Path) -> Iterator[None]:
    """Turn Ctrl-C into a sentence that says how to continue."""
    try:
        yield
    except KeyboardInterrupt:
        done = len(list((folder / TRIALS).glob("*.json")))
        raise Interrupted(
            f"Stopped; {done} finished trial(s) are kept. Continue with: "
            f"seqkit tune --resume {folder}"
        ) from None

"""Score a run on rows that it did not see, beside its baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import DataError
from seqkit.runs.held_out import Unseen, given_rows, own_rows
from seqkit.runs.report import REPORT, Report
from seqkit.shared.outputs import check_outputs, save_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqkit.recipe.recipe import Recipe
    from seqkit.runs.folder import RunFolder
    from seqkit.scores.scorer import Scorer
    from seqkit.tasks.base import Baseline, Examples, Preprocessing, Scoring, Task


def evaluated(
    run: RunFolder,
    recipe: Recipe,
    data: Any,
    folder: Path,
    keep: Callable[[Examples, Any], None] | None = None,
    overwrite: bool = False,
) -> Report:
    """Score a run by ``recipe``, and write the report and its pictures to ``folder``.

    ``data`` are rows with their answers, or None for the run's own held-out ones. Rows
    that training saw are never scored. Files that are no report's are replaced only
    where ``overwrite`` is true.
    """
    check_place(folder, (REPORT,), overwrite)
    rows = own_rows(run, recipe) if data is None else given_rows(run, recipe, data)
    if not rows.own:
        # A published figure of the run's own data says nothing of others.
        recipe = recipe.model_copy(update={"reference": None})
    if run.plain is not None:
        name = f"{recipe.name} ({run.plain.title})"
        recipe = recipe.model_copy(update={"name": name})
    report = score(
        run.task,
        recipe,
        run.preprocessing,
        rows.examples,
        run.scored,
        run.baselines(),
        rows.name,
        run.facts["cost"],
        keep,
        run.notes,
        run.parts(),
    )
    if isinstance(rows.examples, Unseen):
        report = replace(report, notes=(*rows.examples.notes, *report.notes))
    _write(report, run.pictures() | report.pictures(), folder, overwrite)
    return report


def check_place(folder: Path, names: Iterable[str], overwrite: bool) -> None:
    """Raise UsageError where files that are no report's stand in the way."""
    keys = ("name", "task", "sentence", "metrics")
    check_outputs(folder, names, overwrite, marker=REPORT, keys=keys)


def _write(
    report: Report, pictures: Mapping[str, Figure], folder: Path, overwrite: bool
) -> None:
    files = {f"{name}.png": figure for name, figure in pictures.items()}
    check_place(folder, (REPORT, *files), overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    report.save(folder / REPORT)
    for name, figure in files.items():
        save_picture(figure, folder / name)


def count_rows(
    task: Task,
    examples: Iterable[Examples],
    scoring: Sequence[tuple[Scorer, Scoring]],
    keep: Callable[[Examples, Any], None] | None = None,
) -> None:
    """Let each of several scorers count what its function gives, in one pass.

    ``keep`` is handed each chunk with the first function's outputs. Rows stream: only
    one chunk is in memory at a time.
    """
    for chunk in examples:
        if not chunk.inputs:
            continue
        for number, (scorer, outputs_of) in enumerate(scoring):
            outputs = outputs_of(chunk)
            task.count(scorer, chunk, outputs)
            if keep and not number:
                keep(chunk, outputs)


def score(
    task: Task,
    recipe: Recipe,
    preprocessing: Preprocessing,
    examples: Iterable[Examples],
    outputs_of: Scoring,
    baselines: list[Baseline],
    data: str,
    cost: dict[str, float],
    keep: Callable[[Examples, Any], None] | None = None,
    notes: Sequence[str] = (),
    parts: Mapping[str, Scoring] | None = None,
) -> Report:
    """Score a model and its baselines on the same rows, in one pass over them.

    ``outputs_of`` gives the model's outputs; ``keep`` is handed each chunk with them.
    The report has ``notes`` and what the task remarks on its scores. ``parts`` gives,
    by title, the outputs of what the model is put together from.
    """
    ours, parts = task.scorer(preprocessing), parts or {}
    rivals = [(rival, task.scorer(preprocessing)) for rival in baselines]
    alone = {title: task.scorer(preprocessing) for title in parts}
    scoring = [(ours, outputs_of), *((theirs, one.scored) for one, theirs in rivals)]
    scoring += [(alone[title], part) for title, part in parts.items()]
    count_rows(task, examples, scoring, keep)
    if not ours.rows:
        raise DataError(f"{data} holds no rows to evaluate on.")
    scores = ours.result()
    scorers = {rival.title: theirs for rival, theirs in rivals if theirs.rows}
    results = {title: theirs.result() for title, theirs in scorers.items()}
    metric = task.primary_metric
    reference = recipe.reference
    return Report(
        name=recipe.name,
        task=recipe.task,
        data=data,
        rows=scores.rows,
        primary_metric=metric,
        metrics=scores.metrics,
        baselines={title: result.metrics for title, result in results.items()},
        differences={
            title: task.lead(ours, theirs, metric) for title, theirs in scorers.items()
        },
        reference=reference.model_dump() if reference else None,
        cost=cost,
        tables=scores.tables,
        baseline_tables={title: result.tables for title, result in results.items()},
        notes=(*notes, *task.remarks(ours, scorers)),
        parts={title: one.result().metrics for title, one in alone.items()},
        part_leads={
            title: task.lead(ours, one, metric) for title, one in alone.items()
        },
    )

"""The model card that goes with every export (Mitchell et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqkit.recipe.data_paths import portable
from seqkit.registry import TASKS
from seqkit.scores.intervals import shown
from seqkit.shared.escape import fenced, for_markdown, in_code, without_html

if TYPE_CHECKING:
    from seqkit.runs.folder import RunFolder


def model_card(run: RunFolder, report: dict[str, Any] | None) -> str:
    """What the model is for, how it was made, how good it is and where it ends."""
    recipe, facts = portable(run.recipe), run.facts
    source = in_code(recipe.data.source.rsplit("/", 1)[-1])
    rows = facts["rows"]
    return "\n".join(
        [
            f"# {for_markdown(recipe.name)}",
            "",
            without_html(recipe.description or run.task.summary),
            "",
            *_classes(run.signature.classes),
            "## Scores",
            "",
            *_scores(report),
            "",
            "## Limits",
            "",
            f"- Learned from {rows['train']:,} {run.task.unit} of {source} "
            f"({rows['validation']:,} more decided when to stop); other kinds of input "
            "may be answered worse than the scores say.",
            *map(without_html, run.preprocessing.limits()),
            "",
            "## Recipe",
            "",
            f"Trained {facts['started']} with seed {facts['seed']}, "
            f"{_weights(run)}, {facts['cost']['parameters']:,} parameters; "
            f"{_versions(facts['versions'])}.",
            "",
            fenced(recipe.to_yaml().rstrip(), "yaml"),
            "",
        ]
    )


def _weights(run: RunFolder) -> str:
    if run.plain is not None:
        return f"a plain baseline ({for_markdown(run.plain.title)})"
    return f"weights of epoch {run.facts['kept_epoch']}"


def _classes(classes: tuple[str, ...]) -> list[str]:
    names = ", ".join(map(for_markdown, classes))
    return [f"Classes: {names}.", ""] if classes else []


def _scores(report: dict[str, Any] | None) -> list[str]:
    if report is None:
        return ["Not evaluated yet: `seqkit evaluate RUN`, then export again."]
    names, unit = list(report["metrics"]), TASKS.get(report["task"]).unit
    rows = {report["name"]: report["metrics"], **report["baselines"]}
    lines = [
        for_markdown(report["sentence"]),
        "",
        *(f"Note: {for_markdown(note)}\n" for note in report.get("notes", ())),
        f"{report['rows']:,} {unit} held out, with 95% intervals:",
        "",
        f"| | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for title, metrics in rows.items():
        cells = [shown(metrics[name]) if name in metrics else "" for name in names]
        lines.append(f"| {for_markdown(title)} | {' | '.join(cells)} |")
    if report["reference"]:
        reference = report["reference"]
        lines += [
            "",
            f"Published beside it: {reference['metric']} {reference['value']:g} "
            f"({without_html(reference['source'])}"
            f"{'; ' if reference['setting'] else ''}"
            f"{without_html(reference['setting'] or '')}).",
        ]
    return lines


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())

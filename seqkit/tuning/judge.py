"""The judgement: finalists and baselines on the test part, once, and the verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from seqkit.comparison import Comparison, compared
from seqkit.comparison.ranking import TRIVIAL
from seqkit.errors import TrainingError
from seqkit.recipe.recipe import Recipe
from seqkit.runs.run import Run
from seqkit.tuning.hints import few_rows, hints, lacking
from seqkit.tuning.jobs import StoredResult
from seqkit.tuning.study import Study
from seqkit.tuning.timing import measured_steps, rivals_of
from seqkit.tuning.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

FEWEST_SEEDS = 2
"""A competitor of which fewer finals came to an end is left out of the verdict."""


def judged(study: Study, data: Any, begun: Mapping[str, Any]) -> Verdict:
    """Score the finals of a finished study, and say which competitor to take.

    Args:
        study: all its trials and finals are done.
        data: the DataFrame that the search was given, else anything.
        begun: what ``study.json`` holds.

    Raises:
        TrainingError: no competitor has two finals that came to an end.
    """
    best = study.best()
    finals = {arm: _finished(study.finals(arm)) for arm in best}
    groups = {
        arm: [Run(study.out / str(final["run"])) for final in runs]
        for arm, runs in finals.items()
        if len(runs) >= FEWEST_SEEDS
    }
    if not groups:
        raise TrainingError(f"No trial can be judged. {_first_failure(study)}")
    chosen = {arm: best[arm]["overrides"] for arm in groups}
    steps = measured_steps(study.out, rivals_of(study))
    tune = study.recipe.tune
    comparison = compared(
        groups,
        frame=data if study.recipe.data.source == "frame" else None,
        settings={arm: _settings(study, chosen[arm]) for arm in groups},
        margin=tune.margin,
        kind="cell" if tune.compare == "model.cell" else "model",
        steps={arm: rounds for arm, rounds in steps.items() if arm in groups},
    )
    trials = _trials(study, comparison, finals)
    winner = study.recipe.with_(chosen[comparison.taken])
    return Verdict(
        name=study.recipe.name,
        comparison=comparison,
        trials=trials,
        winner=winner,
        plain=_plain(winner, comparison, next(iter(groups.values()))[0]),
        finalists={
            arm: {"overrides": chosen[arm], "trial": best[arm]["id"]} for arm in groups
        },
        finals=tuple(final for arm in groups for final in study.finals(arm)),
        facts={
            **_facts(study, begun),
            "measure": comparison.measure,
            "hints": [
                *lacking(study.lacking()),
                *hints(tune.space, chosen),
                *few_rows([best[arm] for arm in groups], comparison.measure),
            ],
        },
        path=study.out,
    )


def _plain(winner: Recipe, comparison: Comparison, run: Run) -> Recipe | None:
    """The recipe of the baseline that no competitor beats, if it is worth to ship."""
    unbeaten = comparison.unbeaten_baseline
    if unbeaten is None or unbeaten.name in TRIVIAL:
        return None
    kinds = {one.title: one.kind for one in run.baselines()}
    return winner.with_({"baseline": kinds[unbeaten.name]})


def _settings(study: Study, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """What was found for a competitor, besides that by which it is one."""
    return {k: v for k, v in overrides.items() if k != study.recipe.tune.compare}


def _finished(results: list[StoredResult]) -> list[StoredResult]:
    return [result for result in results if result["status"] == "finished"]


def _first_failure(study: Study) -> str:
    errors = [r["error"] for r in study.results.values() if r["status"] == "failed"]
    return f"The first failure: {errors[0]}" if errors else ""


def _facts(study: Study, begun: Mapping[str, Any]) -> dict[str, Any]:
    tune, trials = study.recipe.tune, study.trials()
    return {
        "name": study.recipe.name,
        "search": tune.search,
        "budget": tune.budget.model_dump(mode="json"),
        "seeds": list(study.seeds),
        "match": tune.match,
        "compare": tune.compare,
        "space": {key: s.model_dump(mode="json") for key, s in tune.space.items()},
        "trials": len(trials),
        "stopped": sum(result["stopped"] == "hopeless" for result in trials),
        "failed": sum(result["status"] == "failed" for result in trials),
        "epochs": tune.budget.epochs or study.recipe.train.epochs,
        "versions": begun["versions"],
        "machine": begun["machine"],
        "started": begun["started"],
        "seconds": round(study.seconds, 1),
    }


def _trials(
    study: Study, comparison: Comparison, finals: Mapping[str, list[StoredResult]]
) -> pd.DataFrame:
    """A row a trial; the best of each cell with the spread of its finals."""
    import pandas as pd

    tune = study.recipe.tune
    keys = [key for key in tune.space if key != tune.compare]
    if tune.match != "none" and "model.units" not in keys:
        keys.append("model.units")
    best = {arm: result["id"] for arm, result in study.best().items()}
    tested = {c["name"]: c["values"] for c in comparison.to_dict()["competitors"]}
    rows = []
    for trial in study.trials():
        arm = trial["arm"]
        is_best = best.get(arm) == trial["id"]
        scores = [final["score"] for final in finals[arm]] if is_best else []
        validated = [score for score in scores if score is not None]
        plain: dict[str, Any] = {**trial}
        rows.append(
            {
                "trial": trial["id"],
                "cell": arm,
                **{key: _cell(trial["overrides"].get(key)) for key in keys},
                **{key: plain[key] for key in _COLUMNS},
                "finalist": is_best,
                "seeds": len(validated),
                **_spread("val", validated),
                **_spread("test", tested.get(arm, []) if is_best else []),
            }
        )
    # As it is read back: a list is text, what is missing is NaN.
    return pd.read_csv(StringIO(pd.DataFrame(rows).to_csv(index=False)))


_COLUMNS = (
    "status",
    "score",
    "val_loss",
    "epochs",
    "kept_epoch",
    "stopped",
    "seconds",
    "parameters",
    "bytes",
)


def _cell(value: Any) -> Any:
    """A value as a table holds it: lists as text."""
    return json.dumps(value) if isinstance(value, (list, tuple, dict)) else value


def _spread(name: str, values: list[float]) -> dict[str, float | None]:
    return {
        f"{name}_mean": fmean(values) if values else None,
        f"{name}_sd": stdev(values) if len(values) > 1 else None,
    }

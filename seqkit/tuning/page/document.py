"""The page itself: the template ``page.html`` with what a search has left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seqkit.pictures.forest import taken
from seqkit.pictures.search.effects import searched_keys
from seqkit.pictures.search.shared import measure, scored, value_text
from seqkit.recipe import yaml as strict_yaml
from seqkit.scores.contest import LEAD_SHARE, RANGE_SHARE
from seqkit.tuning.page import tables, words
from seqkit.tuning.page.figures import (
    cell_signs,
    effect_figures,
    forest_figure,
    search_figures,
)

Verdict = Mapping[str, Any]

FEWEST_TRIALS = 3
"""With a score; fewer tell nothing of a hyperparameter."""


def verdict_page(
    verdict: Verdict,
    trials: pd.DataFrame,
    finals: Sequence[Mapping[str, Any]],
    recipe: str | None = None,
) -> str:
    """One HTML document with all of a search, which needs no network and no other file.

    Args:
        verdict: as ``verdict.json``.
        trials: as ``trials.csv``.
        finals: the result of each final run, with its ``history``.
        recipe: of the competitor to take, as YAML; None: one that extends the recipe
            that was searched.
    """
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("seqkit.tuning", "page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    trials = trials.reset_index(drop=True)
    seeds, keys = verdict["seeds"], searched_keys(verdict, trials)
    has_effects = len(scored(trials)) >= FEWEST_TRIALS
    page: str = environment.get_template("page.html").render(
        verdict=verdict,
        words=words,
        value_text=value_text,
        measure=measure(verdict),
        taken=taken(verdict),
        cell=str(verdict.get("compare") or "cell").rsplit(".", 1)[-1],
        data=str(verdict.get("data") or "its data").removesuffix(", test part"),
        seeds=seeds if isinstance(seeds, int) else len(seeds),
        unbeaten=tables.unbeaten_baseline(verdict),
        signs=cell_signs(verdict, trials),
        tags=tables.tags(verdict),
        gaps=tables.gaps_behind(verdict),
        step_times=tables.step_times(verdict),
        places=tables.score_decimals([*verdict["competitors"], *verdict["baselines"]]),
        values_by_key=tables.searched_values(verdict, trials),
        cells=trials["cell"].nunique(),
        lead_share=LEAD_SHARE,
        range_share=RANGE_SHARE,
        forest=forest_figure(verdict),
        figures=search_figures(verdict, trials, finals),
        fewest=FEWEST_TRIALS,
        effects=effect_figures(verdict, trials) if has_effects else [],
        trial_keys=[key for key in keys if key in trials],
        trials=tables.ranked_trials(verdict, trials),
        trial_places=tables.trial_decimals(trials),
        recipe=_recipe(verdict) if recipe is None else recipe,
    )
    return page


def _recipe(verdict: Verdict) -> str | None:
    """A recipe of the competitor to take; None where there is none."""
    by_name = {one["name"]: one for one in verdict["competitors"]}
    if taken(verdict) not in by_name:
        return None
    return extending(verdict["name"], by_name[taken(verdict)]["overrides"])


def extending(name: str, overrides: Mapping[str, Any]) -> str:
    """A recipe that changes some keys of another."""
    tree: dict[str, Any] = {"extends": name}
    for key, value in overrides.items():
        *sections, last = key.split(".")
        home = tree
        for section in sections:
            home = home.setdefault(section, {})
        home[last] = value
    return strict_yaml.dump(tree)

"""The page itself: its parts in order, its style, its few lines of script."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

import pandas as pd

from seqkit.pictures.forest import taken
from seqkit.pictures.search.effects import searched_keys
from seqkit.pictures.search.shared import scored
from seqkit.recipe import yaml as strict_yaml
from seqkit.tuning.page.figures import effect_figures, search_figures
from seqkit.tuning.page.prose import at_a_glance, how_found, made_with
from seqkit.tuning.page.tables import competitors_table, seeds_table, trials_table

Verdict = Mapping[str, Any]

_FEWEST = 3  # trials with a score that tell anything of a hyperparameter


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
    trials = trials.reset_index(drop=True)
    script = _file("page.js")
    return _PAGE.format(
        policy=_policy(script),
        title=escape(f"{verdict['name']}: verdict"),
        sentence=escape(_typeset(verdict["sentence"])),
        style=_file("page.css"),
        script=script,
        glance=at_a_glance(verdict),
        competitors=competitors_table(verdict),
        seeds=seeds_table(verdict),
        found=how_found(verdict, trials),
        search=search_figures(verdict, trials, finals),
        effects=_effects(verdict, trials),
        trials=trials_table(verdict, trials),
        recipe=_recipe(verdict, recipe),
        made=made_with(verdict),
    )


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="{sentence}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<main>
<header>
<h1>{sentence}</h1>
{glance}
</header>
<section>
<h2>The competitors</h2>
{competitors}
<details><summary>Scores of each seed</summary>{seeds}</details>
</section>
<section>
<h2>How it was found</h2>
{found}
</section>
<section>
<h2>What the search saw</h2>
{search}
</section>
{effects}
<section>
<h2>All trials</h2>
{trials}
</section>
{recipe}
</main>
<footer>{made}</footer>
<script>{script}</script>
</body>
</html>
"""


def _file(name: str) -> str:
    return files("seqkit.tuning.page").joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """What a browser may load: nothing; and run: this very script alone."""
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def _typeset(sentence: str) -> str:
    """The sentence with true signs for plus-minus and minus."""
    sentence = sentence.replace(" +- ", "\u00a0\u00b1\u00a0")
    return re.sub(r"(?<![\w.])-(?=\d)", "\u2212", sentence)


def _effects(verdict: Verdict, trials: pd.DataFrame) -> str:
    if not searched_keys(verdict, trials):
        return ""
    if len(scored(trials)) < _FEWEST:
        return f"""\
<section>
<h2>Which hyperparameters mattered</h2>
<p>Fewer than {_FEWEST} trials have a score: too few to tell.</p>
</section>"""
    panels = effect_figures(verdict, trials)
    return f"""\
<section>
<h2>Which hyperparameters mattered</h2>
<div class="prose"><p>Validation scores of the trials by each hyperparameter, those that
go along with most of the differences first; a bar is a cell\u2019s median. A share is
told only where scores dealt at random to the trials give as much less than 5% of the
time, over all hyperparameters. It is
Kelley\u2019s epsilon squared of the trials\u2019 ranks, parted by value (numbers by
quantiles): of the ranks\u2019 variance, what lies between the parts beyond what chance
puts there. Each is looked at alone: take it as a hint where to search next, not as a
finding.</p></div>
{panels}
</section>"""


def _recipe(verdict: Verdict, text: str | None) -> str:
    """The recipe of the competitor to take, to be copied."""
    by_name = {one["name"]: one for one in verdict["competitors"]}
    if text is None:
        if taken(verdict) not in by_name:
            return ""
        text = extending(verdict["name"], by_name[taken(verdict)]["overrides"])
    title, words = "The winner as a recipe", ""
    if not verdict.get("winner"):
        title = "The best of the competitors as a recipe"
        words = f"{_TO_DO}{escape(str(verdict.get('advice') or 'undecided'))}. "
    return f"""\
<section>
<h2>{title}</h2>
<div class="prose"><p>{words}Save it as a file that ends in <code>.yaml</code>, then
train it with <code>seqkit fit FILE</code>.</p></div>
<div class="copy"><pre tabindex="0" id="recipe">{escape(text.rstrip())}</pre></div>
</section>"""


_TO_DO = "It has not won. What to do: "


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

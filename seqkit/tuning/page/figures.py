"""The page's figures, each with its title and what to see in it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import product
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from seqkit.errors import DataError
from seqkit.pictures.search.cost import COSTS, score_against_cost
from seqkit.pictures.search.curves import finalist_curves
from seqkit.pictures.search.effects import (
    hyperparameter_effects,
    hyperparameter_shares,
    searched_keys,
)
from seqkit.pictures.search.shared import LEGIBLE, looks, measure, value_text
from seqkit.pictures.shared import drawn_name
from seqkit.pictures.svg import PAGE_COLOURS, as_svg, written
from seqkit.tuning.page import words

Verdict = Mapping[str, Any]

_CHIPS = {
    "o": '<circle cx="5" cy="5" r="4.2"/>',
    "s": '<path d="M1 1h8v8H1z"/>',
    "D": '<path d="M5 0 10 5 5 10 0 5z"/>',
    "P": '<path d="M3.3.3h3.4v3h3v3.4h-3v3H3.3v-3h-3V3.3h3z"/>',
    "X": '<path d="M2.5.5 5 3 7.5.5l2 2L7 5l2.5 2.5-2 2L5 7 2.5 9.5l-2-2L3 5 .5 2.5z"/>'
    "",
}
"""The signs of the first cells; later ones have a disc of their colour."""


def chip(verdict: Verdict, name: Any, trials: pd.DataFrame | None = None) -> str:
    """A competitor's sign, as its figures have it."""
    colour, marker = looks(verdict, trials)[name]
    shape = _CHIPS.get(marker, _CHIPS["o"])
    return (
        '<svg class="chip" viewBox="0 0 10 10" aria-hidden="true" '
        f'style="fill:var(--{PAGE_COLOURS[colour]})">{shape}</svg>'
    )


def search_figures(
    verdict: Verdict, trials: pd.DataFrame, finals: Sequence[Mapping[str, Any]]
) -> str:
    """Curves of the finalists, and the score against each cost."""
    titles = _titles(verdict, trials)
    texts = _texts(verdict, trials)
    figures = [
        _figure(
            "curves",
            lambda: finalist_curves(verdict, finals),
            "Loss by epoch of the finalists. Thick: the mean validation loss of the "
            "seeds, dashed from where the first of them has stopped; the band goes "
            "from the lowest seed to the highest; signs mark the epochs whose weights "
            "were kept. Thin: the training loss.",
            texts,
        )
    ]
    for cost in ("parameters", "seconds"):
        figures.append(
            _figure(
                f"cost-{cost}",
                lambda cost=cost: score_against_cost(verdict, trials, cost),
                f"Every trial by its {COSTS[cost]} and its validation score. Hollow "
                "ones were stopped early as hopeless; the line joins those of the "
                "others that none beats in both; arrows lie off the axis. Large signs: "
                "the finalists on the test part, with 95% intervals; the baselines "
                "stand at their test scores.",
                texts,
                titles,
            )
        )
    return f'<div class="figures">{"".join(figures)}</div>'


def effect_figures(verdict: Verdict, trials: pd.DataFrame) -> str:
    """A panel for each hyperparameter, those that explain most first."""
    titles, texts = _titles(verdict, trials), _texts(verdict, trials)
    keys = hyperparameter_shares(verdict, trials)["key"]
    panels = []
    for place, key in enumerate(keys):
        figure = hyperparameter_effects(verdict, trials, [key], with_legend=False)
        words_ = figure.axes[0].get_xlabel()
        svg = as_svg(figure, f"effect-{place}", f"{key}: {words_}", texts, titles)
        panels.append(f'<figure id="effect-{place}">{svg}</figure>')
    return f'{_key(verdict, trials)}<div class="panels">{"".join(panels)}</div>'


def _key(verdict: Verdict, trials: pd.DataFrame) -> str:
    """Which sign is which cell."""
    names = looks(verdict, trials)
    items = [f"<li>{chip(verdict, n, trials)}{escape(n)}</li>" for n in names]
    return f'<ul class="key">{"".join(items)}</ul>'


def _figure(
    name: str,
    draw: Any,
    caption: str,
    texts: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
) -> str:
    """A figure with its title, or a sentence where there is nothing to draw."""
    try:
        figure: Figure = draw()
    except DataError as nothing:
        words_ = escape(str(nothing))
        return f'<figure id="{name}"><figcaption>{words_}</figcaption></figure>'
    said = written(" ".join(figure.get_suptitle().split()), texts)
    heading = f"<h3>{escape(said)}</h3>"
    svg = as_svg(figure, name, f"{said}. {caption}", texts, titles)
    return (
        f'<figure id="{name}">{heading}{svg}'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _titles(verdict: Verdict, trials: pd.DataFrame) -> dict[str, str]:
    """What to tell where a trial is pointed at."""
    told = {}
    for place, trial in trials.iterrows():
        score = words.general(pd.to_numeric(trial["score"], errors="coerce"))
        told[f"#trial-{place}"] = f"{trial['trial']}: {measure(verdict)} {score}"
    return told


def _texts(verdict: Verdict, trials: pd.DataFrame) -> dict[str, str]:
    """What is drawn for signs that the font lacks, and what to write; longest first."""
    names = [measure(verdict), *trials["cell"]]
    names += [one["name"] for one in (*verdict["competitors"], *verdict["baselines"])]
    for key in searched_keys(verdict, trials):
        names += [value_text(value) for value in trials.get(key, ())]
    lacking = [name for name in dict.fromkeys(map(str, names)) if not name.isascii()]
    drawn: dict[str, set[str]] = {}
    for name, longest in product(lacking, range(4, LEGIBLE + 1)):
        real = " ".join(name.split())
        real = real if len(real) <= longest else f"{real[: longest - 1]}\u2026"
        drawn.setdefault(drawn_name(name, longest), set()).add(real)
    found = {
        text: real
        for text, (real, *others) in drawn.items()
        if "\u25a1" in text and not others
    }
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))

"""The page's figures, each with its title and what to see in it in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from seqkit.errors import DataError
from seqkit.pictures.forest import forest
from seqkit.pictures.search.cost import COSTS, score_against_cost
from seqkit.pictures.search.curves import finalist_curves
from seqkit.pictures.search.effects import hyperparameter_effects, hyperparameter_shares
from seqkit.pictures.search.shared import looks, measure
from seqkit.pictures.shared import every_sign
from seqkit.pictures.svg import PAGE_COLOURS, as_svg

Verdict = Mapping[str, Any]

_SIGNS = {"s": "\u25a0", "D": "\u25c6", "P": "\u271a", "X": "\u2715", "p": "\u2b1f",
          "*": "\u2605"}  # fmt: skip
"""Markers of the figures as text; the first is a disc."""

_FOREST = (
    "Scores on the test part with their 95% intervals, a faint point for each seed; "
    "beside them how much better the one to take is than each other."
)
_CURVES = (
    "Loss by epoch of the finalists. Thick: the mean validation loss of the seeds, "
    "dashed from where the first of them has stopped; the band goes from the lowest "
    "seed to the highest; signs mark the epochs whose weights were kept. Thin: the "
    "training loss."
)
_COST = (
    "Every trial by its {} and its validation score. Hollow ones were stopped early as "
    "hopeless; the line joins those of the others that none beats in both; arrows lie "
    "off the axis. Large signs: the finalists on the test part, with 95% intervals; "
    "the baselines stand at their test scores."
)


@dataclass(frozen=True)
class PageFigure:
    """A figure of the page; ``svg`` is empty where there is nothing to draw."""

    id: str
    title: str
    caption: str
    svg: str = ""


def cell_signs(verdict: Verdict, trials: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Each cell's sign in the figures and the page's name of its colour."""
    return {
        name: (_SIGNS.get(marker, "\u25cf"), PAGE_COLOURS[colour])
        for name, (colour, marker) in looks(verdict, trials).items()
    }


def forest_figure(verdict: Verdict) -> PageFigure:
    """The competitors and baselines with their intervals, and the leads."""
    return _figure("forest", partial(forest, verdict, measure(verdict)), _FOREST)


def search_figures(
    verdict: Verdict, trials: pd.DataFrame, finals: Sequence[Mapping[str, Any]]
) -> list[PageFigure]:
    """Curves of the finalists, and the score against each cost."""
    curves = _figure("curves", partial(finalist_curves, verdict, finals), _CURVES)
    costs = [
        _figure(
            f"cost-{cost}",
            partial(score_against_cost, verdict, trials, cost),
            _COST.format(COSTS[cost]),
        )
        for cost in ("parameters", "seconds")
    ]
    return [curves, *costs]


def effect_figures(verdict: Verdict, trials: pd.DataFrame) -> list[PageFigure]:
    """A panel for each hyperparameter, those that explain most first."""
    keys = hyperparameter_shares(verdict, trials)["key"]
    draw = partial(hyperparameter_effects, verdict, trials, with_legend=False)
    return [
        _figure(f"effect-{place}", partial(draw, [key]), str(key))
        for place, key in enumerate(keys)
    ]


def _figure(id_: str, draw: Callable[[], Figure], caption: str) -> PageFigure:
    """A figure with its title, or a sentence where there is nothing to draw."""
    with every_sign():
        try:
            figure = draw()
        except DataError as error:
            return PageFigure(id_, "", str(error))
        title = " ".join(figure.get_suptitle().split())
        alt = f"{title}. {caption}"
        return PageFigure(id_, title, caption, as_svg(figure, id_, alt))

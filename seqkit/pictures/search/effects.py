"""Which hyperparameters matter: their effect on the validation score of trials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seqkit.errors import DataError
from seqkit.pictures.search.cost import draw_trials
from seqkit.pictures.search.shared import (
    WIDTH,
    Look,
    cell_name,
    finish,
    legend,
    limits,
    log_axis,
    looks,
    measure,
    plain_axis,
    scored,
    sign,
    value_text,
    way,
)
from seqkit.pictures.shared import Picture, drawn_name, titled

NOT_SEARCHED = frozenset(
    "trial cell status score val_loss epochs kept_epoch stopped seconds parameters "
    "bytes finalist seeds val_mean val_sd test_mean test_sd".split()
)
"""Columns of ``trials.csv`` that are no hyperparameters."""
_CONTINUOUS = 5  # more different numbers than these are drawn along an axis
_MOST = 12  # values of a hyperparameter that have a strip of their own
LUCK = 0.05
"""A share that chance gives less often is told."""
DEALT = 1999
"""So many times scores are dealt at random."""


def searched_keys(verdict: Mapping[str, Any], trials: pd.DataFrame) -> list[str]:
    """The hyperparameters: the one that competes, if any does, then the others."""
    compared = str(verdict.get("compare"))
    others = [str(key) for key in trials if key not in NOT_SEARCHED and key != compared]
    return [compared, *others] if trials["cell"].nunique() > 1 else others


def hyperparameter_shares(
    verdict: Mapping[str, Any], trials: pd.DataFrame
) -> pd.DataFrame:
    """How much of the differences between trials goes along with each hyperparameter.

    The trials that have a score are ranked by it, and parted by the hyperparameter's
    value; of more than five different numbers, by their quantiles into two to four bins
    of equal size. ``explained`` is the share of the ranks' variance that lies between
    the parts, less what as many parts of any trials have between them by chance: the
    epsilon squared of Kelley 1935, of ranks as in Kruskal and Wallis 1952. It is 0
    where chance explains as much, and NaN where every value was tried once only. Each
    hyperparameter is looked at alone, so the shares of two that go together overlap.
    ``chance`` is how often as much lies between the parts when the scores are dealt to
    the trials at random (a permutation test); ``told`` is where that is less than 5%,
    shared among the keys (Bonferroni): of the others, these trials cannot tell whether
    they matter.

    Returns:
        A row for each key, the largest share first: key, explained, correlation
        (Spearman's, of numbers; else NaN), trials, chance, told.
    """
    rows = scored(trials)
    shares = [_share(key, _values(verdict, rows, key), rows["score"]) for key in
             searched_keys(verdict, trials)]  # fmt: skip
    columns = ["key", "explained", "correlation", "trials", "chance"]
    table = pd.DataFrame(shares, columns=columns)
    table["told"] = table["chance"] <= LUCK / max(len(table), 1)
    return table.sort_values(
        "explained", ascending=False, kind="stable", ignore_index=True
    )


def hyperparameter_effects(
    verdict: Mapping[str, Any],
    trials: pd.DataFrame,
    keys: Sequence[str] | None = None,
    columns: int = 2,
    with_legend: bool = True,
) -> Figure:
    """A panel for each hyperparameter: the trials' validation scores by its value.

    Args:
        verdict: as ``verdict.json``; where it has a ``space``, its ``log`` ranges have
            a logarithmic axis, and else those whose values look drawn from one.
        trials: as ``trials.csv``; hyperparameters are its columns with dotted names.
        keys: which to draw; None: all, those that explain most first.
        columns: panels beside each other.
        with_legend: whether to say below them which sign is which cell.

    Few different values stand in strips, with a bar at each cell's median; numbers
    stand along an axis.
    """
    rows = scored(trials)
    shares = hyperparameter_shares(verdict, trials).set_index("key").to_dict("index")
    keys = [str(key) for key in (shares if keys is None else keys)]
    if rows.empty or not keys:
        raise DataError("No trial with a score has a hyperparameter to draw.")
    columns = min(columns, len(keys))
    lines = -(-len(keys) // columns)
    figure = Picture(figsize=(WIDTH * columns, 0.3 + 2.4 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False)
    for axes in panels.flat[len(keys) :]:
        axes.remove()
    greater = bool(verdict["greater_is_better"])
    ends = limits(rows["score"], [], greater)
    chosen = looks(verdict, trials)
    for axes, key in zip(panels.flat, keys, strict=False):
        values = _values(verdict, rows, key)
        places = _strips(axes, rows, values, chosen)
        if places is None:
            places = _along(axes, values, key, verdict.get("space"))
        is_placed = np.isfinite(places)
        draw_trials(axes, rows[is_placed], places[is_placed], chosen, ends, greater)
        plain_axis(axes, "y", *ends, count=4)
        finish(axes, _panel_words(shares[key]), cell_name(key), "black", bold=True)
    if with_legend:
        names = [(sign(*look), cell_name(name)) for name, look in chosen.items()]
        legend(figure, names)
    metric = cell_name(measure(verdict))
    return titled(figure, f"Validation {metric} of trials by hyperparameter; "
                  f"{way(verdict)}")  # fmt: skip


def _values(verdict: Mapping[str, Any], rows: pd.DataFrame, key: str) -> pd.Series:
    """A hyperparameter's value in each trial; the one that competes is the cell."""
    return rows["cell" if key == str(verdict.get("compare")) else key]


def numbers_of(values: pd.Series) -> pd.Series | None:
    """The values as numbers, null as NaN, if they are to be drawn along an axis."""
    present = values.dropna()
    if present.map(lambda v: isinstance(v, (bool, np.bool_, list, tuple, dict))).any():
        return None
    numbers = pd.to_numeric(present, errors="coerce")
    if numbers.isna().any() or numbers.nunique() <= _CONTINUOUS:
        return None
    return pd.to_numeric(values, errors="coerce").astype(np.float64)


def _share(
    key: str, values: pd.Series, scores: pd.Series
) -> tuple[str, float, float, int, float]:
    numbers, n, correlation = numbers_of(values), len(values), math.nan
    ranks = scores.rank()
    if numbers is None:
        parts = values.map(value_text)
    else:
        bins = min(4, max(2, n // 4))
        parts = pd.qcut(numbers, bins, duplicates="drop").astype(str)
        is_number = numbers.notna()
        if scores[is_number].nunique() > 1:
            ranked = numbers[is_number].rank()
            correlation = float(ranked.corr(ranks[is_number]))
    count = parts.nunique()
    whole = float(ranks.var(ddof=0)) * n
    if count == n or n < 3 or not whole:
        return key, math.nan, correlation, n, math.nan
    within = float(((ranks - ranks.groupby(parts).transform("mean")) ** 2).sum())
    explained = 1 - (within / whole) * (n - 1) / (n - count)
    chance = _chance(ranks.to_numpy(np.float64), np.asarray(parts.factorize()[0]))
    return key, max(0.0, explained), correlation, n, chance


def _chance(ranks: NDArray[Any], parts: NDArray[Any]) -> float:
    """How often ranks that are dealt at random differ as much between the parts."""
    members = np.eye(parts.max() + 1)[parts]
    dealt = np.tile(ranks, (DEALT + 1, 1))
    draw = np.random.default_rng(0)
    dealt[1:] = draw.permuted(dealt[1:], axis=1)
    between = ((dealt @ members) ** 2 / members.sum(axis=0)).sum(axis=1)
    # Equal sums may differ in their last digits.
    return float((between >= between[0] * (1 - 1e-12)).mean())


def _order(values: pd.Series) -> list[str]:
    """Names of the strips: null, numbers, lists and texts, each kind in its order."""

    def place(value: Any) -> tuple[Any, ...]:
        text = value_text(value)
        if text[:1] == "[":
            return 2, text.count(","), len(text), text
        if isinstance(value, str):
            return 3, 0, value
        null = value is None or value != value
        return (0, 0, "") if null else (1, float(value), "")

    names = dict.fromkeys(value_text(v) for v in sorted(values, key=place))
    return list(names)


def _strips(
    axes: Axes, rows: pd.DataFrame, values: pd.Series, chosen: Mapping[str, Look]
) -> NDArray[np.float64] | None:
    """Name the strips, draw medians, and give each trial's place; None for numbers."""
    if numbers_of(values) is not None:
        return None
    texts = values.map(value_text)
    order = _order(values)
    if len(order) > _MOST:
        common = set(texts.value_counts().index[: _MOST - 1])
        order = [*(text for text in order if text in common), "others"]
        texts = texts.where(texts.isin(common), "others")
    _name_strips(axes, order)
    owners = rows["cell"].astype(str)
    cells = [name for name in chosen if (owners == name).any()]
    if (owners == texts).all():
        step, shift = 0.5, dict.fromkeys(cells, 0.0)
    else:
        step, middle_ = 0.7 / len(cells), (len(cells) - 1) / 2
        shift = {name: step * (i - middle_) for i, name in enumerate(cells)}
    middle = texts.map(order.index) + owners.map(shift)
    placed = pd.DataFrame({"cell": owners, "place": middle, "score": rows["score"]})
    medians = placed.groupby(["cell", "place"], as_index=False)["score"].median()
    for name, place, median in medians.itertuples(index=False):
        axes.plot(
            [place - 0.42 * step, place + 0.42 * step], [median] * 2,
            color=chosen[name][0], linewidth=2.2, alpha=0.55, solid_capstyle="butt",
        )  # fmt: skip
    again = placed.groupby(["cell", "place"]).cumcount()
    spread = 0.12 * step * np.array([0, 1, -1, 2, -2])
    return (middle + spread[again % 5]).to_numpy(np.float64)


def _name_strips(axes: Axes, order: Sequence[str]) -> None:
    room = 52 // len(order)
    slant: dict[str, Any] = {}
    if max(map(len, order)) > room:
        room = 18
        slant = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    names = [drawn_name(text, max(room, 4)) for text in order]
    axes.set_xticks(range(len(order)), names, parse_math=False, **slant)
    axes.set_xlim(-0.6, len(order) - 0.4)


def _along(
    axes: Axes, values: pd.Series, key: str, space: Mapping[str, Any] | None
) -> NDArray[np.float64]:
    """An axis for numbers; gives each trial's place, NaN where the value is null."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    finite = numbers[np.isfinite(numbers)]
    search = (space or {}).get(key)
    log = "log" in search if isinstance(search, Mapping) else _looks_log(finite)
    if log and finite.min() > 0:
        log_axis(axes, finite)
    else:
        low, high = float(finite.min()), float(finite.max())
        margin = 0.05 * (high - low)
        plain_axis(axes, "x", low - margin, high + margin)
    return numbers


def _looks_log(finite: NDArray[np.float64]) -> bool:
    """Whether the median lies nearer the geometric than the arithmetic middle."""
    low, high = finite.min(), finite.max()
    if low <= 0 or high < 5 * low:
        return False
    median = np.median(finite)
    along_log = np.log(median / low) / np.log(high / low)
    return bool(abs(along_log - 0.5) < abs((median - low) / (high - low) - 0.5))


def _panel_words(share: Mapping[Any, Any]) -> str:
    explained = share["explained"]
    if math.isnan(explained):
        return "too few trials to tell"
    if not share["told"]:
        return f"{share['trials']} trials cannot tell its effect from chance"
    text = f"explains {explained:.0%} of the ranking"
    if not math.isnan(share["correlation"]):
        text += f"; rank correlation {share['correlation']:+.2f}"
    return text

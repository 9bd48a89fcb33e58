"""The page's tables: the competitors, their seeds, and all trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from seqkit.pictures.forest import leads, taken, turned
from seqkit.pictures.search.effects import searched_keys
from seqkit.pictures.search.shared import looks, measure, value_text
from seqkit.pictures.svg import PAGE_COLOURS
from seqkit.scores.speed import step_seconds
from seqkit.tuning.page import words
from seqkit.tuning.page.bars import Ends, bar, scale
from seqkit.tuning.page.figures import chip
from seqkit.tuning.page.prose import unbeaten_baseline

Verdict = Mapping[str, Any]


def boxed(table: str, label: str) -> str:
    """A table that scrolls inside its own box, also by the keys."""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"{table}</div>"
    )


def competitors_table(verdict: Verdict) -> str:
    """A row for each competitor, baseline and the reference, its interval drawn."""
    rows = [*verdict["competitors"], *verdict["baselines"]]
    places = _places(rows)
    heads = [
        "competitor", f"{escape(measure(verdict))}<small>test, 95% interval</small>",
        "spread<small>sd over seeds</small>",
        f"against {escape(str(taken(verdict)))}<small>positive: better</small>",
        "effect<small>g; wins</small>", "parameters",
        "a step<small>side by side</small>", "size",
    ]  # fmt: skip
    scores = scale(verdict["competitors"], verdict["baselines"])
    ahead = {name: turned(gap) for name, gap in leads(verdict).items()}
    gaps = {row["name"]: ahead.get(row["name"], {}) for row in rows}
    models = [gaps[one["name"]] for one in verdict["competitors"]]
    gap_ends = scale(models, [gaps[one["name"]] for one in verdict["baselines"]], True)
    body = [
        _competitor(verdict, row, gaps[row["name"]], (scores, gap_ends), places)
        for row in rows
    ]
    if verdict.get("reference"):
        body.append(_reference(verdict, places))
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return boxed(
        f'<table class="scores"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>",
        "Competitors, baselines and reference",
    )


def _row(name: str, cells: Sequence[str], of: str = "") -> str:
    texts = "".join(f"<td>{text}</td>" for text in cells)
    class_ = f' class="{of}"' if of else ""
    return f'<tr{class_}><th scope="row">{name}</th>{texts}</tr>'


def _competitor(
    verdict: Verdict,
    one: Mapping[str, Any],
    gap: Mapping[str, Any],
    ends: tuple[Ends, Ends],
    places: int,
) -> str:
    """A competitor's row, or a baseline's, which costs next to nothing."""
    name, title, is_model = one["name"], escape(str(one["name"])), "mean" in one
    tag = _tag(verdict, name, is_model)
    colour = PAGE_COLOURS[looks(verdict, None)[name][0]] if is_model else "muted"
    title = chip(verdict, name) + title if is_model else title
    title += " <small>baseline</small>" if not is_model else ""
    title += f' <span class="tag">{tag}</span>' if tag else ""
    chosen = (verdict.get("settings") or {}).get(name, {})
    keys = [f"{words.code(k)} {escape(value_text(v))}" for k, v in chosen.items()]
    title += f"<small>{'<br>'.join(keys)}</small>" if keys else ""
    value = one["mean"] if is_model else one["value"]
    told = words.interval(one.get("low"), one.get("high"), places)
    drawn = bar(one, ends[0], colour, one.get("values", ()))
    cells = [f"<b>{words.figure(value, places)}</b><small>{told}</small>{drawn}"]
    cells += [_spread(one, places), _gap(gap, ends[1], colour, places), _effect(gap)]
    cells += [words.count(one.get("parameters")), _step(verdict, name),
              words.size(one.get("bytes"))] if is_model else [""] * 3  # fmt: skip
    return _row(title, cells, "" if is_model else "plain")


def _tag(verdict: Verdict, name: str, is_model: bool) -> str:
    """What a row is beside its name: the winner, or what is to be taken for one."""
    if not is_model:
        if name == verdict.get("unlearnt"):
            return "not beaten"
        to_take = not verdict.get("unlearnt") and name == unbeaten_baseline(verdict)
        return "take this" if to_take else ""
    if name != taken(verdict):
        return ""
    if verdict.get("winner"):
        return "winner"
    return "" if unbeaten_baseline(verdict) else "in the meantime"


def _step(verdict: Verdict, name: str) -> str:
    """Milliseconds a training step, with their interval over rounds."""
    found = step_seconds((verdict.get("steps") or {}).get(name, ()))
    if found is None:
        return words.NOTHING
    value, low, high = (words.general(1000 * each, 3) for each in found)
    return f"{value} ms<small>{low} to {high}</small>"


def _spread(one: Mapping[str, Any], places: int) -> str:
    if "values" not in one:
        return ""
    spread = words.figure(one.get("sd"), places)
    sign = "" if spread == words.NOTHING else "\u00b1\u202f"
    seeds = words.counted(len(one["values"]), "seed")
    return f"{sign}{spread}<small>{seeds}</small>"


def _gap(gap: Mapping[str, Any], ends: Ends, colour: str, places: int) -> str:
    if not gap:
        return ""
    told = words.interval(gap.get("low"), gap.get("high"), places, plus=True)
    value = words.figure(gap["value"], places, plus=True)
    return f"{value}<small>{told}</small>{bar(gap, ends, colour, zero=True)}"


def _effect(gap: Mapping[str, Any]) -> str:
    """Hedges' g, and how often a run beats one of the competitor to take."""
    g, wins = gap.get("g"), gap.get("superiority")
    if not words.known(g) and not words.known(wins):
        return ""
    below = f"<small>wins {wins:.0%}</small>" if words.known(wins) else ""
    return f"{words.figure(g, 2, plus=True)}{below}"


def _places(rows: Sequence[Mapping[str, Any]]) -> int:
    """Decimals for two digits of half an interval, and one of each deviation."""
    ends = words.decimals((row.get("low"), row.get("high")) for row in rows)
    spreads = [row["sd"] for row in rows if words.known(row.get("sd")) and row["sd"]]
    return max(ends, words.decimals((0, 2 * sd) for sd in spreads) - 1)


def _reference(verdict: Verdict, places: int) -> str:
    reference = verdict["reference"]
    name = escape(str(reference["source"]))
    setting = reference.get("setting")
    told = f"published; {escape(str(setting))}" if setting else "published"
    same = reference["metric"] == verdict["metric"]
    below = "" if same else f"<small>{escape(str(reference['metric']))}</small>"
    value = words.figure(reference["value"], places) + below
    return _row(f"{name} <small>{told}</small>", [value, *[""] * 6], "plain")


def seeds_table(verdict: Verdict) -> str:
    """The test score of every run."""
    rows, competitors = [], verdict["competitors"]
    places = _places(competitors)
    for one in competitors:
        scores = [
            f"{words.figure(value, places)}<small>seed {escape(str(seed))}</small>"
            for seed, value in zip(one["seeds"], one["values"], strict=True)
        ]
        rows.append(_row(escape(str(one["name"])), scores))
    return boxed(
        f"<table><tbody>{''.join(rows)}</tbody></table>", "Scores of each seed"
    )


def trials_table(verdict: Verdict, trials: pd.DataFrame) -> str:
    """A row a trial, the best first; a script may sort it by any column."""
    cell = str(verdict["compare"] or "cell").rsplit(".", 1)[-1]
    keys = [key for key in searched_keys(verdict, trials) if key in trials]
    score = f"{escape(measure(verdict))}<small>validation</small>"
    heads = ["trial", escape(cell), score, *map(words.code, keys)]
    heads += ["loss<small>validation</small>", "epochs", "end", "parameters", "size",
              "training"]  # fmt: skip
    scores = pd.to_numeric(trials["score"], errors="coerce")
    order = scores.sort_values(
        ascending=not verdict["greater_is_better"], kind="stable", na_position="last"
    ).index
    rows = [_trial(trials.loc[place], keys, _score_places(scores)) for place in order]
    columns = [[by for _, by in column] for column in zip(*rows, strict=True)]
    numeric = {
        n
        for n, column in enumerate(columns)
        if None not in column and any(by != "" for by in column)
    }
    head = "".join(
        f'<th scope="col"{_class(n in numeric)}>{name}</th>'
        for n, name in enumerate(heads)
    )
    body = "".join(
        f'<tr id="trial-{escape(str(place))}"><th scope="row">{row[0][0]}</th>'
        + "".join(
            _cell(text, by, n + 1 in numeric) for n, (text, by) in enumerate(row[1:])
        )
        + "</tr>"
        for place, row in zip(order, rows, strict=True)
    )
    return boxed(
        f'<table class="trials" data-sortable><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>",
        "All trials",
    )


def _trial(
    trial: pd.Series, keys: Sequence[str], places: int
) -> list[tuple[str, float | str | None]]:
    """Text of each cell, and the number that it is sorted by; None: by its text."""
    name = escape(str(trial["trial"]))
    if trial["finalist"]:
        name += ' <span class="tag">finalist</span>'
    values = [
        (escape(value_text(_scalar(trial[key]))), _sorted_by(trial[key]))
        for key in keys
    ]
    score, *outcome = _outcome(trial, places)
    return [(name, None), (escape(str(trial["cell"])), None), score, *values, *outcome]


def _outcome(trial: pd.Series, places: int) -> list[tuple[str, Any]]:
    """What came of a trial: text and number of each cell."""
    numbers = {
        "score": lambda v: words.figure(v, places),
        "val_loss": words.general,
        "epochs": words.count,
        "parameters": words.count,
        "bytes": words.size,
        "seconds": words.duration,
    }
    cells: dict[str, tuple[str, Any]] = {}
    for name, shown in numbers.items():
        value = pd.to_numeric(trial[name], errors="coerce")
        value = float(value) if pd.notna(value) else None
        cells[name] = (shown(value), "" if value is None else value)
    end = trial["stopped"] if isinstance(trial["stopped"], str) else trial["status"]
    cells["end"] = (escape(str(end)), None)
    order = ("score", "val_loss", "epochs", "end", "parameters", "bytes", "seconds")
    return [cells[name] for name in order]


def _score_places(scores: pd.Series) -> int:
    """Decimals that tell the trials apart."""
    known = scores[np.isfinite(scores)]
    spread = float(known.quantile(0.9) - known.quantile(0.1)) if len(known) else 0.0
    return words.decimals([(0.0, spread / 2)])


def _scalar(value: Any) -> Any:
    """A value of a table, where whole numbers may have become floats."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _sorted_by(value: Any) -> Any:
    """The number that a cell is sorted by; empty: below all; None: by its text."""
    if value is None or value != value:
        return ""
    if isinstance(value, (bool, np.bool_)) or not words.known(value):
        return None
    return float(value)


def _cell(text: str, by: Any, number: bool) -> str:
    sort = "" if by is None else f' data-sort="{by}"'
    return f"<td{_class(number)}{sort}>{text}</td>"


def _class(number: bool) -> str:
    return ' class="number"' if number else ""

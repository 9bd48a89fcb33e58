"""What the page says in words: the facts at a glance, how the verdict was found."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from seqkit.pictures.forest import taken
from seqkit.pictures.search.effects import numbers_of, searched_keys
from seqkit.pictures.search.shared import measure, value_text
from seqkit.scores.contest import LEAD_SHARE, RANGE_SHARE
from seqkit.tuning.page import words

Verdict = Mapping[str, Any]

_SEARCHES = {
    "random": "A random search",
    "grid": "A grid search",
    "bayesian": "A Bayesian search",
    "hyperband": "A Hyperband search",
}


def at_a_glance(verdict: Verdict) -> str:
    """Recipe and data in a line; the search in a few numbers."""
    cell = escape(str(verdict.get("compare") or "cell").rsplit(".", 1)[-1])
    facts = {
        **_taking(verdict, cell),
        "trials": f"{verdict['trials']:,}",
        "seeds": f"{_seeds(verdict):,}",
        "test rows": words.plain(verdict["rows"]),
        "took": words.duration(verdict.get("seconds")),
    }
    items = "".join(f"<div><dt>{k}</dt><dd>{v}</dd></div>" for k, v in facts.items())
    return (
        f'<p class="about">{words.code(verdict["name"])}, '
        f"{words.code(verdict['task'])} on {words.code(_data(verdict))}, "
        f"{words.when(verdict.get('started'))}</p>"
        f"<dl>{items}</dl>"
    )


def _taking(verdict: Verdict, cell: str) -> dict[str, str]:
    """The badge: whom to take, as far as anybody is to be taken."""
    name = escape(str(taken(verdict) or "none"))
    if verdict.get("winner"):
        return {f"{cell} to take": name}
    if unlearnt := verdict.get("unlearnt"):
        return {"to mend": f"the training: none beats the {escape(unlearnt)}"}
    if unbeaten := unbeaten_baseline(verdict):
        return {"to take": f"baseline: {escape(unbeaten)}"}
    return {"outcome": "undecided", f"{cell} in the meantime": name}


def how_found(verdict: Verdict, trials: pd.DataFrame) -> str:
    """Search, finals, test and the statistics, each in a paragraph."""
    return (
        f'<div class="prose"><p>{_search(verdict, trials)}</p>{_tried(verdict, trials)}'
        f"{_hints(verdict)}<p>{_finals(verdict)}</p><p>{_statistics(verdict)}</p></div>"
    )


def _search(verdict: Verdict, trials: pd.DataFrame) -> str:
    budget, match = verdict["budget"], verdict.get("match")
    which = _SEARCHES.get(verdict["search"], escape(str(verdict["search"])))
    cells = list(dict.fromkeys(map(str, trials["cell"])))
    each = f", {budget['trials']:,} of each competitor" if budget.get("trials") else ""
    each = each if len(cells) > 1 else ""
    text = f"{which} made {words.counted(verdict['trials'], 'trial')}{each}"
    epochs = budget.get("epochs") or verdict.get("epochs")
    if epochs:
        text += f", of at most {words.counted(epochs, 'epoch')}"
    text += ", all on the same training rows."
    if match not in (None, "none"):
        text += (
            f" Widths were chosen so that competitors have equal {escape(str(match))}."
        )
    if budget.get("seconds"):
        text += f" After {words.duration(budget['seconds'])} no new trials began."
    stopped, failed = verdict.get("stopped") or 0, verdict.get("failed") or 0
    early = (
        f"{stopped:,} {'was' if stopped == 1 else 'were'} stopped early, once "
        "the validation loss stayed above the median of earlier trials"
        if stopped
        else "None was stopped early as hopeless"
    )
    return f"{text} {early}; {failed or 'none'} failed."


def _tried(verdict: Verdict, trials: pd.DataFrame) -> str:
    """Each hyperparameter with the values that were tried."""
    parts = []
    for key in searched_keys(verdict, trials):
        values = trials["cell"] if key == str(verdict.get("compare")) else trials[key]
        texts = list(dict.fromkeys(map(value_text, values)))
        numbers = numbers_of(values)
        if numbers is not None:
            tried = f"{words.general(numbers.min(), 3)} to "
            tried += words.general(numbers.max(), 3)
        else:
            tried = ", ".join(map(escape, texts[:8]))
            tried += f" and {len(texts) - 8} more" if len(texts) > 8 else ""
        parts.append(f"<li>{words.code(key)} {tried}</li>")
    return f'<p>Tried:</p><ul class="tried">{"".join(parts)}</ul>' if parts else ""


def _hints(verdict: Verdict) -> str:
    """Where another search had better look."""
    return "".join(f"<p>{escape(hint)}</p>" for hint in verdict.get("hints") or ())


def _finals(verdict: Verdict) -> str:
    many = len(verdict["competitors"]) > 1
    listed = verdict["competitors"][0]["seeds"] if verdict["competitors"] else []
    seeds = f" ({', '.join(escape(str(seed)) for seed in listed)})" if listed else ""
    return (
        f"The best trial{' of each' if many else ''} by validation "
        f"{escape(measure(verdict))} was trained again with "
        f"{words.counted(_seeds(verdict), 'seed')}{seeds}. The test part, "
        f"{words.plain(verdict['rows'])} rows of {words.code(_data(verdict))}, was "
        "looked at once, at the end, by these runs and the baselines alone; what a "
        "competitor reaches there is no longer the best of many tries, so it may be "
        "worse than its trial\u2019s validation score."
    )


def _statistics(verdict: Verdict) -> str:
    pairs = len(verdict.get("differences") or ())
    together = (
        f", and all {pairs} differences hold together (Bonferroni)" if pairs > 1 else ""
    )
    return (
        "The interval of a difference counts the luck of seeds (the variance between "
        "runs) and the luck of test rows (both answer the same rows, which are drawn "
        "again with replacement), added as crossed random effects (cf. Owen 2007, "
        "\u201cThe pigeonhole bootstrap\u201d), with Student\u2019s t at the degrees "
        f"of freedom of Satterthwaite 1946{together}. Beside it stand Hedges\u2019 g "
        "over seeds and the chance that a new run beats one of the competitor to take "
        f"(Vargha and Delaney 2000). {_margin(verdict)} Two are equivalent where the "
        "whole interval lies within the margin (two one-sided tests, Schuirmann 1987, "
        "Lakens 2017); of equivalents the one with the fewest parameters is taken "
        "(within 5%, the better mean). Where the interval is neither clear of zero nor "
        "within the margin, it is undecided who is better."
    )


def _margin(verdict: Verdict) -> str:
    """The margin, and where it comes from."""
    margin = verdict.get("margin")
    if not margin or not margin["value"]:
        return "There is no margin, since no lead over a baseline is sure."
    value = words.general(margin["value"], 3)
    if margin["baseline"] is None:
        return f"The margin is {value}, as the recipe has it (tune.margin)."
    return (
        f"The margin is {value}: {LEAD_SHARE:.0%} of the lead over "
        f"{escape(str(margin['baseline']))} that is sure, at most {RANGE_SHARE:.0%} of "
        "what the metric can range over."
    )


def unbeaten_baseline(verdict: Verdict) -> str | None:
    """The best baseline that no competitor is better than, for sure."""
    sign = 1 if verdict["greater_is_better"] else -1
    for one in sorted(verdict["baselines"], key=lambda one: -sign * one["value"]):
        leads = [lead for lead in verdict["leads"] if lead["baseline"] == one["name"]]
        if leads and all(lead["low"] <= 0 for lead in leads):
            return str(one["name"])
    return None


def made_with(verdict: Verdict) -> str:
    """Versions, machine, date and time."""
    parts = [words.plain(verdict.get("versions") or {})]
    parts.append(words.plain(verdict.get("machine") or ""))
    parts.append(f"begun {words.when(verdict.get('started'))}")
    parts.append(f"took {words.duration(verdict.get('seconds'))}")
    return f"<p>{'; '.join(part for part in parts if part)}.</p>"


def _seeds(verdict: Verdict) -> int:
    seeds = verdict["seeds"]
    return seeds if isinstance(seeds, int) else len(seeds)


def _data(verdict: Verdict) -> Any:
    return str(verdict.get("data") or "its data").removesuffix(", test part")

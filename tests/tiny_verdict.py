"""A made-up search as ``verdict.json``, ``trials.csv`` and its finals tell it.

The numbers are drawn from a seed and look like those of a real search; the intervals
are those of Student's t over the seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

Units = list[int]


@dataclass(frozen=True)
class Search:
    """What ``seqkit tune`` leaves."""

    verdict: dict[str, Any]
    trials: pd.DataFrame
    finals: list[dict[str, Any]]

    @property
    def parts(self) -> tuple[dict[str, Any], pd.DataFrame, list[dict[str, Any]]]:
        """The three arguments of ``verdict_page``."""
        return self.verdict, self.trials, self.finals


def tiny_search(
    cells: Sequence[str] = ("lstm", "gru"),
    trials: int = 8,
    seeds: int = 5,
    metric: str = "accuracy",
    greater_is_better: bool = True,
    level: float = 0.88,
    spread: float = 0.012,
    plain: float = 0.862,
    failed: Callable[[int], bool] = lambda number: number == 6,
    name: str = "bilstm_sentiment",
) -> Search:
    """A search over units, learning rate, dropout and the merge of directions.

    Args:
        cells: the competitors.
        trials: of each.
        seeds: of each finalist.
        metric: its name.
        greater_is_better: which way is better.
        level: about the score of a good trial.
        spread: about the difference between a good and a poor trial.
        plain: what the better baseline scores.
        failed: whether a trial of this number failed.
        name: the recipe's.
    """
    draw = np.random.default_rng(len(cells) * 100 + trials)
    sign = 1 if greater_is_better else -1
    rows = [
        _trial(draw, cell, place, number, trials, level, sign * spread, failed(number))
        for place, cell in enumerate(cells)
        for number in range(trials)
    ]
    table = pd.DataFrame(rows)
    finals, competitors = [], []
    for cell in cells:
        mine = table[(table["cell"] == cell) & (table["status"] == "finished")]
        if mine.empty:
            continue
        best = int((sign * mine["score"]).idxmax())
        runs = [_final(draw, table.loc[best], seed) for seed in range(8, 8 + seeds)]
        for run in runs:
            run["score"] += sign * spread * draw.normal(0, 0.12)
        finals += runs
        tests = [run["score"] + sign * spread * draw.normal(-0.2, 0.25) for run in runs]
        competitors.append(_competitor(table.loc[best], runs, tests))
        validation = [run["score"] for run in runs]
        table.loc[best, "finalist"] = True
        table.loc[best, ["seeds", "val_mean", "val_sd", "test_mean", "test_sd"]] = [
            seeds, np.mean(validation), _sd(validation), np.mean(tests), _sd(tests),
        ]  # fmt: skip
    competitors.sort(key=lambda one: -sign * one["mean"])
    verdict = _verdict(competitors, table, metric, sign, plain, spread, name, seeds)
    return Search(verdict, table, finals)


def _trial(
    draw: np.random.Generator,
    cell: str,
    place: int,
    number: int,
    planned: int,
    level: float,
    spread: float,
    failed: bool,
) -> dict[str, Any]:
    units: Units = [[32], [64], [64, 64]][draw.integers(3)]
    rate = float(10 ** draw.uniform(-3.3, -2.3))
    hopeless = number > 3 and draw.random() < 0.3
    score = level + spread * (
        draw.normal(0, 0.25)
        - 1.2 * abs(math.log10(rate) + 2.7)
        + 0.2 * len(units)
        - (2.5 if hopeless else 0)
        - 0.1 * place
    )
    width = sum(units) * (4 - place % 3) * 700
    epochs = 2 if hopeless else int(draw.integers(3, 5))
    parameters = 20_000 + width
    return {
        "trial": f"{cell}-{number:03}",
        "cell": cell,
        "model.units": units,
        "train.learning_rate": rate,
        "model.dropout": float(draw.uniform(0.2, 0.6)),
        "model.bidirectional": ["concat", "sum", "none"][draw.integers(3)],
        "train.patience": [None, 2.0][draw.integers(2)],
        "status": "failed" if failed else "finished",
        "score": math.nan if failed else score,
        "val_loss": math.nan if failed else 0.3 + 2 * abs(level - score),
        "epochs": 1 if failed else epochs,
        "kept_epoch": math.nan if failed else float(max(1, epochs - 1)),
        "stopped": None if failed else "hopeless" if hopeless else None,
        "seconds": round(epochs * (18 + width / 9000) * (1 + 0.05 * draw.normal()), 2),
        "parameters": parameters,
        "bytes": 4 * parameters,
        "finalist": False,
        "seeds": math.nan,
        "val_mean": math.nan,
        "val_sd": math.nan,
        "test_mean": math.nan,
        "test_sd": math.nan,
    }


def _final(draw: np.random.Generator, trial: pd.Series, seed: int) -> dict[str, Any]:
    """One seed's run: it overfits after its third epoch or so, and then stops."""
    epochs = int(draw.integers(4, 8))
    slope = 1.05 if trial["cell"] == "gru" else 0.9
    turn, floor = (
        draw.normal(3.2, 0.3),
        draw.normal(0.2 + 0.01 * (len(trial["cell"]) % 9), 0.006),
    )
    history = [
        {
            "epoch": epoch,
            "loss": 0.62 * epoch**-slope + draw.normal(0, 0.004),
            "val_loss": floor + 0.03 * (epoch - turn) ** 2 / epoch,
            "learning_rate": trial["train.learning_rate"],
            "seconds": trial["seconds"] / trial["epochs"],
        }
        for epoch in range(1, epochs + 1)
    ]
    kept = 1 + int(np.argmin([row["val_loss"] for row in history]))
    return {
        "id": f"{trial['cell']}-seed{seed}",
        "kind": "final",
        "arm": trial["cell"],
        "number": seed,
        "status": "finished",
        "error": None,
        "metric": "accuracy",
        "score": float(trial["score"]),
        "val_loss": history[kept - 1]["val_loss"],
        "epochs": epochs,
        "kept_epoch": kept,
        "stopped": "patience",
        "seconds": sum(row["seconds"] for row in history),
        "parameters": int(trial["parameters"]),
        "bytes": int(trial["bytes"]),
        "overrides": {"model.cell": trial["cell"], "train.seed": seed},
        "history": history,
        "run": f"finals/{trial['cell']}-seed{seed}",
    }


def _competitor(
    trial: pd.Series, runs: list[dict[str, Any]], tests: list[float]
) -> dict[str, Any]:
    mean, half = float(np.mean(tests)), _half(tests)
    return {
        "name": trial["cell"],
        "mean": mean,
        "low": mean - half,
        "high": mean + half,
        "sd": _sd(tests),
        "values": tests,
        "seeds": [run["number"] for run in runs],
        "parameters": int(trial["parameters"]),
        "seconds": float(np.median([run["seconds"] for run in runs])),
        "bytes": int(trial["bytes"]),
        "overrides": {
            "model.cell": trial["cell"],
            "model.units": trial["model.units"],
            "train.learning_rate": float(trial["train.learning_rate"]),
            "model.dropout": float(trial["model.dropout"]),
            "model.bidirectional": trial["model.bidirectional"],
            "train.patience": None,
        },
        "trial": trial["trial"],
    }


def _verdict(
    competitors: list[dict[str, Any]],
    table: pd.DataFrame,
    metric: str,
    sign: int,
    plain: float,
    spread: float,
    name: str,
    seeds: int,
) -> dict[str, Any]:
    majority = 0.504 if sign > 0 else plain * 2.2
    baselines = [
        {"name": title, "value": value, "low": value - band, "high": value + band}
        for title, value, band in (
            ("TF-IDF with logistic regression", plain, 0.3 * spread),
            ("majority class", majority, 0.4 * spread),
        )
    ]
    leads = [
        {
            "name": one["name"],
            "baseline": baseline["name"],
            "value": (lead := sign * (one["mean"] - baseline["value"])),
            "low": lead - 0.5 * spread,
            "high": lead + 0.5 * spread,
        }
        for one in competitors
        for baseline in baselines
    ]
    scores = ", ".join(
        f"{c['name']}: {c['mean']:.3f} +- {c['sd']:.3f}" for c in competitors
    )
    winner = competitors[0]["name"]
    return {
        "name": name,
        "task": "classify_text",
        "sentence": f"{scores} ({metric}, {seeds} seeds); equivalent within 0.010 "
        "(+0.002, 95% interval -0.003 to 0.007); "
        f"{winner} has 25% fewer parameters and trains 1.2 times faster a step (1.1 to "
        f"1.3): take {winner}.",
        "outcome": "equivalent",
        "winner": winner,
        "taken": winner,
        "unlearnt": None,
        "advice": f"take {winner}",
        "margin": {"value": 0.01, "baseline": None},
        "steps": {
            one["name"]: [0.01 * (1 + place), 0.0101 * (1 + place), 0.01 * (1 + place)]
            for place, one in enumerate(competitors)
        },
        "significant": False,
        "data": "tfds:imdb_reviews",
        "rows": 25000,
        "metric": metric,
        "greater_is_better": sign > 0,
        "search": "random",
        "budget": {
            "trials": len(table) // table["cell"].nunique(),
            "epochs": 4,
            "seconds": None,
        },
        "seeds": seeds,
        "match": "none",
        "compare": "model.cell",
        "competitors": competitors,
        "baselines": baselines,
        "differences": [
            _difference(first, second, sign)
            for first, second in combinations(competitors, 2)
        ],
        "leads": leads,
        "reference": {
            "metric": metric,
            "value": 0.8428,
            "source": "Keras example bidirectional_lstm_imdb",
            "setting": "IMDB, 20k words, last 200 tokens",
        },
        "trials": len(table),
        "stopped": int((table["stopped"] == "hopeless").sum()),
        "failed": int((table["status"] == "failed").sum()),
        "versions": {"seqkit": "0.4.0", "tensorflow": "2.21.0", "keras": "3.15.1"},
        "machine": {"processor": "x86_64", "cores": 2, "memory": "8 GiB"},
        "started": "2026-03-07T09:41:12",
        "seconds": 4127.3,
        "hints": ["train.learning_rate was best near the upper end of its <range>."],
    }


def _difference(
    first: dict[str, Any], second: dict[str, Any], sign: int
) -> dict[str, Any]:
    gaps = sign * (np.array(first["values"]) - np.array(second["values"]))
    value, half = float(gaps.mean()), _half(gaps)
    pairs = sign * np.subtract.outer(first["values"], second["values"])
    return {
        "first": first["name"],
        "second": second["name"],
        "value": value,
        "low": value - half,
        "high": value + half,
        "g": value / _sd(gaps) if len(gaps) > 1 else None,
        "superiority": float((pairs > 0).mean()),
        "significant": abs(value) > half,
    }


def _sd(values: Any) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _half(values: Any) -> float:
    """Half the width of a 95% interval of the mean."""
    n = len(values)
    if n < 2:
        return 0.005
    return float(student.ppf(0.975, n - 1) * _sd(values) / math.sqrt(n))


def awkward_searches() -> dict[str, Search]:
    """Searches that are hard to draw and to tell of, by what is hard about them."""
    many = ("lstm", "gru", "simple_rnn", "min_gru", "mlstm", "layer_norm_lstm", "esn")
    unlike = tiny_search()
    values = [None, True, 0.5, 64, "[64, 64]", [8], "concat", "x" * 60]
    unlike.trials["model.units"] = (values * 2)[: len(unlike.trials)]
    return {
        "one competitor, 2 trials": tiny_search(("lstm",), trials=2),
        "one trial each": tiny_search(trials=1),
        "all failed but one": tiny_search(
            ("lstm",), trials=8, failed=lambda number: number != 2
        ),
        "one seed": tiny_search(seeds=1),
        "many": tiny_search(many, trials=6),
        "near 1": tiny_search(level=0.9975, spread=0.0006, plain=0.9962),
        "less is better": tiny_search(
            metric="mase", greater_is_better=False, level=0.83, plain=0.95
        ),
        "small numbers": tiny_search(
            greater_is_better=False, level=3e-6, spread=4e-7, plain=5e-6
        ),
        "large numbers": tiny_search(
            greater_is_better=False, level=81234.0, spread=900.0, plain=99000.0
        ),
        "long names": tiny_search(
            (12 * "a long name ", 30 * "unbroken"), metric="mean absolute " * 4
        ),
        "other signs": tiny_search(
            ("\u53cc\u5411 LSTM", "\u0423\u0437\u0435\u043b\u00df $x^2$"),
            metric="Genauigkeit (\u7cbe\u5ea6)",
        ),
        "markup": tiny_search(
            ("<i>&amp;\u53cc\u5411", "</script><script>alert(1)"), name='"><img src=x>'
        ),
        "values of all kinds": unlike,
    }

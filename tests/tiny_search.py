"""A search so small that all its trials and finals take some seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tiny import TINY

from seqkit.recipe.recipe import Recipe, load_recipe

SPACE: dict[str, Any] = {
    "search": "random",
    "budget": {"trials": 2},
    "seeds": 2,
    "model.cell": {"choice": ["simple_rnn", "gru"]},
    "train.learning_rate": {"log": [0.003, 0.03]},
}


def tiny_search(**settings: Any) -> Recipe:
    """``sample_sentiment``, tiny; ``settings`` go into its ``tune`` section."""
    plain = {key: value for key, value in TINY.items() if key != "model.cell"}
    return load_recipe("sample_sentiment", {**plain, "tune": {**SPACE, **settings}})


def outcome(out: Path) -> dict[str, Any]:
    """What of a search does not depend on the clock: every trial, and every score."""
    plain = json.loads((out / "verdict.json").read_text())
    trials = [json.loads(path.read_text()) for path in sorted(out.glob("trials/*"))]
    keys = ("id", "overrides", "score", "val_loss", "epochs", "stopped", "status")
    return {
        "winner": plain["winner"],
        "differences": plain["differences"],
        "leads": plain["leads"],
        "values": {one["name"]: one["values"] for one in plain["competitors"]},
        "trials": [{key: trial[key] for key in keys} for trial in trials],
        "recipe": recipe_left(out).read_text(),
    }


def recipe_left(out: Path) -> Path:
    """The recipe that a search leaves, whether it has won or not."""
    (path,) = (out / n for n in ("winner.yaml", "best.yaml") if (out / n).exists())
    return path

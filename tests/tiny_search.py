"""A search so small that all its trials and finals take some seconds."""

from __future__ import annotations

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

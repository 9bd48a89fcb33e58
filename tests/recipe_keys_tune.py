"""The settings of a search; what they act on are its trials and finals."""

from __future__ import annotations

from typing import Any

from recipe_keys import Case

SLOW = Case("bayesian", shows="trials")
"""Fits a Gaussian process many times."""
BASE: dict[str, Any] = {
    "train": {"epochs": 9, "seed": 7},
    "tune": {
        "model.cell": {"choice": ["simple_rnn", "gru"]},
        "model.pooling": {"choice": ["mean", "max"]},
        "train.learning_rate": {"log": [0.001, 0.1]},
    },
}
SETTINGS: dict[str, Case | tuple[Case, ...]] = {
    "search": (
        Case("grid", shows="trials", others=("hyperband",)),
        SLOW,
    ),
    "budget.trials": Case(5, shows="trials"),
    "budget.epochs": Case(4, shows="trials"),
    # No new generation begins once they are spent.
    "budget.seconds": Case(1e-9, shows="trials"),
    "seeds": Case(3, shows="finals", others=([9, 8, 1, 2, 3],)),
    "match": Case("parameters", shows="trials"),
    "compare": Case("model.pooling", shows="trials"),
    "stop": Case("none", shows="trials"),
    # It acts on the verdict alone.
    "margin": Case(0.25, shows="margin", others=(0.01,)),
}

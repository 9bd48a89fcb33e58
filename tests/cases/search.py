"""The settings of a search; what they act on are its trials and finals."""

from __future__ import annotations

from typing import Any

from cases.keys import Change

SLOW = Change("bayesian", shows="trials")
"""Fits a Gaussian process many times."""
BASE: dict[str, Any] = {
    "train": {"epochs": 9, "seed": 7},
    "tune": {
        "model.cell": {"choice": ["simple_rnn", "gru"]},
        "model.pooling": {"choice": ["mean", "max"]},
        "train.learning_rate": {"log": [0.001, 0.1]},
    },
}
SETTINGS: dict[str, Change | tuple[Change, ...]] = {
    "search": (
        Change("grid", shows="trials", others=("hyperband",)),
        SLOW,
    ),
    "budget.trials": Change(5, shows="trials"),
    "budget.epochs": Change(4, shows="trials"),
    # No new generation begins once they are spent.
    "budget.seconds": Change(1e-9, shows="trials"),
    "seeds": Change(3, shows="finals", others=([9, 8, 1, 2, 3],)),
    "match": Change("parameters", shows="trials"),
    "compare": Change("model.pooling", shows="trials"),
    "stop": Change("none", shows="trials"),
    # It acts on the verdict alone.
    "margin": Change(0.25, shows="margin", others=(0.01,)),
}

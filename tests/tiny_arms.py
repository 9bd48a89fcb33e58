"""Arms of made-up searches, and made-up results that follow from a job alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.tuning.arms.arm import GENERATION, Arm
from seqkit.tuning.arms.arms import arms_of

SEARCHES = ["random", "grid", "bayesian", "hyperband"]
EPOCHS = 9


def recipe(name: str = "adding_problem", **changes: Any) -> Recipe:
    base = {"train.epochs": EPOCHS, "train.seed": 7}
    return load_recipe(name, {**base, **changes})


def tuned(space: dict[str, Any], **settings: Any) -> Recipe:
    """The adding problem with nothing but ``space`` and ``settings`` in ``tune``."""
    return recipe(tune={**settings, **space})


RATES = {"train.learning_rate": {"log": [0.001, 0.01]}}
SPACE = {
    "model.cell": {"choice": ["lstm", "gru"]},
    "model.units": {"choice": [[8], [16], [8, 8]]},
    **RATES,
}
GRID = {
    "model.cell": {"choice": ["lstm", "gru"]},
    "model.units": {"choice": [[8], [16], [8, 8]]},
    "model.layer_norm": {"choice": [False, True]},
}


TRIALS = {"grid": 6, "bayesian": 6}
"""Of each arm, where it is not the usual number."""


def space_of(search: str) -> dict[str, Any]:
    """The ``tune`` section of a search; few trials, since a Bayesian one takes time."""
    space = GRID if search == "grid" else SPACE
    budget = {"trials": 6 if search == "bayesian" else None}
    return {"search": search, "budget": budget, **space}


def result_of(job: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What training might give: a made-up score that follows from the job alone."""
    draw = random.Random(json.dumps(job["overrides"], sort_keys=True))
    score = draw.random()
    epochs = job["epochs"] or EPOCHS
    losses = [score + 1 / epoch for epoch in range(1, epochs + 1)]
    return {
        **{key: job[key] for key in ("id", "kind", "arm", "number", "overrides")},
        "status": "finished",
        "score": score,
        "val_loss": min(losses),
        "parameters": 100,
        "history": [
            {"epoch": epoch, "val_loss": loss}
            for epoch, loss in enumerate(losses, start=1)
        ],
        **changes,
    }


def failed(job: dict[str, Any]) -> dict[str, Any]:
    nothing = {"score": None, "val_loss": None, "parameters": None, "history": []}
    return result_of(job, status="failed", **nothing)


Telling = Callable[[dict[str, Any]], dict[str, Any]]


def searched(
    arm: Arm, tell: Telling = result_of, order: random.Random | None = None
) -> list[dict[str, Any]]:
    """All jobs that an arm asks for, each told as soon as its generation is done."""
    jobs: list[dict[str, Any]] = []
    while asked := arm.ask():
        assert len(asked) <= GENERATION
        results = [tell(job) for job in asked]
        if order:
            order.shuffle(results)
        arm.tell(results)
        jobs += asked
    assert arm.ask() == []
    return jobs


def one_arm(space: dict[str, Any], direction: str = "min", **settings: Any) -> Arm:
    return arms_of(tuned(space, **settings), direction)[0]

"""Exports of runs that hold other models than they trained, and what these answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import pytest

from cases.models import with_large_weights
from cases.pairs import Combination
from cases.table import CASES
from seqkit.export import Shipment, ship
from seqkit.runs.run import Run
from seqkit.training.build import build

Answers = Mapping[str, list[Any]]


def holding(run: Run, combination: Combination) -> Run:
    """The run with an untrained model of ``combination`` in place of its own."""
    case = CASES[run.recipe.task]
    keys = case.keys_of(combination | dict(case.trained_like))
    overrides = {**case.data, "model": keys}
    other = type(run)(run.path)
    model = build(case.recipe, overrides, run.signature)
    # As a run has it: not compiled. Smaller weights keep answers near the data.
    plain = keras.Model(model.input, model.output, name=model.name)
    other.__dict__["model"] = with_large_weights(plain, scale=0.3)
    return other


def written(
    run: Run, folder: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Shipment, Answers]:
    """Export without the fresh process that checks it: what is shipped, and answers.

    Many exports are then checked by one process.
    """
    checked: list[tuple[Shipment, Answers]] = []

    def verified(kind: Any, place: Path, shipment: Shipment, wanted: Answers) -> float:
        checked.append((shipment, wanted))
        return 0.0

    with monkeypatch.context() as patch:
        patch.setattr(ship, "verified", verified)
        run.export(folder, format)
    ((shipment, wanted),) = checked
    return shipment, wanted

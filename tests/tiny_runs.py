"""Finished runs without any training: what they answer is made up by the tests.

A run's ``run.json`` holds its ``skill``; ``answer`` stands in for ``Run.outputs``.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tiny import GOOD

from seqkit.data.rows.kept import save_seen
from seqkit.data.sources.given import given_source, source_name
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.registry import TASKS
from seqkit.runs.run import Run
from seqkit.shared.files import write_json, write_text
from seqkit.tasks.base import save_baselines

COST = {"parameters": 100, "seconds": 1.0, "bytes": 1000}


class Maker:
    """Makes runs of one recipe in one folder; what is fitted is fitted once a split.

    What other keys would have fitted matters to no made-up answer.
    """

    def __init__(self, folder: Path, recipe: str, overrides: Mapping[str, Any]) -> None:
        self.folder = folder
        self.recipe = load_recipe(recipe, overrides)
        self._fitted: dict[Any, tuple[Any, Any, Any]] = {}

    def __call__(
        self,
        name: str,
        changes: Mapping[str, Any],
        skill: float,
        data: Any,
        **cost: float,
    ) -> Run:
        """A run at ``folder/name`` of the recipe with ``changes``."""
        source = {"data.source": source_name(data)}
        recipe = self.recipe.with_({**source, **changes})
        fitted, preprocessing, baselines = self._fit(recipe, data)
        folder = self.folder / name
        folder.mkdir(parents=True)
        facts = {
            "name": recipe.name,
            "status": "finished",
            "seed": recipe.train.seed,
            "fingerprint": fitted.fingerprint,
            "signature": preprocessing.signature.to_dict(),
            "cost": COST | cost,
            "skill": skill,
        }
        write_json(folder / "run.json", facts)
        for file in ("model.keras", "history.csv"):
            write_text(folder / file, "")
        write_text(folder / "recipe.yaml", recipe.to_yaml())
        preprocessing.save(folder)
        save_baselines(baselines, folder)
        save_seen(fitted.seen(), folder)
        return Run(folder)

    def _fit(self, recipe: Recipe, data: Any) -> tuple[Any, Any, Any]:
        source, split = recipe.data.source, getattr(recipe.data, "split_seed", None)
        key = source, source == "frame" and id(data), split
        if key not in self._fitted:
            source = given_source(data, recipe.data)
            fitted = TASKS.get(recipe.task)().open(recipe.data, recipe.model, source)
            kept = fitted, fitted.preprocessing(), fitted.baselines(0)
            self._fitted[key] = kept
        return self._fitted[key]


def answer(run: Run, inputs: list[Any]) -> np.ndarray:
    """Made-up outputs: the better the skill, the nearer to the truth."""
    name = f"{run.facts['skill']} {run.facts['seed']} "
    if run.recipe.task == "forecast":
        return np.stack([_forecast(run, one, name) for one in inputs])
    return np.stack([_probabilities(run, text, name) for text in inputs])


def _probabilities(run: Run, text: str, name: str) -> np.ndarray:
    """Right with the probability ``skill``, a thing of the run and the text alone."""
    is_good = bool(set(text.split()) & set(GOOD))
    right = _draw(name + text).random() < run.facts["skill"]
    return np.array([0.9, 0.1]) if is_good != right else np.array([0.1, 0.9])


def _forecast(run: Run, one: Any, name: str) -> np.ndarray:
    """The truth with noise of the standard deviation ``skill``."""
    horizon, quantiles = run.recipe.data.horizon, run.recipe.model.quantiles
    truth = one.series.values[one.origin : one.origin + horizon]
    noise = _draw(f"{name}{one.id} {one.origin}").normal(size=horizon)
    forecast = truth + run.facts["skill"] * noise
    return np.repeat(forecast[:, np.newaxis], 1 + len(quantiles), axis=1)


def _draw(text: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(text.encode()))

"""Data made ready once serve every training of their key as its own would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny import TINY, reviews
from tiny_series import TINY_FORECAST, waves

from seqkit.data.sources.given import given_source
from seqkit.errors import DataError
from seqkit.recipe.recipe import load_recipe
from seqkit.runs.fit import fit, fit_prepared
from seqkit.runs.run import Run
from seqkit.training.prepared import prepared


def test_rows_and_steps_of_an_epoch_are_those_of_the_data(tmp_path: Path) -> None:
    recipe = load_recipe("sample_sentiment", TINY)
    ready = prepared(recipe, given_source(reviews(100), recipe.data), tmp_path)
    assert ready.rows == {
        "train": ready.data.count("train"),
        "validation": ready.data.count("validation"),
    }
    assert ready.rows["train"] + ready.rows["validation"] == 90
    steps = [ready.signature(size).steps_per_epoch for size in (1, 16, 1000)]
    assert steps == [81, 6, 1]
    assert ready.signature(16).vocabulary == ready.preprocessing.signature.vocabulary


def test_without_training_rows_nothing_is_prepared(tmp_path: Path) -> None:
    recipe = load_recipe("sample_sentiment", TINY)
    with pytest.raises(DataError, match="rows"):
        prepared(recipe, given_source(reviews(0), recipe.data), tmp_path)
    assert not list(tmp_path.iterdir())


def test_runs_that_share_their_data_are_those_that_fit_makes(tmp_path: Path) -> None:
    base = load_recipe("airline_forecast", TINY_FORECAST | {"model.conformal": False})
    ready = prepared(base, given_source(waves(), base.data), tmp_path)
    baselines = ready.data.baselines(0)
    fit_prepared(base, ready, tmp_path / "before", baselines)
    recipe, folder = base.with_({"train.seed": 1, "model.units": [3]}), tmp_path / "run"
    model = fit_prepared(recipe, ready, folder, baselines)
    own = fit(recipe, data=waves(), out=tmp_path / "own", progress=False)
    assert_same_files(Run(folder), own)
    for given in (model, Run(folder).model):
        pairs = zip(given.get_weights(), own.model.get_weights(), strict=True)
        for one, other in pairs:
            np.testing.assert_array_equal(one, other)


def assert_same_files(one: Run, other: Run) -> None:
    names = {path.name for path in other.path.iterdir()} - {"log.txt"}
    assert {path.name for path in one.path.iterdir()} == names
    for name in ("recipe.yaml", "preprocessing.json", "samples.json", "baselines.npz"):
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name
    skipped = ("started", "cost")
    facts = [
        {k: v for k, v in run.facts.items() if k not in skipped} for run in (one, other)
    ]
    assert facts[0] == facts[1]

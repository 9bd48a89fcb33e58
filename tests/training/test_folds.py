"""Each row validates one member, and all of them choose together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_whole_series import tiny_series

import seqkit
from seqkit.data.stores.store import CLASS, TOKENS, Ragged, StoreWriter
from seqkit.errors import RecipeError, UsageError
from seqkit.models.averaged import members_of
from seqkit.models.wide import shares_of
from seqkit.recipe.recipe import load_recipe
from seqkit.training.folds import fold_numbers, fold_stores

FOLDS = {"train.members": 3, "train.folds": True}


def test_each_fold_has_its_share_of_each_class() -> None:
    targets = np.repeat([0, 1, 2], [50, 20, 7])
    groups = np.arange(77).astype(np.uint64)
    folds = fold_numbers(groups, targets, 4, seed=0)
    counts = np.array(
        [np.bincount(folds[targets == one], minlength=4) for one in range(3)]
    )
    assert (np.ptp(counts, axis=1) <= 2).all() and np.ptp(counts.sum(axis=0)) <= 1
    assert (folds != fold_numbers(groups, targets, 4, seed=1)).any()


def test_numbers_are_spread_over_folds() -> None:
    numbers = np.random.default_rng(0).permutation(100) / 10
    folds = fold_numbers(np.arange(100).astype(np.uint64), numbers, 5, seed=0)
    means = [numbers[folds == fold].mean() for fold in range(5)]
    assert np.bincount(folds).tolist() == [20] * 5
    # Means of 20 numbers by chance would be apart by 0.65 (standard deviation).
    assert np.ptp(means) < 0.5


def test_equal_inputs_are_in_one_fold(tmp_path: Path) -> None:
    texts = [np.array(ids, np.int32) for ids in ([2], [3, 4], [2], [5, 5, 5], [3, 4])]
    writer = StoreWriter(tmp_path / "rows", {"tokens": TOKENS}, CLASS)
    writer.append({"tokens": Ragged.of(texts)}, np.array([0, 1, 0, 1, 0]))
    stores = fold_stores(writer.finish(), 3, seed=0)
    validation = []
    for fold in stores:
        parts = {
            part: [
                ids[ids > 0].tolist() for ids in store.arrays(np.arange(len(store)))[0]
            ]
            for part, store in fold.items()
        }
        assert not [ids for ids in parts["train"] if ids in parts["validation"]]
        assert len(parts["train"]) + len(parts["validation"]) == 5
        assert fold["train"].lengths.tolist() == list(map(len, parts["train"]))
        validation += parts["validation"]
    assert sorted(validation) == sorted(ids.tolist() for ids in texts)
    weights = stores[0]["train"].arrays(np.arange(2))[2]
    np.testing.assert_array_equal(weights, 1)


@pytest.mark.slow
def test_members_are_validated_on_other_rows_and_share_what_all_of_them_choose(
    tmp_path: Path,
) -> None:
    changes = {
        "data.source": "frame",
        "data.values": ["warmth", "noise"],
        "model.cell": "gru",
        "model.units": [4],
        "model.wide": "kernels",
        "train.epochs": 2,
        **FOLDS,
    }
    run = seqkit.fit(
        "motion_classification",
        changes,
        data=tiny_series(60),
        out=tmp_path / "run",
        progress=False,
    )
    members = members_of(run.model)
    (shares,) = {shares_of(one) for one in members}
    assert shares != (0.5, 0.5)
    kernels = [one.get_layer("kernel_scores").bias.numpy() for one in members]
    assert len({one.tobytes() for one in kernels}) == 3
    assert run.evaluate().rows == 6


def test_folds_need_members_and_rows_that_can_be_parted() -> None:
    with pytest.raises(RecipeError, match="each member has one, but members is 1"):
        load_recipe("motion_classification", {"train.folds": True})
    with pytest.raises(UsageError, match="has no rows that can be parted so"):
        load_recipe("airline_forecast", FOLDS)

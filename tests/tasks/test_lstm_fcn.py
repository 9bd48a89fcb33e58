"""Convolutions beside a core, and series made of others: whole runs of both."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from cases.classify_series import CASE
from numpy.typing import NDArray
from tiny_whole_series import tiny_series

import seqkit
from seqkit.data.sources.frame import FrameSource
from seqkit.errors import RecipeError
from seqkit.models.specs import FILTERS, KERNEL_SIZES
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.tasks.classify_series import ClassifySeries
from seqkit.training.build import build
from seqkit.training.checkpoints import Checkpoints, set_state, state_of
from seqkit.training.loop import train

CHANGED = {
    "model.architecture": "lstm_fcn",
    "model.filters": [4, 5, 6],
    "model.noise": 0.1,
    "model.scaling_noise": 0.2,
    "model.window_warp": 0.3,
    "train.epochs": 3,
    "train.keep": "last",
}


def recipe(changed: dict[str, Any]) -> Recipe:
    return load_recipe(CASE.recipe, CASE.tiny).with_(changed)


class Break(keras.callbacks.Callback):
    """Raises in the middle of the second epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if (self.epoch, batch) == (1, 1):
            raise ZeroDivisionError


def test_training_goes_on_from_the_statistics_that_were_kept(tmp_path: Path) -> None:
    changed = CHANGED | {"model.cell": "simple_rnn", "train.epochs": 2}
    spec, task = recipe(changed), ClassifySeries()
    data = task.open(spec.data, spec.model, FrameSource(tiny_series(60)))
    fitted = data.preprocessing()
    stores = data.stores(fitted, tmp_path)
    # One model, brought to its first state again: tracing takes longest.
    model = build(spec, signature=fitted.signature)
    first = state_of(model)

    def trained(folder: str, epochs: int) -> list[NDArray[Any]]:
        set_state(model, first)
        train(
            spec,
            fitted.signature,
            stores,
            Checkpoints(tmp_path / folder),
            is_over=lambda history: len(history) >= epochs,
            builder=lambda *_: model,
        )
        return state_of(model)

    wanted = trained("unbroken", 2)
    kept = trained("broken", 1)
    resumed = trained("broken", 2)
    assert all(map(np.array_equal, resumed, wanted))
    moving = [place for place, v in enumerate(model.variables) if "moving" in v.path]
    assert len(moving) == 6
    for place in moving:
        each = (first[place], kept[place], wanted[place])
        assert all(not np.array_equal(*pair) for pair in combinations(each, 2))


@pytest.mark.slow
def test_a_broken_run_ends_in_the_weights_of_an_unbroken_one(tmp_path: Path) -> None:
    options: dict[str, Any] = {"data": tiny_series(60), "progress": False}
    unbroken = seqkit.fit(recipe(CHANGED), out=tmp_path / "one", **options)
    with pytest.raises(ZeroDivisionError):
        folder = tmp_path / "two"
        seqkit.fit(recipe(CHANGED), out=folder, callbacks=[Break()], **options)
    resumed = seqkit.fit(resume=folder, **options)
    for one, other in zip(
        unbroken.model.get_weights(), resumed.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_the_convolutions_are_those_of_the_paper() -> None:
    model = build(recipe({"model.architecture": "lstm_fcn"}))
    kernels = [model.get_layer(f"convolution_{n}").kernel for n in (1, 2, 3)]
    assert [k.shape[0] for k in kernels] == list(KERNEL_SIZES) == [8, 5, 3]
    assert [k.shape[2] for k in kernels] == list(FILTERS) == [128, 256, 128]
    units = 6
    assert model.layers[-1].kernel.shape[0] == units + 128


def test_filters_without_convolutions_are_refused() -> None:
    with pytest.raises(RecipeError) as error:
        recipe({"model.filters": [4, 4, 4]})
    assert "sets filters ([4, 4, 4]), but architecture: recurrent has no" in str(
        error.value
    )

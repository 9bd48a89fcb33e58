"""Any trainer can stand where ``Model.fit`` in one process does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tiny import TINY, reviews

from seqkit.data.sources.given import given_source
from seqkit.recipe.recipe import load_recipe
from seqkit.training.checkpoints import InMemory, State, set_state, state_of
from seqkit.training.loop import train
from seqkit.training.prepared import prepared


class Filling:
    """Fills all of a model's variables with 1 in the first epoch, 2 in the second."""

    def fit(
        self,
        model: Any,
        stores: Any,
        spec: Any,
        epochs: Any,
        is_over: Any,
        callbacks: Any,
    ) -> list[dict[str, float]]:
        self.begun_with = state_of(model)
        history = epochs.history()
        while not is_over(history):
            number = len(history) + 1
            history.append({"epoch": number, "loss": 0.0, "val_loss": 0.1 * number})
            set_state(model, filled(model, number))
            epochs.save(model, history)
        return history


def filled(model: Any, number: int) -> State:
    return [np.full_like(value, number) for value in state_of(model)]


def test_a_trainer_goes_on_from_the_last_epoch_and_the_best_is_kept(
    tmp_path: Path,
) -> None:
    recipe = load_recipe("sample_sentiment", TINY | {"train.epochs": 2})
    ready = prepared(recipe, given_source(reviews(40), recipe.data), tmp_path)
    signature = ready.signature(recipe.train.batch_size)
    epochs, first, second = InMemory(last=True), Filling(), Filling()
    one = recipe.with_({"train.epochs": 1})
    train(one, signature, ready.stores, epochs, trainer=first)
    model, history = train(recipe, signature, ready.stores, epochs, trainer=second)
    assert [row["epoch"] for row in history] == [1, 2]
    assert not all((value == 1).all() for value in first.begun_with)
    assert all((value == 1).all() for value in second.begun_with)
    assert all((value == 1).all() for value in model.get_weights())

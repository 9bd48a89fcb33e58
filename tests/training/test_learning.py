"""A run says when it has not learnt, when it was stopped, and what it did not see."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny import TINY, reviews
from tiny_series import TINY_FORECAST, waves
from tiny_whole_series import tiny_series

from seqkit.data.sources.given import given_source
from seqkit.recipe.recipe import load_recipe
from seqkit.recipe.spec import TrainSpec
from seqkit.runs.fit import fit
from seqkit.runs.run import Run
from seqkit.training.build import build
from seqkit.training.learning import course_notes, idle_loss
from seqkit.training.prepared import Prepared, prepared

SERIES = {
    "data.source": "frame",
    "data.values": ["warmth"],
    "data.target": "level",
    "model.units": [3],
}


def history(losses: list[float], key: str = "val_loss") -> list[dict[str, float]]:
    rows = [{"epoch": n + 1, "loss": loss} for n, loss in enumerate(losses)]
    return [row | {key: row["loss"]} for row in rows]


@pytest.mark.parametrize(
    ("losses", "note"),
    [
        ([1.2, 1.0, 0.8, 0.6], "from 0.8 to 0.6 in the last epoch: more train.epochs"),
        ([0.9, 0.4], "from 0.9 to 0.4 in the last epoch"),
        ([9 - n for n in range(8)], "from 4 to 2 in the last 2 epochs"),
        ([-1.0, -2.0, -3.0, -4.0], "from -3 to -4"),
        ([1.2, 0.5, 0.41, 0.4], ""),  # 0.01 of the 0.9 that it fell from 1.3
        ([1.2, 0.5, 0.4, 0.6], ""),  # it rises
        ([0.5], ""),  # nothing to see in one epoch
    ],
)
def test_a_loss_that_still_falls_at_the_end_is_told(
    losses: list[float], note: str
) -> None:
    train = TrainSpec(epochs=len(losses))
    for key, part in (("val_loss", "validation"), ("accuracy", "training")):
        notes = course_notes(train, history(losses, key), idle=1.3)
        assert len(notes) == bool(note)
        if note:
            assert note in notes[0] and f"The {part} loss" in notes[0]


def test_an_early_stop_is_told_with_its_reason_and_the_kept_epoch() -> None:
    train = TrainSpec(epochs=9, patience=2)
    (note,) = course_notes(train, history([1.0, 0.5, 0.6, 0.7]), idle=1.3)
    assert note == (
        "Training stopped after 4 of 9 epochs: the last 2 (train.patience) brought no "
        "lower validation loss. The weights are those of epoch 2."
    )
    last = train.model_copy(update={"keep": "last"})
    (note,) = course_notes(last, history([1.0, 0.5, 0.6, 0.7]), idle=1.3)
    assert note.endswith("epoch 4.")


def ready(name: str, changes: dict[str, Any], data: Any, folder: Path) -> Any:
    """A recipe, its prepared data and its model."""
    recipe = load_recipe(name, changes)
    made = prepared(recipe, given_source(data, recipe.data), folder)
    return recipe, made, build(recipe, signature=made.signature(16))


def targets(made: Prepared, part: str) -> Any:
    store = made.stores[part]
    return store.arrays(np.arange(len(store)))[1]


def test_idle_loss_of_classes_is_the_log_loss_of_their_shares(tmp_path: Path) -> None:
    frame = reviews(200)
    frame.loc[frame.index[:120], "label"] = "good"
    recipe, made, model = ready("sample_sentiment", TINY, frame, tmp_path)
    train, seen = targets(made, "train"), targets(made, "validation")
    share = (np.bincount(train) + 0.1) / (len(train) + 0.2)
    expected = -np.mean(np.log(share[seen]))
    loss = idle_loss(recipe, made, model, "validation")
    assert loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["mse", "mae"])
def test_idle_loss_of_numbers_is_that_of_their_middle(
    kind: str, tmp_path: Path
) -> None:
    changes = SERIES | {"model.loss": kind}
    recipe, made, model = ready("adding_problem", changes, tiny_series(), tmp_path)
    train, seen = targets(made, "train"), targets(made, "validation")
    expected = {
        "mse": np.mean((seen - train.mean()) ** 2),
        "mae": np.mean(np.abs(seen - np.median(train))),
    }
    loss = idle_loss(recipe, made, model, "validation")
    assert loss == pytest.approx(float(expected[kind]), rel=1e-5)


@pytest.mark.parametrize("output", ["mse", "mae", "quantile", "gaussian"])
def test_idle_loss_of_forecasts_is_that_of_each_step_alone(
    output: str, tmp_path: Path
) -> None:
    changes: dict[str, Any] = {"model.loss": output}
    if output in ("quantile", "gaussian"):
        changes = {"model.loss": "mae", "model.output": output}
    changes = TINY_FORECAST | changes
    recipe, made, model = ready("airline_forecast", changes, waves(), tmp_path)
    train, seen = targets(made, "train"), targets(made, "validation")
    mean, spread = train.mean(axis=0), train.std(axis=0)
    levels = np.array([0.1, 0.5, 0.9])[:, None, None]
    error = seen - np.quantile(train, levels.ravel(), axis=0)[:, None]
    density = np.log(spread) + ((seen - mean) / spread) ** 2 / 2
    expected = {
        "mse": np.mean((seen - mean) ** 2),
        "mae": np.mean(np.abs(seen - np.median(train, axis=0))),
        "quantile": np.mean(np.maximum(levels * error, (levels - 1) * error)),
        "gaussian": np.mean(density) + math.log(2 * math.pi) / 2,
    }
    loss = idle_loss(recipe, made, model, "validation")
    assert loss == pytest.approx(float(expected[output]), rel=1e-4)


def trained(frame: pd.DataFrame, folder: Path, **changes: Any) -> Run:
    named = {key.replace("__", "."): value for key, value in changes.items()}
    overrides = TINY | {"train.epochs": 1} | named
    return fit("sample_sentiment", overrides, data=frame, out=folder, progress=False)


def test_a_run_that_sees_no_known_word_says_what_came_of_it(tmp_path: Path) -> None:
    sentences = [
        f"{'很好看的电影' if row % 4 else '太难看了吧'}{row}" for row in range(160)
    ]
    labels = ["good" if row % 4 else "bad" for row in range(160)]
    frame = pd.DataFrame({"text": sentences, "label": labels})
    run = trained(frame, tmp_path / "run")
    assert run.facts["learnt"] is False
    loss, single, unknown = run.notes
    assert loss.startswith("The validation loss, 0.")
    assert loss.endswith("the model has not learnt from its inputs.")
    assert single == "The model answers all validation rows with 'good'."
    assert unknown == (
        "All words of the validation texts are unknown: the training texts have none "
        "such, or too seldom. Try a data.vocab_size above 40 or data.level=character."
    )


def test_a_run_that_has_learnt_says_nothing_of_it_and_reports_its_notes(
    tmp_path: Path,
) -> None:
    run = trained(
        reviews(400),
        tmp_path / "run",
        train__epochs=6,
        train__learning_rate=0.03,
        data__max_timesteps=10,
    )
    assert run.facts["learnt"] is True
    for words in ("not learnt", "answers all", "unknown"):
        assert not any(words in note for note in run.notes)
    share = (reviews(400)["text"].str.split().str.len() > 10).mean()
    (cut,) = [note for note in run.notes if "longer than 10 steps" in note]
    percent = cut.partition("(")[2].partition("%")[0]
    assert int(percent) == pytest.approx(100 * share, abs=3)
    run.pictures = dict  # type: ignore[method-assign]  # they are drawn elsewhere
    assert run.evaluate(reviews(40, seed=3)).notes[: len(run.notes)] == (*run.notes,)

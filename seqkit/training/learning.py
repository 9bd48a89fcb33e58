"""What a run says of its own training: whether it has learnt, and what it did not see.

A score alone does not tell a model that cannot learn from one that was stopped too
soon, or that never saw most of its input. Each sentence here rests on the history of
the losses and on one more look at the prepared data; nothing changes the training.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.stores.store import Store
from seqkit.recipe.recipe import Recipe
from seqkit.recipe.spec import TrainSpec
from seqkit.training.checkpoints import History, is_done, kept_epoch
from seqkit.training.prepared import Prepared

if TYPE_CHECKING:
    import keras

LEAST_GAIN = 0.01
"""A loss that is less than this share below that of no learning shows none."""

LATE_FALL = 0.05
"""The loss still falls where the last quarter of the epochs brought more than this
share of all that training brought."""

LEAST_CUT = 0.01
"""Where fewer sequences are cut, none is spoken of."""

SAMPLED_ROWS = 4096
"""Training rows from which the answer of no learning is taken, at most."""

BATCH = 256


@dataclass(frozen=True)
class Learning:
    """How a training went: ``notes`` are sentences beside the scores."""

    has_learnt: bool
    """Whether the kept epoch's loss is below that of answering without any input."""
    notes: tuple[str, ...]


def learning_of(
    recipe: Recipe, prepared: Prepared, model: keras.Model, history: History
) -> Learning:
    """Look back at a training that is over.

    Args:
        recipe: what was trained.
        prepared: the data that it was trained on.
        model: compiled, with the weights of the kept epoch.
        history: all its epochs.
    """
    part, idle, has_learnt = _learnt(recipe, prepared, model, history)
    notes = []
    if not has_learnt:
        loss = _kept_loss(recipe.train, history)
        notes.append(
            f"The {_named(part)} loss, {loss:.4g}, is no better than {idle:.4g}, that "
            f"of {prepared.task.idle_answer}: the model has not learnt from its inputs."
        )
    notes += _single_answer(recipe, prepared, model, history)
    notes += course_notes(recipe.train, history, idle)
    notes += _cut(prepared)
    vectors = prepared.first_vectors(recipe)
    notes += [vectors.note] if vectors else []
    notes += prepared.task.store_remarks(
        recipe.data, prepared.preprocessing, prepared.stores
    )
    return Learning(has_learnt, tuple(notes))


def has_learnt(
    recipe: Recipe, prepared: Prepared, model: keras.Model, history: History
) -> bool:
    """Whether the kept epoch's loss is below that of answering without any input."""
    return _learnt(recipe, prepared, model, history)[2]


def _learnt(
    recipe: Recipe, prepared: Prepared, model: keras.Model, history: History
) -> tuple[str, float, bool]:
    """By the losses of which part, that of no learning, and whether there was any."""
    part = "validation" if "val_loss" in history[-1] else "train"
    idle = idle_loss(recipe, prepared, model, part)
    kept = _kept_loss(recipe.train, history)
    return part, idle, kept < idle - LEAST_GAIN * abs(idle)


def idle_loss(
    recipe: Recipe, prepared: Prepared, model: keras.Model, part: str
) -> float:
    """The loss on ``part`` of the best answer that is the same for every row.

    It is taken from the answers of the training part, and measured as Keras measures
    the model's own.
    """
    train = prepared.stores["train"]
    places = np.linspace(0, len(train) - 1, min(len(train), SAMPLED_ROWS))
    answers = list(_answers(train, places.astype(np.int64)))
    targets, weights = (_joined(each) for each in zip(*answers, strict=True))
    answer = prepared.task.idle_outputs(
        recipe.model, prepared.preprocessing, targets, weights
    )
    store, total = prepared.stores[part], 0.0
    for targets, weights in _answers(store, np.arange(len(store))):
        same = np.repeat(answer[np.newaxis], len(targets), axis=0).astype(np.float32)
        if answer.ndim > 1 and len(answer) == 1:
            same = np.repeat(same, targets.shape[1], axis=1)
        loss = model.compute_loss(
            y=targets, y_pred=same, sample_weight=weights, training=False
        )
        total += float(loss) * len(targets)
    return total / len(store)


def course_notes(train: TrainSpec, history: History, idle: float) -> list[str]:
    """Whether training stopped before all its epochs, or before it had learnt all.

    Args:
        train: how it was trained.
        history: all epochs.
        idle: the loss of no learning, from which the falling is reckoned.
    """
    done, kept = len(history), kept_epoch(history, train.keep)
    if done < train.epochs:
        if train.patience is None or not is_done(history, train.epochs, train.patience):
            return []
        return [
            f"Training stopped after {done} of {train.epochs} epochs: the last "
            f"{max(train.patience, 1)} (train.patience) brought no lower validation "
            f"loss. The weights are those of epoch {kept}."
        ]
    part, losses = _losses(history)
    late = max(1, round(done / 4))
    if done < 2 or losses[-1] > min(losses):
        return []
    fall, whole = losses[-1 - late] - losses[-1], max(idle, losses[0]) - losses[-1]
    if fall <= LATE_FALL * whole:
        return []
    span = "the last epoch" if late == 1 else f"the last {late} epochs"
    return [
        f"The {_named(part)} loss was still falling at the end, from "
        f"{losses[-1 - late]:.4g} to {losses[-1]:.4g} in {span}: more train.epochs may "
        "help."
    ]


def _single_answer(
    recipe: Recipe, prepared: Prepared, model: keras.Model, history: History
) -> list[str]:
    """Whether all validation rows are answered alike."""
    from seqkit.tasks.compiled import compiled_model

    store = prepared.stores["validation"]
    if not len(store):
        return []

    def outputs() -> NDArray[np.floating]:
        answer = compiled_model(model)
        rows = np.arange(min(len(store), SAMPLED_ROWS))
        batches = np.split(rows, range(BATCH, len(rows), BATCH))
        return np.concatenate(
            [np.asarray(answer(store.arrays(batch)[0])) for batch in batches]
        )

    kept = history[kept_epoch(history, recipe.train.keep) - 1]
    name = prepared.task.single_answer(kept, store, outputs, prepared.preprocessing)
    unit = prepared.task.unit
    return [f"The model answers all validation {unit} with {name!r}."] if name else []


def _cut(prepared: Prepared) -> list[str]:
    """How many training sequences are longer than the model reads."""
    store, limit = prepared.stores["train"], prepared.preprocessing.signature.timesteps
    if store.whole_lengths is None or limit is None:
        return []
    rows, cut = len(store), int((store.whole_lengths > limit).sum())
    if cut < LEAST_CUT * rows:
        return []
    return [
        f"{cut:,} of {rows:,} training {prepared.task.unit} ({cut / rows:.0%}) are "
        f"longer than {limit:,} steps (data.max_timesteps) and are cut."
    ]


def _answers(
    store: Store, rows: NDArray[np.int64]
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Targets and weights of ``rows``, batch by batch."""
    for start in range(0, len(rows), BATCH):
        _, targets, weights = store.arrays(rows[start : start + BATCH])
        yield targets, weights


def _joined(batches: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Batches (rows, ...) as one; where steps are fewer, 0 stands for the others."""
    if batches[0].ndim < 2:
        return np.concatenate(batches)
    longest = max(batch.shape[1] for batch in batches)
    widths = [longest - batch.shape[1] for batch in batches]
    return np.concatenate(
        [
            np.pad(batch, ((0, 0), (0, width), *[(0, 0)] * (batch.ndim - 2)))
            for batch, width in zip(batches, widths, strict=True)
        ]
    )


def _losses(history: History) -> tuple[str, list[float]]:
    """The losses by which epochs are judged, and of which part they are."""
    if "val_loss" in history[-1]:
        return "validation", [row["val_loss"] for row in history]
    return "train", [row["loss"] for row in history]


def _kept_loss(train: TrainSpec, history: History) -> float:
    return _losses(history)[1][kept_epoch(history, train.keep) - 1]


def _named(part: str) -> str:
    return "training" if part == "train" else part

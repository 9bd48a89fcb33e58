"""Several models that answer as one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import reviews
from tiny_training import DROPOUTS, StopAt, train

from seqkit.data.sources.given import given_source
from seqkit.data.stores.store import CLASS, TOKENS, Ragged, StoreWriter
from seqkit.errors import TrainingError, UsageError
from seqkit.recipe.recipe import load_recipe
from seqkit.runs.fit import fit
from seqkit.runs.run import Run
from seqkit.training import loop
from seqkit.training.checkpoints import InMemory
from seqkit.training.loop import deterministic
from seqkit.training.members import SEED_STEP
from seqkit.training.prepared import prepared

TWO = {"train.members": 2, "train.epochs": 2, "train.schedule": "cosine"}
TEXTS = ["a good film", "the plot was dull", ""]


class StopInSecond(StopAt):
    """Raises in the last epoch of the second member."""

    def __init__(self) -> None:
        super().__init__(1, TrainingError)
        self.begun = 0

    def on_train_begin(self, logs: object = None) -> None:
        self.begun += 1

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        if self.begun == 2:
            super().on_train_batch_end(batch, logs)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Stopped in its second member, and gone on with."""
    folder = tmp_path_factory.mktemp("members") / "run"
    with pytest.raises(TrainingError):
        train(folder, TWO, callbacks=[StopInSecond()])
    assert (folder / "checkpoints" / "member-2" / "epoch-0001").is_dir()
    return fit(resume=folder, data=reviews(), progress=False)


def test_answers_are_the_mean_of_models_with_a_seed_each(
    both: Run, tmp_path: Path
) -> None:
    seeds = [7, 7 + SEED_STEP]
    assert [member["seed"] for member in both.facts["members"]] == seeds
    alone = [
        train(tmp_path / str(seed), {**TWO, "train.members": 1}, seed=seed)
        for seed in seeds
    ]
    shares = [run.predict(TEXTS)["p_good"] for run in alone]
    assert np.abs(shares[0] - shares[1]).max() > 1e-3
    mean = np.mean(shares, axis=0)
    np.testing.assert_allclose(both.predict(TEXTS)["p_good"], mean, atol=1e-6)
    assert both.model.count_params() == 2 * alone[0].model.count_params()


def test_report_tells_how_good_each_is_alone(both: Run) -> None:
    report = both.evaluate()
    assert list(report.parts) == list(report.part_leads) == ["member 1", "member 2"]
    value, _, _ = report.parts["member 1"]["accuracy"]
    alone = f"member 1: accuracy {value:.4f}"
    assert any(line.startswith(alone) for line in str(report).splitlines())


def test_no_members_are_left_behind(both: Run) -> None:
    assert not (both.path / "checkpoints").exists()


def test_a_process_of_its_own_loads_them(both: Run) -> None:
    code = f"import seqkit; print(seqkit.load({str(both.path)!r}).predict({TEXTS!r}))"
    answers = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answers.stdout.rstrip("\n") == str(both.predict(TEXTS))


@pytest.mark.parametrize(
    ("recipe", "averages"),
    [
        ("addition", False),
        ("bilstm_crf_ner", False),
        ("pos_tagging", True),
        ("airline_forecast", True),
        ("extractive_summary", True),
    ],
)
def test_only_outputs_that_have_a_mean_are_averaged(
    recipe: str, averages: bool
) -> None:
    if averages:
        assert load_recipe(recipe, {"train.members": 2}).train.members == 2
        return
    with pytest.raises(UsageError, match=r"have no mean\. Set train\.members to 1"):
        load_recipe(recipe, {"train.members": 2})


def test_refit_trains_as_long_on_training_and_validation_rows(tmp_path: Path) -> None:
    run = train(tmp_path / "run", {"train.refit": True, "train.epochs": 2})
    kept = run.facts["kept_epoch"]
    recipe = run.recipe.with_({"train.refit": False, "train.keep": "last"})
    source = given_source(reviews(), recipe.data)
    with deterministic():
        ready = prepared(recipe, source, tmp_path)
        signature = replace(ready.signature(16), steps_per_epoch=14)
        every = {"train": rewritten(ready.stores, tmp_path / "all")}
        assert len(every["train"]) == sum(ready.rows.values()) == 14 * 16 - 8
        # Keras's cells draw masks where they validate, too.
        every["validation"] = rewritten({}, tmp_path / "none")
        alone, _ = loop.train(
            recipe, signature, every, InMemory(), is_over=lambda h: len(h) == kept
        )
    for one, other in zip(run.model.weights, alone.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert "val_loss" in run.history


def rewritten(stores: Mapping[str, Any], path: Path) -> Any:
    """The rows of two stores, written as one."""
    writer = StoreWriter(path, {"tokens": TOKENS}, CLASS)
    for store in stores.values():
        for row in range(len(store)):
            ids, target, _ = store.arrays(np.array([row]))
            writer.append({"tokens": Ragged.of([ids[0]])}, target)
    return writer.finish()


def test_joined_stores_hold_the_rows_of_both(tmp_path: Path) -> None:
    stores = []
    for name, rows in (("one", [[5], [6, 7, 8]]), ("other", [[9, 9], [4], [1, 2]])):
        writer = StoreWriter(tmp_path / name, {"ids": TOKENS}, CLASS)
        writer.append(
            {"ids": Ragged.of([np.array(row) for row in rows])}, np.arange(len(rows))
        )
        stores.append(writer.finish())
    both = stores[0].with_rows_of(stores[1])
    assert both.lengths.tolist() == [1, 3, 2, 1, 2]
    batch, targets, weights = both.arrays(np.array([3, 1, 2]))
    assert batch.tolist() == [[4, 0, 0], [6, 7, 8], [9, 9, 0]]
    assert targets.tolist() == [1, 1, 0] and weights.tolist() == [1, 1, 1]


def test_what_learnt_nothing_is_trained_anew_otherwise(tmp_path: Path) -> None:
    idle = {"train.learning_rate": 1e-7, "train.epochs": 1, "train.mend": True}
    run = train(tmp_path / "idle", idle)
    # What it is trained with instead, by hand.
    changes: dict[str, Any] = {"train.learning_rate": 2e-7, "train.epochs": 2}
    changes |= {key: rate / 2 for key, rate in DROPOUTS.items()}
    by_hand = train(tmp_path / "by_hand", changes)
    for one, other in zip(run.model.weights, by_hand.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(run.history) == 2
    assert run.notes[0].startswith("The model learnt nothing at first: trained anew")
    assert not any("at first" in note for note in by_hand.notes)


@pytest.mark.slow
def test_what_learns_is_not_trained_anew(tmp_path: Path) -> None:
    quick = {"train.learning_rate": 0.02, "train.epochs": 3}
    plain, careful = (
        train(tmp_path / str(mend), quick | {"train.mend": mend})
        for mend in (False, True)
    )
    assert plain.facts["learnt"] and len(careful.history) == 3
    for one, other in zip(plain.model.weights, careful.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)

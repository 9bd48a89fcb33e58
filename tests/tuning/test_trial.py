"""Trials: lean, exactly repeatable, and the same whatever was trained before them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TINY, reviews
from tiny_series import TINY_FORECAST, waves

from seqkit.data.sources.given import given_source
from seqkit.errors import RecipeError, UsageError
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.runs.fit import fit
from seqkit.runs.run import Run
from seqkit.training.checkpoints import Checkpoints, InMemory, state_of
from seqkit.training.loop import train
from seqkit.training.prepared import Prepared, prepared
from seqkit.tuning.jobs import new_job
from seqkit.tuning.models import Models, graph_key
from seqkit.tuning.rule import Rule
from seqkit.tuning.trial import Performer

DROPOUTS = {"model.dropout": 0.3, "model.input_dropout": 0.2}
FORECAST = TINY_FORECAST | {
    "data.validation": 15,
    "data.test_stride": 1,
    "model.dropout": 0.2,
    "train.epochs": 3,
}


def job(number: int, overrides: dict[str, Any], **said: Any) -> Any:
    plain = new_job(f"tiny-{number:03d}", "trial", "tiny", number, overrides)
    return {**plain, **said}


def learned(result: dict[str, Any]) -> dict[str, Any]:
    """A result without its times."""
    history = [
        {key: value for key, value in row.items() if key != "seconds"}
        for row in result["history"]
    ]
    return {**result, "seconds": None, "history": history}


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe("airline_forecast", FORECAST)


@pytest.fixture(scope="module")
def performer(
    recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Performer]:
    """One for most tests: what was done before must not matter."""
    one = Performer(recipe, waves(), tmp_path_factory.mktemp("search"))
    yield one
    one.close()


OWN = {"train.seed": 5, "model.units": [5]}


@pytest.fixture(scope="module")
def own(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What fit makes of the recipe with these changes."""
    out = tmp_path_factory.mktemp("fit") / "run"
    return fit(recipe, OWN, data=waves(), out=out, progress=False)


@pytest.fixture(scope="module")
def ready(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    source = given_source(waves(), recipe.data)
    return prepared(recipe, source, tmp_path_factory.mktemp("stores"))


def test_trial_gives_what_fit_learns_and_writes_nothing(
    performer: Performer, own: Run
) -> None:
    files, run = set(performer.out.rglob("*")), own
    result = performer.perform(job(1, OWN))
    assert json.loads(json.dumps(result)) == result
    columns = ["loss", "val_loss", "learning_rate"]
    assert [[row[c] for c in columns] for row in result["history"]] == run.history[
        columns
    ].values.tolist()
    assert result["kept_epoch"] == run.facts["kept_epoch"]
    assert result["val_loss"] == run.history["val_loss"][result["kept_epoch"] - 1]
    assert result["parameters"] == run.facts["cost"]["parameters"]
    assert result["bytes"] == sum(w.nbytes for w in run.model.get_weights())
    assert (result["status"], result["stopped"], result["run"]) == (
        "finished",
        None,
        None,
    )
    assert set(performer.out.rglob("*")) == files


def test_score_is_the_metric_of_the_kept_epoch_on_the_validation_part(
    performer: Performer, ready: Prepared, own: Run
) -> None:
    result = performer.perform(job(1, OWN))
    # Calibration rests on the validation part, so a trial goes without.
    answer = ready.preprocessing.answering(own.model)
    errors, scales = [], []
    for chunk in ready.data.examples("validation"):
        forecast = answer(chunk.inputs)[:, :, 0]
        errors.append(abs(forecast - chunk.truth).mean(axis=1))
        for history in chunk.inputs:
            seen = history.series.values[: history.train_end]
            scales.append(abs(seen[6:] - seen[:-6]).mean())
    mase = (np.concatenate(errors) / np.array(scales)).mean()
    assert result["metric"] == "mase"
    assert result["score"] == pytest.approx(mase, rel=1e-6)


def test_a_model_used_again_learns_what_a_fresh_one_does(
    recipe: Recipe, ready: Prepared
) -> None:
    models, used = Models(), []

    def trained(changed: Recipe, builder: Any) -> Any:
        signature = ready.signature(changed.train.batch_size)
        model, history = train(
            changed, signature, ready.stores, InMemory(), builder=builder
        )
        used.append(model)
        return state_of(model), [row["val_loss"] for row in history]

    changes: list[dict[str, Any]] = [
        {},
        {"train.learning_rate": 1e30, "train.epochs": 2},
        {
            "train.learning_rate": 0.05,
            "train.batch_size": 8,
            "train.seed": 4,
            "train.epochs": 4,
            "train.keep": "last",
        },
        {},
    ]
    alone = [trained(recipe.with_(change), None) for change in changes[:-1]]
    used.clear()
    for change, fresh in zip(changes, [*alone, alone[0]], strict=True):
        again = trained(recipe.with_(change), models)
        for one, other in zip(again[0], fresh[0], strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(again[1], fresh[1])
    assert len(used) == 4 and len(set(map(id, used))) == 1


def test_what_graphs_hold_is_told_apart(recipe: Recipe, ready: Prepared) -> None:
    signature = ready.signature(16)

    def key(change: dict[str, Any]) -> Any:
        return graph_key(recipe.with_(change), signature)

    shared = [
        {"train.seed": 1},
        {"train.learning_rate": 0.5},
        {"train.batch_size": 4},
        {"train.epochs": 9, "train.patience": 1, "train.keep": "last"},
    ]
    assert all(key(change) == key({}) for change in shared)
    own = [
        {"model.units": [3]},
        {"model.dropout": 0.1},
        {"data.lookback": 14},
        {"train.optimizer": "sgd"},
        {"train.weight_decay": 0.1},
        {"train.clip_norm": 1.0},
        {"train.schedule": "linear"},
        {"train.schedule": "linear", "train.learning_rate": 0.5},
        {"train.schedule": "linear", "train.epochs": 9},
        {"train.warmup": 0.1},
    ]
    assert len({key(change) for change in [{}, *own]}) == len(own) + 1


def test_few_models_are_kept(recipe: Recipe, ready: Prepared) -> None:
    import weakref

    models, signature = Models(most=2), ready.signature(16)
    known = [
        weakref.ref(models(recipe.with_({"model.units": [n]}), signature))
        for n in (1, 2, 3)
    ]
    assert [ref() is None for ref in known] == [True, False, False]
    again = models(recipe.with_({"model.units": [2]}), signature)
    assert again is known[1]()


@pytest.mark.slow
def test_result_is_the_same_whatever_was_done_before(
    recipe: Recipe, performer: Performer, tmp_path: Path
) -> None:
    changes = [
        {"model.units": [6]},
        {"model.units": [6], "train.learning_rate": 0.03},
        {"model.cell": "gru", "data.lookback": 18},
    ]
    jobs = [job(number, change) for number, change in enumerate(changes)]
    ordered = [performer.perform(one) for one in jobs]
    other = Performer(recipe, waves(), tmp_path)
    turned = [other.perform(one) for one in reversed(jobs)]
    other.close()
    assert list(map(learned, ordered)) == list(map(learned, reversed(turned)))


def test_hopeless_trial_is_stopped_and_scored(performer: Performer) -> None:
    free = performer.perform(job(1, {"train.epochs": 8}))
    best = np.minimum.accumulate([row["val_loss"] for row in free["history"]])
    median = [*(best[:3] + 1e-9), *(best[3:] - 1e-9)]
    stopped = performer.perform(job(1, {"train.epochs": 8}, median=median))
    assert (stopped["stopped"], stopped["epochs"]) == ("hopeless", 4)
    assert stopped["history"][0]["loss"] == free["history"][0]["loss"]
    assert np.isfinite(stopped["score"])


@pytest.mark.parametrize(
    ("median", "losses", "hopeless"),
    [
        # A quarter of eight epochs is over after the second.
        ([0.0] * 8, [1.0], False),
        ([0.0] * 8, [1.0, 1.0], True),
        ([1.0] * 8, [1.0, 1.0], False),
        # The best so far counts, not the last.
        ([0.5] * 8, [0.4, 0.9], False),
        # Earlier trials were shorter: nothing is known.
        ([0.0], [1.0, 1.0], False),
        (None, [1.0, 1.0], False),
    ],
)
def test_hopeless_is_worse_than_the_median_after_a_quarter(
    recipe: Recipe, median: Any, losses: list[float], hopeless: bool
) -> None:
    rule = Rule(recipe.with_({"train.epochs": 8}), None, median)
    history = [{"epoch": n, "val_loss": loss} for n, loss in enumerate(losses, 1)]
    assert rule.is_over(history) is hopeless
    if hopeless:
        assert rule.stopped(history) == "hopeless"


def test_patience_is_told(performer: Performer) -> None:
    # So small a rate brings nothing better, as far as 32 bits tell.
    change = {"train.learning_rate": 1e-12, "train.patience": 1, "train.epochs": 5}
    result = performer.perform(job(1, change))
    assert (result["stopped"], result["epochs"], result["kept_epoch"]) == (
        "patience",
        2,
        1,
    )


def test_loss_that_is_no_number_fails_the_trial_alone(performer: Performer) -> None:
    wild = {"train.optimizer": "sgd", "train.learning_rate": 1e38, "model.loss": "mse"}
    result = performer.perform(job(1, wild))
    assert result["status"] == "failed"
    assert "not a number" in result["error"]
    assert (result["score"], result["val_loss"]) == (None, None)
    assert json.loads(json.dumps(result)) == result


def test_mistake_of_the_recipe_stops_the_search(performer: Performer) -> None:
    with pytest.raises(RecipeError, match="units"):
        performer.perform(job(1, {"model.units": [0]}))
    with pytest.raises(UsageError, match="highway"):
        performer.perform(job(1, {"model.highway": 99}))


def test_without_a_validation_part_there_is_nothing_to_compare(
    performer: Performer,
) -> None:
    with pytest.raises(UsageError, match="data.validation"):
        performer.perform(job(1, {"data.validation": 0}))


def test_epochs_of_the_budget_plan_the_schedule(performer: Performer) -> None:
    decayed = {"train.schedule": "linear", "train.epochs": 9}
    result = performer.perform(job(1, decayed, epochs=2, planned_epochs=2))
    assert [row["learning_rate"] for row in result["history"]] == pytest.approx(
        [0.005, 0.0], abs=1e-9
    )


def test_trial_goes_on_from_the_weights_of_an_earlier_one(
    recipe: Recipe, performer: Performer, tmp_path: Path
) -> None:
    change = {"train.epochs": 4, "train.schedule": "linear"}
    whole = performer.perform(job(1, change))
    first = performer.perform(job(2, change, epochs=2, keep=True))
    assert len(first["history"]) == first["epochs"] == 2 and first["stopped"] is None
    # The schedule is that of the whole trial.
    assert first["history"][1]["learning_rate"] == pytest.approx(0.01 * 2 / 4)
    # Another process goes on, with the weights of the folder alone.
    other = Performer(recipe, waves(), performer.out)
    rest = other.perform(job(1, change, epochs=4, resume="tiny-002"))
    other.close()
    assert learned(rest) == learned(whole)
    kept = Checkpoints(performer.out / "weights" / "tiny-002").history()
    assert kept == first["history"]


@pytest.mark.slow
def test_widths_are_matched_to_the_reference(performer: Performer) -> None:
    reference = {"model.cell": "lstm", "model.units": [8]}
    target = performer.perform(job(1, reference))
    change = {"model.cell": "gru", "model.units": [8]}
    plain = performer.perform(job(2, change))
    result = performer.perform(job(2, change, match=reference))
    (width,) = result["overrides"]["model.units"]
    assert width > 8
    wanted = target["parameters"]
    assert abs(result["parameters"] - wanted) < abs(plain["parameters"] - wanted)
    wider = performer.perform(job(3, change | {"model.units": [width + 1]}))
    assert abs(wider["parameters"] - wanted) >= abs(result["parameters"] - wanted)


def test_final_is_the_run_that_fit_makes(performer: Performer, own: Run) -> None:
    final = job(5, OWN, id="tiny-seed5", kind="final")
    result = performer.perform(final)
    run = Run(performer.out / result["run"])
    for one, other in zip(
        run.model.get_weights(), own.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    names = {path.name for path in own.path.iterdir()}
    assert {path.name for path in run.path.iterdir()} == names
    for name in ("recipe.yaml", "preprocessing.json", "samples.json", "baselines.npz"):
        assert (run.path / name).read_bytes() == (own.path / name).read_bytes()
    assert result["epochs"] == len(run.history)
    assert result["history"][0]["loss"] == run.history["loss"][0]
    assert [path.name for path in run.path.parent.iterdir()] == ["tiny-seed5"]
    # It is taken as it is.
    before = os.stat(run.path / "model.keras").st_mtime_ns
    assert performer.perform(final) == result
    assert os.stat(run.path / "model.keras").st_mtime_ns == before


@pytest.mark.slow
def test_finals_share_baselines_fitted_once(
    performer: Performer, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = {"data.lookback": 15}
    fitted = []
    performer.perform(job(0, change))
    (key,) = [key for key in performer._ready if key[0].lookback == 15]
    data = performer._ready[key].prepared.data
    baselines = type(data).baselines

    def counted(self: Any, seed: int) -> Any:
        fitted.append(seed)
        return baselines(self, seed)

    monkeypatch.setattr(type(data), "baselines", counted)
    for seed in (1, 2):
        final = job(seed, change | {"train.seed": seed}, kind="final")
        performer.perform(final | {"id": f"long-seed{seed}"})
    assert len(fitted) == 1


def test_final_that_breaks_leaves_nothing(performer: Performer) -> None:
    wild = {"train.optimizer": "sgd", "train.learning_rate": 1e38, "model.loss": "mse"}
    final = job(9, wild, id="wild-seed9", kind="final")
    assert performer.perform(final)["status"] == "failed"
    assert not list((performer.out / "finals").glob("*wild*"))


@pytest.mark.slow
def test_texts_are_tried_too(tmp_path: Path) -> None:
    recipe = load_recipe("sample_sentiment", TINY | DROPOUTS)
    performer = Performer(recipe, reviews(), tmp_path / "search")
    result = performer.perform(job(1, {"data.max_timesteps": 10}))
    run = fit(
        recipe,
        {"data.max_timesteps": 10},
        data=reviews(),
        out=tmp_path / "run",
        progress=False,
    )
    assert result["metric"] == "accuracy"
    kept = run.history.iloc[run.facts["kept_epoch"] - 1]
    assert result["score"] == pytest.approx(kept["val_accuracy"], abs=1e-6)
    performer.close()


@pytest.mark.slow
def test_memory_of_many_trials_does_not_grow(python: Any, root: Path) -> None:
    code = f"""
import sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, {str(root / "benchmarks")!r})
from pathlib import Path
from tune_memory import peaks
found = peaks(24, Path("."))
print(found[24] / found[8])
"""
    # Where the graphs of every model stay behind, each trial adds some 7 MB: 1.14.
    assert float(python(code)) < 1.1

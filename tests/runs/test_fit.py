"""Training: repeatable bit for bit, resumable at any moment, never half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny import TINY, reviews, write_reviews
from tiny_training import DROPOUTS, StopAt, train

from seqkit import cli
from seqkit.errors import (
    DataError,
    Interrupted,
    RunError,
    TrainingError,
    UsageError,
)
from seqkit.runs.fit import fit
from seqkit.runs.run import Run
from seqkit.training.checkpoints import best_epoch, is_done
from seqkit.training.loop import OneProcess

"""Each has a seed of its own that a resumed run must bring back."""


def weights(run: Run) -> list[np.ndarray]:
    return run.model.get_weights()


def assert_same(one: Run, other: Run) -> None:
    for a, b in zip(weights(one), weights(other), strict=True):
        assert np.array_equal(a, b)
    columns = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
    assert one.history[columns].equals(other.history[columns])


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(tmp_path_factory.mktemp("unbroken") / "run")


def test_same_seed_gives_the_same_weights_bit_for_bit(
    unbroken: Run, tmp_path: Path
) -> None:
    assert_same(unbroken, train(tmp_path / "again"))


def test_another_seed_gives_other_weights(unbroken: Run, tmp_path: Path) -> None:
    other = train(tmp_path / "other", seed=8)
    assert not np.array_equal(weights(unbroken)[0], weights(other)[0])
    assert other.recipe.train.seed == 8


# The contracts break a run of each task in its second epoch; one is killed below.
@pytest.mark.slow
@pytest.mark.parametrize("epoch", [2, 0])
def test_a_run_that_broke_ends_in_the_weights_of_an_unbroken_one(
    unbroken: Run, tmp_path: Path, epoch: int
) -> None:
    with pytest.raises(ZeroDivisionError):
        train(tmp_path / "run", callbacks=[StopAt(epoch, ZeroDivisionError)])
    resumed = fit(resume=tmp_path / "run", data=reviews(), progress=False)
    assert_same(unbroken, resumed)


def test_a_killed_process_is_resumed_to_the_same_weights(
    unbroken: Run, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    data = write_reviews(tmp_path / "reviews.csv")
    command = [
        *("-m", "seqkit", "fit", "sample_sentiment"),
        *(f"{key}={value}" for key, value in (TINY | DROPOUTS).items() if value),
        *("train.patience=null", "--data", str(data), "--out", str(tmp_path / "run")),
    ]
    errors = tmp_path / "errors.txt"
    with errors.open("w") as file:
        process = start(*command, stderr=file)
    deadline = time.monotonic() + 120
    while not (tmp_path / "run" / "checkpoints" / "epoch-0001").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "cuda" not in errors.read_text().lower()
    # A file holds the same rows as the DataFrame of the unbroken run.
    assert_same(unbroken, fit(resume=tmp_path / "run", progress=False))


@pytest.mark.slow
def test_ctrl_c_says_how_to_continue(unbroken: Run, tmp_path: Path) -> None:
    with pytest.raises(Interrupted, match="1 finished.*seqkit fit --resume") as caught:
        train(tmp_path / "run", callbacks=[StopAt(1, KeyboardInterrupt)])
    assert isinstance(caught.value, KeyboardInterrupt)
    assert_same(unbroken, fit(resume=tmp_path / "run", data=reviews(), progress=False))


def test_resuming_a_finished_run_gives_it_back(unbroken: Run) -> None:
    before = (unbroken.path / "model.keras").read_bytes()
    again = fit(resume=unbroken.path, data=reviews(), progress=False)
    assert (again.path / "model.keras").read_bytes() == before


def test_resuming_on_other_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        train(tmp_path / "run", callbacks=[StopAt(1, ZeroDivisionError)])
    with pytest.raises(RunError, match="has not finished.*--resume"):
        Run(tmp_path / "run")
    with pytest.raises(RunError, match="has changed since this run began"):
        fit(resume=tmp_path / "run", data=reviews(seed=1), progress=False)


def test_there_must_be_a_run_to_resume(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run to resume"):
        fit(resume=tmp_path)


def test_overrides_of_a_resumed_run_are_refused(unbroken: Run) -> None:
    with pytest.raises(UsageError, match="would make another run"):
        fit(None, {"train.epochs": 9}, resume=unbroken.path, data=reviews())


def test_a_loss_that_is_no_number_stops_with_a_sentence(tmp_path: Path) -> None:
    wild = {"train.optimizer": "sgd", "train.learning_rate": 1e38}
    with pytest.raises(TrainingError, match="not a number.*lower train.learning_rate"):
        train(tmp_path / "run", wild | {"train.clip_norm": None})


def test_a_folder_in_use_is_not_overwritten(unbroken: Run) -> None:
    with pytest.raises(UsageError, match="exists and is not empty"):
        train(unbroken.path)


def test_the_best_epoch_is_kept_and_training_stops_early(tmp_path: Path) -> None:
    hot = {"train.learning_rate": 0.3, "train.epochs": 30, "train.patience": 2}
    run = train(tmp_path / "run", hot)
    history = run.history
    best = int(history["val_loss"].idxmin())
    assert len(history) == best + 1 + 2 < 30
    assert run.facts["kept_epoch"] == best + 1
    # The kept model is the best epoch's: its validation loss is the lowest one.
    task = run.task
    from seqkit.data.sources.given import given_source

    data = task.open(
        run.recipe.data, run.recipe.model, given_source(reviews(), run.recipe.data)
    )
    inputs = [text for chunk in data.examples("validation") for text in chunk.inputs]
    truth = np.concatenate([chunk.truth for chunk in data.examples("validation")])
    probability = run.outputs(inputs)[np.arange(len(truth)), truth]
    loss = float(-np.log(probability).mean())
    assert loss == pytest.approx(history["val_loss"].min(), rel=1e-4)


def test_a_run_holds_what_the_design_promises(unbroken: Run) -> None:
    names = {path.name for path in unbroken.path.iterdir()}
    assert names >= {
        "recipe.yaml",
        "run.json",
        "model.keras",
        "preprocessing.json",
        "history.csv",
        "baselines.npz",
        "log.txt",
        "tensorboard",
    }
    assert "checkpoints" not in names
    assert set(unbroken.facts["versions"]) >= {"seqkit", "keras", "tensorflow"}
    assert not [p for p in unbroken.path.rglob("*") if p.suffix in {".pkl", ".pickle"}]
    assert list((unbroken.path / "tensorboard").rglob("events.*"))


def test_a_run_that_was_moved_still_answers(unbroken: Run, tmp_path: Path) -> None:
    before = unbroken.predict(["a lovely film"])
    moved = tmp_path / "elsewhere"
    subprocess.run(["cp", "-r", str(unbroken.path), str(moved)], check=True)
    assert Run(moved).predict(["a lovely film"]).equals(before)


@pytest.mark.parametrize("name", ["recipe.yaml", "run.json", "model.keras"])
def test_a_missing_file_is_named(unbroken: Run, tmp_path: Path, name: str) -> None:
    broken = tmp_path / "run"
    subprocess.run(["cp", "-r", str(unbroken.path), str(broken)], check=True)
    os.remove(broken / name)
    with pytest.raises(RunError, match=name):
        Run(broken)


def test_best_epoch_and_patience_follow_from_the_history() -> None:
    history = [{"val_loss": loss} for loss in (0.5, 0.3, 0.4, 0.35)]
    assert best_epoch(history) == 2
    assert not is_done(history[:3], epochs=9, patience=2)
    assert is_done(history, epochs=9, patience=2)
    assert not is_done(history, epochs=9, patience=None)
    assert is_done(history, epochs=4, patience=None)
    assert best_epoch([{"loss": 1.0}, {"loss": 2.0}]) == 2


@pytest.mark.slow
def test_three_classes_with_balanced_weights_are_told_apart(tmp_path: Path) -> None:
    frame = reviews(400)
    plain = frame.index % 10 == 0
    frame.loc[plain, "text"] = [f"the film was {row}" for row in frame.index[plain]]
    frame.loc[plain, "label"] = "so so"
    run = fit(
        "sample_sentiment",
        TINY
        | {"train.epochs": 8, "train.learning_rate": 0.02}
        | {"data.class_weight": "balanced"},
        data=frame,
        out=tmp_path / "run",
        progress=False,
    )
    assert run.signature.classes == ("bad", "good", "so so")
    answers = run.predict(["a lovely film", "a dull plot", "the film was 7"])
    assert list(answers["label"]) == ["good", "bad", "so so"]
    report = run.evaluate(frame)
    assert len(report.confusion) == 9
    assert report.baselines["majority class"]["accuracy"][0] == pytest.approx(0.5)


def test_ctrl_c_ends_the_command_line_with_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "run"
    data = write_reviews(tmp_path / "reviews.csv")
    words = ["fit", "sample_sentiment", "--data", str(data), "--out", str(folder)]
    monkeypatch.setattr("sys.argv", ["seqkit", *words, "train.epochs=2"])

    def interrupted(*anything: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(OneProcess, "fit", interrupted)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    error = capsys.readouterr().err
    assert stop.value.code == 1
    assert f"Continue with: seqkit fit --resume {folder}" in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_ctrl_c_on_the_command_line_is_one_sentence(
    tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    data = write_reviews(tmp_path / "reviews.csv")
    endless = {"train.epochs": 5000, "train.patience": 5000}
    command = [
        *("-m", "seqkit", "fit", "sample_sentiment"),
        *(f"{key}={value}" for key, value in (TINY | endless).items() if value),
        *("--data", str(data), "--out", str(tmp_path / "run")),
    ]
    process = start(*command)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("run/checkpoints/epoch-*")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Continue with: seqkit fit --resume {tmp_path / 'run'}" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ({"text": ["a", "b"], "label": ["x", "x"]}, "one label only"),
        ({"text": ["a", None], "label": ["x", "y"]}, "data.missing"),
        ({"text": ["a", "b"], "label": ["x", None]}, "no label in row 2"),
        ({"text": [1, 2], "label": ["x", "y"]}, "must hold text"),
        ({"words": ["a"], "label": ["x"]}, "words"),
        ({"text": [], "label": []}, "rows"),
    ],
)
def test_data_that_cannot_serve_are_refused_before_anything_is_written(
    tmp_path: Path, frame: dict[str, list[Any]], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        fit("sample_sentiment", data=pd.DataFrame(frame), out=tmp_path / "run")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()

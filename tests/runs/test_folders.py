"""A run's folder while it is made: one process's own, and clean after kills."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tiny import reviews, write_reviews
from tiny_training import StopAt, train, untrained

from seqkit.errors import RunError, UsageError
from seqkit.runs import unfinished
from seqkit.runs.fit import fit
from seqkit.runs.run import Run
from seqkit.runs.unfinished import new_folder
from seqkit.shared.locks import LOCK, is_locked, locked
from seqkit.training.checkpoints import Checkpoints

ONE = {"train.epochs": 1}

HOLDER = """
import sys, time
from pathlib import Path
from seqkit.shared.locks import locked
with locked(Path(sys.argv[1]), "run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("folders")
    with untrained():
        return train(folder / "run", ONE, data=write_reviews(folder / "reviews.csv"))


def claimed(folder: Path, base: Path) -> Path:
    with new_folder(folder / base, None, "run", "fit", lambda folder: False) as made:
        (made / "file").touch()
        return made


def test_a_lock_keeps_others_out_and_is_gone_after_a_kill(
    tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    holder = start("-c", HOLDER, tmp_path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    assert is_locked(tmp_path)
    with pytest.raises(RunError, match="is going on in another process. Wait"):
        with locked(tmp_path, "run"):
            pass
    holder.kill()
    holder.wait()
    assert (tmp_path / LOCK).exists() and not is_locked(tmp_path)
    with locked(tmp_path, "run"):
        assert is_locked(tmp_path)
    assert not (tmp_path / LOCK).exists()


def test_a_fit_and_a_resume_into_a_folder_in_use_are_refused(tmp_path: Path) -> None:
    class Second(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            for again in ({"out": tmp_path / "run"}, {"resume": tmp_path / "run"}):
                with pytest.raises(RunError, match="is going on in another process"):
                    fit("sample_sentiment", data=reviews(), progress=False, **again)
                refused.append(again)
            caches.extend((tmp_path / "run").glob(f"{unfinished.CACHE}*/*"))

    refused: list[Any] = []
    caches: list[Path] = []
    train(tmp_path / "run", ONE, callbacks=[Second()])
    assert len(refused) == 2
    # Prepared rows lie in the run's folder, where the next process finds what is left.
    assert caches and not any(path.exists() for path in caches)
    assert not (tmp_path / "run" / LOCK).exists()


def test_two_runs_of_one_second_get_two_folders(tmp_path: Path) -> None:
    folders = [claimed(tmp_path, Path("runs", "x", "now")) for _ in range(3)]
    assert [folder.name for folder in folders] == ["now", "now-2", "now-3"]


def test_a_folder_made_meanwhile_is_left_to_who_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process takes the name between the look and the making."""
    make, taken = Path.mkdir, []

    def overtaken(path: Path, *rest: Any, **options: Any) -> None:
        if path.name == "now" and not taken:
            taken.append(path)
            make(path, parents=True)
        make(path, *rest, **options)

    monkeypatch.setattr(Path, "mkdir", overtaken)
    assert claimed(tmp_path, Path("now")).name == "now-2"
    assert list(taken[0].iterdir()) == []


def test_an_error_before_anything_is_written_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        with new_folder(tmp_path / "a" / "b", None, "run", "fit", lambda f: False):
            raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "dangling", "fifo"])
def test_what_is_no_folder_is_not_replaced_by_a_run(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("mine")
    elif kind == "fifo":
        os.mkfifo(place)
    else:
        place.symlink_to("nowhere")
    before = place.lstat()
    with pytest.raises(UsageError, match="exists and is no folder"):
        train(place, ONE)
    assert os.path.samestat(before, place.lstat())


def test_more_than_9999_epochs_are_in_order(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    history: list[dict[str, float]] = [
        {"epoch": n, "val_loss": 1 / n} for n in range(1, 10_002)
    ]
    for end in (9_999, 10_000, 10_001):
        checkpoints.write([np.array([end])], history[:end])
    assert len(checkpoints.history()) == 10_001
    assert checkpoints.read(10_001)[0] == [10_001]
    checkpoints.clear()
    assert len(list(checkpoints.folder.iterdir())) == 1


def test_what_kills_left_is_cleared_at_the_next_resume(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(ZeroDivisionError):
        train(out, callbacks=[StopAt(1, ZeroDivisionError)])
    left = [
        out / f"{unfinished.CACHE}x1y2" / "train.bin",
        out / ".run.4711.part.json",
        out / "checkpoints" / ".unfinished" / "state.npz",
        out / "checkpoints" / "epoch-0000" / "state.npz",
    ]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    with untrained():
        fit(resume=out, data=reviews(), progress=False)
    hidden = [path.name for path in out.rglob(".*")]
    assert hidden == [] and not (out / "checkpoints").exists()


def test_resuming_a_finished_run_with_other_data_says_so(run: Run) -> None:
    with pytest.raises(RunError, match="is finished, and was trained on other data"):
        fit(resume=run.path, data=reviews(seed=1), progress=False)
    begun = time.perf_counter()
    assert fit(resume=run.path, progress=False).path == run.path
    assert time.perf_counter() - begun < 5


@pytest.mark.slow
def test_a_full_disk_says_how_to_go_on(tmp_path: Path) -> None:
    class Full(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(RunError, match="no room to write.*seqkit fit --resume"):
        train(tmp_path / "run", ONE, callbacks=[Full()])
    assert fit(resume=tmp_path / "run", data=reviews(), progress=False).recipe

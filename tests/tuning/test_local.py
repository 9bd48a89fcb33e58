"""Worker processes on this machine: replaced when they die, gone when the chief is."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest
from tiny_jobs import Jobs, jobs, performed, result_of, until

from seqkit.errors import DataError, TrainingError
from seqkit.recipe.recipe import load_recipe
from seqkit.tuning import local
from seqkit.tuning.frames import read_frame
from seqkit.tuning.local import _environment, _socket_folder, started
from seqkit.tuning.study import final_job

PERFORMING = "tiny_jobs:performing"


@pytest.fixture(autouse=True)
def surrounding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find ``tiny_jobs``; their private folders lie where a test can look."""
    tests = str(Path(__file__).parents[1])
    paths = os.pathsep.join([tests, os.environ["PYTHONPATH"]])
    monkeypatch.setenv("PYTHONPATH", paths)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def served(study: Jobs, workers: int, data: Any = None) -> None:
    with started(workers, data, study.out / "log.txt", PERFORMING) as team:
        team.serve(study)


def by_id(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(results, key=lambda result: int(result["id"][1:]))


def gone(pid: int) -> bool:
    """True once a process has ended, even if nobody has asked how."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_killed_worker_is_replaced_and_its_job_done_again(tmp_path: Path) -> None:
    todo = jobs(8, seconds=0.1)
    todo[1]["dies"] = "once"
    study = Jobs(todo, tmp_path)
    served(study, 2)
    assert by_id(study.results) == [result_of(job) for job in todo]
    assert study.losses == ["j1"]
    assert len(performed(tmp_path)) == 9
    assert list((tmp_path / "tmp").iterdir()) == []
    assert all(map(gone, performed(tmp_path)))


@pytest.mark.slow
def test_job_that_kills_three_workers_stops_the_search(tmp_path: Path) -> None:
    study = Jobs([{"id": "j0", "value": 1, "dies": "always"}], tmp_path)
    with pytest.raises(TrainingError) as stopped:
        served(study, 1)
    text = str(stopped.value)
    assert "j0 ended its worker 3 times; the last one was killed by SIGKILL" in text
    assert "fewer workers" in text
    assert len(performed(tmp_path)) == 3


def test_error_before_the_first_job_reaches_the_chief(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^There is no file missing\.csv\.$"):
        served(Jobs(jobs(1), tmp_path), 1, "missing.csv")


def test_error_of_a_job_reaches_the_chief(tmp_path: Path) -> None:
    study = Jobs([{"id": "j0", "value": 1, "error": "bug"}], tmp_path)
    with pytest.raises(TrainingError, match="at j0 (.|\n)*no such column"):
        served(study, 1)
    # The terminal is the chief's: what a worker says goes to the log.
    assert "no such column" in (tmp_path / "log.txt").read_text()


def test_workers_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "cores", lambda: 8)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "99")
    for workers, threads in ((1, "8"), (3, "2"), (20, "1")):
        environment = _environment(workers, Path("private"))
        assert environment["TF_NUM_INTRAOP_THREADS"] == threads
        assert environment["OMP_NUM_THREADS"] == threads
        assert environment["TMPDIR"] == "private"


def test_folder_with_a_long_name_leaves_a_short_one_for_the_socket(
    tmp_path: Path,
) -> None:
    assert len(bytes(tmp_path)) < 100
    with _socket_folder(tmp_path) as place:
        assert place == tmp_path
    with _socket_folder(tmp_path / ("long" * 25)) as place:
        assert len(bytes(place)) < 100
        assert place.stat().st_mode & 0o777 == 0o700
    assert not place.exists()


def test_private_folder_is_private_and_holds_the_frame(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["good", "bad"], "label": [1, 0]})
    with started(1, frame, tmp_path / "log.txt", PERFORMING):
        (folder,) = (tmp_path / "tmp").iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        pd.testing.assert_frame_equal(read_frame(folder / "frame.parquet"), frame)
    assert not folder.exists()


def parent(tmp_path: Path) -> str:
    """Code that serves two workers, each at a job of a minute."""
    return f"""
import tempfile
from pathlib import Path
from tiny_jobs import Jobs, jobs
from seqkit.tuning.local import started
tempfile.tempdir = {str(tmp_path / "tmp")!r}
out = Path({str(tmp_path)!r})
with started(2, None, out / "log.txt", {PERFORMING!r}) as team:
    team.serve(Jobs(jobs(2, seconds=60), out))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_when_their_parent_does(
    tmp_path: Path,
    start: Callable[..., subprocess.Popen[str]],
    number: signal.Signals,
) -> None:
    process = start("-c", parent(tmp_path))
    workers = until(lambda: len(performed(tmp_path)) == 2 and performed(tmp_path))
    process.send_signal(number)
    _, said = process.communicate(timeout=10)
    until(lambda: all(map(gone, workers)), seconds=4)
    until(lambda: list((tmp_path / "tmp").iterdir()) == [], seconds=2)
    # The terminal sees what Ctrl-C leaves in the chief, and nothing of a worker.
    last = said.rstrip().splitlines()[-1:]
    assert last == ([] if number == signal.SIGKILL else ["KeyboardInterrupt"])


@pytest.mark.slow
def test_workers_give_the_results_of_a_single_process(tmp_path: Path) -> None:
    from seqkit.shared.quiet import load_tensorflow
    from seqkit.tuning.local import served
    from seqkit.tuning.trial import Performer

    texts = [f"a {word} film {n}" for n in range(60) for word in ("good", "bad")]
    frame = pd.DataFrame({"text": texts, "label": ["p", "n"] * 60})
    recipe = load_recipe(
        "sample_sentiment",
        {"data.source": "frame", "data.class_names": None, "train.epochs": 2},
    )
    template = final_job({"id": "lstm-000", "arm": "lstm", "overrides": {}}, 1)
    todo = [
        {
            **template,
            "id": f"lstm-{number:03d}",
            "kind": "trial",
            "number": number,
            "overrides": {"train.learning_rate": 0.001 * number},
        }
        for number in (1, 2, 3)
    ]
    study = Jobs(todo, tmp_path, recipe=recipe.to_dict(), name=recipe.name)
    served(study, 2, frame)
    load_tensorflow()
    performer = Performer(recipe, frame, tmp_path)
    alone = [performer.perform(job) for job in todo]
    performer.close()
    told = sorted(study.results, key=lambda result: result["number"])
    for one, other in zip(told, alone, strict=True):
        assert one["val_loss"] == other["val_loss"]
        assert one["score"] == other["score"]
        assert one["parameters"] == other["parameters"]

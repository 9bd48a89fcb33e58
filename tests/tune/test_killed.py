"""Searches that are killed: nothing is lost, nothing differs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny import write_reviews
from tiny_search import tiny_search

from seqkit.tune.search import tune

KILLS = 6

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A recipe and its data, as files."""
    folder = tmp_path_factory.mktemp("killed")
    recipe = folder / "tiny.yaml"
    recipe.write_text(tiny_search(budget={"trials": 5}).to_yaml())
    data = write_reviews(folder / "reviews.csv")
    return {"recipe": str(recipe), "data": str(data)}


@pytest.fixture(scope="module")
def unbroken(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("unbroken") / "out"
    tune(files["recipe"], data=files["data"], out=out, progress=False)
    return found(out)


def found(out: Path) -> dict[str, Any]:
    """What does not depend on the clock: every trial, and every score."""
    plain = json.loads((out / "verdict.json").read_text())
    trials = [json.loads(path.read_text()) for path in sorted(out.glob("trials/*"))]
    kept = ("id", "overrides", "score", "val_loss", "epochs", "stopped", "status")
    return {
        "winner": plain["winner"],
        "differences": plain["differences"],
        "leads": plain["leads"],
        "values": {one["name"]: one["values"] for one in plain["competitors"]},
        "trials": [{key: trial[key] for key in kept} for trial in trials],
        "recipe": (out / "winner.yaml").read_text(),
    }


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "seqkit", "tune", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ended after the test, however that ends."""
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def done(out: Path) -> int:
    return len(list(out.glob("trials/*.json")))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_at_random_and_resumed_it_ends_as_an_unbroken_search(
    files: dict[str, str],
    unbroken: Any,
    tmp_path: Path,
    processes: list[subprocess.Popen[str]],
    workers: str,
) -> None:
    out, draw = tmp_path / "out", random.Random(int(workers))
    words = (files["recipe"], "--data", files["data"], "--out", str(out))
    kills = 0
    while not (out / "verdict.json").is_file():
        if (out / "study.json").is_file():
            words = ("--resume", str(out))
        process = started(*words, "--workers", workers)
        processes.append(process)
        if kills < KILLS:
            before = done(out)
            while done(out) == before and process.poll() is None:
                time.sleep(0.05)
            time.sleep(draw.uniform(0, 1.5))
            if process.poll() is None:
                kills += 1
            process.send_signal(signal.SIGKILL)
            process.wait()
        else:
            output = process.communicate(timeout=300)[0]
            assert process.returncode == 0, output
    assert kills == KILLS
    assert found(out) == unbroken
    leftovers = [path.name for path in out.rglob(".*") if path.name != ".lock"]
    assert leftovers == []


def test_a_worker_killed_within_a_trial_loses_nothing(
    files: dict[str, str],
    unbroken: Any,
    tmp_path: Path,
    processes: list[subprocess.Popen[str]],
) -> None:
    """A chief and two workers on the loopback; one is killed while it trains."""
    out, port = tmp_path / "out", "18471"
    words = (files["recipe"], "--data", files["data"])
    chief = started(*words, "--chief", port, "--out", str(out))
    workers = [started(*words, "--worker", f"127.0.0.1:{port}") for _ in range(2)]
    processes += [chief, *workers]
    while done(out) < 2:
        assert chief.poll() is None, chief.communicate()[0]
        time.sleep(0.05)
    workers[0].send_signal(signal.SIGKILL)
    output = chief.communicate(timeout=300)[0]
    assert chief.returncode == 0, output
    assert workers[1].wait(30) == 0
    assert found(out) == unbroken

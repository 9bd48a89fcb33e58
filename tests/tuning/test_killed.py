"""Searches that are killed: nothing is lost, nothing differs."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny import write_reviews
from tiny_search import outcome, tiny_search

from seqkit.tuning.search import tune

KILLS = 20
TUNE = ("-m", "seqkit", "tune")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A recipe and its data, as files."""
    folder = tmp_path_factory.mktemp("killed")
    recipe = folder / "tiny.yaml"
    recipe.write_text(tiny_search(budget={"trials": 20}, seeds=5).to_yaml())
    data = write_reviews(folder / "reviews.csv")
    return {"recipe": str(recipe), "data": str(data)}


@pytest.fixture(scope="module")
def unbroken(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("unbroken") / "out"
    tune(files["recipe"], data=files["data"], out=out, progress=False)
    return outcome(out)


def done(out: Path) -> int:
    return len(list(out.glob("trials/*.json")))


def killed(process: subprocess.Popen[str], out: Path, draw: random.Random) -> bool:
    """Kill it at random, mostly after its next result; whether it still lived."""
    before, longest = done(out), time.monotonic() + draw.uniform(1, 30)
    while done(out) == before and process.poll() is None:
        if time.monotonic() > longest:
            break
        time.sleep(0.02)
    time.sleep(draw.uniform(0, 0.5))
    lived = process.poll() is None
    process.kill()
    process.wait()
    return lived


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_at_random_and_resumed_it_ends_as_an_unbroken_search(
    files: dict[str, str],
    unbroken: Any,
    tmp_path: Path,
    start: Callable[..., subprocess.Popen[str]],
    workers: str,
) -> None:
    out, draw = tmp_path / "out", random.Random(int(workers))
    first = (files["recipe"], "--data", files["data"], "--out", out)
    kills = 0
    while kills < KILLS:
        begun = (out / "study.json").is_file()
        words = ("--resume", out) if begun else first
        process = start(*TUNE, *words, "--workers", workers, stderr=subprocess.STDOUT)
        kills += killed(process, out, draw)
        assert not (out / "verdict.json").is_file(), f"done after {kills} kills"
    process = start(*TUNE, "--resume", out, "--workers", workers)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    assert outcome(out) == unbroken
    leftovers = [path.name for path in out.rglob(".*") if path.name != ".lock"]
    assert leftovers == []

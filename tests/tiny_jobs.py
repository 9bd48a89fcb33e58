"""Jobs without training, and what workers do with them, for tests of the cluster.

A job's ``does`` says what happens: ``{"value": 0.1, "seconds": 0.2, "error": "data",
"dies": "once"}``. Each performance begins with a line in ``OUT/performed``.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqkit.errors import DataError, Mistake, RecipeError
from seqkit.tuning import worker_task
from seqkit.tuning.jobs import new_job

Job = dict[str, Any]


def jobs(count: int, out: Path, **does: Any) -> list[Job]:
    return [
        {
            **new_job(f"j{n}", "trial", "arm", n, {}),
            "does": {"value": n / 7, "out": str(out), **does},
        }
        for n in range(count)
    ]


def result_of(job: Job) -> dict[str, Any]:
    """What any worker must give for a job: floats that JSON alone keeps exact."""
    value = job["does"]["value"]
    return {"id": job["id"], "score": value / 3, "loss": float("inf")}


class Jobs:
    """Stands for a Study: a list of jobs, each wanted once."""

    def __init__(self, todo: list[Job]) -> None:
        self.todo, self.wanted = list(todo), len(todo)
        self.results: list[dict[str, Any]] = []

    @property
    def finished(self) -> bool:
        return len(self.results) == self.wanted

    def next(self) -> Job | None:
        return self.todo.pop(0) if self.todo else None

    def done(self, result: dict[str, Any]) -> None:
        self.results.append(result)

    def fault(self, job: Job, result: Any) -> str | None:
        """A result is the job's own, or none at all."""
        return None if result == result_of(job) else "it is not what the job gives"

    def in_order(self) -> list[dict[str, Any]]:
        return sorted(self.results, key=lambda result: int(result["id"][1:]))


def perform(
    search_text: str, job_text: str, inputs: dict[str, bytes], frame: bytes | None
) -> tuple[str, dict[str, bytes]]:
    """Do what a job says; stands for ``worker_task.perform``."""
    job = json.loads(job_text)
    does, result = job["does"], result_of(job)
    with (Path(does["out"]) / "performed").open("a") as file:
        file.write(f"{job['id']} {os.getpid()}\n")
    begun = performed(Path(does["out"]), job["id"])
    if does.get("dies") == "always" or (does.get("dies") == "once" and not begun[1:]):
        os.kill(os.getpid(), signal.SIGKILL)
    errors = {
        "data": DataError("The data are gone. Bring them back."),
        "recipe": RecipeError([Mistake("a:1", "k", "x"), Mistake("a:2", "k", "y")]),
        "bug": KeyError("no such column"),
    }
    if "error" in does:
        raise errors[does["error"]]
    time.sleep(does.get("seconds", 0))
    if does.get("odd"):
        result["score"] = "odd"
    files = {name: b"new" + content for name, content in inputs.items()}
    if frame is not None:
        files["frame"] = pickle.dumps(pickle.loads(frame))
    return json.dumps(result), files | {"pid": str(os.getpid()).encode()}


def nothing() -> None:
    """What a worker does before its first job: no TensorFlow is needed here."""


def is_generator_left_alone() -> bool:
    """Whether for a while nobody draws from the generator that Keras's seeds are of."""
    worker_task.give_dask_a_generator()
    random.seed(1)
    state = random.getstate()
    time.sleep(2)
    return state == random.getstate()


def performed(out: Path, job_id: str | None = None) -> list[int]:
    """The processes that began a job (any job), in their order."""
    path = out / "performed"
    lines = path.read_text().splitlines() if path.exists() else []
    begun = [line.split() for line in lines if line.endswith(tuple("0123456789"))]
    return [int(pid) for id, pid in begun if job_id in (None, id)]


def until(met: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until there is an answer that is not empty; give it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = met()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"nothing came within {seconds} s")

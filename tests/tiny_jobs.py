"""A study, a performer and processes for tests of chief and workers, without training.

    python tiny_jobs.py chief ADDRESS STUDY.json     serves; writes STUDY.json's results
    python tiny_jobs.py worker ADDRESS [GONE_AFTER]  works until the chief is done

A job says what happens: ``{"id": "j1", "value": 0.1, "seconds": 0.2, "error": "data",
"dies": "once"}``. Each performance begins with a line in ``OUT/performed``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqkit.errors import DataError, SeqkitError
from seqkit.tuning import chief, worker
from seqkit.version import __version__

Job = dict[str, Any]


def jobs(count: int, **said: Any) -> list[Job]:
    return [{"id": f"j{n}", "value": n / 7, **said} for n in range(count)]


def result_of(job: Job) -> dict[str, Any]:
    """What any worker must give for a job: floats that JSON alone keeps exact."""
    return {"id": job["id"], "score": job["value"] / 3, "loss": float("inf")}


class Jobs:
    """Stands for a Study: a list of jobs, each wanted once."""

    def __init__(self, todo: list[Job], out: Path, **about: Any) -> None:
        self.todo, self.out = list(todo), out
        self.wanted = len(todo)
        self.ongoing: dict[str, Job] = {}
        self.results: list[dict[str, Any]] = []
        self.losses: list[str] = []
        self._about = about

    @property
    def finished(self) -> bool:
        return len(self.results) == self.wanted

    def next(self) -> Job | None:
        if not self.todo:
            return None
        job = self.todo.pop(0)
        self.ongoing[job["id"]] = job
        return job

    def done(self, result: dict[str, Any]) -> None:
        del self.ongoing[result["id"]]
        self.results.append(result)

    def fault(self, job: Job, result: Any) -> str | None:
        """A result is the job's own, or none at all."""
        return None if result == result_of(job) else "it is not what the job gives"

    def lost(self, job_id: str) -> None:
        self.losses.append(job_id)
        self.todo.insert(0, self.ongoing.pop(job_id))

    def about(self) -> dict[str, Any]:
        usual = {"name": "tiny", "version": __version__, "recipe": {}}
        return {**usual, "out": str(self.out), **self._about}


class Performer:
    """Does what a job says."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.out = Path(about["out"])

    def perform(self, job: Job) -> dict[str, Any]:
        with (self.out / "performed").open("a") as file:
            file.write(f"{job['id']} {os.getpid()}\n")
        if job.get("dies") == "always" or (
            job.get("dies") == "once" and len(performed(self.out, job["id"])) == 1
        ):
            os.kill(os.getpid(), signal.SIGKILL)
        if job.get("error") == "data":
            raise DataError("The data are gone. Bring them back.")
        if job.get("error") == "bug":
            raise KeyError("no such column")
        time.sleep(job.get("seconds", 0))
        return result_of(job)

    def close(self) -> None:
        (self.out / "closed").touch()


def performing(told: dict[str, Any]) -> Callable[[dict[str, Any]], Performer]:
    """What ``local.started`` may be given in place of training."""
    if told["data"] == "missing.csv":
        raise DataError("There is no file missing.csv.")
    return Performer


def performed(out: Path, job_id: str | None = None) -> list[int]:
    """The processes that began a job (any job), in their order."""
    path = out / "performed"
    lines = path.read_text().splitlines() if path.exists() else []
    begun = [line.split() for line in lines if line.endswith(tuple("0123456789"))]
    return [int(pid) for id, pid in begun if job_id in (None, id)]


def until(met: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait until there is an answer that is not empty; give it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = met()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"nothing came within {seconds} s")


class Served:
    """A chief in a thread of this process."""

    def __init__(self, study: Jobs, address: str = "0", **options: Any) -> None:
        self.study, self.error = study, None
        self._address = ""
        self._thread = threading.Thread(
            target=self._serve, args=(address,), kwargs=options
        )
        self._thread.start()

    def _serve(self, address: str, **options: Any) -> None:
        def listening(bound: str) -> None:
            self._address = bound

        try:
            chief.serve(self.study, address, listening=listening, **options)
        except SeqkitError as error:
            self.error = error

    @property
    def address(self) -> str:
        return str(until(lambda: self._address))

    def end(self) -> SeqkitError | None:
        """Wait for its end; the error that it ended in."""
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.error


def main(role: str, address: str, *words: str) -> None:
    try:
        if role == "worker":
            gone_after = float(words[0]) if words else 10.0
            print(worker.work(address, Performer, gone_after=gone_after))
        else:
            path = Path(words[0])
            study = Jobs(json.loads(path.read_text()), path.parent)
            chief.serve(study, address)
    except SeqkitError as error:
        sys.exit(f"seqkit: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Worker processes on this machine, each with a part of its cores.

They and the chief meet at a Unix socket in a private folder that is theirs alone, which
also holds all their temporary files; it is gone with them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from seqkit.shared.files import read_json
from seqkit.tuning.chief import Jobs, serve
from seqkit.tuning.protocol import unpacked

if TYPE_CHECKING:
    Worker = subprocess.Popen[bytes]

LOG = "log.txt"

SOCKET_PATH = 100
"""A Unix socket's path may be hardly longer (108 bytes on Linux, 104 on macOS)."""

LEAVING = 1.0
"""Seconds that told workers have to end by themselves."""


def served(study: Jobs, workers: int, data: Any = None) -> None:
    """Do all jobs of a study in ``workers`` processes on this machine.

    Args:
        study: gives the jobs and takes their results.
        workers: how many processes; each gets its part of the cores.
        data: what the trials are made of: None (the recipe's source), a path, or a
            DataFrame.

    Raises:
        DataError: the DataFrame cannot be handed to other processes.
        TrainingError: a job ended three workers, or a worker failed unexpectedly.
        SeqkitError: what a job ended in.
    """
    with started(workers, data, Path(study.about()["out"]) / LOG) as team:
        team.serve(study)


@contextmanager
def started(
    workers: int,
    data: Any,
    log: Path,
    performing: str = "seqkit.tuning.worker_process:performing",
) -> Iterator[Team]:
    """Start the processes before there is a study: they load TensorFlow meanwhile.

    At the end they are ended, and all that they left in their private folder is gone.

    Args:
        workers: how many processes.
        data: as for ``served``.
        log: what they write on standard output and error is appended there.
        performing: ``module:function`` that loads what the jobs need and gives
            ``performer_of``, see ``worker_process``.

    Raises:
        DataError: the DataFrame cannot be handed to other processes.
    """
    folder = Path(tempfile.mkdtemp(prefix="seqkit-tune-"))
    try:
        with _socket_folder(folder) as place, log.open("ab") as output:
            told = {
                "address": f"unix:{place / 'chief'}",
                "performing": performing,
                "parent": os.getpid(),
                "folder": str(folder),
                **_handed(data, folder),
            }
            team = Team(workers, told, _environment(workers, folder), output)
            try:
                team.start()
                yield team
            finally:
                team.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Member:
    name: str
    process: Worker
    error: Path


class Team:
    """So many worker processes; one that dies is replaced. Made by ``started``."""

    def __init__(
        self,
        workers: int,
        told: dict[str, Any],
        environment: dict[str, str],
        output: IO[bytes],
    ) -> None:
        self._workers, self._told = workers, told
        self._environment, self._output = environment, output
        self._members: list[_Member] = []
        self._started = 0
        self._patience = 0.0

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers that live."""
        return [member.process.pid for member in self._members]

    def start(self) -> None:
        """Start as many processes as are missing."""
        while len(self._members) < self._workers:
            self._started += 1
            self._members.append(self._new(f"worker-{self._started}"))

    def serve(self, study: Jobs) -> None:
        """Do all jobs of a study; raises as ``served`` does."""
        try:
            serve(study, self._told["address"], self._dead)
        finally:
            self._patience = LEAVING

    def end(self) -> None:
        """End all processes: by themselves if they have been told, else by force."""
        deadline = time.monotonic() + self._patience
        for member in self._members:
            try:
                member.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.process.kill()
        for member in self._members:
            member.process.wait()
            _hang_up(member.process)
        self._members = []

    def _new(self, name: str) -> _Member:
        error = Path(self._told["folder"]) / f"{name}.json"
        told = json.dumps({**self._told, "name": name, "error": str(error)})
        command = [sys.executable, "-P", "-m", "seqkit.tuning.worker_process", told]
        process = subprocess.Popen(
            command,
            env=self._environment,
            # Never written to: it ends when this process ends, in whatever way.
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for this process, which then stops its workers in order.
            start_new_session=True,
        )
        return _Member(name, process, error)

    def _dead(self) -> dict[str, str]:
        """The workers that have died since the last time; others take their places.

        Raises:
            SeqkitError: one could not begin to work.
        """
        dead: dict[str, str] = {}
        for member in list(self._members):
            status = member.process.poll()
            if status is None:
                continue
            if member.error.is_file():
                raise unpacked(read_json(member.error))
            self._members.remove(member)
            _hang_up(member.process)
            dead[member.name] = _ended(status)
        self.start()
        return dead


def _hang_up(process: Worker) -> None:
    if process.stdin is not None:
        process.stdin.close()


def _ended(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"


@contextmanager
def _socket_folder(folder: Path) -> Iterator[Path]:
    """A private folder whose path is short enough: ``folder``, or one in ``/tmp``."""
    if len(os.fsencode(folder)) < SOCKET_PATH:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="seqkit-", dir="/tmp") as short:
        yield Path(short)


def _handed(data: Any, folder: Path) -> dict[str, Any]:
    """How the workers are told of the data: a path, or a file of a DataFrame's rows."""
    if data is None or isinstance(data, (str, Path)):
        return {"data": None if data is None else str(data), "frame": None}
    from seqkit.tuning.frames import write_frame

    path = folder / "frame.parquet"
    write_frame(data, path)
    return {"data": None, "frame": str(path)}


def _environment(workers: int, folder: Path) -> dict[str, str]:
    """A worker's part of the machine, and where its temporary files go."""
    threads = str(max(1, cores() // workers))
    here = str(Path(__file__).parents[2])
    paths = [here, os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(folder),
        "TF_NUM_INTRAOP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        # Else the first worker would take all the memory of a GPU.
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    }


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

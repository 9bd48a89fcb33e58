"""A Dask cluster of processes on this machine, which end with this one."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dask
from distributed import Client, Nanny, Scheduler, Security, SpecCluster, Worker

from seqkit.errors import TrainingError
from seqkit.tuning import worker_task
from seqkit.tuning.cluster import DEATHS, LARGE

SETTINGS: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": DEATHS - 1,
    "distributed.scheduler.worker-ttl": None,
    "distributed.deploy.lost-worker-timeout": "1 hour",
    "distributed.nanny.pre-spawn-environ": {},
    # It looks at what a worker does a hundred times a second.
    "distributed.worker.profile.enabled": False,
    **LARGE,
}


@contextmanager
def started(
    count: int, out: Path, warm_up: Callable[[], None] = worker_task.warm_up
) -> Iterator[Client]:
    """Start ``count`` processes on this machine; they end with this one, however.

    They listen on the loopback alone, encrypted, and take only who has a certificate
    that exists in these processes' memory alone.

    Args:
        count: how many; each gets its part of the cores.
        out: the search's folder; what they say goes to its ``log.txt``.
        warm_up: what each does before its first job.

    Raises:
        TrainingError: they cannot be started.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="seqkit-tune-"))
        stack.enter_context(dask_logged(out / "log.txt"))
        stack.enter_context(dask.config.set(SETTINGS, temporary_directory=folder))
        stack.enter_context(_hidden_main())
        try:
            cluster = stack.enter_context(_local_cluster(count, Path(folder), out))
        except RuntimeError as error:
            raise TrainingError(f"The workers cannot be started: {error}") from error
        client = Client(cluster, set_as_default=False)
        stack.enter_context(client)
        stack.enter_context(client.as_current())
        warming = [
            client.submit(warm_up, workers=[worker], pure=False)
            for worker in client.processing()
        ]
        yield client
        del warming


def _local_cluster(count: int, folder: Path, out: Path) -> SpecCluster:
    security = Security.temporary()
    shared = {"host": "127.0.0.1", "protocol": "tls://", "security": security}
    options = {
        **shared,
        "worker_class": LocalWorker,
        "log_file": str((out / "log.txt").absolute()),
        "nthreads": 1,
        "memory_limit": 0,
        "local_directory": str(folder),
        "env": _environment(count, folder),
    }
    return SpecCluster(
        workers={name: {"cls": Nanny, "options": options} for name in range(count)},
        scheduler={"cls": LocalScheduler, "options": {**shared, "dashboard": False}},
        security=security,
    )


class _Portless:
    """A server of Dask without its web page, and so without a port for that."""

    def start_http_server(self, *arguments: Any, **options: Any) -> None:
        """Start none."""


class LocalScheduler(_Portless, Scheduler):
    """The scheduler of the processes on this machine."""


class LocalWorker(_Portless, Worker):
    """A process on this machine: silent, and deaf to Ctrl-C, which is its parent's."""

    def __init__(self, *arguments: Any, log_file: str, **options: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with open(log_file, "ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        logging.getLogger("distributed").setLevel(logging.WARNING)
        super().__init__(*arguments, **options)

    async def close(self, *arguments: Any, **options: Any) -> Any:
        """End at once: taking TensorFlow down in order takes seconds."""
        os._exit(0)


def _environment(count: int, folder: Path) -> dict[str, str]:
    """A worker's part of the machine, and where its temporary files go."""
    threads = str(max(1, cores() // count))
    return {
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


@contextmanager
def _hidden_main() -> Iterator[None]:
    """Keep new processes from running the script that calls this once more."""
    main = sys.modules["__main__"]
    hidden = {name: vars(main).get(name) for name in ("__spec__", "__file__")}
    main.__spec__ = None
    vars(main).pop("__file__", None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            if name == "__spec__" or value is not None:
                setattr(main, name, value)


def _is_told(record: logging.LogRecord) -> bool:
    """Warnings, and how a worker ended."""
    is_end = record.getMessage().startswith("Worker process")
    return is_end or record.levelno >= logging.WARNING


@contextmanager
def dask_logged(path: Path) -> Iterator[None]:
    """Let Dask write to the search's log what it would write to the terminal."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(_is_told)
    loggers = [
        logging.getLogger(name)
        for name in list(logging.root.manager.loggerDict)
        if name.partition(".")[0] in ("asyncio", "distributed", "tornado")
    ]
    handlers = [logger.handlers for logger in loggers]
    for logger in loggers:
        # What has no handler of its own and no parent here writes to the terminal.
        alone = logger.name == "asyncio"
        logger.handlers = [handler] if logger.handlers or alone else []
    try:
        yield
    finally:
        for logger, own in zip(loggers, handlers, strict=True):
            logger.handlers = own
        handler.close()

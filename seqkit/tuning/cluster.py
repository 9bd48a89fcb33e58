"""The jobs of a search on Dask: on processes of this machine, or on any scheduler.

Dask hands out the jobs, runs those again whose worker died, and replaces workers. What
is tried is decided by the study alone, so it does not depend on who tries it.
"""

from __future__ import annotations

import json
import logging
import pickle
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from distributed import (
    CancelledError,
    Client,
    Future,
    KilledWorker,
    fire_and_forget,
    wait,
)

from seqkit.errors import DataError, SeqkitError, TrainingError
from seqkit.recipe.recipe import Recipe
from seqkit.registry import TASKS
from seqkit.runs.fit import resolved
from seqkit.tuning import worker_task
from seqkit.tuning.job_files import (
    input_folder,
    output_folder,
    place_files,
    read_files,
)
from seqkit.tuning.jobs import Job, lost_result

log = logging.getLogger("seqkit")

DEATHS = 3
"""A job that has ended so many workers is not tried again; a scheduler that was started
by others has its own number (``distributed.scheduler.allowed-failures``, and one)."""
POLL = 0.5
"""Seconds after which new workers are looked for."""

GONE = (OSError, TimeoutError, CancelledError)
"""What Dask raises once the scheduler has gone."""

LARGE = {"distributed.admin.large-graph-warning-threshold": "1 TB"}
"""Dask's settings: a DataFrame and weights are large on purpose."""


class Jobs(Protocol):
    """What is done here: a Study, or one that is timed."""

    @property
    def finished(self) -> bool:
        """True once every job has its result."""

    def next(self) -> Job | None:
        """A job to do; None: nothing right now."""

    def done(self, result: Any, /) -> None:
        """Take the result of a job."""

    def fault(self, job: Job, result: Any, /) -> str | None:
        """Why this cannot be a job's result; None: it can."""


class Workers:
    """Workers that do the jobs of one search; made by ``started`` or ``connected``.

    Args:
        client: of the scheduler that has them.
        recipe: what is searched.
        data: a DataFrame or a file in place of the recipe's source.
        out: the search's folder.
        task: what a worker calls for a job.
    """

    def __init__(
        self,
        client: Client,
        recipe: Recipe,
        data: Any,
        out: Path,
        task: Callable[..., Any] = worker_task.perform,
    ) -> None:
        self._client, self._out, self._task = client, out, task
        self._metric = TASKS.get(recipe.task)().primary_metric
        self._id = uuid.uuid4().hex
        self._search = json.dumps(
            {
                "id": self._id,
                "name": recipe.name,
                "recipe": resolved(recipe, data, None).to_yaml(),
                "versions": worker_task.versions(),
            }
        )
        self._frame = _pickled(data)

    def perform(self, jobs: Jobs) -> None:
        """Do all jobs.

        Raises:
            TrainingError: the scheduler is gone, or a worker failed unexpectedly.
            SeqkitError: what a job ended in.
        """
        futures: dict[Future[Any], Job] = {}
        try:
            while not jobs.finished:
                self._hand_out(jobs, futures)
                for future in _ended(futures):
                    job = futures.pop(future)
                    jobs.done(self._result(jobs, job, future))
        except GONE as error:
            if getattr(error, "errno", None) is not None:
                # Of a file: a full disk.
                raise
            raise self._gone() from None
        finally:
            with suppress(*GONE):
                self._client.cancel(list(futures), force=True)

    def _hand_out(self, jobs: Jobs, futures: dict[Future[Any], Job]) -> None:
        """Give each idle worker a job; more would wait where they may be lost."""
        tasks_by_worker = self._client.processing()
        idle = [name for name, tasks in tasks_by_worker.items() if not tasks]
        if tasks_by_worker and not idle and not futures:
            # All work for others: Dask finds the first that is free.
            idle = list(tasks_by_worker)[:1]
        for _ in idle:
            job = jobs.next()
            if job is None:
                return
            futures[self._submitted(job)] = job

    def _submitted(self, job: Job) -> Future[Any]:
        # Not to a certain worker: Dask forgets such a job if all workers die.
        return self._client.submit(
            self._task,
            self._search,
            json.dumps(job),
            read_files(self._out, input_folder(job)),
            self._frame,
            key=f"seqkit-{self._id}-{job['id']}",
            pure=False,
        )

    def _result(self, jobs: Jobs, job: Job, future: Future[Any]) -> Any:
        """What came of a job; its files are in place then."""
        if future.status == "cancelled":
            raise self._gone()
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            log.warning("%s has ended %d workers", job["id"], DEATHS)
            return lost_result(job, self._metric, _death(error))
        if isinstance(error, SeqkitError):
            raise error from None
        if error is not None:
            trace = traceback.format_exception(
                error, value=error, tb=future.traceback()
            )
            raise TrainingError(
                f"A worker failed at {job['id']} in a way that seqkit does not "
                f"expect:\n{''.join(trace)}".rstrip()
            ) from None
        text, files = future.result()
        result = json.loads(text)
        fault = jobs.fault(job, result)
        if fault:
            raise TrainingError(
                f"What a worker gave for {job['id']} cannot be its result: {fault}. "
                "Install the same seqkit on all machines."
            )
        place_files(files, self._out, output_folder(job))
        return result

    def release(self) -> None:
        """Let the workers forget the search, once they are free."""
        with suppress(*GONE):
            for worker in self._client.processing():
                task = self._client.submit(
                    worker_task.release, self._id, workers=[worker], pure=False
                )
                fire_and_forget(task)

    def _gone(self) -> TrainingError:
        return TrainingError(
            "The scheduler is gone, or has dropped the jobs. Finished trials are kept; "
            f"once it is back: seqkit tune --resume {self._out}"
        )


def _ended(futures: dict[Future[Any], Job]) -> list[Future[Any]]:
    """Those that have ended; waits a moment for the first."""
    if not futures:
        time.sleep(POLL)
        return []
    with suppress(TimeoutError, CancelledError):
        wait(list(futures), timeout=POLL, return_when="FIRST_COMPLETED")
    return [future for future in futures if future.status != "pending"]


def _death(error: KilledWorker) -> str:
    return (
        f"It ended {error.allowed_failures + 1} workers, one after another. Most often "
        "memory has run out: take fewer workers or a smaller train.batch_size. The "
        "workers' logs may tell more."
    )


def _pickled(data: Any) -> bytes | None:
    """A DataFrame as bytes; None where the recipe's source says all.

    Raises:
        DataError: it holds what no other process can be given.
    """
    if data is None or isinstance(data, (str, Path)):
        return None
    try:
        return pickle.dumps(data, protocol=5)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise DataError(
            f"The DataFrame cannot be handed to other processes ({error}). Leave out "
            "the column that holds no plain values, or search with one worker."
        ) from None
